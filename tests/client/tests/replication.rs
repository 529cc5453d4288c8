//! Other servers with the same rows: a physical copy, a streaming standby that is promoted, a
//! subscriber of logical replication; and sessions that fire no triggers.

use anyhow::{Context, Result, bail};
use hogsend_client_tests::carried::{Before, works};
use hogsend_client_tests::{cluster, count, error_of, reconcile, specimen, with_extension};
use hogsend_harness::{Cluster, Options, TestDatabase};
use postgres::Client;
use postgres::error::SqlState;
use std::time::{Duration, Instant};

fn primary() -> &'static Cluster {
    cluster(|| Options::default().set("wal_level", "logical"))
}

fn prepare(name: &str) -> Result<TestDatabase<'static>> {
    let database = with_extension(primary(), name)?;
    specimen::fill(&mut database.connect()?, "")?;
    Ok(database)
}

/// Until `satisfied`, or a minute has passed.
fn wait_for(what: &str, mut satisfied: impl FnMut() -> Result<bool>) -> Result<()> {
    let deadline = Instant::now() + Duration::from_secs(60);
    while !satisfied()? {
        if Instant::now() > deadline {
            bail!("{what}: not within a minute");
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

#[test]
fn a_standby_can_be_read_and_goes_on_when_it_is_promoted() -> Result<()> {
    let source = prepare("standby")?;
    let standby = source.cluster.standby()?;
    let mut writer = source.connect()?;
    writer.batch_execute(
        "INSERT INTO user_events (user_id, event) VALUES ('seen', 'buy'), ('seen', 'buy')",
    )?;
    let before = Before::of(&mut writer)?;
    standby.catch_up(source.cluster)?;
    let mut client = standby.connect("standby")?;
    before.is_whole(&mut client)?;
    let row = client.query_one(
        "SELECT hogsend_has('loyal', 'seen'), hogsend_matches('loyal', 'seen'), hogsend_count('loyal'),
                (SELECT count(*) FROM hogsend_members('loyal', 100)),
                (SELECT count(*) FROM hogsend_explain('loyal', 'seen')),
                (SELECT active FROM bucket_stats WHERE bucket_id = 'loyal'),
                (SELECT rows_behind FROM bucket_lag WHERE consumer = 'mailer' AND shard = 0)",
        &[],
    )?;
    assert!(row.get::<_, bool>(0) && row.get::<_, bool>(1));
    let members: i64 = row.get(2);
    assert!(members > 0 && row.get::<_, i64>(3) > 0 && row.get::<_, i64>(4) > 0);
    assert_eq!(row.get::<_, i64>(5), members);
    assert!(row.get::<_, i64>(6) > 0);
    for call in [
        "SELECT hogsend_reconcile()",
        "SELECT * FROM hogsend_poll('mailer', shard => 0)",
        "SELECT hogsend_ingest('u1', 'buy')",
        "INSERT INTO user_events (user_id, event) VALUES ('u1', 'buy')",
    ] {
        let error = error_of(&mut client, call);
        assert_eq!(
            error.code,
            SqlState::READ_ONLY_SQL_TRANSACTION,
            "{call}: {error:?}"
        );
    }

    // What the consumer of the primary has taken when it dies is not given out again, and what it
    // has not is.
    let mut read = before.acknowledged.clone();
    let batch = writer.query(
        "SELECT batch, idempotency_key FROM hogsend_poll('mailer', 30, shard => 0)",
        &[],
    )?;
    let token: i64 = batch.first().context("nothing to deliver")?.get(0);
    writer.execute("SELECT hogsend_ack('mailer', $1)", &[&token])?;
    read.extend(batch.iter().map(|row| row.get::<_, String>(1)));
    let of_buckets = "SELECT FROM bucket_transitions WHERE event LIKE 'bucket:%'";
    let all: i64 = count(&mut writer, of_buckets)?;
    standby.catch_up(source.cluster)?;
    client.batch_execute("SELECT pg_promote()")?;

    // The session that has read from the standby now writes.
    let told = specimen::read_on(&mut client)?;
    assert!(told.is_disjoint(&read), "something is delivered again");
    assert_eq!(told.len() + read.len(), all as usize, "something is lost");
    works(&mut client)?;
    let next = client.query_one(
        "INSERT INTO user_events (user_id, event) VALUES ('u0', 'buy')
         RETURNING id > (SELECT max(id) FROM user_events)",
        &[],
    )?;
    assert!(next.get::<_, bool>(0));
    Ok(())
}

#[test]
fn a_physical_copy_goes_on_by_itself() -> Result<()> {
    let source = prepare("physical")?;
    let before = Before::of(&mut source.connect()?)?;
    let copy = source.cluster.copy()?;
    let mut client = copy.connect("physical")?;
    before.is_whole(&mut client)?;
    let unread = specimen::read_on(&mut source.connect()?)?;
    works(&mut client)?;
    let told = specimen::read_on(&mut client)?;
    assert!(unread.is_subset(&told) && told.is_disjoint(&before.acknowledged));
    Ok(())
}

/// The subscriber gets what the publisher decided and decides nothing itself.
#[test]
fn a_subscriber_evaluates_nothing_until_it_takes_over() -> Result<()> {
    let source = prepare("publisher")?;
    let mut publisher = source.connect()?;
    publisher.batch_execute(
        "CREATE PUBLICATION hogsend FOR TABLE buckets, contacts, user_events, bucket_memberships,
             bucket_timers, bucket_transitions, bucket_consumers, bucket_positions, bucket_jobs,
             user_queue, bucket_refreshes, bucket_holdouts, bucket_totals, bucket_counts, bucket_erasures, user_aliases, feeds, feed_notes, journeys, journey_runs",
    )?;
    let target = with_extension(source.cluster, "subscriber")?;
    let mut subscriber = target.connect()?;
    // A slot within one server is made beforehand, because making it waits for all transactions.
    publisher.batch_execute(
        "SELECT pg_create_logical_replication_slot('hogsend_subscriber', 'pgoutput')",
    )?;
    let mut listener = target.listen("bucket_transitions")?;
    let address = source.cluster.environment("publisher");
    subscriber.batch_execute(&format!(
        "ALTER TABLE contacts ADD COLUMN score int DEFAULT 7;
         CREATE SUBSCRIPTION hogsend_subscriber
             CONNECTION 'host={} port={} user={} dbname={}' PUBLICATION hogsend
             WITH (create_slot = false, slot_name = 'hogsend_subscriber')",
        address[0].1, address[1].1, address[2].1, address[3].1
    ))?;
    let same = |subscriber: &mut Client, publisher: &mut Client| -> Result<()> {
        let expected = specimen::contents(publisher)?;
        wait_for("the subscriber is not where the publisher is", || {
            let rows = "SELECT FROM bucket_transitions";
            if count(subscriber, rows)? != expected["bucket_transitions"].0 {
                return Ok(false);
            }
            Ok(specimen::differing(&expected, &specimen::contents(subscriber)?).is_empty())
        })
    };
    same(&mut subscriber, &mut publisher)?;

    // Joins, leaves, patches, corrections and the clock; a bucket that is new, one that goes.
    publisher.batch_execute(
        "INSERT INTO user_events (user_id, event, contact_properties)
         VALUES ('new', 'buy', '{\"plan\":\"trial\"}'), ('new', 'buy', NULL), ('u1', 'buy', NULL);
         DELETE FROM user_events WHERE user_id = 'u3';
         INSERT INTO buckets (id, criteria) VALUES ('late', hogsend_event('buy', within => '2 days'));
         DELETE FROM buckets WHERE id = 'trial'",
    )?;
    reconcile(&mut publisher)?;
    same(&mut subscriber, &mut publisher)?;
    // Nor does its clock do anything, and nobody there was told of anything.
    subscriber.batch_execute(
        "SET client_min_messages = error; SELECT hogsend_reconcile(); RESET client_min_messages",
    )?;
    same(&mut subscriber, &mut publisher)?;
    assert!(listener.drain()?.is_empty());
    let suspended = "SELECT FROM hogsend_health() WHERE \"check\" = 'suspended' AND NOT ok";
    assert_eq!(count(&mut subscriber, suspended)?, 1);

    // The control: with triggers that fire, the two are not the same.
    let expected = specimen::contents(&mut publisher)?;
    subscriber.batch_execute(
        "BEGIN; SELECT hogsend_adopt();
         INSERT INTO user_events (id, user_id, event) VALUES (-1, 'twice', 'buy'), (-2, 'twice', 'buy')",
    )?;
    let found = specimen::contents(&mut subscriber)?;
    let differ = specimen::differing(&expected, &found);
    assert!(differ.contains(&"bucket_memberships") && differ.contains(&"bucket_transitions"));
    subscriber.batch_execute("ROLLBACK")?;
    same(&mut subscriber, &mut publisher)?;

    // It takes over: numbers go on after those that came, or consumers would miss what is new.
    let read = specimen::acknowledged(&mut publisher)?;
    subscriber.batch_execute(
        "ALTER SUBSCRIPTION hogsend_subscriber DISABLE;
         ALTER SUBSCRIPTION hogsend_subscriber SET (slot_name = NONE);
         DROP SUBSCRIPTION hogsend_subscriber",
    )?;
    let unread = specimen::read_on(&mut publisher)?;
    subscriber.batch_execute("SELECT hogsend_adopt()")?;
    works(&mut subscriber)?;
    let told = specimen::read_on(&mut subscriber)?;
    assert!(unread.is_subset(&told) && told.is_disjoint(&read));
    assert!(told.contains("bucket:loyal:latest:entered:1"));
    wait_for("the slot is in use", || {
        let drop = "SELECT pg_drop_replication_slot('hogsend_subscriber')";
        Ok(publisher.batch_execute(drop).is_ok())
    })
}

#[test]
fn a_session_without_triggers_leaves_what_can_be_caught_up_with() -> Result<()> {
    let database = prepare("replica_role")?;
    let mut client = database.connect()?;
    works(&mut client)?;
    let before = specimen::contents(&mut client)?;
    client.batch_execute(
        "SET session_replication_role = replica;
         INSERT INTO user_events (user_id, event) SELECT u, 'buy' FROM unnest('{late,u0}'::text[]) u, generate_series(1, 3);
         INSERT INTO contacts (user_id, properties) VALUES ('late', '{\"plan\":\"trial\"}');
         UPDATE contacts SET properties = '{}' WHERE user_id = 'u3';
         DELETE FROM contacts WHERE user_id = 'u6';
         RESET session_replication_role",
    )?;
    // All of it is stored, and nothing else has happened.
    assert_eq!(
        specimen::differing(&before, &specimen::contents(&mut client)?),
        ["contacts", "user_events"]
    );
    let differ = specimen::verify(&mut client)?;
    for fact in [
        "loyal late not a member member",
        "trial late not a member member",
        "u6 member not a member",
    ] {
        assert!(
            differ.iter().any(|d| d.contains(fact)),
            "{fact}: {differ:?}"
        );
    }
    // The next event of a user counts what came so; enabling looks at everybody.
    client.batch_execute(
        "INSERT INTO user_events (user_id, event) VALUES ('late', 'other'), ('late', 'buy')",
    )?;
    let joined = "SELECT FROM bucket_members WHERE bucket_id = 'loyal' AND user_id = 'late'";
    assert_eq!(count(&mut client, joined)?, 1);
    client.batch_execute(
        "BEGIN;
         UPDATE buckets SET enabled = false WHERE kind = 'dynamic';
         UPDATE buckets SET enabled = true WHERE kind = 'dynamic';
         COMMIT",
    )?;
    reconcile(&mut client)?;
    // A contact that went in this way is looked at by nobody; erasing the user helps.
    let differ = specimen::verify(&mut client)?;
    assert!(differ.iter().all(|d| d.contains(" u6 ")), "{differ:?}");
    client.batch_execute("SELECT hogsend_forget_user('u6')")?;
    assert!(specimen::verify(&mut client)?.is_empty());
    Ok(())
}
