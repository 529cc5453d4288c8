//! What breaks must be noticed: the same histories in a database that is really broken in one way
//! must part from the model. Only the comparison counts here, not what the extension says of itself.

use anyhow::{Result, bail};
use hogsend_differential::database::Database;
use hogsend_differential::run::play_all;

/// The breach must be noticed within so many histories.
const HISTORIES: u64 = 300;

fn must_be_noticed(name: &str, breach: &str) -> Result<()> {
    let prepare = |database: &mut Database| {
        database.verifies = false;
        database.run(breach)
    };
    match play_all(name, 1..HISTORIES + 1, prepare)?.failure {
        None => bail!("{HISTORIES} histories agree with: {breach}"),
        Some(account) if account.contains("an error: ") => bail!("it is no breach: {account}"),
        Some(_) => Ok(()),
    }
}

#[test]
fn lost_timers_are_noticed() -> Result<()> {
    must_be_noticed(
        "lost_timers",
        "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER swallow BEFORE INSERT ON bucket_timers FOR EACH ROW EXECUTE FUNCTION swallow()",
    )
}

#[test]
fn a_trigger_on_contacts_that_does_not_fire_is_noticed() -> Result<()> {
    must_be_noticed(
        "deaf",
        "ALTER TABLE contacts DISABLE TRIGGER hogsend_update",
    )
}

/// One microsecond, of some transitions, in nothing but their date.
#[test]
fn a_date_that_is_off_by_a_microsecond_is_noticed() -> Result<()> {
    must_be_noticed(
        "late",
        "CREATE FUNCTION late() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN NEW.effective_at := NEW.effective_at - interval ''1 microsecond''; RETURN NEW; END';
         CREATE TRIGGER late BEFORE INSERT ON bucket_transitions FOR EACH ROW
         WHEN (NEW.source = 'reconcile' AND NEW.transition = 'left') EXECUTE FUNCTION late()",
    )
}

/// A stay that ends without a row in the outbox.
#[test]
fn a_leave_without_its_announcement_is_noticed() -> Result<()> {
    must_be_noticed(
        "silent",
        "CREATE FUNCTION silent() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER silent BEFORE INSERT ON bucket_transitions FOR EACH ROW
         WHEN (NEW.reason = 'maxDwell') EXECUTE FUNCTION silent()",
    )
}
