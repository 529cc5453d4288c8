//! Since when has somebody matched who was there before the bucket: what a backfill finds in the
//! history, against trying every instant, and the dwells that follow from it.

use anyhow::Result;
use hogsend_client_tests::users::{EVENTS, HOUR, NOW, User, WORLD, store};
use hogsend_client_tests::{cluster, count, reconcile, with_extension};
use hogsend_harness::{Options, TestDatabase};
use hogsend_model::{Node, Random};
use postgres::Client;
use std::collections::BTreeMap;

const USERS: usize = 400;
/// Of them, those with hundreds of occurrences.
const BUSY: usize = 16;
const BUCKETS: usize = 120;
const DWELL: i64 = 36 * HOUR;

fn prepare(name: &str) -> Result<(TestDatabase<'static>, Client)> {
    let database = with_extension(cluster(Options::default), name)?;
    let mut client = database.connect()?;
    client.batch_execute(&format!("SET hogsend.now = '{NOW}'"))?;
    Ok((database, client))
}

/// The members of a bucket, each with the anchor of the stay if it has one.
fn members(client: &mut Client, bucket: &str) -> Result<BTreeMap<String, Option<i64>>> {
    let rows = client.query(
        "SELECT user_id, (extract(epoch FROM dwell_anchor_at - entered_at) * 1000000)::bigint
         FROM bucket_memberships
         WHERE bucket_id = $1 AND status = 'active' AND entry_count = 1 AND source = 'backfill'",
        &[&bucket],
    )?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Defines a bucket and fills it: in the statement, by a call, or in chunks. Not by the clock, which
/// puts off the dwells of a job that is under way.
fn define(client: &mut Client, bucket: &str, criteria: &str, how: usize) -> Result<()> {
    let limit = if how == 0 { 1_000_000 } else { 0 };
    client.batch_execute(&format!(
        "SET hogsend.inline_backfill = {limit};
         INSERT INTO buckets (id, criteria, dwell_after)
         VALUES ('{bucket}', '{criteria}', '{{{} hours}}')",
        DWELL / HOUR
    ))?;
    match how {
        0 => Ok(()),
        1 => Ok(client.batch_execute(&format!("CALL hogsend_backfill('{bucket}')"))?),
        _ => loop {
            let chunk = format!("SELECT done FROM hogsend_backfill_chunk('{bucket}', 150)");
            if client.query_one(&chunk, &[])?.get(0) {
                return Ok(());
            }
        },
    }
}

#[test]
fn anchors_and_dwells_are_those_of_the_history() -> Result<()> {
    let (_database, mut client) = prepare("anchors")?;
    let random = &mut Random::ordinary();
    let mut users: Vec<User> = (0..USERS - BUSY).map(|n| User::random(random, n)).collect();
    users.extend((USERS - BUSY..USERS).map(|n| User::busy(random, n)));
    store(&mut client, &users)?;

    let mut dwells: Vec<(String, String, i64)> = Vec::new();
    let (mut dated, mut undated, mut far) = (0, 0, 0);
    for number in 0..BUCKETS {
        let tree = Node::criteria(random, &WORLD);
        let bucket = format!("b{number:03}");
        define(&mut client, &bucket, &tree.json(random), number % 3)?;
        let found = members(&mut client, &bucket)?;
        for user in &users {
            let context = || format!("{bucket} {tree:?}\n{}: {user:?}", user.id);
            let expected = tree
                .truth(&user.facts, 0)
                .then(|| tree.true_since(&user.facts, 0).filter(|at| *at < 0));
            assert_eq!(found.get(&user.id).copied(), expected, "{}", context());
            match expected {
                Some(Some(anchor)) => {
                    dated += 1;
                    // Farther back than the first look into the history goes.
                    let since = |event| {
                        let occurrences = user.facts.of(event).iter();
                        occurrences.filter(|o| o.at > anchor).count()
                    };
                    far += usize::from(EVENTS.map(since).into_iter().max() > Some(64));
                    if anchor + DWELL <= 0 {
                        dwells.push((bucket.clone(), user.id.clone(), anchor + DWELL));
                    }
                }
                Some(None) => undated += 1,
                None => {}
            }
        }
    }
    assert!(
        dated > 5_000 && undated > 500 && far > 100,
        "{dated} dated, {undated} undated, {far} of them by a long history: too few to prove anything"
    );

    reconcile(&mut client)?;
    let rows = client.query(
        &format!(
            "SELECT bucket_id, user_id,
                    (extract(epoch FROM effective_at - timestamptz '{NOW}') * 1000000)::bigint
             FROM bucket_transitions WHERE transition = 'dwell' AND dwell_count = 1 ORDER BY 1, 2"
        ),
        &[],
    )?;
    let fired: Vec<(String, String, i64)> = rows
        .iter()
        .map(|row| (row.get(0), row.get(1), row.get(2)))
        .collect();
    dwells.sort_unstable();
    assert!(
        fired == dwells,
        "{} dwells, {} expected",
        fired.len(),
        dwells.len()
    );
    // Nothing else was announced, and all are where they belong.
    assert_eq!(
        count(&mut client, "SELECT FROM bucket_transitions")?,
        fired.len() as i64
    );
    let verify = "SELECT FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v";
    assert_eq!(count(&mut client, verify)?, 0);
    println!(
        "{dated} dated, {undated} undated, {far} by a long history, {} dwells",
        fired.len()
    );
    Ok(())
}

/// As many occurrences as are read of one event at most: beyond them the stay is dated by the last.
const DEEPEST: i64 = 65_536;

/// One event a minute, without a break.
#[test]
fn very_long_histories_are_dated_as_far_as_they_are_read() -> Result<()> {
    let (_database, mut client) = prepare("anchors_deep")?;
    let users = [
        ("whole", DEEPEST - 1),
        ("edge", DEEPEST),
        ("long", DEEPEST + 5_000),
    ];
    for (user, number) in users {
        client.batch_execute(&format!(
            "INSERT INTO user_events (user_id, event, occurred_at)
             SELECT '{user}', 'ping', timestamptz '{NOW}' - n * interval '1 minute'
             FROM generate_series(1, {number}) n"
        ))?;
    }
    const MINUTE: i64 = HOUR / 60;
    // All the while: told exactly, where the first occurrence was read.
    let often = r#"{"type":"event","eventName":"ping","check":"count","operator":"gte","value":5,"within":{"hours":1}}"#;
    // Counted from the first occurrence, so it need not be read to there.
    let ever = r#"{"type":"event","eventName":"ping","check":"count","operator":"gte","value":3}"#;
    for how in 0..3 {
        define(&mut client, &format!("often{how}"), often, how)?;
        define(&mut client, &format!("ever{how}"), ever, how)?;
        let found = members(&mut client, &format!("often{how}"))?;
        let anchor = |user: &str| found[user].expect("dated") / -MINUTE;
        assert_eq!(anchor("whole"), DEEPEST - 1 - 4);
        for (user, number) in &users[1..] {
            let anchor = anchor(user);
            // Never later than the last that was read, and never before it was true.
            assert!(
                (DEEPEST - 4..=number - 4).contains(&anchor),
                "{user}: {anchor}"
            );
        }
        let found = members(&mut client, &format!("ever{how}"))?;
        for (user, number) in users {
            assert_eq!(found[user], Some((2 - number) * MINUTE), "{user}");
        }
    }
    Ok(())
}
