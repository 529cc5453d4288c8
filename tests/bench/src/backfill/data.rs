//! Users and what they did, written in bulk past the triggers: how they came is not measured here.

use super::{NOW, Size};
use anyhow::Result;
use hogsend_harness::Cluster;
use postgres::Client;

/// The index that every shape reads, rebuilt after the load.
const INDEX: &str = "user_events_user_event_time";

/// A database with users and events, and the control's tables: the same columns, constraints and
/// indexes as hogsend's.
pub fn load(cluster: &Cluster, size: Size) -> Result<Client> {
    cluster.create_database("backfill")?;
    let mut client = cluster.connect("backfill")?;
    client.batch_execute(
        "CREATE EXTENSION hogsend;
         CREATE TABLE plain_memberships (LIKE bucket_memberships INCLUDING ALL);
         CREATE TABLE plain_timers (LIKE bucket_timers INCLUDING ALL);
         SET session_replication_role = replica;
         SELECT setseed(0.5)",
    )?;
    client.batch_execute(&contacts(size))?;
    let query = "SELECT pg_get_indexdef($1::text::regclass)";
    let index: String = client.query_one(query, &[&INDEX])?.get(0);
    client.batch_execute(&format!("DROP INDEX {INDEX}"))?;
    client.batch_execute(&events(size))?;
    client.batch_execute(&index)?;
    client.batch_execute("RESET session_replication_role")?;
    client.batch_execute("VACUUM (ANALYZE)")?;
    Ok(client)
}

/// 40 % are on trial and 20 % pay; one in a hundred is deleted.
fn contacts(Size { users, .. }: Size) -> String {
    format!(
        "INSERT INTO contacts (user_id, email, properties, deleted_at)
         SELECT 'user-' || n, 'user-' || n || '@example.com',
                jsonb_build_object(
                    'plan', CASE WHEN r < 0.4 THEN 'trial' WHEN r < 0.6 THEN 'pro' ELSE 'free' END,
                    'mrr', CASE WHEN r BETWEEN 0.4 AND 0.6 THEN floor(r * 1000) ELSE 0 END),
                CASE WHEN n % 100 = 0 THEN timestamptz '{NOW}' - interval '1 day' END
         FROM (SELECT n, random() AS r FROM generate_series(1, {users}) n) u"
    )
}

/// Ten events a user on average, in the order in which they happened, more and more of them in the
/// course of 120 days. Users are the rarer the higher their number: the first has thousands of
/// events, most have four to ten, and some have none. Every third is about music, and a quarter is
/// worth more than 75.
fn events(Size { users, events }: Size) -> String {
    format!(
        "INSERT INTO user_events (user_id, event, properties, value, occurred_at)
         SELECT 'user-' || 1 + floor({users} * u * u)::int,
                CASE WHEN e < 0.6 THEN 'app.opened' WHEN e < 0.9 THEN 'purchase' ELSE 'activated' END,
                jsonb_build_object('category', (ARRAY['music', 'books', 'games'])[1 + n % 3]),
                n * 79 % 1009 % 100,
                timestamptz '{NOW}'
                    - interval '120 days' * (1 - n / ({events} + 1.0)::float8) ^ 1.5
         FROM (SELECT n, random() AS u, random() AS e FROM generate_series(1, {events}) n) r"
    )
}
