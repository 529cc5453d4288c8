//! hogsend_reconcile() at a zone's midnight, when many people's birthday begins there; and at the next, when it ends.
//!
//! The control writes the same rows by one statement, over copies of the tables, without deciding anything.

use crate::Scale;
use crate::report::{Report, Target, Turns};
use crate::setup;
use crate::stats::timed;
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;

const SMALL: i64 = 10_000;
const FULL: i64 = 1_000_000;
/// As many as the clock does in one go, and commits.
const GO: i64 = 10_000;

/// Midnight of 17 May 2026 in New York, and the next.
const BEGINS: &str = "2026-05-17 04:00:00+00";
const ENDS: &str = "2026-05-18 04:00:00+00";

const JOIN_ALONE: &str = "
    WITH due AS (
        UPDATE plain_timers SET due_at = due_at + interval '1 day' WHERE due_at <= $1
        RETURNING user_id, bucket_id, $1 AS due_at
    ), entered AS (
        INSERT INTO plain_memberships (user_id, bucket_id, status, entered_at, entry_count, source)
        SELECT user_id, bucket_id, 'active', due_at, 1, 'reconcile' FROM due
        RETURNING user_id, bucket_id, entry_count, entered_at
    )
    INSERT INTO plain_transitions (event, bucket_id, user_id, transition, entry_count,
                                   source, effective_at, recorded_at, idempotency_key)
    SELECT 'bucket:entered:' || bucket_id, bucket_id, user_id, 'entered', entry_count,
           'reconcile', entered_at, now(), bucket_id || ':' || user_id || ':' || entry_count || ':entered'
    FROM entered";

const LEAVE_ALONE: &str = "
    WITH due AS (
        UPDATE plain_timers SET due_at = due_at + interval '364 days' WHERE due_at <= $1
        RETURNING user_id, bucket_id, $1 AS due_at
    ), ended AS (
        UPDATE plain_memberships m
        SET status = 'left', left_at = d.due_at, left_reason = 'criteria'
        FROM due d
        WHERE m.user_id = d.user_id AND m.bucket_id = d.bucket_id AND m.status = 'active'
        RETURNING m.user_id, m.bucket_id, m.entry_count, d.due_at
    )
    INSERT INTO plain_transitions (event, bucket_id, user_id, transition, entry_count, reason,
                                   source, effective_at, recorded_at, idempotency_key)
    SELECT 'bucket:left:' || bucket_id, bucket_id, user_id, 'left', entry_count, 'criteria',
           'reconcile', due_at, now(), bucket_id || ':' || user_id || ':' || entry_count || ':left'
    FROM ended";

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let people = scale.choose(SMALL, FULL);
    eprintln!("bench: loading {people} contacts who were born on one day");
    cluster.create_database("birthdays")?;
    let mut client = cluster.connect("birthdays")?;
    client.batch_execute("CREATE EXTENSION hogsend; SET hogsend.now = '2026-05-16 12:00+00'")?;
    client.batch_execute(&format!(
        "INSERT INTO contacts (user_id, properties)
         SELECT 'user-' || n, jsonb_build_object('born', format('%s-05-17', 1950 + n % 50), 'timezone', 'America/New_York')
         FROM generate_series(1, {people}) n"
    ))?;
    setup::settle(&mut client)?;
    client.batch_execute(&format!(
        "SET hogsend.inline_backfill = {people};
         SELECT hogsend_define_bucket('birthday', hogsend_property('born', 'anniversary', 0, zone_property => 'timezone'))"
    ))?;
    for table in ["timers", "memberships", "transitions"] {
        client.batch_execute(&format!(
            "CREATE TABLE plain_{table} (LIKE bucket_{table} INCLUDING ALL);
             INSERT INTO plain_{table} SELECT * FROM bucket_{table}"
        ))?;
    }
    client.batch_execute("VACUUM ANALYZE")?;
    for (at, alone, moved, what) in [
        (BEGINS, JOIN_ALONE, "entered", "begins"),
        (ENDS, LEAVE_ALONE, "left", "ends"),
    ] {
        let (control, measured) = turn(&mut client, people, at, alone, moved)?;
        let mut turns = Turns::default();
        turns.add(measured, control);
        let what = format!("reconcile, {people} birthdays in one zone, the day {what}");
        report.add(&what, "one statement that only writes", turns);
        let per_second = people as f64 / measured * 1e6;
        let target = Some(Target::AtLeast(10_000.0));
        report.figure(&what, per_second, "transitions a second", target);
        client.batch_execute("VACUUM ANALYZE")?;
    }
    Ok(())
}

/// What the control took, and the clock.
fn turn(
    client: &mut Client,
    people: i64,
    at: &str,
    alone: &str,
    moved: &str,
) -> Result<(f64, f64)> {
    client.batch_execute(&format!("SET hogsend.now = '{at}'"))?;
    let statement = alone.replace("$1", &format!("'{at}'::timestamptz"));
    let (control, rows) = timed(|| client.execute(&statement, &[]))?;
    ensure!(rows == people as u64, "the control wrote {rows} rows");
    let reconcile = format!("SELECT \"{moved}\" FROM hogsend_reconcile({GO})");
    let (measured, all) = timed(|| -> Result<i64> {
        let mut all = 0;
        while all < people {
            let some: i32 = client.query_one(&reconcile, &[])?.get(0);
            ensure!(some > 0, "{all} {moved} instead of {people}");
            all += i64::from(some);
        }
        Ok(all)
    })?;
    ensure!(all == people, "{all} {moved} instead of {people}");
    Ok((control, measured))
}
