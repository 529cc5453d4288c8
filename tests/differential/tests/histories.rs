//! The extension and the model, step by step. `HISTORIES=100000` plays more of them than usual,
//! `SEED=n` the one of that seed; together they say how many from which on.

use anyhow::Result;
use hogsend_differential::run::{play_all, seeds};

const HISTORIES: u64 = 2000;

#[test]
fn the_extension_does_what_the_model_says() -> Result<()> {
    let seeds = seeds(HISTORIES);
    if let Some(account) = play_all("histories", seeds, |_| Ok(()))? {
        panic!("{account}");
    }
    Ok(())
}
