//! Trying things out in a transaction that is rolled back: nobody hears of it.
//! What it shows and that it leaves no row is tests/pg_regress/sql/what_if.sql.

use anyhow::Result;
use hogsend_client_tests::{cluster, count, with_extension};
use hogsend_harness::{Listener, Options, TestDatabase};
use postgres::Client;

/// A changed definition ends a stay, an event begins one, and the clock ends two.
const WHAT_IF: &str = "
    SELECT hogsend_define_bucket('active', hogsend_event('app.opened', within => '3 days'));
    INSERT INTO user_events (user_id, event, occurred_at)
    VALUES ('u3', 'app.opened', '2026-01-10 12:00+00');
    SET LOCAL hogsend.now = '2026-01-14 12:00+00';
    SELECT * FROM hogsend_reconcile();
";

/// Two members, one of whom would not be in a window of three days; and what they have caused is
/// heard already.
fn prepare(name: &str) -> Result<(TestDatabase<'static>, Client, Listener)> {
    let database = with_extension(cluster(Options::default), name)?;
    let mut client = database.connect()?;
    client.batch_execute(
        "SET hogsend.now = '2026-01-10 12:00+00';
         SELECT hogsend_define_bucket('active', hogsend_event('app.opened', within => '7 days'));
         INSERT INTO user_events (user_id, event, occurred_at)
         VALUES ('u1', 'app.opened', '2026-01-10 12:00+00'), ('u2', 'app.opened', '2026-01-05 12:00+00')",
    )?;
    let listener = database.listen("bucket_transitions")?;
    Ok((database, client, listener))
}

fn transitions(client: &mut Client) -> Result<i64> {
    count(client, "SELECT FROM bucket_transitions")
}

#[test]
fn a_rollback_is_heard_by_nobody() -> Result<()> {
    let (_database, mut client, mut listener) = prepare("what_if_rollback")?;
    client.batch_execute(&format!("BEGIN; {WHAT_IF}"))?;
    assert_eq!(transitions(&mut client)?, 2 + 4, "seen from inside");
    client.batch_execute("ROLLBACK")?;
    assert_eq!(transitions(&mut client)?, 2);
    assert!(listener.drain()?.is_empty());

    // Committed, the same is heard: the silence above means something.
    client.batch_execute(&format!("BEGIN; {WHAT_IF} COMMIT"))?;
    assert_eq!(listener.drain()?.len(), 4);
    Ok(())
}

/// The listener may be the very session that tries things out.
#[test]
fn the_session_itself_hears_nothing() -> Result<()> {
    let (_database, _client, mut listener) = prepare("what_if_own_session")?;
    let what_if = format!("SET hogsend.now = '2026-01-10 12:00+00'; BEGIN; {WHAT_IF}");
    listener
        .client()
        .batch_execute(&format!("{what_if} ROLLBACK"))?;
    assert!(listener.drain()?.is_empty());
    listener
        .client()
        .batch_execute(&format!("{what_if} COMMIT"))?;
    assert_eq!(listener.drain()?.len(), 4);
    Ok(())
}
