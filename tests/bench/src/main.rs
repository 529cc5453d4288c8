//! `make bench`: what hogsend costs, as ratios to a control that is measured in the same run.
//!
//! Times alone say more about the machine and its neighbours than about hogsend. So everything is
//! measured in turns with a control that does the same without hogsend, and the ratio of each turn
//! is what counts. `FULL=1` loads a million members instead of 100,000, and backfills over ten
//! million events instead of 500,000. `ONLY=backfill` measures that part alone; the others are
//! `one_row`, `bulk`, `clock`, `notify`, `delivery` and `prune`.

mod backfill;
mod bulk;
mod delivery;
mod due;
mod idle;
mod members;
mod memory;
mod notify;
mod one_row;
mod prune;
mod report;
mod setup;
mod stats;

use anyhow::{Result, ensure};
use hogsend_harness::{Cluster, Options};
use report::Report;
use std::process::ExitCode;
use std::time::Instant;

/// How many members the large database has.
const LARGE: i64 = 100_000;
const LARGE_FULL: i64 = 1_000_000;
const SMALL: i64 = 1_000;

/// What ONLY can name.
const PARTS: [&str; 7] = [
    "one_row", "bulk", "clock", "backfill", "notify", "delivery", "prune",
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    let started = Instant::now();
    let full = std::env::var_os("FULL").is_some_and(|v| v != "0" && !v.is_empty());
    let (large, history) = if full {
        (LARGE_FULL, backfill::FULL)
    } else {
        (LARGE, backfill::SMALL)
    };
    let only = std::env::var("ONLY").unwrap_or_default();
    ensure!(
        only.is_empty() || PARTS.contains(&only.as_str()),
        "ONLY is one of {}",
        PARTS.join(", ")
    );
    let wanted = |part: &str| only.is_empty() || only == part;
    // fsync as in production: bulk statements wait for the disk once, at their commit, and so does
    // their control. A one-row INSERT would measure little else, so that one case, and only that,
    // sets synchronous_commit = off. Checkpoints come rarely enough not to fall into a turn.
    let cluster = Cluster::start(Options {
        fsync: true,
        ..Options::default()
            .set("shared_buffers", "512MB")
            .set("max_wal_size", "8GB")
            .set("checkpoint_timeout", "30min")
    })?;
    let mut report = Report::default();
    if wanted("one_row") {
        one_row::measure(&cluster, &mut report)?;
    }
    if wanted("bulk") {
        bulk::measure(&cluster, &mut report)?;
    }
    if wanted("clock") {
        let mut few = members::load(&cluster, "few", SMALL, &mut report)?;
        let mut many = members::load(&cluster, "many", large, &mut report)?;
        idle::measure(&mut few, &mut many, &mut report)?;
        due::measure(&mut many, &mut report)?;
    }
    if wanted("backfill") {
        backfill::measure(&cluster, history, &mut report)?;
    }
    if wanted("notify") {
        notify::measure(&cluster, &mut report)?;
    }
    if wanted("delivery") {
        let backlog = if full {
            delivery::FULL
        } else {
            delivery::SMALL
        };
        delivery::measure(&cluster, backlog, &mut report)?;
    }
    if wanted("prune") {
        let rows = if full { prune::FULL } else { prune::SMALL };
        prune::measure(&cluster, rows, &mut report)?;
    }
    report.print();
    eprintln!("bench: {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}
