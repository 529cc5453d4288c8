//! `make bench`: what hogsend costs, as ratios to a control that is measured in the same run.
//!
//! Times alone say more about the machine and its neighbours than about hogsend. So everything is
//! measured in turns with a control that does the same without hogsend, and the ratio of each turn
//! is what counts. Where hogsend has promised something, the column "target" has it, and says so
//! if it was missed.
//!
//! It takes about two minutes. `FULL=1` takes about half an hour and has the sizes that the targets
//! are meant for: a million members, ten million events, a million events in one statement.
//! `ONLY=bulk,clock` measures these parts alone; the others are in [`PARTS`].

mod aliases;
mod alternate;
mod backfill;
mod birthdays;
mod breadth;
mod bulk;
mod clock;
mod contacts;
mod define;
mod delivery;
mod feed_import;
mod feeds;
mod filters;
mod identify;
mod journeys;
mod lateness;
mod later;
mod lists;
mod measures;
mod members;
mod memory;
mod nested;
mod notify;
mod one_row;
mod prune;
mod report;
mod sequences;
mod sessions;
mod setup;
mod size;
mod stats;
mod strangers;
mod users;
mod watch;
mod wide;

use anyhow::{Context, Result, bail};
use hogsend_harness::{Cluster, Options};
use report::Report;
use std::process::ExitCode;
use std::time::Instant;

/// How much there is of everything.
#[derive(Clone, Copy)]
pub enum Scale {
    Small,
    Full,
}

impl Scale {
    pub fn choose<T>(self, small: T, full: T) -> T {
        match self {
            Scale::Small => small,
            Scale::Full => full,
        }
    }
}

type Part = fn(&Cluster, Scale, &mut Report) -> Result<()>;

/// What there is to measure, by the names that ONLY knows.
const PARTS: [(&str, Part); 36] = [
    ("one_row", one_row::measure),
    ("strangers", strangers::measure),
    ("aliases", aliases::measure),
    ("wide", breadth::measure),
    ("filters", filters::many),
    ("filtered_counts", filters::reading),
    ("filtered_ever", filters::endless),
    ("measures", measures::measure),
    ("sequences", sequences::measure),
    ("contacts", contacts::measure),
    ("feeds", feeds::measure),
    ("users", users::measure),
    ("feed_import", feed_import::measure),
    ("bulk", bulk::measure),
    ("memory", wide::measure),
    ("lists", lists::measure),
    ("nested", nested::measure),
    ("sessions", sessions::measure),
    ("notify", notify::measure),
    ("clock", clock::measure),
    ("birthdays", birthdays::measure),
    ("later", later::measure),
    ("identify", identify::measure),
    ("lateness", lateness::measure),
    ("journey_calls", journeys::measure_calls),
    ("journey_due", journeys::measure_due),
    ("journey_idle", journeys::measure_idle),
    ("journey_runner", journeys::measure_runner),
    ("backfill", backfill::measure),
    ("backfill_filters", backfill::measure_filters),
    ("backfill_sums", backfill::measure_sums),
    ("define", define::measure),
    ("delivery", delivery::measure),
    ("prune", prune::measure),
    ("size", size::measure),
    ("watch", watch::measure),
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
    let scale = if full { Scale::Full } else { Scale::Small };
    let parts = wanted(&std::env::var("ONLY").unwrap_or_default())?;
    let cluster = Cluster::start(options())?;
    let mut report = Report::default();
    for (number, (name, measure)) in parts.iter().enumerate() {
        let (number, all) = (number + 1, parts.len());
        let seconds = started.elapsed().as_secs_f64();
        eprintln!("bench: {name}, part {number} of {all}, after {seconds:.0} s");
        measure(&cluster, scale, &mut report).context(*name)?;
        // Or autovacuum would work on it while something else is measured.
        setup::drop_databases(&cluster)?;
    }
    report.print();
    eprintln!("bench: {:.0} s", started.elapsed().as_secs_f64());
    Ok(())
}

/// fsync as in production: statements wait for the disk once, at their commit, and so does their
/// control. Where little else would be measured the session sets `synchronous_commit = off`.
/// Checkpoints come rarely enough not to fall into a turn.
pub fn options() -> Options {
    Options {
        fsync: true,
        ..Options::default()
            .set("shared_buffers", "512MB")
            .set("max_wal_size", "8GB")
            .set("checkpoint_timeout", "30min")
    }
}

/// The parts that `only` names, separated by commas; all if it is empty.
fn wanted(only: &str) -> Result<Vec<(&'static str, Part)>> {
    let names: Vec<&str> = only.split(',').filter(|name| !name.is_empty()).collect();
    let known = |name: &str| PARTS.iter().any(|(part, _)| *part == name);
    if let Some(unknown) = names.iter().find(|name| !known(name)) {
        let parts = PARTS.map(|(part, _)| part).join(", ");
        bail!("there is no part {unknown}; ONLY names some of {parts}");
    }
    let parts = PARTS.into_iter();
    Ok(parts
        .filter(|(part, _)| names.is_empty() || names.contains(part))
        .collect())
}
