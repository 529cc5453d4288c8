//! What must be true when every run has ended, in plain SQL.

use anyhow::Result;
use postgres::Client;

/// What is wrong, and what has it. `steps` are the rows of the outbox about runs, each with the one after it.
const FAULTS: [(&str, &str); 14] = [
    (
        "runs that go on for ever",
        "SELECT user_id FROM journey_runs WHERE ended_at IS NULL",
    ),
    (
        "lapsed without a run",
        "SELECT t.user_id FROM bucket_transitions t
         WHERE t.transition = 'entered' AND NOT EXISTS (
             SELECT FROM journey_runs r WHERE r.user_id = t.user_id
                AND r.started_at <= t.recorded_at AND r.ended_at >= t.recorded_at)",
    ),
    (
        "begun by nothing",
        "SELECT s.user_id FROM steps s
         WHERE s.transition = 'started' AND NOT EXISTS (
             SELECT FROM bucket_transitions t WHERE t.transition = 'entered' AND t.user_id = s.user_id
                AND t.xid = s.xid AND t.event = s.reason AND t.effective_at = s.effective_at AND t.id < s.id)",
    ),
    (
        "runs without a beginning",
        "SELECT user_id FROM journey_runs r
         WHERE NOT EXISTS (SELECT FROM steps s WHERE s.run_id = r.id AND s.transition = 'started')",
    ),
    (
        "steps out of turn",
        "SELECT user_id FROM steps
         WHERE split_part(idempotency_key, ':', 6)::bigint <> number OR (transition = 'started') <> (number = 1)
            OR (transition = 'exited' AND next IS NOT NULL)",
    ),
    (
        "runs that count other steps",
        "SELECT r.user_id FROM journey_runs r
         WHERE (r.step, r.step_id) IS DISTINCT FROM (SELECT (count(*), max(s.id)) FROM steps s WHERE s.run_id = r.id)",
    ),
    (
        "keys that were used twice",
        "SELECT min(user_id) AS user_id FROM steps GROUP BY idempotency_key HAVING count(*) > 1",
    ),
    (
        "steps that had their effect twice",
        "SELECT min(user_id) AS user_id FROM effects_of_steps GROUP BY idempotency_key HAVING count(*) > 1",
    ),
    (
        "steps without their effect",
        "SELECT user_id FROM steps s
         WHERE transition <> 'exited' AND next IS DISTINCT FROM 'exited'
           AND NOT EXISTS (SELECT FROM effects_of_steps e WHERE e.step_id = s.id)",
    ),
    (
        "effects of nothing",
        "SELECT e.user_id FROM effects_of_steps e
         WHERE NOT EXISTS (SELECT FROM steps s WHERE s.id = e.step_id AND s.run_id = e.run_id
                              AND s.user_id = e.user_id AND s.idempotency_key = e.idempotency_key)",
    ),
    (
        "effects after the run had ended",
        "SELECT e.user_id FROM effects_of_steps e JOIN steps s ON s.run_id = e.run_id AND s.transition = 'exited'
         WHERE pg_xact_commit_timestamp(e.xid::xid) > pg_xact_commit_timestamp(s.xid::xid)",
    ),
    (
        "ends that nobody said, or that were said otherwise",
        "SELECT user_id FROM journey_runs r
         WHERE CASE status
             WHEN 'exited' THEN NOT EXISTS (SELECT FROM steps s WHERE s.id = r.step_id AND s.transition = 'exited'
                                               AND s.reason = 'unsubscribed' AND r.reason = 'unsubscribed')
             WHEN 'completed' THEN NOT EXISTS (SELECT FROM effects_of_steps e WHERE e.step_id = r.step_id AND e.what = 'thanks')
             WHEN 'failed' THEN NOT EXISTS (SELECT FROM effects_of_steps e WHERE e.step_id = r.step_id AND e.what = 'given up')
             ELSE true END",
    ),
    (
        "went on in time without the order",
        "SELECT s.user_id FROM steps s
         WHERE s.timed_out IS NOT DISTINCT FROM false AND NOT EXISTS (
             SELECT FROM user_events e WHERE e.user_id = s.user_id AND e.event = 'order'
                AND e.id = s.event_id AND e.xmin::text = ((s.xid::text::bigint) % 4294967296)::text)",
    ),
    // Who ordered while the run waited gets no further mail: the order's statement began after the run was told
    // to wait had committed, and was committed before the time was up.
    (
        "timed out though there was an order",
        "SELECT s.user_id FROM steps s
         JOIN effects_of_steps e ON e.step_id = s.before
         JOIN user_events o ON o.user_id = s.user_id AND o.event = 'order'
         WHERE s.timed_out
           AND o.occurred_at > pg_xact_commit_timestamp(e.xid::xid)
           AND pg_xact_commit_timestamp(o.xmin) < pg_xact_commit_timestamp(s.xid::xid)",
    ),
];

pub fn faults(client: &mut Client) -> Result<Vec<String>> {
    let looks: Vec<String> = FAULTS
        .iter()
        .map(|(what, query)| {
            format!(
                "SELECT '{what}', count(*), min(user_id) FROM ({query}) AS q HAVING count(*) > 0"
            )
        })
        .collect();
    let query = format!(
        "WITH steps AS (
             SELECT t.*, row_number() OVER run AS number, lead(transition) OVER run AS next, lag(id) OVER run AS before
             FROM bucket_transitions t WHERE journey_id = 'winback' WINDOW run AS (PARTITION BY run_id ORDER BY id))
         {}",
        looks.join(" UNION ALL ")
    );
    let rows = client.query(&query, &[])?;
    Ok(rows
        .iter()
        .map(|row| {
            let (what, count, example): (&str, i64, &str) = (row.get(0), row.get(1), row.get(2));
            format!("{count} {what}, such as {example}")
        })
        .collect())
}
