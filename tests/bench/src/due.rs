//! hogsend_reconcile() when 10,000 members' windows have run out.

use crate::members::Members;
use crate::report::{Report, Turns};
use crate::stats::{median, timed};
use anyhow::{Result, ensure};
use postgres::Client;

const DUE: i64 = 10_000;
const TURNS: usize = 5;

/// What has to be written whoever decides it, by one statement over copies of the tables that have
/// the same rows and indexes: the least that anything could take.
const WRITES_ALONE: &str = "
    WITH due AS (
        DELETE FROM plain_timers WHERE due_at <= $1 RETURNING user_id, bucket_id, due_at
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

pub fn measure(members: &mut Members, report: &mut Report) -> Result<()> {
    let client = &mut members.client;
    copy_tables(client)?;
    let mut turns = Turns::default();
    for _ in 0..TURNS {
        let now = instant_of_next(client)?;
        client.batch_execute(&format!("SET hogsend.now = '{now}'"))?;
        let statement = WRITES_ALONE.replace("$1", &format!("'{now}'::timestamptz"));
        let (control, rows) = timed(|| client.execute(&statement, &[]))?;
        ensure!(rows == DUE as u64, "the control wrote {rows} rows");
        let reconcile = format!("SELECT \"left\" FROM hogsend_reconcile({DUE})");
        let (measured, row) = timed(|| client.query_one(&reconcile, &[]))?;
        let left: i32 = row.get(0);
        ensure!(i64::from(left) == DUE, "{left} left instead of {DUE}");
        turns.add(measured, control);
    }
    let per_second = DUE as f64 / median(&turns.measured) * 1e6;
    let among = members.count;
    let what = format!("reconcile, {DUE} of {among} members due, who leave");
    report.add(&what, "one statement that only writes", turns);
    report.note(format!(
        "reconcile, {DUE} of {among} members due: {per_second:.0} transitions a second"
    ));
    Ok(())
}

fn copy_tables(client: &mut Client) -> Result<()> {
    for table in ["timers", "memberships", "transitions"] {
        client.batch_execute(&format!(
            "CREATE TABLE plain_{table} (LIKE bucket_{table} INCLUDING ALL);
             INSERT INTO plain_{table} SELECT * FROM bucket_{table}"
        ))?;
    }
    // The copies of the outbox rows have brought their numbers along.
    client.batch_execute(
        "SELECT setval(pg_get_serial_sequence('plain_transitions', 'id'), max(id))
         FROM plain_transitions",
    )?;
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(())
}

/// The instant at which exactly DUE more timers will be due.
fn instant_of_next(client: &mut Client) -> Result<String> {
    let query =
        format!("SELECT due_at::text FROM bucket_timers ORDER BY due_at OFFSET {DUE} - 1 LIMIT 1");
    Ok(client.query_one(&query, &[])?.get(0))
}
