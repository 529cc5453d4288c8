//! The buckets, and for each the plain query that says who belongs in it.

use anyhow::{Context, Result};
use postgres::Client;

pub struct Bucket {
    pub id: &'static str,
    /// How it stands in the columns of the replay, if it has one for itself.
    pub short: Option<&'static str>,
    criteria: &'static str,
    /// Further columns of `buckets`, as `(name, SQL value)`.
    policy: &'static [(&'static str, &'static str)],
    /// Who belongs in it at the instant $1, over nothing but the raw tables.
    pub members: &'static str,
}

pub const BUCKETS: &[Bucket] = &[
    Bucket {
        id: "newcomers",
        short: Some("new"),
        criteria: "hogsend_all(hogsend_event('purchase'),
                               hogsend_event('purchase', at_most => 1))",
        policy: &[("max_dwell", "interval '30 days'")],
        // A second purchase ends it, and nothing but a purchase could bring
        // back whom the 30 days have ended: so the first one's age decides.
        members: "SELECT user_id FROM shop_events WHERE event = 'purchase'
                  GROUP BY user_id
                  HAVING count(*) = 1 AND max(occurred_at) > $1 - interval '30 days'",
    },
    Bucket {
        id: "repeat-buyers",
        short: Some("repeat"),
        criteria: "hogsend_event('purchase', within => interval '90 days', at_least => 3)",
        policy: &[],
        members: "SELECT user_id FROM shop_events
                  WHERE event = 'purchase' AND occurred_at >= $1 - interval '90 days'
                  GROUP BY user_id HAVING count(*) >= 3",
    },
    Bucket {
        id: "lapsed",
        short: Some("lapsed"),
        criteria: "hogsend_all(hogsend_event('purchase'),
                               hogsend_event('purchase', within => interval '60 days',
                                             never => true))",
        policy: &[("dwell_after", "ARRAY[interval '30 days']")],
        members: "SELECT user_id FROM shop_events WHERE event = 'purchase'
                  GROUP BY user_id HAVING max(occurred_at) < $1 - interval '60 days'",
    },
    Bucket {
        id: "one-and-done",
        short: Some("once"),
        criteria: "hogsend_all(hogsend_event('purchase', within => interval '180 days',
                                             exactly => 1),
                               hogsend_event('purchase', within => interval '30 days',
                                             never => true))",
        policy: &[],
        members: "SELECT user_id FROM shop_events
                  WHERE event = 'purchase' AND occurred_at >= $1 - interval '180 days'
                  GROUP BY user_id
                  HAVING count(*) = 1 AND max(occurred_at) < $1 - interval '30 days'",
    },
    Bucket {
        id: "big-spenders-trial",
        short: Some("trial"),
        criteria: "hogsend_all(hogsend_property('plan', 'eq', 'trial'),
                               hogsend_event('purchase.big', within => interval '90 days',
                                             at_least => 1))",
        policy: &[],
        members: "SELECT user_id FROM shop_customers
                  WHERE plan = 'trial' AND user_id IN (
                      SELECT user_id FROM shop_events
                      WHERE event = 'purchase.big'
                        AND occurred_at >= $1 - interval '90 days')",
    },
    Bucket {
        id: "big-spenders",
        short: Some("big"),
        criteria: "hogsend_event('purchase', within => interval '90 days', at_least => 2,
                                 filter => hogsend_property('$value', 'gte', 50))",
        policy: &[],
        members: "SELECT user_id FROM shop_events
                  WHERE event = 'purchase' AND value >= 50
                    AND occurred_at >= $1 - interval '90 days'
                  GROUP BY user_id HAVING count(*) >= 2",
    },
    Bucket {
        id: "bought-earlier",
        short: Some("earlier"),
        criteria: "hogsend_event('purchase', within => interval '60 days',
                                 older_than => interval '30 days', at_least => 2)",
        policy: &[],
        members: "SELECT user_id FROM shop_events
                  WHERE event = 'purchase' AND occurred_at >= $1 - interval '60 days'
                    AND occurred_at < $1 - interval '30 days'
                  GROUP BY user_id HAVING count(*) >= 2",
    },
    Bucket {
        id: "spring-of-97",
        short: None,
        // The shop's days, not Greenwich's.
        criteria:
            "hogsend_event('purchase', since => date '1997-03-20', until => date '1997-06-21',
                                 at_least => 2, zone => 'America/New_York')",
        policy: &[],
        members: "SELECT user_id FROM shop_events
                  WHERE event = 'purchase'
                    AND occurred_at >= timestamptz '1997-03-20 00:00 America/New_York'
                    AND occurred_at < timestamptz '1997-06-21 00:00 America/New_York'
                  GROUP BY user_id HAVING count(*) >= 2",
    },
    Bucket {
        id: "began-this-quarter",
        short: None,
        criteria: "hogsend_first('purchase', within => interval '90 days',
                                 matching => hogsend_property('cds', 'gte', 2))",
        policy: &[],
        members: "SELECT user_id FROM (
                      SELECT DISTINCT ON (user_id) user_id, occurred_at, properties
                      FROM shop_events WHERE event = 'purchase'
                      ORDER BY user_id, occurred_at, id) AS firsts
                  WHERE occurred_at >= $1 - interval '90 days'
                    AND (properties ->> 'cds')::int >= 2",
    },
    Bucket {
        id: "last-was-large",
        short: None,
        criteria: "hogsend_last('purchase', matching => hogsend_property('$value', 'gte', 50))",
        policy: &[],
        members: "SELECT user_id FROM (
                      SELECT DISTINCT ON (user_id) user_id, value
                      FROM shop_events WHERE event = 'purchase'
                      ORDER BY user_id, occurred_at DESC, id DESC) AS lasts
                  WHERE value >= 50",
    },
    Bucket {
        id: "never-five-at-once",
        short: None,
        criteria: "hogsend_all(hogsend_everyone(),
                               hogsend_event('purchase', never => true,
                                             filter => hogsend_property('cds', 'gte', 5)))",
        policy: &[],
        members: "SELECT user_id FROM shop_customers
                  EXCEPT
                  SELECT user_id FROM shop_events
                  WHERE event = 'purchase' AND (properties ->> 'cds')::int >= 5",
    },
    Bucket {
        id: "busy-month",
        short: None,
        // An order of 50 dollars and more counts as two.
        criteria: "hogsend_event(ARRAY['purchase', 'purchase.big'],
                                 within => interval '30 days', at_least => 4)",
        policy: &[],
        members: "SELECT user_id FROM shop_events
                  WHERE event IN ('purchase', 'purchase.big')
                    AND occurred_at >= $1 - interval '30 days'
                  GROUP BY user_id HAVING count(*) >= 4",
    },
    Bucket {
        id: "dear-discs",
        short: None,
        criteria: r#"'{"type": "event", "eventName": "purchase", "check": "count",
                       "operator": "gte", "value": 2, "within": "180 days", "where":
                       {"type": "composite", "operator": "or", "conditions": [
                         {"type": "composite", "operator": "and", "conditions": [
                           {"type": "property", "property": "cds", "operator": "in", "value": [1, 2]},
                           {"type": "property", "property": "$value", "operator": "gt", "value": 30}]},
                         {"type": "not", "condition":
                           {"type": "property", "property": "$value", "operator": "lte", "value": 149.99}}]}}'"#,
        policy: &[],
        members: "SELECT user_id FROM shop_events
                  WHERE event = 'purchase' AND occurred_at >= $1 - interval '180 days'
                    AND ((properties ->> 'cds')::int IN (1, 2) AND value > 30 OR value > 149.99)
                  GROUP BY user_id HAVING count(*) >= 2",
    },
    Bucket {
        id: "holdout",
        short: None,
        criteria: "hogsend_all(hogsend_sample('summer-mailing', 0, 10),
                               hogsend_not(hogsend_property('plan', 'in', ARRAY['trial', 'free'])),
                               hogsend_event('purchase', within => interval '120 days'))",
        policy: &[],
        // A tenth of 2^64, rounded up to whole numbers, in hexadecimal.
        members: r"SELECT user_id FROM shop_customers
                   WHERE substr(sha256(convert_to('summer-mailing', 'UTF8') || '\x00'::bytea
                                       || convert_to(user_id, 'UTF8')), 1, 8)
                             < '\x199999999999999a'::bytea
                     AND plan NOT IN ('trial', 'free')
                     AND user_id IN (
                         SELECT user_id FROM shop_events
                         WHERE event = 'purchase' AND occurred_at >= $1 - interval '120 days')",
    },
    Bucket {
        id: "best-customers",
        short: None,
        criteria: "hogsend_sum('purchase', within => interval '90 days', more_than => 500)",
        policy: &[],
        members: "SELECT user_id FROM shop_events
                  WHERE event = 'purchase' AND occurred_at >= $1 - interval '90 days'
                  GROUP BY user_id HAVING sum(value) > 500",
    },
    Bucket {
        id: "buying-less",
        short: None,
        criteria: "hogsend_compare(
                       hogsend_sum('purchase', within => interval '90 days'), 'lt',
                       hogsend_sum('purchase', within => interval '180 days',
                                   older_than => interval '90 days'), 0.5)",
        policy: &[],
        members: "SELECT user_id FROM shop_events
                  WHERE event = 'purchase' AND occurred_at >= $1 - interval '180 days'
                  GROUP BY user_id
                  HAVING coalesce(sum(value) FILTER (
                             WHERE occurred_at >= $1 - interval '90 days'), 0)
                         < 0.5 * sum(value) FILTER (
                             WHERE occurred_at < $1 - interval '90 days')",
    },
    Bucket {
        id: "grew-and-went",
        short: None,
        criteria: "hogsend_sequence(ARRAY[
                       hogsend_step('purchase', filter => hogsend_property('$value', 'lt', 30)),
                       hogsend_step('purchase', within => interval '60 days',
                                    filter => hogsend_property('$value', 'gte', 50)),
                       hogsend_step('purchase', within => interval '45 days', never => true)],
                       within => interval '180 days')",
        policy: &[],
        // All purchases of a day happen at noon: of one day the order is that of their numbers.
        members: "SELECT DISTINCT a.user_id FROM shop_events a JOIN shop_events b USING (user_id)
                  WHERE a.event = 'purchase' AND a.value < 30
                    AND a.occurred_at >= $1 - interval '180 days'
                    AND b.event = 'purchase' AND b.value >= 50
                    AND (b.occurred_at, b.id) > (a.occurred_at, a.id)
                    AND b.occurred_at <= a.occurred_at + interval '60 days'
                    AND b.occurred_at < $1 - interval '45 days'
                    AND NOT EXISTS (
                        SELECT FROM shop_events c
                        WHERE c.user_id = a.user_id AND c.event = 'purchase'
                          AND (c.occurred_at, c.id) > (b.occurred_at, b.id)
                          AND c.occurred_at <= b.occurred_at + interval '45 days')",
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
