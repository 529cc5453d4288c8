//! A win-back journey under kills of its runners and of the server.
//!
//! `KILLS=200` for a long run, `HOGSEND_SEED=n` for other moments.

use anyhow::Result;
use hogsend_crash::journeys::{Habit, Outcome, Plan, run};
use std::io::Write;
use std::time::Instant;

const USERS: usize = 1_000;

fn kills() -> usize {
    let kills = std::env::var("KILLS").unwrap_or_default();
    kills.parse().unwrap_or(20)
}

#[test]
fn every_run_ends_and_no_step_is_done_twice() -> Result<()> {
    let started = Instant::now();
    let outcome = run(&Plan {
        users: USERS,
        kills: kills(),
        habit: Habit::Together,
        damage: "",
    })?;
    // Not by println!, which is shown only if the test fails.
    let seconds = started.elapsed().as_secs_f64();
    writeln!(std::io::stderr(), "journeys: {outcome:#?}, {seconds:.0} s")?;
    let first = &outcome.faults[..outcome.faults.len().min(20)];
    assert!(outcome.faults.is_empty(), "{first:#?}");
    for what in [
        "started",
        "resumed first mail timed out",
        "resumed first mail in time",
        "resumed second mail timed out",
        "resumed pause",
        "completed",
        "failed",
        "exited",
    ] {
        assert!(
            outcome.steps.get(what).is_some_and(|n| *n > 0) || kills() < 10,
            "never seen: {what}"
        );
    }
    assert_eq!(outcome.kills, kills());
    Ok(())
}

/// Must find a fault that has these words.
fn is_noticed(plan: &Plan, words: &str) -> Result<()> {
    let Outcome { faults, kills, .. } = run(plan)?;
    let found = faults.iter().find(|fault| fault.contains(words));
    assert!(
        found.is_some(),
        "{kills} kills, and no \"{words}\": {faults:?}"
    );
    Ok(())
}

#[test]
fn a_runner_that_acknowledges_first_is_seen_to_leave_runs_behind() -> Result<()> {
    let plan = Plan {
        users: 500,
        kills: 4,
        habit: Habit::Careless,
        damage: "",
    };
    is_noticed(&plan, "runs that go on for ever")
}

/// Who does not listen to what a call returns mails those who have just unsubscribed.
#[test]
fn a_runner_that_does_not_listen_is_noticed() -> Result<()> {
    let plan = Plan {
        users: 500,
        kills: 4,
        habit: Habit::Deaf,
        damage: "",
    };
    is_noticed(&plan, "effects after the run had ended")
}

/// What a wait was to be ended by never comes to it.
#[test]
fn timers_of_runs_that_are_not_set_are_missed() -> Result<()> {
    let plan = Plan {
        users: 300,
        kills: 2,
        habit: Habit::Together,
        damage: "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                 CREATE TRIGGER swallow BEFORE INSERT ON bucket_timers
                     FOR EACH ROW WHEN (NEW.bucket_id LIKE 'journey:%' AND random() < 0.02) EXECUTE FUNCTION swallow();",
    };
    is_noticed(&plan, "runs that go on for ever")
}
