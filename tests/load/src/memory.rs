//! The memory of a session while it goes on.

use anyhow::{Context, Result};
use hogsend_harness::memory_of;
use postgres::Client;
use std::fmt::{self, Display, Formatter};

/// In kB; room for what caches take in later and for what the allocator keeps. 80,000 statements
/// that leave 16 bytes each behind are more.
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
        let process = memory_of(row.get(0), "RssAnon").context("no memory is told of a session")?;
        Ok(Sample {
            process: process as i64,
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
