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

/// The tables that the shop has, and that hogsend is connected to: it writes to them and to nothing else.
const SHOP: &str = "
    CREATE TABLE customers (id text PRIMARY KEY, plan text NOT NULL);
    CREATE TABLE orders (
        number bigint PRIMARY KEY, customer text NOT NULL REFERENCES customers, placed_at timestamptz NOT NULL,
        cds int NOT NULL, dollars numeric NOT NULL);
    SELECT hogsend_attach_contacts('customers', user_id => 'id', properties => '{plan}');
    SELECT hogsend_attach_events('orders', key => 'number', user_id => 'customer', event => $$'purchase'$$,
        occurred_at => 'placed_at', value => 'dollars', properties => '{cds}');
    SELECT hogsend_attach_events('orders', name => 'large orders', key => 'number', user_id => 'customer',
        event => $$'purchase.big'$$, occurred_at => 'placed_at', value => 'dollars', properties => '{cds}',
        condition => 'dollars >= 50');
    -- What the plain queries read that say who belongs where: nothing of hogsend's.
    CREATE VIEW shop_customers AS SELECT id AS user_id, plan FROM customers;
    CREATE VIEW shop_events AS
        SELECT number AS id, customer AS user_id, e.event, jsonb_build_object('cds', cds) AS properties,
               dollars AS value, placed_at AS occurred_at
        FROM orders CROSS JOIN LATERAL (
            SELECT 'purchase' AS event UNION ALL SELECT 'purchase.big' WHERE dollars >= 50) AS e";

/// Makes the shop's tables and attaches them, and brings the file into one of the demo's own, in the form
/// in which each day will be inserted: what the plan becomes is known only with all purchases of the
/// customer before it.
pub fn load(client: &mut Client) -> Result<Feed> {
    client.batch_execute(SHOP)?;
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
                CASE WHEN nth = 1 THEN CASE WHEN customer % 3 = 0 THEN 'trial' ELSE 'paid' END
                     WHEN nth = 4 THEN 'paid' END AS plan
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

/// All that a day brings: who is new, or on another plan, and the orders.
pub fn purchases_of(client: &mut Client, day: &Day) -> Result<()> {
    client.batch_execute(&format!("SET hogsend.now = '{}'", day.noon))?;
    let mut transaction = client.transaction()?;
    transaction
        .execute(
            "INSERT INTO customers (id, plan)
             SELECT DISTINCT ON (user_id) user_id, plan FROM demo_feed
             WHERE day = $1::text::date AND plan IS NOT NULL ORDER BY user_id, n DESC
             ON CONFLICT (id) DO UPDATE SET plan = excluded.plan",
            &[&day.date],
        )
        .with_context(|| format!("inserting the customers of {}", day.date))?;
    transaction
        .execute(
            "INSERT INTO orders (number, customer, placed_at, cds, dollars)
             SELECT n, user_id, $1::text::timestamptz, cds, dollars
             FROM demo_feed WHERE day = $2::text::date ORDER BY n",
            &[&day.noon, &day.date],
        )
        .with_context(|| format!("inserting the orders of {}", day.date))?;
    transaction.commit()?;
    Ok(())
}
