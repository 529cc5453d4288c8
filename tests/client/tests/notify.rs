//! What a listening client hears, and what it must not hear.

use anyhow::Result;
use hogsend_client_tests::{cluster, count, with_extension};
use hogsend_harness::{Listener, Options, TestDatabase};
use postgres::Client;
use serde_json::Value;

/// A database with one bucket: those who opened the app.
fn prepare(name: &str) -> Result<(TestDatabase<'static>, Client, Listener)> {
    let database = with_extension(cluster(Options::default), name)?;
    let mut client = database.connect()?;
    client.batch_execute(
        "INSERT INTO buckets (id, criteria) VALUES ('openers', hogsend_event('app.opened'))",
    )?;
    let listener = database.listen("bucket_transitions")?;
    Ok((database, client, listener))
}

/// An INSERT of `app.opened` by users `first` to `last`.
fn opened(first: u32, last: u32) -> String {
    format!(
        "INSERT INTO user_events (user_id, event)
         SELECT 'u' || n, 'app.opened' FROM generate_series({first}, {last}) AS n;"
    )
}

fn payloads(listener: &mut Listener) -> Result<Vec<Value>> {
    let heard = listener.drain()?;
    assert!(heard.iter().all(|n| n.channel == "bucket_transitions"));
    Ok(heard
        .iter()
        .map(|n| serde_json::from_str(&n.payload).expect("a payload is JSON"))
        .collect())
}

#[test]
fn one_notification_a_transition() -> Result<()> {
    let (_database, mut client, mut listener) = prepare("one_a_transition")?;
    client.batch_execute(
        "INSERT INTO user_events (user_id, event, occurred_at, user_email, contact_properties)
         VALUES ('ann', 'app.opened', '2026-01-02 03:04:05.678901+00', 'ann@example.org',
                 '{\"plan\":\"secret\"}')",
    )?;
    let heard = payloads(&mut listener)?;
    assert_eq!(heard.len(), 1, "{heard:?}");
    let payload = heard[0].as_object().expect("an object");
    let mut keys: Vec<&str> = payload.keys().map(String::as_str).collect();
    keys.sort_unstable();
    assert_eq!(
        keys,
        [
            "bucketId",
            "effectiveAt",
            "entryCount",
            "event",
            "id",
            "reason",
            "source",
            "transition",
            "userId"
        ],
        "no more than this: a channel has no access control"
    );
    let row = client.query_one(
        "SELECT id, effective_at = $1::text::timestamptz FROM bucket_transitions",
        &[&payload["effectiveAt"].as_str()],
    )?;
    assert_eq!(payload["id"], row.get::<_, i64>(0));
    assert!(row.get::<_, bool>(1));
    assert_eq!(payload["event"], "bucket:entered:openers");
    assert_eq!(payload["bucketId"], "openers");
    assert_eq!(payload["userId"], "ann");
    assert_eq!(payload["transition"], "entered");
    assert_eq!(payload["entryCount"], 1);
    assert_eq!(payload["source"], "event");

    // A member who only opens it again changes nothing.
    client
        .batch_execute("INSERT INTO user_events (user_id, event) VALUES ('ann', 'app.opened')")?;
    assert!(payloads(&mut listener)?.is_empty());

    client.batch_execute("DELETE FROM user_events WHERE user_id = 'ann'")?;
    let heard = payloads(&mut listener)?;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0]["event"], "bucket:left:openers");
    assert_eq!(heard[0]["reason"], "criteria");
    Ok(())
}

#[test]
fn nothing_of_what_was_rolled_back() -> Result<()> {
    let (_database, mut client, mut listener) = prepare("rolled_back")?;
    client.batch_execute(&format!("BEGIN; {} ROLLBACK", opened(1, 3)))?;
    assert!(payloads(&mut listener)?.is_empty());
    client.batch_execute(&format!(
        "BEGIN; {} SAVEPOINT s; {} ROLLBACK TO SAVEPOINT s; {} COMMIT",
        opened(1, 1),
        opened(2, 2),
        opened(3, 3)
    ))?;
    let users: Vec<Value> = payloads(&mut listener)?
        .iter()
        .map(|p| p["userId"].clone())
        .collect();
    assert_eq!(users, ["u1", "u3"], "in the order of the statements");
    assert_eq!(count(&mut client, "SELECT FROM bucket_transitions")?, 2);
    Ok(())
}

#[test]
fn nothing_before_the_commit() -> Result<()> {
    let (_database, mut client, mut listener) = prepare("before_commit")?;
    client.batch_execute(&format!("BEGIN; {}", opened(1, 1)))?;
    assert!(payloads(&mut listener)?.is_empty());
    client.batch_execute("COMMIT")?;
    assert_eq!(payloads(&mut listener)?.len(), 1);
    Ok(())
}

#[test]
fn the_mode_can_be_chosen() -> Result<()> {
    let (_database, mut client, mut listener) = prepare("modes")?;
    client.batch_execute("SET hogsend.notify = 'wake'")?;
    client.batch_execute(&format!("BEGIN; {} {} COMMIT", opened(1, 2), opened(3, 3)))?;
    let heard = payloads(&mut listener)?;
    assert_eq!(heard.len(), 1, "one a transaction: {heard:?}");
    assert_eq!(heard[0]["wake"], true);

    client.batch_execute("SET hogsend.notify = 'off'")?;
    client.batch_execute(&opened(4, 5))?;
    assert!(payloads(&mut listener)?.is_empty());
    // Two-phase commit refuses a transaction that has notified.
    client.batch_execute(&format!("BEGIN; {} PREPARE TRANSACTION 'p'", opened(6, 6)))?;
    client.batch_execute("COMMIT PREPARED 'p'")?;

    client.batch_execute("SET hogsend.notify = 'transition'")?;
    client.batch_execute(&opened(7, 8))?;
    assert_eq!(payloads(&mut listener)?.len(), 2);
    assert_eq!(count(&mut client, "SELECT FROM bucket_transitions")?, 8);
    Ok(())
}

#[test]
fn many_at_once_are_one_wake_up() -> Result<()> {
    let (_database, mut client, mut listener) = prepare("many")?;
    client.batch_execute(&opened(1, 100))?;
    assert_eq!(payloads(&mut listener)?.len(), 100);
    client.batch_execute(&opened(101, 201))?;
    let heard = payloads(&mut listener)?;
    assert_eq!(heard.len(), 1, "{heard:?}");
    assert_eq!(heard[0], serde_json::json!({"wake": true, "count": 101}));
    assert_eq!(count(&mut client, "SELECT FROM bucket_transitions")?, 201);
    Ok(())
}

#[test]
fn a_payload_too_long_for_postgres_is_a_wake_up() -> Result<()> {
    let (_database, mut client, mut listener) = prepare("long")?;
    // Postgres refuses 8,000 bytes, and the INSERT must not fail for that. Each takes six in JSON.
    client.batch_execute(
        "INSERT INTO user_events (user_id, event) VALUES (repeat(chr(1), 1400), 'app.opened')",
    )?;
    let heard = payloads(&mut listener)?;
    assert_eq!(heard, [serde_json::json!({"wake": true, "count": 1})]);
    Ok(())
}
