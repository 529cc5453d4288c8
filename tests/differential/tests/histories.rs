//! The extension and the model, step by step. `HISTORIES=100000` plays more of them than usual,
//! `SEED=n` the one of that seed; together they say how many from which on.

use anyhow::{Result, bail};
use hogsend_differential::run::{play_all, seeds};

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

#[test]
fn the_extension_does_what_the_model_says() -> Result<()> {
    let seeds = seeds(HISTORIES);
    let many = seeds.end - seeds.start >= HISTORIES;
    let account = play_all("histories", seeds, |_| Ok(()))?;
    if let Some(failure) = account.failure {
        bail!("{failure}");
    }
    println!("{:#?}", account.seen);
    let is_missing = |kind: &&&str| many && !account.seen.contains_key(**kind);
    let missing: Vec<_> = KINDS.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "never seen: {missing:?}");
    Ok(())
}
