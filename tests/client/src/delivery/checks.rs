//! What must be true in the end.

use crate::delivery::consumers::{Consumer, Habit};
use anyhow::Result;
use postgres::Client;

/// What is wrong, with how often and an example. In the queries `expected` is what the consumer's
/// filter selects of the outbox, and `done` what its workers did.
const FAULTS: [(&str, &str); 7] = [
    (
        "lost",
        "SELECT x.id FROM expected x WHERE NOT EXISTS (SELECT FROM done d WHERE d.id = x.id)",
    ),
    (
        "done though not selected, or not as it is in the outbox",
        "SELECT d.id FROM done d WHERE NOT EXISTS (
             SELECT FROM expected x
             WHERE (x.id, x.user_id, x.bucket_id, x.transition, x.entry_count, x.idempotency_key)
                 = (d.id, d.user_id, d.bucket_id, d.transition, d.entry_count, d.idempotency_key))",
    ),
    (
        "done more than once",
        "SELECT d.id FROM done d GROUP BY d.id HAVING count(*) > 1",
    ),
    (
        "done out of order for its user",
        "SELECT id FROM (
             SELECT d.id, lag(d.id) OVER (PARTITION BY d.user_id ORDER BY d.seq) AS before FROM done d
         ) AS pair WHERE before > id",
    ),
    (
        "entered or left out of turn",
        "SELECT id FROM (
             SELECT m.id, turn, lag(turn) OVER (PARTITION BY m.user_id, m.bucket_id ORDER BY m.seq) AS before
             FROM (SELECT d.*, entry_count * 2 - CASE transition WHEN 'entered' THEN 1 ELSE 0 END AS turn
                   FROM done d WHERE d.transition IN ('entered', 'left')) AS m
         ) AS pair WHERE before >= turn",
    ),
    (
        "of a batch that was done in parts",
        "SELECT min(d.id) AS id FROM done d WHERE d.batch > 0
         GROUP BY d.batch HAVING count(DISTINCT d.xid) > 1",
    ),
    (
        "of another shard",
        "SELECT d.id FROM done d, bucket_consumers c
         WHERE c.name = d.consumer AND hogsend_shard(d.user_id, c.shards) <> d.batch % 1024",
    ),
];

/// Numbers must follow the order of commits for each user: what everything else goes by.
const COMMITS: &str = "
    SELECT id FROM (
        SELECT t.id, pg_xact_commit_timestamp(t.xid::xid) AS at,
               lag(pg_xact_commit_timestamp(t.xid::xid)) OVER (PARTITION BY t.user_id ORDER BY t.id) AS before
        FROM bucket_transitions t
    ) AS pair WHERE before > at";

/// Where nobody joins silently, a user enters and leaves by turns, and the stays are counted.
const TURNS: &str = "
    SELECT id FROM (
        SELECT t.*, row_number() OVER (PARTITION BY t.user_id, t.bucket_id ORDER BY t.id) AS turn
        FROM bucket_transitions t WHERE t.transition IN ('entered', 'left')
    ) AS move WHERE turn <> entry_count * 2 - CASE transition WHEN 'entered' THEN 1 ELSE 0 END";

pub fn faults(client: &mut Client, consumer: &Consumer) -> Result<Vec<String>> {
    let Consumer { name, selects, .. } = consumer;
    let mut faults = Vec::new();
    for (what, query) in FAULTS {
        let found = count(
            client,
            &format!(
                "WITH expected AS (SELECT * FROM bucket_transitions WHERE {selects}),
                      done AS (SELECT * FROM effects WHERE consumer = '{name}')
                 {query}"
            ),
        )?;
        faults.extend(found.map(|found| format!("{name}: {found} {what}")));
    }
    if consumer.habit != Habit::PlainCursor {
        faults.extend(left_behind(client, consumer)?);
    }
    Ok(faults)
}

/// Needs `track_commit_timestamp`.
pub fn faults_of_commits(client: &mut Client) -> Result<Option<String>> {
    let found = count(client, COMMITS)?;
    Ok(found
        .map(|found| format!("{found} committed before another of the user's with a lower number")))
}

pub fn faults_of_turns(client: &mut Client) -> Result<Option<String>> {
    let found = count(client, TURNS)?;
    Ok(found.map(|found| format!("{found} of the outbox out of turn")))
}

/// How many rows a query for `id` has, and one of them.
fn count(client: &mut Client, query: &str) -> Result<Option<String>> {
    let row = client.query_one(
        &format!("SELECT count(*), min(id) FROM ({query}) AS fault"),
        &[],
    )?;
    let (count, example): (i64, Option<i64>) = (row.get(0), row.get(1));
    Ok(example.map(|id| format!("{count} (such as {id})")))
}

fn left_behind(client: &mut Client, consumer: &Consumer) -> Result<Vec<String>> {
    let mut faults = Vec::new();
    for shard in 0..consumer.shards {
        let poll = "SELECT count(*) FROM hogsend_poll($1, 100, $2)";
        let row = client.query_one(poll, &[&consumer.name, &(shard as i32)])?;
        let polled: i64 = row.get(0);
        let row = client.query_one(
            "SELECT rows_behind, batch_is_out FROM bucket_lag WHERE consumer = $1 AND shard = $2",
            &[&consumer.name, &(shard as i32)],
        )?;
        let (behind, is_out): (i64, bool) = (row.get(0), row.get(1));
        if polled > 0 || behind > 0 || is_out {
            let name = consumer.name;
            faults.push(format!(
                "{name}, shard {shard}: {polled} polled in the end, {behind} behind, batch out: {is_out}"
            ));
        }
    }
    Ok(faults)
}
