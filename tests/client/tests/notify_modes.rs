//! When there is a notification, how many there are, and what becomes of two-phase commit.

use anyhow::Result;
use hogsend_client_tests::{cluster, count, error_of, reconcile, with_extension};
use hogsend_harness::{Listener, Options, TestDatabase};
use postgres::Client;
use postgres::error::SqlState;
use serde_json::{Value, json};

/// A database with one bucket, those who opened the app, and somebody who listens.
struct Audience {
    client: Client,
    listener: Listener,
    database: TestDatabase<'static>,
}

impl Audience {
    fn new(name: &str) -> Result<Audience> {
        let database = with_extension(cluster(Options::default), name)?;
        let mut client = database.connect()?;
        client.batch_execute(
            "INSERT INTO buckets (id, criteria) VALUES ('openers', hogsend_event('app.opened'))",
        )?;
        let listener = database.listen("bucket_transitions")?;
        Ok(Audience {
            client,
            listener,
            database,
        })
    }

    /// What is heard of `sql`.
    fn hears(&mut self, sql: &str) -> Result<Vec<Value>> {
        self.client.batch_execute(sql)?;
        self.heard()
    }

    fn heard(&mut self) -> Result<Vec<Value>> {
        let heard = self.listener.drain()?;
        Ok(heard
            .iter()
            .map(|n| serde_json::from_str(&n.payload).expect("a payload is JSON"))
            .collect())
    }

    fn transitions(&mut self) -> Result<i64> {
        count(&mut self.client, "SELECT FROM bucket_transitions")
    }
}

/// An INSERT of `app.opened` by users `first` to `last`.
fn opened(first: u32, last: u32) -> String {
    format!(
        "INSERT INTO user_events (user_id, event)
         SELECT 'u' || n, 'app.opened' FROM generate_series({first}, {last}) AS n;"
    )
}

fn opened_by(user: &str) -> String {
    format!("INSERT INTO user_events (user_id, event) VALUES ({user}, 'app.opened');")
}

#[test]
fn wake_ups_are_folded_in_a_transaction_and_not_across() -> Result<()> {
    let mut audience = Audience::new("wake")?;
    audience
        .client
        .batch_execute("SET hogsend.notify = 'wake'")?;
    // However many statements, savepoints and transitions, and whatever their payloads would be.
    let heard = audience.hears(&format!(
        "BEGIN; {} SAVEPOINT s; {} RELEASE s; SAVEPOINT s; {} ROLLBACK TO s; {} {} COMMIT",
        opened(1, 2),
        opened(3, 3),
        opened(4, 4),
        opened(5, 205),
        opened_by("repeat(chr(1), 1400)")
    ))?;
    assert_eq!(heard, [json!({"wake": true})]);
    let heard = audience.hears(&format!(
        "BEGIN; {} COMMIT; {}",
        opened(300, 300),
        opened(301, 301)
    ))?;
    assert_eq!(heard, vec![json!({"wake": true}); 2]);
    Ok(())
}

#[test]
fn a_wake_up_counts_its_statement() -> Result<()> {
    let mut audience = Audience::new("counts")?;
    // Two statements of a hundred are told one by one, and in their order.
    let heard = audience.hears(&format!(
        "BEGIN; {} {} COMMIT",
        opened(1, 100),
        opened(101, 200)
    ))?;
    assert_eq!(heard.len(), 200);
    let ids: Vec<i64> = heard.iter().filter_map(|p| p["id"].as_i64()).collect();
    assert!(ids.is_sorted() && ids.len() == 200, "{ids:?}");
    // Of two wake-ups with the same count Postgres keeps one.
    let heard = audience.hears(&format!(
        "BEGIN; {} {} {} {} COMMIT",
        opened(1001, 1101),
        opened(2001, 2101),
        opened(3001, 3102),
        opened(4001, 4001)
    ))?;
    assert_eq!(heard.len(), 3, "{heard:?}");
    assert_eq!(heard[0], json!({"wake": true, "count": 101}));
    assert_eq!(heard[1], json!({"wake": true, "count": 102}));
    assert_eq!(heard[2]["userId"], "u4001");
    Ok(())
}

#[test]
fn the_clock_notifies_as_writers_do() -> Result<()> {
    let mut audience = Audience::new("clock")?;
    audience.client.batch_execute(
        "INSERT INTO buckets (id, criteria)
         VALUES ('lately', hogsend_event('app.opened', within => '1 hour'));
         SET hogsend.now = '2026-01-01 12:00';
         INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'u' || n, 'app.opened', CASE WHEN n <= 100 THEN '2026-01-01 11:30' ELSE '2026-01-01 11:45' END::timestamptz
         FROM generate_series(1, 201) AS n",
    )?;
    audience.heard()?;
    let heard =
        audience.hears("SET hogsend.now = '2026-01-01 12:31'; SELECT hogsend_reconcile()")?;
    assert_eq!(heard.len(), 100, "{heard:?}");
    assert!(heard.iter().all(|p| p["source"] == "reconcile"));
    let heard =
        audience.hears("SET hogsend.now = '2026-01-01 12:46'; SELECT hogsend_reconcile()")?;
    assert_eq!(heard, [json!({"wake": true, "count": 101})]);
    Ok(())
}

#[test]
fn one_byte_decides_whether_a_payload_is_too_long() -> Result<()> {
    let mut audience = Audience::new("limit")?;
    let short = audience.hears(&opened_by("'x'"))?;
    let overhead = short[0].to_string().len() - "x".len();
    let fits = 7900 - overhead;
    // An id has 2,000 bytes at most, and each of these takes six in JSON.
    let controls = 1200;
    let rest = fits - 6 * controls;
    let heard = audience.hears(&opened_by(&format!(
        "repeat(chr(1), {controls}) || repeat('y', {rest})"
    )))?;
    let heard = heard[0]["userId"].as_str().map(str::len);
    assert_eq!(heard, Some(controls + rest));
    // Bytes of the payload count, not its characters.
    for too_long in [
        &format!("repeat(chr(1), {controls}) || repeat('z', {rest} + 1)"),
        "repeat(chr(1), 1900)",
        &format!("repeat(chr(1), {controls}) || repeat('ü', {rest} / 2 + 1)"),
    ] {
        let heard = audience.hears(&opened_by(too_long))?;
        assert_eq!(heard, [json!({"wake": true, "count": 1})], "{too_long}");
    }
    // One that is too long takes the others of its statement along.
    let heard = audience.hears(
        "INSERT INTO user_events (user_id, event)
         VALUES ('a', 'app.opened'), (repeat(chr(2), 1400), 'app.opened'), ('b', 'app.opened')",
    )?;
    assert_eq!(heard, [json!({"wake": true, "count": 3})]);
    assert_eq!(audience.transitions()?, 8);
    Ok(())
}

/// Besides what is heard: a transaction that has notified, even of nothing, cannot be prepared.
#[test]
fn nothing_is_sent_when_nothing_changed() -> Result<()> {
    let mut audience = Audience::new("nothing")?;
    audience.client.batch_execute(
        "INSERT INTO buckets (id, criteria) VALUES
             ('fans', hogsend_event('app.opened', at_least => 100)),
             ('pros', hogsend_property('plan', 'eq', 'pro'));
         INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');",
    )?;
    audience.hears(&format!(
        "{} SELECT hogsend_add_member('beta', 'u1')",
        opened(1, 1)
    ))?;
    for mode in ["transition", "wake"] {
        audience
            .client
            .batch_execute(&format!("SET hogsend.notify = '{mode}'"))?;
        for sql in [
            // A member does it again; somebody does what no bucket asks for, or too rarely.
            &opened(1, 1),
            "INSERT INTO user_events (user_id, event) VALUES ('u2', 'page.viewed')",
            "INSERT INTO user_events (user_id, event) SELECT 'u3', 'page.viewed' FROM generate_series(1, 0)",
            "UPDATE contacts SET properties = properties, email = 'u1@example.org' WHERE user_id = 'u1'",
            "UPDATE contacts SET properties = '{\"plan\":\"free\"}' WHERE user_id = 'u1'",
            "SELECT hogsend_add_member('beta', 'u1'), hogsend_remove_member('beta', 'u2')",
            "SELECT hogsend_reconcile()",
            // It is only noted down.
            "SET LOCAL hogsend.evaluate = off; INSERT INTO user_events (user_id, event) VALUES ('u4', 'app.opened')",
            // Members who are deleted go in silence, and so do their rows.
            "UPDATE contacts SET deleted_at = now() WHERE user_id = 'u1'",
            "SELECT hogsend_forget_user('u1')",
            // Whoever matches a new bucket is in it silently.
            "INSERT INTO buckets (id, criteria) VALUES ('viewers', hogsend_event('page.viewed'))",
        ] {
            let heard = audience.hears(&format!("BEGIN; {sql}; PREPARE TRANSACTION 'nothing'"))?;
            audience
                .client
                .batch_execute("ROLLBACK PREPARED 'nothing'")?;
            assert!(heard.is_empty(), "{mode}: {sql}: {heard:?}");
        }
    }
    assert_eq!(audience.transitions()?, 2);
    Ok(())
}

#[test]
fn an_entry_that_the_limit_suppresses_is_not_told() -> Result<()> {
    let mut audience = Audience::new("suppressed")?;
    audience.client.batch_execute(
        "DELETE FROM buckets;
         INSERT INTO buckets (id, criteria, entry_limit, entry_period) VALUES
             ('once', hogsend_property('on', 'eq', true), 'once', NULL),
             ('daily', hogsend_property('on', 'eq', true), 'once_per_period', '1 day')",
    )?;
    for mode in ["transition", "wake"] {
        audience
            .client
            .batch_execute(&format!("SET hogsend.notify = '{mode}'"))?;
        let mut switch = |on: bool| {
            audience.hears(&format!(
                "BEGIN;
                 INSERT INTO contacts (user_id, properties) VALUES ('{mode}', '{{\"on\":{on}}}')
                 ON CONFLICT (user_id) DO UPDATE SET properties = EXCLUDED.properties;
                 COMMIT"
            ))
        };
        let both = if mode == "wake" { 1 } else { 2 };
        assert_eq!(switch(true)?.len(), both, "{mode}: the first entry");
        assert_eq!(switch(false)?.len(), both, "{mode}: the leave");
        assert!(
            switch(true)?.is_empty(),
            "{mode}: the entry that is not told"
        );
        assert_eq!(
            switch(false)?.len(),
            both,
            "{mode}: the leave is told all the same"
        );
    }
    assert_eq!(audience.transitions()?, 2 * 2 * 3);
    Ok(())
}

#[test]
fn without_notifications_transactions_can_be_prepared() -> Result<()> {
    let mut audience = Audience::new("two_phase_off")?;
    audience
        .client
        .batch_execute("SET hogsend.notify = 'off'; SELECT hogsend_subscribe('runner')")?;
    let poll = "SELECT FROM hogsend_poll('runner')";
    for end in ["ROLLBACK", "COMMIT"] {
        audience.client.batch_execute(&format!(
            "BEGIN; {} SAVEPOINT s; {} RELEASE s; PREPARE TRANSACTION 'off'",
            opened(1, 1),
            opened(2, 2)
        ))?;
        assert_eq!(audience.transitions()?, 0);
        assert_eq!(count(&mut audience.client, poll)?, 0);
        // Another session decides, as a transaction manager does.
        audience
            .database
            .connect()?
            .batch_execute(&format!("{end} PREPARED 'off'"))?;
        let kept = if end == "COMMIT" { 2 } else { 0 };
        for table in [
            "user_events",
            "contacts",
            "bucket_memberships",
            "bucket_transitions",
        ] {
            let rows = count(&mut audience.client, &format!("SELECT FROM {table}"))?;
            assert_eq!(rows, kept, "{table} after {end} PREPARED");
        }
        assert_eq!(count(&mut audience.client, poll)?, kept);
    }
    assert!(audience.heard()?.is_empty());
    // Whom it had locked is free again.
    let delete = "DELETE FROM user_events; SELECT hogsend_reconcile()";
    audience.client.batch_execute(delete)?;
    assert_eq!(audience.transitions()?, 4);
    Ok(())
}

/// Postgres cannot prepare what has notified. It says so, and nothing is half done.
#[test]
fn with_notifications_postgres_refuses_to_prepare() -> Result<()> {
    let mut audience = Audience::new("two_phase")?;
    for mode in ["transition", "wake"] {
        audience.client.batch_execute(&format!(
            "SET hogsend.notify = '{mode}'; BEGIN; {}",
            opened(1, 2)
        ))?;
        let shown = error_of(&mut audience.client, "PREPARE TRANSACTION 'on'");
        assert_eq!(shown.code, SqlState::FEATURE_NOT_SUPPORTED);
        assert!(shown.message.contains("NOTIFY"), "{shown:?}");
        for rows in [
            "user_events",
            "contacts",
            "bucket_memberships",
            "bucket_transitions",
            "bucket_timers",
            "pg_prepared_xacts WHERE database = current_database()",
        ] {
            let left = count(&mut audience.client, &format!("SELECT FROM {rows}"))?;
            assert_eq!(left, 0, "{rows} in mode {mode}");
        }
        assert!(audience.heard()?.is_empty());
    }
    // The session goes on, and the same without PREPARE is told.
    reconcile(&mut audience.client)?;
    audience
        .client
        .batch_execute("SET hogsend.notify = 'transition'")?;
    assert_eq!(
        audience
            .hears(&format!("BEGIN; {} COMMIT", opened(1, 2)))?
            .len(),
        2
    );
    Ok(())
}
