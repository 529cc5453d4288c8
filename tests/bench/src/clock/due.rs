//! hogsend_reconcile() when members' windows have run out: of few, of more and of many.

use crate::Scale;
use crate::members::Members;
use crate::report::{Report, Target, Turns};
use crate::stats::{median, timed};
use anyhow::{Result, ensure};
use postgres::Client;

/// So many are due at once.
const SMALL: &[i64] = &[1_000, 10_000];
const FULL: &[i64] = &[1_000, 10_000, 100_000];
const TURNS: usize = 3;

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

pub fn measure(members: &mut Members, scale: Scale, report: &mut Report) -> Result<()> {
    let sizes = scale.choose(SMALL, FULL);
    let mut turns: Vec<Turns> = sizes.iter().map(|_| Turns::default()).collect();
    let client = &mut members.client;
    copy_tables(client)?;
    for _ in 0..TURNS {
        for (due, turns) in sizes.iter().zip(&mut turns) {
            let (measured, control) = turn(client, *due)?;
            turns.add(measured, control);
        }
    }
    let among = members.extent.members;
    let each = |place: usize| {
        let micros = &turns[place].measured;
        let each = micros.iter().map(|m| m / sizes[place] as f64);
        each.collect::<Vec<f64>>()
    };
    for (place, due) in sizes.iter().enumerate().skip(1) {
        let proportional = Turns {
            measured: each(place),
            control: each(0),
        };
        let what = format!("reconcile, each of {due} of {among} members due");
        let control = format!("each of {} due", sizes[0]);
        report.add(&what, &control, proportional);
    }
    for (due, turns) in sizes.iter().zip(turns) {
        let what = format!("reconcile, {due} of {among} members due, who leave");
        let per_second = *due as f64 / median(&turns.measured) * 1e6;
        let target = Some(Target::AtLeast(10_000.0));
        report.add(&what, "one statement that only writes", turns);
        report.figure(&what, per_second, "transitions a second", target);
    }
    Ok(())
}

/// So many leave, in the copies and in earnest: what reconcile took, and the control.
fn turn(client: &mut Client, due: i64) -> Result<(f64, f64)> {
    let now = instant_of_next(client, due)?;
    client.batch_execute(&format!("SET hogsend.now = '{now}'"))?;
    let statement = WRITES_ALONE.replace("$1", &format!("'{now}'::timestamptz"));
    let (control, rows) = timed(|| client.execute(&statement, &[]))?;
    ensure!(rows == due as u64, "the control wrote {rows} rows");
    let reconcile = format!("SELECT \"left\" FROM hogsend_reconcile({due})");
    let (measured, row) = timed(|| client.query_one(&reconcile, &[]))?;
    let left: i32 = row.get(0);
    ensure!(i64::from(left) == due, "{left} left instead of {due}");
    Ok((measured, control))
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

/// The instant at which exactly so many more timers will be due.
fn instant_of_next(client: &mut Client, due: i64) -> Result<String> {
    let query =
        format!("SELECT due_at::text FROM bucket_timers ORDER BY due_at OFFSET {due} - 1 LIMIT 1");
    Ok(client.query_one(&query, &[])?.get(0))
}
