//! The clock, when the time of many runs is up at once: over the same rows written by hand.

use super::{begin, database};
use crate::Scale;
use crate::report::{Report, Target, Turns};
use crate::setup::count;
use crate::stats::{median, timed};
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;

/// So many are due at once.
const SMALL: &[i64] = &[1_000, 10_000];
const FULL: &[i64] = &[1_000, 10_000, 100_000];
const TURNS: i64 = 3;

/// A statement a table that writes the same rows and decides nothing, over copies with the same rows and indexes.
const BY_HAND: &str = "
    BEGIN;
    UPDATE plain_runs r
    SET status = 'active', step = r.step + 1, step_id = nextval('plain_transitions_id_seq'), since = now(),
        wait_event = NULL, wait_filter = NULL, wait_until = NULL,
        labels = jsonb_set(r.labels, '{first mail}', '{\"reached\": 1, \"timedOut\": 1, \"seconds\": 172800.0}')
    FROM plain_timers t
    WHERE t.due_at <= $1 AND t.user_id = r.user_id AND t.bucket_id = 'journey:' || r.journey_id AND r.ended_at IS NULL;
    INSERT INTO plain_transitions (id, event, user_id, transition, entry_count, source, effective_at, recorded_at,
                                   idempotency_key, journey_id, run_id, label, timed_out)
    SELECT r.step_id, 'journey:resumed:' || r.journey_id, r.user_id, 'resumed', r.entry_count, 'reconcile', t.due_at, now(),
           'journey:' || r.journey_id || ':' || r.user_id || ':resumed:' || r.entry_count || ':' || r.step,
           r.journey_id, r.id, r.label, true
    FROM plain_timers t JOIN plain_runs r ON t.user_id = r.user_id AND t.bucket_id = 'journey:' || r.journey_id
    WHERE t.due_at <= $1 AND r.ended_at IS NULL;
    DELETE FROM plain_timers WHERE due_at <= $1;
    COMMIT";

const START: &str = "2026-01-01 00:00:00+00";

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let sizes = scale.choose(SMALL, FULL);
    let mut client = database(cluster, "journey_due")?;
    client.batch_execute(&format!("SET hogsend.now = '{START}'"))?;
    let waves: Vec<i64> = (0..TURNS).flat_map(|_| sizes.iter().copied()).collect();
    let all = waves.iter().sum();
    begin(&mut client, all)?;
    let mut first = 1;
    for (wave, due) in waves.iter().enumerate() {
        wait(&mut client, first, *due, wave + 1)?;
        first += due;
    }
    copy_tables(&mut client)?;
    let mut turns: Vec<Turns> = sizes.iter().map(|_| Turns::default()).collect();
    for (wave, due) in waves.iter().enumerate() {
        let (measured, control) = turn(&mut client, *due, wave + 1)?;
        turns[wave % sizes.len()].add(measured, control);
    }
    for (due, turns) in sizes.iter().zip(turns) {
        let what = format!("reconcile, {due} runs of {all} whose time is up");
        let per_second = *due as f64 / median(&turns.measured) * 1e6;
        let control = "a statement a table that only writes";
        report.add_with_target(&what, control, turns, Target::AtMost(1.3));
        report.figure(&what, per_second, "resumptions a second", None);
    }
    Ok(())
}

/// The next so many runs wait for so many days.
fn wait(client: &mut Client, first: i64, many: i64, days: usize) -> Result<()> {
    let last = first + many - 1;
    let query = format!(
        "SELECT count(*) FROM journey_runs
         WHERE id BETWEEN {first} AND {last} AND hogsend_wait_for(id, 'buy', '{days} days', 'first mail')"
    );
    let waiting: i64 = client.query_one(&query, &[])?.get(0);
    ensure!(waiting == many, "{waiting} runs of {many} wait");
    Ok(())
}

fn copy_tables(client: &mut Client) -> Result<()> {
    for (copy, table) in [
        ("runs", "journey_runs"),
        ("timers", "bucket_timers"),
        ("transitions", "bucket_transitions"),
    ] {
        client.batch_execute(&format!(
            "CREATE TABLE plain_{copy} (LIKE {table} INCLUDING ALL);
             INSERT INTO plain_{copy} SELECT * FROM {table}"
        ))?;
    }
    client.batch_execute(
        "ALTER TABLE plain_runs SET (fillfactor = 75);
         SELECT setval(pg_get_serial_sequence('plain_transitions', 'id'), max(id)) FROM plain_transitions",
    )?;
    // Both as they would lie had they never waited before.
    client.batch_execute("VACUUM FULL journey_runs, plain_runs")?;
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(())
}

/// The runs of a wave go on, in the copies and in earnest: what reconcile took, and the control.
fn turn(client: &mut Client, due: i64, days: usize) -> Result<(f64, f64)> {
    client.batch_execute(&format!(
        "SET hogsend.now = '{START}';
         SELECT set_config('hogsend.now', (current_setting('hogsend.now')::timestamptz + '{days} days 1 hour')::text, false)"
    ))?;
    client.batch_execute("CHECKPOINT")?;
    let statements = BY_HAND.replace("$1", "current_setting('hogsend.now')::timestamptz");
    let resumed = |table: &str| format!("{table} WHERE transition = 'resumed'");
    let before = count(client, &resumed("plain_transitions"))?;
    let (control, ()) = timed(|| client.batch_execute(&statements))?;
    let written = count(client, &resumed("plain_transitions"))? - before;
    ensure!(written == due, "the control wrote {written} rows");
    let reconcile = format!("SELECT remaining FROM hogsend_reconcile({due})");
    let (measured, row) = timed(|| client.query_one(&reconcile, &[]))?;
    let written = count(client, &resumed("bucket_transitions"))? - before;
    ensure!(
        written == due && !row.get::<_, bool>(0),
        "{written} runs have gone on"
    );
    Ok((measured, control))
}
