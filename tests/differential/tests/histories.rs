//! The extension and the model, step by step. `HISTORIES=100000` plays more of them than usual,
//! `SEED=n` the one of that seed; together they say how many from which on.

use anyhow::{Result, bail};
use hogsend_differential::database::Database;
use hogsend_differential::generate::{NESTED, RICH, WORLD};
use hogsend_differential::run::{play_all, seeds};
use hogsend_model::World;

const HISTORIES: u64 = 2000;

/// What must have come about in that many histories, or they show little.
const KINDS: [&str; 25] = [
    "entered by event",
    "entered by reconcile",
    "entered by manual",
    "criteria by event",
    "criteria by reconcile",
    "criteria by backfill",
    "maxDwell by event",
    "maxDwell by reconcile",
    "manual by manual",
    "bucketDeleted by somebody",
    "dwell by reconcile",
    "deleted, begun by event",
    "active, begun by backfill, anchored",
    "begun by event, unannounced",
    "begun by reconcile, unannounced",
    "begun by manual, unannounced",
    "criteria, unannounced",
    "maxDwell, unannounced",
    "dwell, unannounced",
    "worked off by the clock",
    "worked off by a definition",
    "defined over a queue",
    "patch of the queue overtaken",
    "patch of the queue renamed",
    "nobody left in the queue",
];

/// What must have come about besides where events say something of themselves.
const RICH_KINDS: [&str; 2] = [
    "an event that its bucket does not count",
    "nobody can tell what it was",
];

/// What must have come about where criteria name other buckets.
const NESTED_KINDS: [&str; 1] = ["followed from one bucket into another"];

#[test]
fn the_extension_does_what_the_model_says() -> Result<()> {
    must_agree("histories", &WORLD, &[])
}

/// Criteria with filters, ranges of time, several names, and the first or the last of all.
#[test]
fn the_extension_does_what_the_model_says_of_events_that_differ() -> Result<()> {
    must_agree("rich", &RICH, &RICH_KINDS)
}

/// Criteria that name other buckets, on up to four levels.
#[test]
fn the_extension_does_what_the_model_says_of_buckets_in_buckets() -> Result<()> {
    must_agree("nested", &NESTED, &NESTED_KINDS)
}

/// Half of what is said of users is said under other ids of theirs.
#[test]
fn the_extension_does_the_same_of_those_who_have_other_ids() -> Result<()> {
    for (name, world) in [("others", &WORLD), ("rich_others", &RICH)] {
        let account = play_all(name, world, seeds(HISTORIES / 4), Database::disguise)?;
        if let Some(failure) = account.failure {
            bail!("{failure}");
        }
    }
    Ok(())
}

fn must_agree(name: &str, world: &'static World, more_kinds: &[&str]) -> Result<()> {
    let seeds = seeds(HISTORIES);
    let many = seeds.end - seeds.start >= HISTORIES;
    let account = play_all(name, world, seeds, |_| Ok(()))?;
    if let Some(failure) = account.failure {
        bail!("{failure}");
    }
    println!("{:#?}", account.seen);
    let is_missing = |kind: &&&str| many && !account.seen.contains_key(**kind);
    let missing: Vec<_> = KINDS.iter().chain(more_kinds).filter(is_missing).collect();
    assert!(missing.is_empty(), "never seen: {missing:?}");
    Ok(())
}
