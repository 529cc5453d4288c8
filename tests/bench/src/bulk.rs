//! One statement that brings 100,000 events of 20,000 users.

use crate::report::{Report, Turns};
use crate::setup::{self, CONCERNED, count};
use crate::stats::timed;
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;

const EVENTS: i64 = 100_000;
const USERS: i64 = 20_000;
const TURNS: i64 = 3;

pub fn measure(cluster: &Cluster, report: &mut Report) -> Result<()> {
    let mut client = setup::database(cluster, "bulk", 10)?;
    let joins = USERS * CONCERNED;
    let what = format!("{EVENTS} events, {USERS} new users who join 3 buckets each");
    // New ones in every turn.
    turns(&mut client, report, &what, "buy", "t", joins)?;
    let what = format!("{EVENTS} events, {USERS} users who are in 3 buckets each");
    turns(&mut client, report, &what, "buy", "0", 0)?;
    let what = format!("{EVENTS} events that no bucket references, {USERS} known users");
    turns(&mut client, report, &what, "view", "0", 0)
}

/// Users are told apart by turn if `users` is "t", and those of turn 0 otherwise.
fn turns(
    client: &mut Client,
    report: &mut Report,
    what: &str,
    event: &str,
    users: &str,
    joins: i64,
) -> Result<()> {
    let mut result = Turns::default();
    for turn in 0..TURNS {
        let prefix = if users == "t" {
            turn.to_string()
        } else {
            users.into()
        };
        let before = count(client, "bucket_transitions")?;
        let measured = insert(client, "user_events", event, &prefix)?;
        let control = insert(client, "plain", event, &prefix)?;
        let joined = count(client, "bucket_transitions")? - before;
        ensure!(joined == joins, "{joined} transitions instead of {joins}");
        result.add(measured, control);
        // As autovacuum would, but not in the midst of a turn.
        client.batch_execute("VACUUM ANALYZE")?;
    }
    report.add(what, "plain table", result);
    Ok(())
}

fn insert(client: &mut Client, table: &str, event: &str, prefix: &str) -> Result<f64> {
    let statement = format!(
        "INSERT INTO {table} (user_id, event, occurred_at)
         SELECT 'user-{prefix}-' || n % {USERS}, '{event}', now() - n * interval '1 second'
         FROM generate_series(1, {EVENTS}) n"
    );
    Ok(timed(|| client.batch_execute(&statement))?.0)
}
