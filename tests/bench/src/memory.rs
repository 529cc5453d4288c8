//! How much memory a backend takes, as the kernel tells.

use anyhow::{Context, Result};
use hogsend_harness::memory_of;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Often enough to see what a chunk of work takes, and seldom enough to cost nothing.
const INTERVAL: Duration = Duration::from_millis(20);

/// What a process had at its peak, in MB.
#[derive(Clone, Copy, Default)]
pub struct Peak {
    /// Memory of its own: RssAnon, which the kernel has no peak of.
    pub own: u64,
    /// The same in the first tenth of the time: hardly less if it does not grow.
    pub own_early: u64,
    /// VmHWM: with the pages of shared buffers that it has touched, and of the program.
    pub resident: u64,
}

impl Peak {
    pub fn max(self, other: Peak) -> Peak {
        Peak {
            own: self.own.max(other.own),
            own_early: self.own_early.max(other.own_early),
            resident: self.resident.max(other.resident),
        }
    }
}

/// Looks at a process again and again until it is told to stop.
pub struct Watch {
    pid: i32,
    stop: Arc<AtomicBool>,
    samples: JoinHandle<Vec<u64>>,
}

impl Watch {
    pub fn start(pid: i32) -> Watch {
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let samples = thread::spawn(move || {
            let mut samples = Vec::new();
            while !stopped.load(Ordering::Relaxed) {
                samples.extend(megabytes(pid, "RssAnon"));
                thread::sleep(INTERVAL);
            }
            samples
        });
        Watch { pid, stop, samples }
    }

    /// While the process is still there.
    pub fn finish(self) -> Result<Peak> {
        self.stop.store(true, Ordering::Relaxed);
        let mut samples = self.samples.join().unwrap_or_default();
        samples.extend(megabytes(self.pid, "RssAnon"));
        let resident = megabytes(self.pid, "VmHWM");
        let early = &samples[..samples.len().div_ceil(10)];
        Ok(Peak {
            own: samples.iter().copied().max().unwrap_or_default(),
            own_early: early.iter().copied().max().unwrap_or_default(),
            resident: resident.context("cannot read the memory of the backend in /proc")?,
        })
    }
}

fn megabytes(pid: i32, key: &str) -> Option<u64> {
    Some(memory_of(pid, key)?.div_ceil(1024))
}
