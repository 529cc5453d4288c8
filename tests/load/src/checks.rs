//! What must be true after a load.

use anyhow::Result;
use hogsend_client_tests::reconcile;
use postgres::Client;

/// A row for each difference: hogsend's own recomputation, and for one bucket a plain count. It was
/// there before anybody bought, and none of its stays can end, so everybody enters it once.
const FAULTS: &str = "
    SELECT b.id || ': ' || v::text FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) AS v
    UNION ALL
    SELECT format('%s: %s purchases, %s active, %s entered', user_id, bought, active, entered)
    FROM (SELECT user_id, count(*) AS bought FROM user_events WHERE event = 'buy' GROUP BY user_id) AS e
         LEFT JOIN (SELECT user_id, count(*) AS active FROM bucket_memberships
                    WHERE bucket_id = 'loyal' AND status = 'active' GROUP BY user_id) AS m USING (user_id)
         LEFT JOIN (SELECT user_id, count(*) AS entered FROM bucket_transitions
                    WHERE bucket_id = 'loyal' AND transition = 'entered' GROUP BY user_id) AS t USING (user_id)
    WHERE (coalesce(active, 0), coalesce(entered, 0)) <> ((bought >= 5)::int, (bought >= 5)::int)
    UNION ALL
    SELECT t::text FROM bucket_timers t WHERE t.error IS NOT NULL
    UNION ALL
    SELECT j::text FROM bucket_jobs j WHERE j.status = 'failed'";

/// Once all that is due is done.
pub fn faults(client: &mut Client) -> Result<Vec<String>> {
    reconcile(client)?;
    let rows = client.query(FAULTS, &[])?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}
