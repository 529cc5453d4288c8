//! The shapes of criteria, each with the query that somebody who knows SQL well would write for it.

use super::NOW;

/// A bucket, and the hand-written query for who is in it.
pub struct Shape {
    pub name: &'static str,
    /// As SQL.
    pub criteria: &'static str,
    /// Yields `user_id`, `member`, `since` (when the criteria last became true, where the events
    /// tell) and `flips_at` (when the clock will change the answer, if it will).
    judge: &'static str,
    /// The same, but `since` left out, where finding it is most of the work.
    judge_without_since: Option<&'static str>,
}

/// An occurrence leaves its window in the microsecond after the one at which it is exactly that
/// old: hence the odd intervals.
pub const SHAPES: [Shape; 5] = [
    Shape {
        name: "windowed exists",
        criteria: "hogsend_event('purchase', within => '14 days')",
        judge: "
            SELECT user_id, true AS member, since,
                   latest + interval '14 days 0.000001 seconds' AS flips_at
            FROM (
                -- True since the first purchase of the last series without a longer pause.
                SELECT user_id, max(occurred_at) AS latest,
                       max(occurred_at) FILTER (
                           WHERE before IS NULL
                              OR occurred_at > before + interval '14 days 0.000001 seconds') AS since
                FROM (
                    SELECT user_id, occurred_at,
                           lag(occurred_at) OVER (PARTITION BY user_id ORDER BY occurred_at) AS before
                    FROM user_events WHERE event = 'purchase') purchases
                GROUP BY user_id
                HAVING max(occurred_at) >= {now} - interval '14 days') buyers
            JOIN contacts USING (user_id)
            WHERE deleted_at IS NULL",
        judge_without_since: Some(
            "
            SELECT user_id, true AS member, NULL::timestamptz AS since,
                   latest + interval '14 days 0.000001 seconds' AS flips_at
            FROM (
                SELECT user_id, max(occurred_at) AS latest
                FROM user_events
                WHERE event = 'purchase' AND occurred_at >= {now} - interval '14 days'
                GROUP BY user_id) buyers
            JOIN contacts USING (user_id)
            WHERE deleted_at IS NULL",
        ),
    },
    Shape {
        name: "windowed count",
        criteria: "hogsend_event('app.opened', within => '30 days', at_least => 3)",
        // Third and fourth count backwards from each occurrence, itself being the first. It makes
        // three with the third, and began that if the fourth was gone by then.
        judge: "
            SELECT user_id, true AS member, since,
                   third + interval '30 days 0.000001 seconds' AS flips_at
            FROM (
                SELECT user_id, max(third) AS third,
                       max(occurred_at) FILTER (
                           WHERE occurred_at <= third + interval '30 days'
                             AND (fourth IS NULL
                                  OR occurred_at > fourth + interval '30 days 0.000001 seconds')) AS since
                FROM (
                    SELECT user_id, occurred_at,
                           lag(occurred_at, 2) OVER opened AS third,
                           lag(occurred_at, 3) OVER opened AS fourth
                    FROM user_events WHERE event = 'app.opened'
                    WINDOW opened AS (PARTITION BY user_id ORDER BY occurred_at)) openings
                GROUP BY user_id
                HAVING max(third) >= {now} - interval '30 days') users
            JOIN contacts USING (user_id)
            WHERE deleted_at IS NULL",
        judge_without_since: Some(
            "
            SELECT user_id, true AS member, NULL::timestamptz AS since,
                   third + interval '30 days 0.000001 seconds' AS flips_at
            FROM (
                SELECT user_id, max(third) AS third
                FROM (
                    SELECT user_id,
                           lag(occurred_at, 2) OVER (PARTITION BY user_id ORDER BY occurred_at) AS third
                    FROM user_events
                    WHERE event = 'app.opened' AND occurred_at >= {now} - interval '30 days') openings
                GROUP BY user_id
                HAVING max(third) IS NOT NULL) users
            JOIN contacts USING (user_id)
            WHERE deleted_at IS NULL",
        ),
    },
    Shape {
        name: "lapsed (ever, but not lately)",
        criteria: "hogsend_all(hogsend_event('purchase'),
                               hogsend_event('purchase', within => '30 days', never => true))",
        judge: "
            SELECT user_id, lapsed AS member,
                   CASE WHEN lapsed THEN flip END AS since,
                   CASE WHEN NOT lapsed THEN flip END AS flips_at
            FROM (
                SELECT user_id, max(occurred_at) < {now} - interval '30 days' AS lapsed,
                       max(occurred_at) + interval '30 days 0.000001 seconds' AS flip
                FROM user_events WHERE event = 'purchase'
                GROUP BY user_id) buyers
            JOIN contacts USING (user_id)
            WHERE deleted_at IS NULL",
        judge_without_since: None,
    },
    Shape {
        name: "property",
        criteria: "hogsend_property('plan', 'eq', 'pro')",
        judge: "
            SELECT user_id, true AS member, NULL::timestamptz AS since, NULL::timestamptz AS flips_at
            FROM contacts
            WHERE properties -> 'plan' = '\"pro\"' AND deleted_at IS NULL",
        judge_without_since: None,
    },
    Shape {
        name: "property and no event",
        criteria: "hogsend_all(hogsend_property('plan', 'eq', 'trial'),
                               hogsend_event('activated', within => '14 days', never => true))",
        judge: "
            SELECT user_id, latest IS NULL AS member, NULL::timestamptz AS since,
                   latest + interval '14 days 0.000001 seconds' AS flips_at
            FROM contacts
            LEFT JOIN (
                SELECT user_id, max(occurred_at) AS latest
                FROM user_events
                WHERE event = 'activated' AND occurred_at >= {now} - interval '14 days'
                GROUP BY user_id) activated USING (user_id)
            WHERE properties -> 'plan' = '\"trial\"' AND deleted_at IS NULL",
        judge_without_since: None,
    },
];

/// The second of a filtered count: each occurrence with the second and third, counting backwards from it,
/// as above.
macro_rules! second_filtered {
    ($filter:literal) => {
        concat!(
            "
            SELECT user_id, true AS member, since,
                   second + interval '60 days 0.000001 seconds' AS flips_at
            FROM (
                SELECT user_id, max(second) AS second,
                       max(occurred_at) FILTER (
                           WHERE occurred_at <= second + interval '60 days'
                             AND (third IS NULL
                                  OR occurred_at > third + interval '60 days 0.000001 seconds')) AS since
                FROM (
                    SELECT user_id, occurred_at,
                           lag(occurred_at, 1) OVER bought AS second,
                           lag(occurred_at, 2) OVER bought AS third
                    FROM user_events WHERE event = 'purchase' AND ",
            $filter,
            "
                    WINDOW bought AS (PARTITION BY user_id ORDER BY occurred_at)) purchases
                GROUP BY user_id
                HAVING max(second) >= {now} - interval '60 days') users
            JOIN contacts USING (user_id)
            WHERE deleted_at IS NULL"
        )
    };
}

/// Criteria about some occurrences of an event only.
pub const FILTERED: [Shape; 3] = [
    Shape {
        name: "windowed count, where a property equals",
        criteria: "hogsend_event('purchase', within => '60 days', at_least => 2,
                                 filter => hogsend_property('category', 'eq', 'music'))",
        judge: second_filtered!("properties ->> 'category' = 'music'"),
        judge_without_since: None,
    },
    Shape {
        name: "windowed count, where the value is above",
        criteria: "hogsend_event('purchase', within => '60 days', at_least => 2,
                                 filter => hogsend_property('$value', 'gte', 50))",
        judge: second_filtered!("value >= 50"),
        judge_without_since: None,
    },
    Shape {
        name: "the last one is large",
        criteria: "hogsend_last('purchase', matching => hogsend_property('$value', 'gte', 75))",
        // True since the first of the large ones after the last that was not.
        judge: "
            SELECT user_id, true AS member, since, NULL::timestamptz AS flips_at
            FROM (
                SELECT user_id, min(occurred_at) FILTER (WHERE small_later = 0) AS since
                FROM (
                    SELECT user_id, occurred_at,
                           count(*) FILTER (WHERE value < 75) OVER (
                               PARTITION BY user_id ORDER BY occurred_at DESC, id DESC) AS small_later
                    FROM user_events WHERE event = 'purchase') purchases
                GROUP BY user_id) buyers
            JOIN contacts USING (user_id)
            WHERE deleted_at IS NULL AND since IS NOT NULL",
        judge_without_since: None,
    },
];

/// Criteria about what the occurrences of an event come to.
pub const SUMS: [Shape; 1] = [Shape {
    name: "a sum over a window",
    criteria: "hogsend_sum('purchase', within => '60 days', more_than => 200)",
    // What each purchase adds when it happens is taken away when it leaves: the sum of that, in order of time,
    // crosses the bound.
    judge: "
            SELECT user_id, member, CASE WHEN member THEN since END AS since, flips_at
            FROM (
                SELECT user_id, member,
                       max(at) FILTER (WHERE at <= {now} AND crosses) AS since,
                       min(at) FILTER (WHERE at > {now} AND crosses) AS flips_at
                FROM (
                    SELECT user_id, at,
                           (total > 200) <> coalesce(lag(total) OVER times > 200, false) AS crosses,
                           coalesce(present > 200, false) AS member
                    FROM (
                        SELECT user_id, at,
                               sum(sum(step)) OVER (PARTITION BY user_id ORDER BY at) AS total,
                               sum(sum(step) FILTER (WHERE at <= {now})) OVER (PARTITION BY user_id) AS present
                        FROM (
                            SELECT user_id, occurred_at AS at, value AS step
                            FROM user_events WHERE event = 'purchase'
                            UNION ALL
                            SELECT user_id, occurred_at + interval '60 days 0.000001 seconds', -value
                            FROM user_events WHERE event = 'purchase') steps
                        GROUP BY user_id, at) totals
                    WINDOW times AS (PARTITION BY user_id ORDER BY at)) crossings
                GROUP BY user_id, member) buyers
            JOIN contacts USING (user_id)
            WHERE deleted_at IS NULL AND member",
    // Reading backwards from now, the purchase without which what is later is not enough.
    judge_without_since: Some(
        "
            SELECT user_id, true AS member, NULL::timestamptz AS since,
                   flips_at + interval '60 days 0.000001 seconds' AS flips_at
            FROM (
                SELECT user_id, max(occurred_at) FILTER (WHERE later > 200) AS flips_at
                FROM (
                    SELECT user_id, occurred_at,
                           sum(value) OVER (PARTITION BY user_id ORDER BY occurred_at DESC) AS later
                    FROM user_events
                    WHERE event = 'purchase' AND occurred_at >= {now} - interval '60 days') purchases
                GROUP BY user_id) buyers
            JOIN contacts USING (user_id)
            WHERE deleted_at IS NULL AND flips_at IS NOT NULL",
    ),
}];

/// The same of all that ever happened, which is kept for whoever did very much.
pub const LIFETIME_SUMS: [Shape; 1] = [Shape {
    name: "a sum over a lifetime",
    criteria: "hogsend_sum('purchase', more_than => 200)",
    // Nobody gets anything back, so that it is enough from the first time on that it was.
    judge: "
            SELECT user_id, true AS member, since, NULL::timestamptz AS flips_at
            FROM (
                SELECT user_id, min(occurred_at) FILTER (WHERE total > 200) AS since
                FROM (
                    SELECT user_id, occurred_at, sum(value) OVER (PARTITION BY user_id ORDER BY occurred_at) AS total
                    FROM user_events WHERE event = 'purchase') purchases
                GROUP BY user_id) buyers
            JOIN contacts USING (user_id)
            WHERE deleted_at IS NULL AND since IS NOT NULL",
    judge_without_since: Some(
        "
            SELECT user_id, true AS member, NULL::timestamptz AS since, NULL::timestamptz AS flips_at
            FROM (
                SELECT user_id FROM user_events WHERE event = 'purchase'
                GROUP BY user_id HAVING sum(value) > 200) buyers
            JOIN contacts USING (user_id)
            WHERE deleted_at IS NULL",
    ),
}];

impl Shape {
    /// The statement that writes what hogsend writes.
    pub fn control(&self) -> String {
        statement(self.judge)
    }

    /// The statement that does so without asking how long the criteria have been true.
    pub fn control_without_since(&self) -> Option<String> {
        self.judge_without_since.map(statement)
    }
}

/// Rows come in the order of the keys they go into, which spares half of the time.
fn statement(judge: &str) -> String {
    let now = format!("timestamptz '{NOW}'");
    let judge = judge.replace("{now}", &now);
    format!(
        "WITH judged AS MATERIALIZED ({judge} ORDER BY user_id), members AS (
             INSERT INTO plain_memberships
                 (user_id, bucket_id, entry_count, status, entered_at, source, dwell_anchor_at, announced)
             SELECT user_id, 'b', 1, 'active', {now}, 'backfill', since, false FROM judged WHERE member
         )
         INSERT INTO plain_timers (user_id, bucket_id, due_at)
         SELECT user_id, 'b', flips_at FROM judged WHERE flips_at IS NOT NULL"
    )
}
