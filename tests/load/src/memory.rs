//! The memory of a session while it goes on.

use anyhow::{Context, Result};
use postgres::Client;
use std::fmt::{self, Display, Formatter};
use std::fs;

/// In kB; room for what caches take in later and for what the allocator keeps. 80,000 statements that
/// each leave 16 bytes behind are more.
const ALLOWED: i64 = 1_024;

/// Memory of a session's own, in kB.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// As the kernel tells: without what it shares, and with what Rust took from the system.
    process: i64,
    /// As Postgres tells: its memory contexts.
    contexts: i64,
}

impl Sample {
    pub fn take(client: &mut Client) -> Result<Sample> {
        let row = client.query_one(
            "SELECT pg_backend_pid(), (sum(total_bytes) / 1024)::bigint FROM pg_backend_memory_contexts",
            &[],
        )?;
        Ok(Sample {
            process: own_memory(row.get(0))?,
            contexts: row.get(1),
        })
    }
}

impl Display for Sample {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Sample { process, contexts } = self;
        write!(f, "{process} kB ({contexts} kB in contexts)")
    }
}

/// What is not flat from the first sample to the last, by name of the session.
pub fn growth(name: &str, samples: &[Sample]) -> Option<String> {
    let (first, last) = (samples.first()?, samples.last()?);
    let grows = |of: fn(&Sample) -> i64| of(last) - of(first) > ALLOWED;
    (grows(|s| s.process) || grows(|s| s.contexts)).then(|| format!("{name} grows: {samples:?}"))
}

fn own_memory(pid: i32) -> Result<i64> {
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status.lines().find(|line| line.starts_with("RssAnon:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1));
    let kilobytes = kilobytes.context("the kernel does not tell RssAnon")?;
    Ok(kilobytes.parse()?)
}
