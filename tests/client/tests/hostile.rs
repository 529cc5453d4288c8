//! What a listening client is told of users and instants that are out of the ordinary.

use anyhow::Result;
use hogsend_client_tests::{cluster, with_extension};
use hogsend_harness::Options;
use serde_json::Value;

const USERS: [&str; 5] = [
    "it's \"quoted\" \\ and \\\\",
    "line\r\nend\ttab",
    "🦔 naïve \u{1}\u{7f}\u{202e}",
    "{s} $1 %s {\"id\":7}",
    " ",
];

/// As Postgres writes them, and as ISO 8601 does, which has no infinity.
const INSTANTS: [(&str, Option<&str>); 4] = [
    ("-infinity", None),
    (
        "4713-01-01 00:00+00 BC",
        Some("-4712-01-01T00:00:00.000000Z"),
    ),
    ("0001-01-01 00:00+00", Some("0001-01-01T00:00:00.000000Z")),
    (
        "1999-12-31 23:59:59.999999+00",
        Some("1999-12-31T23:59:59.999999Z"),
    ),
];

#[test]
fn payloads_carry_any_user_id() -> Result<()> {
    let database = with_extension(cluster(Options::default), "payload_users")?;
    let mut client = database.connect()?;
    client.batch_execute(
        "INSERT INTO buckets (id, criteria) VALUES ('openers', hogsend_event('app.opened'))",
    )?;
    let mut listener = database.listen("bucket_transitions")?;
    let longest = "é\"".repeat(666);
    for user in USERS.into_iter().chain([longest.as_str()]) {
        client.execute(
            "INSERT INTO user_events (user_id, event) VALUES ($1, 'app.opened')",
            &[&user],
        )?;
        let heard = listener.drain()?;
        assert_eq!(heard.len(), 1, "{user:?}: {heard:?}");
        let payload: Value = serde_json::from_str(&heard[0].payload)?;
        assert_eq!(payload["userId"], user);
        assert_eq!(payload["event"], "bucket:entered:openers");
        let key: String = client
            .query_one(
                "SELECT idempotency_key FROM bucket_transitions WHERE user_id = $1",
                &[&user],
            )?
            .get(0);
        assert_eq!(key, format!("bucket:openers:{user}:entered:1"));
    }
    Ok(())
}

#[test]
fn payloads_carry_any_instant() -> Result<()> {
    let database = with_extension(cluster(Options::default), "payload_instants")?;
    let mut client = database.connect()?;
    client.batch_execute(
        "INSERT INTO buckets (id, criteria) VALUES ('openers', hogsend_event('app.opened'))",
    )?;
    let mut listener = database.listen("bucket_transitions")?;
    for (number, (instant, expected)) in INSTANTS.into_iter().enumerate() {
        client.batch_execute(&format!(
            "INSERT INTO user_events (user_id, event, occurred_at)
             VALUES ('u{number}', 'app.opened', '{instant}')"
        ))?;
        let heard = listener.drain()?;
        let payload: Value = serde_json::from_str(&heard[0].payload)?;
        assert_eq!(payload["effectiveAt"].as_str(), expected, "{instant}");
    }
    Ok(())
}
