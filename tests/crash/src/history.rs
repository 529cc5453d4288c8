//! The outbox and the history of stays must tell the same, in every snapshot.

use anyhow::Result;
use postgres::Client;

/// What is wrong, and the keys of it. A stay is silent if a job began it; and while one is under
/// way for its bucket, a stay may also be silent that somebody else begins, who came before it.
const FAULTS: [(&str, &str); 7] = [
    (
        "stays that were not announced",
        "SELECT stay FROM stays s
         WHERE source <> 'backfill' AND NOT EXISTS (SELECT FROM told WHERE key = stay || ':entered')
           AND NOT EXISTS (
               SELECT FROM bucket_jobs j
               WHERE j.bucket_id = s.bucket_id
                 AND s.entered_at BETWEEN j.created_at - interval '1 second'
                                      AND coalesce(j.finished_at, 'infinity') + interval '1 second')",
    ),
    (
        "entered, and there is no stay that was announced",
        "SELECT stay FROM told t
         WHERE transition = 'entered' AND NOT EXISTS (
             SELECT FROM stays s WHERE s.stay = t.stay AND s.source = t.source AND source <> 'backfill')",
    ),
    (
        "ends that were not announced",
        "SELECT stay FROM stays s
         WHERE status = 'left' AND left_reason <> 'deleted' AND NOT EXISTS (
             SELECT FROM told t WHERE t.key = s.stay || ':left' AND t.reason = s.left_reason)",
    ),
    (
        "left, and there is no stay that has ended",
        "SELECT stay FROM told t
         WHERE transition = 'left' AND NOT EXISTS (
             SELECT FROM stays s WHERE s.stay = t.stay AND s.left_at = t.recorded_at)",
    ),
    (
        "dwells without a stay",
        "SELECT stay FROM told t
         WHERE transition = 'dwell' AND NOT EXISTS (SELECT FROM stays s WHERE s.stay = t.stay)",
    ),
    (
        "keys that were used twice",
        "SELECT idempotency_key AS stay FROM bucket_transitions GROUP BY 1 HAVING count(*) > 1",
    ),
    (
        "users whose stays are not counted through",
        "SELECT min(stay) AS stay FROM stays GROUP BY user_id, bucket_id
         HAVING count(*) <> max(entry_count) OR count(*) FILTER (WHERE status = 'active') > 1",
    ),
];

/// Anybody may be writing meanwhile: one query, one snapshot.
pub fn faults(client: &mut Client) -> Result<Vec<String>> {
    let looks: Vec<String> = FAULTS
        .iter()
        .map(|(what, query)| {
            format!("SELECT '{what}', count(*), min(stay) FROM ({query}) AS q HAVING count(*) > 0")
        })
        .collect();
    let rows = client.query(
        &format!(
            "WITH stays AS (
                 SELECT *, concat_ws(':', bucket_id, user_id, entry_count) AS stay FROM bucket_memberships
             ), told AS (
                 SELECT *, concat_ws(':', bucket_id, user_id, entry_count) AS stay,
                        concat_ws(':', bucket_id, user_id, entry_count, transition) AS key
                 FROM bucket_transitions
             )
             {}",
            looks.join(" UNION ALL ")
        ),
        &[],
    )?;
    Ok(rows
        .iter()
        .map(|row| {
            let (what, count, example): (&str, i64, &str) = (row.get(0), row.get(1), row.get(2));
            format!("{count} {what}, such as {example}")
        })
        .collect())
}
