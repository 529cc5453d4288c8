//! What a listener hears of journeys: a notification a step, among those of the transitions, and no more of anybody
//! than of those.

use anyhow::Result;
use hogsend_client_tests::{cluster, reconcile, with_extension};
use hogsend_harness::{Listener, Options, TestDatabase};
use postgres::Client;
use serde_json::{Value, json};

fn prepare(name: &str) -> Result<(TestDatabase<'static>, Client, Listener)> {
    let database = with_extension(cluster(Options::default), name)?;
    let mut client = database.connect()?;
    client.batch_execute(
        "SET client_min_messages = warning;
         SELECT hogsend_define_bucket('openers', hogsend_event('app.opened'));
         SELECT hogsend_define_journey('care', '{bucket:entered:openers}', '{gone}')",
    )?;
    let listener = database.listen("bucket_transitions")?;
    Ok((database, client, listener))
}

fn payloads(listener: &mut Listener) -> Result<Vec<Value>> {
    let heard = listener.drain()?;
    Ok(heard
        .iter()
        .map(|n| serde_json::from_str(&n.payload).expect("a payload is JSON"))
        .collect())
}

fn run_of(client: &mut Client, user: &str) -> Result<i64> {
    let run = "SELECT id FROM journey_runs WHERE user_id = $1";
    Ok(client.query_one(run, &[&user])?.get(0))
}

/// What is said of the last step, by the outbox.
fn last_step(client: &mut Client) -> Result<Value> {
    let row = client.query_one(
        "SELECT jsonb_build_object('id', id, 'event', event, 'journeyId', journey_id, 'runId', run_id, 'userId', user_id,
                    'transition', transition, 'entryCount', entry_count, 'label', label, 'timedOut', timed_out,
                    'reason', reason, 'source', source,
                    'effectiveAt', to_char(effective_at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"'))::text
         FROM bucket_transitions WHERE journey_id IS NOT NULL ORDER BY id DESC LIMIT 1",
        &[],
    )?;
    Ok(serde_json::from_str(row.get(0))?)
}

#[test]
fn each_step_is_heard_after_the_transition_that_causes_it() -> Result<()> {
    let (_database, mut client, mut listener) = prepare("steps_heard")?;
    client.batch_execute(
        "INSERT INTO user_events (user_id, event, user_email, contact_properties, properties)
         VALUES ('ann', 'app.opened', 'ann@example.org', '{\"plan\":\"secret\"}', '{\"page\":\"secret\"}')",
    )?;
    let heard = payloads(&mut listener)?;
    assert_eq!(heard.len(), 2, "{heard:?}");
    assert_eq!(heard[0]["event"], "bucket:entered:openers");
    assert_eq!(heard[1], last_step(&mut client)?);
    assert_eq!(heard[1]["event"], "journey:started:care");
    assert_eq!(heard[1]["reason"], "bucket:entered:openers");

    // The runner hears nothing of what it says itself.
    let run = run_of(&mut client, "ann")?;
    client.batch_execute(&format!(
        "SELECT hogsend_wait_for({run}, 'app.closed', '2 days', 'first mail', state => '{{\"offer\": \"secret\"}}')"
    ))?;
    assert_eq!(payloads(&mut listener)?, Vec::<Value>::new());

    client.batch_execute("INSERT INTO user_events (user_id, event, properties) VALUES ('ann', 'app.closed', '{\"page\":\"secret\"}')")?;
    let heard = payloads(&mut listener)?;
    assert_eq!(heard, [last_step(&mut client)?]);
    assert_eq!(heard[0]["timedOut"], false);
    assert_eq!(heard[0]["label"], "first mail");

    client.batch_execute(&format!(
        "SELECT hogsend_wait_for({run}, 'app.closed', '0 seconds', 'second mail')"
    ))?;
    reconcile(&mut client)?;
    let heard = payloads(&mut listener)?;
    assert_eq!(heard, [last_step(&mut client)?]);
    assert_eq!(heard[0]["timedOut"], true);
    assert_eq!(heard[0]["reason"], Value::Null);
    assert_eq!(heard[0]["source"], "reconcile");

    client.batch_execute("DELETE FROM journeys")?;
    let heard = payloads(&mut listener)?;
    assert_eq!(heard, [last_step(&mut client)?]);
    assert_eq!(heard[0]["event"], "journey:exited:care");
    assert_eq!(heard[0]["reason"], "journeyDeleted");
    let all = serde_json::to_string(&heard)?;
    assert!(!all.contains("secret"), "{all}");
    Ok(())
}

#[test]
fn a_step_counts_as_one_when_there_are_too_many() -> Result<()> {
    let (_database, mut client, mut listener) = prepare("steps_counted")?;
    let opened = |from: u32, to: u32| {
        format!(
            "INSERT INTO user_events (user_id, event) SELECT 'u' || n, 'app.opened' FROM generate_series({from}, {to}) n"
        )
    };
    client.batch_execute(&opened(1, 50))?;
    assert_eq!(payloads(&mut listener)?.len(), 100);
    client.batch_execute(&opened(51, 101))?;
    let heard = payloads(&mut listener)?;
    assert_eq!(heard, [json!({"wake": true, "count": 102})]);
    // Whose id is too long for one wakes whoever listens.
    client.batch_execute(
        "INSERT INTO user_events (user_id, event) VALUES (repeat('u', 2000), 'app.opened')",
    )?;
    assert_eq!(payloads(&mut listener)?.len(), 2);
    client.batch_execute(
        "INSERT INTO user_events (user_id, event) VALUES (repeat(chr(1), 1500), 'app.opened')",
    )?;
    let heard = payloads(&mut listener)?;
    assert_eq!(heard, [json!({"wake": true, "count": 2})]);

    client.batch_execute("SET hogsend.notify = 'wake'")?;
    client.batch_execute(
        "INSERT INTO user_events (user_id, event) VALUES ('u1', 'gone'), ('u2', 'gone')",
    )?;
    assert_eq!(payloads(&mut listener)?, [json!({"wake": true})]);
    client.batch_execute("SET hogsend.notify = 'off'")?;
    client.batch_execute("INSERT INTO user_events (user_id, event) VALUES ('u3', 'gone')")?;
    assert_eq!(payloads(&mut listener)?, Vec::<Value>::new());
    let ended = "SELECT FROM journey_runs WHERE status = 'exited'";
    assert_eq!(client.query(ended, &[])?.len(), 3);
    Ok(())
}
