//! What a preview says a definition would do, against defining; and that previews, verification and
//! health checks write nothing and can be asked of a standby.

use anyhow::{Context, Result, ensure};
use hogsend_client_tests::users::{EVENTS, NOW, User, WORLD, store};
use hogsend_client_tests::{cluster, count, reconcile, with_extension};
use hogsend_harness::{Cluster, Options, TestDatabase};
use hogsend_model::{Node, Random};
use postgres::{Client, Row};
use std::collections::BTreeSet;

const ALL: i32 = 10_000;

fn prepare(name: &str, users: usize) -> Result<(TestDatabase<'static>, Client, Random)> {
    prepare_in(cluster(Options::default), name, users)
}

fn prepare_in<'c>(
    cluster: &'c Cluster,
    name: &str,
    users: usize,
) -> Result<(TestDatabase<'c>, Client, Random)> {
    let database = with_extension(cluster, name)?;
    let mut client = database.connect()?;
    client.batch_execute(&format!("SET hogsend.now = '{NOW}'"))?;
    let mut random = Random::ordinary();
    let users: Vec<User> = (0..users).map(|n| User::random(&mut random, n)).collect();
    store(&mut client, &users)?;
    Ok((database, client, random))
}

/// Asks in a transaction that can only read, and makes sure that not even a number was taken.
fn ask(client: &mut Client, question: &str) -> Result<Row> {
    let mut transaction = client.build_transaction().read_only(true).start()?;
    let answer = transaction
        .query_one(question, &[])
        .with_context(|| question.to_owned())?;
    let assigned = "SELECT pg_current_xact_id_if_assigned() IS NOT NULL";
    let assigned: bool = transaction.query_one(assigned, &[])?.get(0);
    ensure!(!assigned, "a transaction id was taken by {question}");
    transaction.commit()?;
    Ok(answer)
}

fn members(client: &mut Client, bucket: &str) -> Result<BTreeSet<String>> {
    let query = "SELECT user_id FROM bucket_memberships WHERE bucket_id = $1 AND status = 'active'";
    let rows = client.query(query, &[&bucket])?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

#[test]
fn a_preview_is_what_defining_does() -> Result<()> {
    let (_database, mut client, mut random) = prepare("preview", 3000)?;
    let mut matched = 0;
    for number in 0..60 {
        let tree = Node::criteria(&mut random, &WORLD);
        let (bucket, json) = (format!("b{number:02}"), tree.json(&mut random));
        let size = random.below(30);
        let preview = format!("SELECT matches, sample FROM hogsend_preview('{json}', {size})");
        let preview = ask(&mut client, &preview)?;
        let limit = if number % 2 == 0 { 1_000_000 } else { 0 };
        client.batch_execute(&format!(
            "SET hogsend.inline_backfill = {limit};
             INSERT INTO buckets (id, criteria) VALUES ('{bucket}', '{json}')"
        ))?;
        client.batch_execute(&format!("CALL hogsend_backfill('{bucket}')"))?;
        let members = members(&mut client, &bucket)?;
        assert_eq!(preview.get::<_, i64>(0), members.len() as i64, "{tree:?}");
        let first: Vec<String> = members.into_iter().take(size).collect();
        assert_eq!(preview.get::<_, Vec<String>>(1), first, "{tree:?}");
        matched += preview.get::<_, i64>(0);
    }
    assert!(matched > 10_000, "{matched} matches prove little");
    Ok(())
}

/// A bucket in use, with stays of every age, some of which have ended, and with timers that are due.
fn use_bucket(client: &mut Client, random: &mut Random, bucket: &str) -> Result<()> {
    let tree = Node::criteria(random, &WORLD).json(random);
    let min_dwell = random.pick(&["NULL", "'1 day'", "'3 days'"]);
    let max_dwell = random.pick(&["NULL", "NULL", "'3 days'", "'4 days'"]);
    client.batch_execute(&format!(
        "SET hogsend.now = '{NOW}';
         INSERT INTO buckets (id, criteria, min_dwell, max_dwell)
         VALUES ('{bucket}', '{tree}', {min_dwell}, {max_dwell})"
    ))?;
    for day in 1..=5 {
        let event = random.pick(&EVENTS);
        let (modulus, rest) = (random.between(20, 60), random.between(0, 19));
        client.batch_execute(&format!(
            "SET hogsend.now = '{NOW}';
             SELECT set_config('hogsend.now', (timestamptz '{NOW}' + {day} * interval '1 day')::text, false);
             INSERT INTO user_events (user_id, event, occurred_at)
             SELECT user_id, '{event}', timestamptz '{NOW}' + {day} * interval '1 day'
             FROM contacts WHERE hashtext(user_id) % {modulus} = {rest}"
        ))?;
        // The clock rests now and then, so that something is due.
        if random.one_in(2) {
            reconcile(client)?;
        }
    }
    Ok(())
}

#[test]
fn a_preview_of_a_change_is_what_changing_does() -> Result<()> {
    let (_database, mut client, mut random) = prepare("preview_change", 1000)?;
    let (mut joined, mut left, mut deferred) = (0_i64, 0_i64, 0_i64);
    for number in 0..30 {
        let bucket = format!("b{number:02}");
        use_bucket(&mut client, &mut random, &bucket)?;
        for _ in 0..2 {
            let tree = Node::criteria(&mut random, &WORLD);
            let json = tree.json(&mut random);
            let preview = format!(
                "SELECT joins, leaves, joins_sample, leaves_sample
                 FROM hogsend_preview_change('{bucket}', '{json}', {ALL})"
            );
            let preview = ask(&mut client, &preview)?;
            let before = members(&mut client, &bucket)?;
            client.batch_execute(&format!(
                "UPDATE buckets SET criteria = '{json}' WHERE id = '{bucket}'"
            ))?;
            let after = members(&mut client, &bucket)?;
            let joins: Vec<String> = after.difference(&before).cloned().collect();
            let leaves: Vec<String> = before.difference(&after).cloned().collect();
            let context = || format!("{bucket}: {tree:?}");
            assert_eq!(preview.get::<_, Vec<String>>(2), joins, "{}", context());
            assert_eq!(preview.get::<_, Vec<String>>(3), leaves, "{}", context());
            assert_eq!(
                preview.get::<_, i64>(0),
                joins.len() as i64,
                "{}",
                context()
            );
            assert_eq!(
                preview.get::<_, i64>(1),
                leaves.len() as i64,
                "{}",
                context()
            );
            joined += joins.len() as i64;
            left += leaves.len() as i64;
            let matches = format!("SELECT matches FROM hogsend_preview('{json}', 0)");
            let matches: i64 = ask(&mut client, &matches)?.get(0);
            deferred += after.len() as i64 - matches;
        }
        // Whatever was due, ended or put off before: all is as a recomputation says.
        let verify = format!("SELECT FROM hogsend_verify('{bucket}')");
        assert_eq!(count(&mut client, &verify)?, 0, "{bucket}");
        client.batch_execute(&format!("DELETE FROM buckets WHERE id = '{bucket}'"))?;
    }
    // All that a change may meet was there.
    let stays = "SELECT count(*) FILTER (WHERE left_reason = 'criteria' AND entry_count = 1),
                        count(*) FILTER (WHERE left_reason = 'maxDwell'),
                        count(*) FILTER (WHERE entry_count > 1)
                 FROM bucket_memberships";
    let stays = client.query_one(stays, &[])?;
    let seen = [
        joined,
        left,
        deferred,
        stays.get(0),
        stays.get(1),
        stays.get(2),
    ];
    println!("joined, left, held by min_dwell; left before, by max_dwell, back again: {seen:?}");
    assert!(
        seen.iter().all(|seen| *seen > 500),
        "too few to prove anything"
    );
    Ok(())
}

/// The questions that write nothing, over all buckets and some criteria of which none is a bucket's.
fn questions(random: &mut Random) -> Vec<String> {
    let mut questions = vec![
        "SELECT string_agg(b.id || ' ' || v::text, E'\\n' ORDER BY b.id, v.user_id)
         FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v"
            .to_owned(),
        "SELECT string_agg(b.id || ' ' || c.user_id, E'\\n' ORDER BY b.id, c.user_id)
         FROM buckets b CROSS JOIN contacts c WHERE hogsend_matches(b.id, c.user_id)"
            .to_owned(),
        "SELECT string_agg(h::text, E'\\n') FROM hogsend_health() h".to_owned(),
    ];
    for _ in 0..10 {
        let json = Node::criteria(random, &WORLD).json(random);
        questions.push(format!(
            "SELECT p::text FROM hogsend_preview('{json}', 50) p"
        ));
        questions.push(format!(
            "SELECT string_agg(b.id || ' ' || p::text, E'\\n' ORDER BY b.id)
             FROM buckets b CROSS JOIN LATERAL hogsend_preview_change(b.id, '{json}', 50) p"
        ));
    }
    questions
}

#[test]
fn a_standby_gives_the_same_answers() -> Result<()> {
    let primary = Cluster::start(Options::default())?;
    let standby = primary.standby()?;
    let (database, mut client, mut random) = prepare_in(&primary, "standby", 300)?;
    for number in 0..5 {
        use_bucket(&mut client, &mut random, &format!("b{number}"))?;
    }
    // So that there is something to find.
    client.batch_execute(
        "DELETE FROM bucket_memberships WHERE hashtext(user_id) % 7 = 0;
         DELETE FROM bucket_timers WHERE hashtext(user_id) % 7 = 1",
    )?;
    let questions = questions(&mut random);
    let now: String = client.query_one("SHOW hogsend.now", &[])?.get(0);
    standby.catch_up(&primary)?;
    let mut reader = standby.connect(&database.name)?;
    reader.batch_execute(&format!("SET hogsend.now = '{now}'"))?;
    for question in &questions {
        let answer = ask(&mut client, question)?.get::<_, Option<String>>(0);
        assert!(answer.is_some(), "{question} finds nothing");
        // A standby has no transaction ids to give, so that it answers proves that none was asked for.
        let elsewhere = reader
            .query_one(question, &[])
            .with_context(|| question.clone())?;
        assert_eq!(elsewhere.get::<_, Option<String>>(0), answer, "{question}");
    }
    Ok(())
}
