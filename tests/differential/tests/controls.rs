//! What breaks must be noticed: the same histories in a database that is really broken in one way
//! must part from the model. Only the comparison counts here, not what the extension says of itself.

use anyhow::{Result, bail};
use hogsend_differential::database::Database;
use hogsend_differential::generate::{RICH, WORLD};
use hogsend_differential::journeys;
use hogsend_differential::run::play_all;
use hogsend_model::World;

/// The breach must be noticed within so many histories.
const HISTORIES: u64 = 2000;

fn must_be_noticed(name: &str, breach: &str) -> Result<()> {
    must_be_noticed_in(&WORLD, name, breach)
}

fn must_be_noticed_in(world: &'static World, name: &str, breach: &str) -> Result<()> {
    let prepare = |database: &mut Database| {
        database.verifies = false;
        database.run(breach)
    };
    match play_all(name, world, 1..HISTORIES + 1, prepare)?.failure {
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

/// What is kept of events, and not added to.
#[test]
fn a_total_that_is_not_added_to_is_noticed() -> Result<()> {
    must_be_noticed_in(
        &RICH,
        "stale",
        "CREATE FUNCTION stale() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN OLD; END';
         CREATE TRIGGER stale BEFORE UPDATE ON bucket_totals FOR EACH ROW EXECUTE FUNCTION stale()",
    )
}

/// What is kept of events, and not dropped when they are changed.
#[test]
fn a_total_that_is_not_dropped_is_noticed() -> Result<()> {
    must_be_noticed_in(
        &RICH,
        "kept",
        "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER keep BEFORE DELETE ON bucket_totals FOR EACH ROW EXECUTE FUNCTION keep()",
    )
}

/// What a statement leaves to the clock.
#[test]
fn a_row_of_the_queue_that_is_lost_is_noticed() -> Result<()> {
    must_be_noticed(
        "queue",
        "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER lose BEFORE INSERT ON user_queue FOR EACH ROW
         WHEN (NEW.what = 'deleted') EXECUTE FUNCTION lose()",
    )
}

/// That a session was silent, and left it to the clock.
#[test]
fn silence_that_the_queue_forgets_is_noticed() -> Result<()> {
    must_be_noticed(
        "loud",
        "CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN NEW.muted := false; RETURN NEW; END';
         CREATE TRIGGER loud BEFORE INSERT ON user_queue FOR EACH ROW
         WHEN (NEW.muted) EXECUTE FUNCTION loud()",
    )
}

/// What in the queue is older than a definition.
#[test]
fn a_definition_that_does_not_know_what_was_queued_before_is_noticed() -> Result<()> {
    must_be_noticed(
        "young",
        "CREATE FUNCTION young() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN NEW.queued_until := NULL; RETURN NEW; END';
         CREATE TRIGGER young BEFORE INSERT OR UPDATE ON bucket_jobs FOR EACH ROW EXECUTE FUNCTION young()",
    )
}

/// A membership that says of itself that it was announced, and was not.
#[test]
fn a_stay_that_is_wrong_about_its_announcement_is_noticed() -> Result<()> {
    must_be_noticed(
        "boast",
        "CREATE FUNCTION boast() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN NEW.announced := true; RETURN NEW; END';
         CREATE TRIGGER boast BEFORE INSERT ON bucket_memberships FOR EACH ROW
         WHEN (NEW.source = 'event') EXECUTE FUNCTION boast()",
    )
}

/// A document in which one key of criteria is passed over, wherever it stands.
fn without(key: &str) -> String {
    format!(
        "CREATE FUNCTION public.lesser(whole jsonb) RETURNS jsonb LANGUAGE plpgsql AS
         'BEGIN RETURN CASE jsonb_typeof(whole)
              WHEN ''object'' THEN (SELECT coalesce(jsonb_object_agg(e.key, public.lesser(e.value)), ''{{}}'')
                                  FROM jsonb_each(whole) e WHERE e.key <> ''{key}'')
              WHEN ''array'' THEN (SELECT coalesce(jsonb_agg(public.lesser(e.value) ORDER BY e.n), ''[]'')
                                 FROM jsonb_array_elements(whole) WITH ORDINALITY e (value, n))
              ELSE whole END; END';
         CREATE FUNCTION lessen() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN NEW.criteria := public.lesser(NEW.criteria); RETURN NEW; END';
         CREATE TRIGGER a_lessen BEFORE INSERT OR UPDATE ON buckets FOR EACH ROW
         WHEN (NEW.criteria IS NOT NULL) EXECUTE FUNCTION lessen()"
    )
}

/// Every event is taken for one that passes.
#[test]
fn filters_that_are_passed_over_are_noticed() -> Result<()> {
    must_be_noticed_in(&RICH, "where", &without("where"))?;
    must_be_noticed_in(&RICH, "having", &without("having"))
}

#[test]
fn ranges_that_are_passed_over_are_noticed() -> Result<()> {
    must_be_noticed_in(&RICH, "older", &without("olderThan"))?;
    must_be_noticed_in(&RICH, "since", &without("since"))?;
    must_be_noticed_in(&RICH, "until", &without("until"))
}

/// Which of several events of one instant is the first and the last.
#[test]
fn another_order_of_equal_instants_is_noticed() -> Result<()> {
    must_be_noticed_in(
        &RICH,
        "turned",
        "CREATE FUNCTION turn() RETURNS trigger LANGUAGE plpgsql AS
         'BEGIN NEW.id := - NEW.id; RETURN NEW; END';
         CREATE TRIGGER turn BEFORE INSERT ON user_events FOR EACH ROW EXECUTE FUNCTION turn()",
    )
}

/// What an event says of itself by the time the clock comes to it: nothing, where it was left to the clock.
#[test]
fn a_correction_that_the_queue_does_not_tell_of_is_noticed() -> Result<()> {
    must_be_noticed_in(
        &RICH,
        "untold",
        "CREATE FUNCTION lose() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
         CREATE TRIGGER lose BEFORE INSERT ON user_queue FOR EACH ROW
         WHEN (NEW.what = 'updated') EXECUTE FUNCTION lose()",
    )
}

/// The same of runs of journeys: a trigger on a table, when it fires, and what it makes of a row.
fn must_be_noticed_of_runs(name: &str, on: &str, when: &str, does: &str) -> Result<()> {
    let breach = format!(
        "CREATE FUNCTION breach() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {does}; END $$;
         CREATE TRIGGER breach BEFORE {on} FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION breach()"
    );
    match journeys::play::play_all(name, 1..HISTORIES + 1, &breach)?.failure {
        None => bail!("{HISTORIES} histories agree with: {breach}"),
        Some(account) if account.contains("an error: ") => bail!("it is no breach: {account}"),
        Some(_) => Ok(()),
    }
}

#[test]
fn a_wait_that_ends_a_microsecond_early_is_noticed() -> Result<()> {
    must_be_noticed_of_runs(
        "early",
        "UPDATE ON journey_runs",
        "NEW.wait_until IS NOT NULL",
        "NEW.wait_until := NEW.wait_until - interval '1 microsecond'; RETURN NEW",
    )
}

#[test]
fn an_exit_that_nobody_is_told_of_is_noticed() -> Result<()> {
    must_be_noticed_of_runs(
        "untold_exit",
        "INSERT ON bucket_transitions",
        "NEW.transition = 'exited'",
        "RETURN NULL",
    )
}

/// Filters are not compared, but what they let through is.
#[test]
fn a_wait_that_has_lost_its_filter_is_noticed() -> Result<()> {
    must_be_noticed_of_runs(
        "unfiltered",
        "UPDATE ON journey_runs",
        "NEW.wait_filter IS NOT NULL",
        "NEW.wait_filter := NULL; RETURN NEW",
    )
}

/// An event that waited for the clock ends no wait that began after it.
#[test]
fn an_event_that_is_taken_for_a_later_one_is_noticed() -> Result<()> {
    must_be_noticed_of_runs(
        "later_than_it_was",
        "INSERT ON user_queue",
        "NEW.what = 'inserted'",
        "NEW.queued_at := NEW.queued_at + interval '2 hours'; RETURN NEW",
    )
}

#[test]
fn a_step_that_tells_of_another_event_is_noticed() -> Result<()> {
    must_be_noticed_of_runs(
        "other_event",
        "INSERT ON bucket_transitions",
        "NEW.transition = 'resumed' AND NEW.event_id IS NOT NULL",
        "NEW.event_properties := (SELECT properties FROM public.user_events WHERE user_id = NEW.user_id ORDER BY id DESC LIMIT 1); RETURN NEW",
    )
}

/// The last run of a user is not known for one, so that the entry limit lets in whom it should not.
#[test]
fn a_run_that_ended_at_another_time_is_noticed() -> Result<()> {
    must_be_noticed_of_runs(
        "ended_before",
        "UPDATE ON journey_runs",
        "NEW.status = 'completed'",
        "NEW.ended_at := NEW.ended_at - interval '1 hour'; RETURN NEW",
    )
}
