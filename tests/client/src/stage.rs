//! How far a run of many threads is, and what first went wrong in it.

use crate::errors::is_lost;
use anyhow::{Error, Result};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, Ordering};
use std::thread;
use std::time::Duration;

/// Before the next connection is tried, where there may be no server just now.
const PAUSE: Duration = Duration::from_millis(10);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    #[default]
    Writing,
    /// Writers have stopped; the clock goes on until no timer is left.
    Settling,
    /// Every transition is committed.
    Delivering,
    Over,
}

#[derive(Default)]
pub struct Stage {
    phase: AtomicU8,
    failure: Mutex<Option<Error>>,
}

impl Stage {
    pub fn is_before(&self, phase: Phase) -> bool {
        self.phase.load(Ordering::SeqCst) < phase as u8
    }

    /// There is no way back.
    pub fn enter(&self, phase: Phase) {
        self.phase.fetch_max(phase as u8, Ordering::SeqCst);
    }

    /// Does a part of the run. Whoever fails brings everybody else to an end.
    pub fn take_part(&self, part: impl FnOnce() -> Result<()>) {
        let _end_on_panic = EndOnPanic(self);
        if let Err(error) = part() {
            self.failure.lock().unwrap().get_or_insert(error);
            self.enter(Phase::Over);
        }
    }

    /// Does something on one connection after the other, a new one whenever the last is lost.
    pub fn persist(&self, until: Phase, mut work: impl FnMut() -> Result<()>) -> Result<()> {
        while self.is_before(until) {
            match work() {
                Err(error) if is_lost(&error) => thread::sleep(PAUSE),
                done => done?,
            }
        }
        Ok(())
    }

    /// The first failure, if there was one.
    pub fn result(&self) -> Result<()> {
        self.failure.lock().unwrap().take().map_or(Ok(()), Err)
    }
}

struct EndOnPanic<'a>(&'a Stage);

impl Drop for EndOnPanic<'_> {
    fn drop(&mut self) {
        if thread::panicking() {
            self.0.enter(Phase::Over);
        }
    }
}
