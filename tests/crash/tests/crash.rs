//! Nothing that was acknowledged is lost and nothing happens twice, whenever the server is killed.
//!
//! `KILLS=200` for a long run, `HOGSEND_SEED=n` for other moments.

use anyhow::Result;
use hogsend_client_tests::delivery::consumers::{Consumer, Habit};
use hogsend_crash::{Plan, Victims, run};
use std::io::Write;
use std::time::Instant;

fn kills() -> usize {
    let kills = std::env::var("KILLS").unwrap_or_default();
    kills.parse().unwrap_or(20)
}

#[test]
fn kills_lose_nothing_and_repeat_nothing() -> Result<()> {
    let started = Instant::now();
    let kills = kills();
    let outcome = run(&Plan {
        kills,
        victims: Victims::All,
        consumers: &[
            Consumer {
                options: "shards => 2",
                shards: 2,
                workers: 2,
                ..Consumer::new("journeys", Habit::Together)
            },
            Consumer::new("mail", Habit::Apart),
        ],
        settings: &[],
        damage: "",
    })?;
    // Not by println!, which is shown only if the test fails.
    writeln!(
        std::io::stderr(),
        "crash: {} kills, {} of them during jobs, {} statements acknowledged, {} in doubt, {} transitions, {} jobs, {} batches, {:.0} s",
        outcome.kills,
        outcome.kills_of_jobs,
        outcome.acknowledged,
        outcome.in_doubt,
        outcome.transitions,
        outcome.jobs,
        outcome.batches,
        started.elapsed().as_secs_f64()
    )?;
    let faults = &outcome.faults;
    let first = &faults[..faults.len().min(20)];
    assert!(faults.is_empty(), "{} faults: {first:#?}", faults.len());
    // A few kills may all hit an idle moment.
    let enough = outcome.kills_of_jobs > 0 && outcome.in_doubt > 0;
    assert!(
        outcome.kills == kills
            && outcome.acknowledged > kills * 20
            && outcome.batches > kills as u64
            && (enough || kills < 10),
        "too little happened"
    );
    Ok(())
}
