//! Members at rest must be those whom a recomputation finds: hogsend's own, and plain SQL.

use anyhow::Result;
use postgres::Client;

/// Must find nothing, whoever is writing.
const VERIFY: &str =
    "SELECT b.id || ': ' || v::text FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) AS v";

/// A row for each difference.
const AT_REST: [(&str, &str); 4] = [
    (
        "plain SQL",
        "WITH plain AS (
             SELECT 'room-' || (properties ->> 'room') AS bucket_id, user_id FROM contacts WHERE properties ? 'room'
             UNION ALL
             SELECT 'loyal', user_id FROM user_events WHERE event = 'buy' GROUP BY user_id HAVING count(*) >= 5
             UNION ALL
             SELECT 'spender', user_id FROM user_events WHERE event = 'buy' GROUP BY user_id HAVING sum(value) >= 20
             UNION ALL
             SELECT 'choosy', user_id FROM user_events WHERE event = 'buy' AND value > 3 GROUP BY user_id HAVING count(*) >= 3
             UNION ALL
             SELECT 'lapsed', user_id FROM user_events WHERE event = 'move'
             GROUP BY user_id HAVING max(occurred_at) < clock_timestamp() - interval '3 seconds'
             UNION ALL
             SELECT b.id, c.user_id
             FROM buckets b, contacts c
             WHERE b.id IN ('level', 'fresh')
               AND EXISTS (SELECT FROM user_events e WHERE e.user_id = c.user_id AND e.event = 'seed')
               AND (c.properties ->> 'level')::numeric < (b.criteria #>> '{conditions,1,value}')::numeric
         ), devoted AS (
             SELECT user_id FROM plain WHERE bucket_id = 'loyal' INTERSECT SELECT user_id FROM plain WHERE bucket_id = 'spender'
         ), expected AS (
             SELECT * FROM plain UNION ALL SELECT 'devoted', user_id FROM devoted
             UNION ALL
             SELECT 'drifting', user_id FROM plain
             WHERE bucket_id = 'lapsed' AND user_id NOT IN (SELECT user_id FROM devoted)
         ), stored AS (
             SELECT bucket_id, user_id FROM bucket_memberships WHERE status = 'active'
         )
         SELECT format('%s: %s is %s a member', bucket_id, user_id,
                       CASE WHEN e.user_id IS NULL THEN 'wrongly' ELSE 'not' END)
         FROM expected e FULL JOIN stored s USING (bucket_id, user_id)
         WHERE e.user_id IS NULL OR s.user_id IS NULL",
    ),
    (
        // The series of 'spender', by its name.
        "total that is another one",
        "SELECT t::text FROM bucket_totals t CROSS JOIN LATERAL (
             SELECT count(e.value), coalesce(sum(e.value), 0), min(e.value), max(e.value), min(e.occurred_at), max(e.occurred_at)
             FROM user_events e WHERE e.user_id = t.user_id AND e.event = 'buy') AS e (n, total, least, most, first_at, last_at)
         WHERE t.series = '9102f293e97b01277d19e16f10cd64e7'
           AND (t.n, t.total, t.least, t.most, t.first_at, t.last_at) IS DISTINCT FROM (e.n, e.total, e.least, e.most, e.first_at, e.last_at)",
    ),
    (
        "timer that cannot be handled",
        "SELECT t::text FROM bucket_timers t WHERE t.error IS NOT NULL",
    ),
    (
        "job that failed",
        "SELECT j::text FROM bucket_jobs j WHERE j.status = 'failed'",
    ),
];

pub fn faults_of_verify(client: &mut Client) -> Result<Vec<String>> {
    faults(client, "verify", VERIFY)
}

pub fn faults_at_rest(client: &mut Client) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (what, query) in AT_REST {
        found.extend(faults(client, what, query)?);
    }
    Ok(found)
}

fn faults(client: &mut Client, what: &str, query: &str) -> Result<Vec<String>> {
    let rows = client.query(query, &[])?;
    Ok(rows
        .iter()
        .map(|row| format!("{what}: {}", row.get::<_, &str>(0)))
        .collect())
}
