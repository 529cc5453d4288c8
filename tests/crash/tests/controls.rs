//! The test of crashes proves something only if it notices what is broken.

use anyhow::Result;
use hogsend_client_tests::delivery::consumers::{Consumer, Habit};
use hogsend_crash::{Plan, Victims, run};

/// So often what is broken may go well before we doubt the test.
const LUCKY_KILLS: usize = 20;

/// Must find a fault that has these words.
fn is_noticed(plan: &Plan, words: &str) -> Result<()> {
    let outcome = run(plan)?;
    let found = outcome.faults.iter().find(|fault| fault.contains(words));
    let Some(found) = found else {
        panic!(
            "{} kills, and no \"{words}\" among {:?}",
            outcome.kills, outcome.faults
        );
    };
    println!("noticed after {} kills: {found}", outcome.kills);
    Ok(())
}

/// Commits are answered before they are written: what lies in shared memory goes with it.
#[test]
fn commits_that_are_not_waited_for_are_seen_to_be_lost() -> Result<()> {
    let plan = Plan {
        kills: LUCKY_KILLS,
        victims: Victims::Servers,
        consumers: &[],
        settings: &[("synchronous_commit", "off"), ("wal_writer_delay", "10s")],
        damage: "",
    };
    is_noticed(&plan, "events lost")
}

#[test]
fn a_hole_in_the_outbox_is_noticed() -> Result<()> {
    let plan = Plan {
        kills: 2,
        victims: Victims::All,
        consumers: &[],
        settings: &[],
        damage:
            "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                 CREATE TRIGGER swallow BEFORE INSERT ON bucket_transitions
                     FOR EACH ROW WHEN (NEW.id % 50 = 0) EXECUTE FUNCTION swallow();",
    };
    is_noticed(&plan, "were not announced")
}

#[test]
fn members_that_do_not_survive_are_missed() -> Result<()> {
    let plan = Plan {
        kills: 1,
        victims: Victims::Servers,
        consumers: &[],
        settings: &[],
        damage: "ALTER TABLE bucket_memberships SET UNLOGGED",
    };
    is_noticed(&plan, "there is no stay")
}

#[test]
fn timers_that_are_not_set_are_missed() -> Result<()> {
    let plan = Plan {
        kills: 1,
        victims: Victims::All,
        consumers: &[],
        settings: &[],
        damage:
            "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
                 CREATE TRIGGER swallow BEFORE INSERT ON bucket_timers
                     FOR EACH ROW WHEN (random() < 0.02) EXECUTE FUNCTION swallow();",
    };
    is_noticed(&plan, "verify: ")
}

#[test]
fn totals_that_nobody_adds_to_are_missed() -> Result<()> {
    let plan = Plan {
        kills: 1,
        victims: Victims::All,
        consumers: &[],
        settings: &[],
        damage:
            "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
                 CREATE TRIGGER forget BEFORE UPDATE ON bucket_totals
                     FOR EACH ROW WHEN (random() < 0.02) EXECUTE FUNCTION forget();",
    };
    is_noticed(&plan, "Row of bucket_totals")
}

#[test]
fn a_consumer_that_acknowledges_first_is_seen_to_lose() -> Result<()> {
    let plan = Plan {
        kills: 3,
        victims: Victims::All,
        consumers: &[Consumer::new("careless", Habit::Careless)],
        settings: &[],
        damage: "",
    };
    is_noticed(&plan, " lost")
}
