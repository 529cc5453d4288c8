//! The buckets, and for each the plain query that says who belongs in it.

use anyhow::{Context, Result};
use postgres::Client;

pub struct Bucket {
    pub id: &'static str,
    /// How it stands in the columns of the replay.
    pub short: &'static str,
    criteria: &'static str,
    /// Further columns of `buckets`, as `(name, SQL value)`.
    policy: &'static [(&'static str, &'static str)],
    /// Who belongs in it at the instant $1, over nothing but the raw tables.
    pub members: &'static str,
}

pub const BUCKETS: &[Bucket] = &[
    Bucket {
        id: "newcomers",
        short: "new",
        criteria: "hogsend_all(hogsend_event('purchase'),
                               hogsend_event('purchase', at_most => 1))",
        policy: &[("max_dwell", "interval '30 days'")],
        // A second purchase ends it, and nothing but a purchase could bring
        // back whom the 30 days have ended: so the first one's age decides.
        members: "SELECT user_id FROM user_events WHERE event = 'purchase'
                  GROUP BY user_id
                  HAVING count(*) = 1 AND max(occurred_at) > $1 - interval '30 days'",
    },
    Bucket {
        id: "repeat-buyers",
        short: "repeat",
        criteria: "hogsend_event('purchase', within => interval '90 days', at_least => 3)",
        policy: &[],
        members: "SELECT user_id FROM user_events
                  WHERE event = 'purchase' AND occurred_at >= $1 - interval '90 days'
                  GROUP BY user_id HAVING count(*) >= 3",
    },
    Bucket {
        id: "lapsed",
        short: "lapsed",
        criteria: "hogsend_all(hogsend_event('purchase'),
                               hogsend_event('purchase', within => interval '60 days',
                                             never => true))",
        policy: &[("dwell_after", "ARRAY[interval '30 days']")],
        members: "SELECT user_id FROM user_events WHERE event = 'purchase'
                  GROUP BY user_id HAVING max(occurred_at) < $1 - interval '60 days'",
    },
    Bucket {
        id: "one-and-done",
        short: "once",
        criteria: "hogsend_all(hogsend_event('purchase', within => interval '180 days',
                                             exactly => 1),
                               hogsend_event('purchase', within => interval '30 days',
                                             never => true))",
        policy: &[],
        members: "SELECT user_id FROM user_events
                  WHERE event = 'purchase' AND occurred_at >= $1 - interval '180 days'
                  GROUP BY user_id
                  HAVING count(*) = 1 AND max(occurred_at) < $1 - interval '30 days'",
    },
    Bucket {
        id: "big-spenders-trial",
        short: "trial",
        criteria: "hogsend_all(hogsend_property('plan', 'eq', 'trial'),
                               hogsend_event('purchase.big', within => interval '90 days',
                                             at_least => 1))",
        policy: &[],
        members: "SELECT user_id FROM contacts
                  WHERE properties ->> 'plan' = 'trial' AND user_id IN (
                      SELECT user_id FROM user_events
                      WHERE event = 'purchase.big'
                        AND occurred_at >= $1 - interval '90 days')",
    },
];

pub fn define(client: &mut Client) -> Result<()> {
    for bucket in BUCKETS {
        let (mut names, mut values) = (String::new(), String::new());
        for (name, value) in bucket.policy {
            names += &format!(", {name}");
            values += &format!(", {value}");
        }
        client
            .batch_execute(&format!(
                "INSERT INTO buckets (id, criteria{names}) VALUES ('{}', {}{values})",
                bucket.id, bucket.criteria
            ))
            .with_context(|| format!("defining bucket {}", bucket.id))?;
    }
    Ok(())
}
