//! Runs of journeys on a server and the diary of the model, statement by statement. `HISTORIES` and `SEED` as for the
//! other histories.

use anyhow::{Result, bail};
use hogsend_differential::journeys::play::play_all;
use hogsend_differential::run::seeds;

const HISTORIES: u64 = 2000;

/// What must have come about in that many histories, or they show little.
const KINDS: [&str; 17] = [
    "started by an event",
    "started by a transition",
    "resumed by an event",
    "resumed by a transition",
    "exited by an event",
    "exited by a transition",
    "timed out",
    "slept",
    "resumed through a filter",
    "kept out by a filter",
    "said in vain",
    "worked off",
    "nobody had looked",
    "merged",
    "renamed",
    "its journey was deleted",
    "its contact was deleted",
];

#[test]
fn runs_go_on_as_their_diary_says() -> Result<()> {
    let seeds = seeds(HISTORIES);
    let many = seeds.end - seeds.start >= HISTORIES;
    let account = play_all("runs", seeds, "")?;
    if let Some(failure) = account.failure {
        bail!("{failure}");
    }
    println!("{:#?}", account.seen);
    let is_missing = |kind: &&&str| many && !account.seen.contains_key(**kind);
    let missing: Vec<_> = KINDS.iter().filter(is_missing).collect();
    assert!(missing.is_empty(), "never seen: {missing:?}");
    Ok(())
}
