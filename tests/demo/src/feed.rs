//! The purchases, and their days.

use anyhow::{Context, Result};
use postgres::Client;
use std::io::Write;

const CSV: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/cdnow_sample.csv");

pub struct Feed {
    pub purchases: i64,
    pub customers: i64,
    pub first_day: String,
    pub last_day: String,
}

pub struct Day {
    pub date: String,
    /// When the shop is open.
    noon: String,
    /// The midnight that ends it.
    pub end: String,
    pub ends_month: bool,
}

/// Brings the file into a table of the demo's own, in the form in which each day
/// will be inserted: what the plan becomes is known only with all purchases of
/// the customer before it.
pub fn load(client: &mut Client) -> Result<Feed> {
    client.batch_execute(
        "CREATE TABLE demo_purchases (
             n bigint GENERATED ALWAYS AS IDENTITY,
             user_id text, day date, cds int, dollars numeric)",
    )?;
    let file = std::fs::read_to_string(CSV).with_context(|| format!("cannot read {CSV}"))?;
    let mut copy = client.copy_in(
        "COPY demo_purchases (user_id, day, cds, dollars) FROM STDIN (FORMAT csv, HEADER)",
    )?;
    // The heading ends as on Unix and the rows as on Windows; COPY wants one of them.
    copy.write_all(file.replace('\r', "").as_bytes())?;
    copy.finish()?;
    client.batch_execute(
        "CREATE TABLE demo_feed AS
         SELECT n, user_id, day, cds, dollars,
                CASE WHEN nth = 1 THEN jsonb_build_object('plan',
                         CASE WHEN customer % 3 = 0 THEN 'trial' ELSE 'paid' END)
                     WHEN nth = 4 THEN '{\"plan\":\"paid\"}' END AS patch
         FROM (SELECT *, row_number() OVER (PARTITION BY user_id ORDER BY day, n) AS nth,
                      substr(user_id, 7)::int AS customer
               FROM demo_purchases) AS numbered;
         CREATE INDEX ON demo_feed (day)",
    )?;
    let row = client.query_one(
        "SELECT count(*), count(DISTINCT user_id), min(day)::text, max(day)::text
         FROM demo_feed",
        &[],
    )?;
    Ok(Feed {
        purchases: row.get(0),
        customers: row.get(1),
        first_day: row.get(2),
        last_day: row.get(3),
    })
}

pub fn days(client: &mut Client, feed: &Feed, quiet_days: i32) -> Result<Vec<Day>> {
    let rows = client.query(
        "SELECT day::date::text, (day + interval '12 hours')::text,
                (day + interval '1 day')::text, extract(day FROM day + interval '1 day') = 1
         FROM generate_series($1::text::timestamptz,
                              $2::text::timestamptz + $3 * interval '1 day',
                              interval '1 day') AS day",
        &[&feed.first_day, &feed.last_day, &f64::from(quiet_days)],
    )?;
    Ok(rows
        .iter()
        .map(|row| Day {
            date: row.get(0),
            noon: row.get(1),
            end: row.get(2),
            ends_month: row.get(3),
        })
        .collect())
}

/// All that a day brings, in one statement: per user and bucket it yields one
/// transition at most, however many rows the user has in it.
pub fn purchases_of(client: &mut Client, day: &Day) -> Result<()> {
    client.batch_execute(&format!("SET hogsend.now = '{}'", day.noon))?;
    client
        .execute(
            "INSERT INTO user_events (user_id, event, properties, value, occurred_at,
                                      contact_properties)
             SELECT user_id, event, jsonb_build_object('cds', cds), dollars,
                    $1::text::timestamptz, patch
             FROM (SELECT n, 1 AS part, 'purchase' AS event, user_id, cds, dollars, patch
                   FROM demo_feed WHERE day = $2::text::date
                   UNION ALL
                   SELECT n, 2, 'purchase.big', user_id, cds, dollars, NULL
                   FROM demo_feed WHERE day = $2::text::date AND dollars >= 50) AS rows
             ORDER BY n, part",
            &[&day.noon, &day.date],
        )
        .with_context(|| format!("inserting the purchases of {}", day.date))?;
    Ok(())
}
