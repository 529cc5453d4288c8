//! Sixteen sessions that store events for pairs of the same users, in either order, while a clock runs:
//! under `hogsend.evaluate = later` nobody waits for anybody, and what comes out is what the events say.

use anyhow::Result;
use hogsend_client_tests::{cluster, count, reconcile, with_extension};
use hogsend_harness::{Options, TestDatabase};
use hogsend_model::Random;
use postgres::Client;
use postgres::error::SqlState;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

const SESSIONS: usize = 16;
const USERS: usize = 50;
/// Transactions of a session.
const TRANSACTIONS: usize = 60;
/// Shorter than the server's deadlock_timeout: who waits in a circle ends by this or by that.
const PATIENCE: &str = "500ms";

/// Whom plain SQL over the tables finds. The windows end far from any event, so that time moves nobody.
const BUCKETS: [(&str, &str, &str); 4] = [
    (
        "many",
        "hogsend_event('buy', within => interval '700 days', at_least => 20)",
        "SELECT user_id FROM user_events WHERE event = 'buy' GROUP BY user_id HAVING count(*) >= 20",
    ),
    (
        "few",
        "hogsend_event('buy', at_most => 17)",
        "SELECT user_id FROM user_events WHERE event = 'buy' GROUP BY user_id HAVING count(*) <= 17",
    ),
    (
        "viewers",
        "hogsend_all(hogsend_event('buy', at_least => 1), hogsend_event('view', within => interval '300 days', at_least => 7))",
        "SELECT user_id FROM user_events GROUP BY user_id
         HAVING count(*) FILTER (WHERE event = 'buy') >= 1
            AND count(*) FILTER (WHERE event = 'view' AND occurred_at > now() - interval '300 days') >= 7",
    ),
    (
        "patched",
        "hogsend_all(hogsend_event('buy', at_least => 1), hogsend_property('seen', 'eq', true))",
        "SELECT DISTINCT user_id FROM user_events e WHERE event = 'buy' AND EXISTS (
             SELECT FROM user_events p WHERE p.user_id = e.user_id AND p.contact_properties ->> 'seen' = 'true')",
    ),
];

fn prepare(name: &str) -> Result<TestDatabase<'static>> {
    let database = with_extension(cluster(Options::default), name)?;
    let mut client = database.connect()?;
    for (id, criteria, _) in BUCKETS {
        client.batch_execute(&format!(
            "INSERT INTO buckets (id, criteria) VALUES ('{id}', {criteria})"
        ))?;
    }
    Ok(database)
}

#[derive(Default)]
struct Outcome {
    /// A lock was waited for longer than [`PATIENCE`], or in a circle.
    waits: usize,
    /// Who was seen to wait.
    seen: Vec<String>,
    others: Vec<String>,
}

impl Outcome {
    fn add(&mut self, other: Outcome) {
        self.waits += other.waits;
        self.seen.extend(other.seen);
        self.others.extend(other.others);
    }
}

/// One statement a user, so that the locks of a transaction are taken in the order of its users.
fn statement(random: &mut Random, user: usize) -> String {
    let event = random.pick(&["buy", "buy", "view", "other"]);
    let patch = match random.one_in(150) {
        true => "'{\"seen\": true}'",
        false => "NULL",
    };
    let days = random.pick(&[0, 1, 400]);
    format!(
        "INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
         VALUES ('u{user}', '{event}', now() - interval '{days} days', {patch});"
    )
}

fn session(database: &TestDatabase, settings: &str, number: usize) -> Result<Outcome> {
    let mut client = database.connect()?;
    client.batch_execute(&format!("SET lock_timeout = '{PATIENCE}'; {settings}"))?;
    let mut random = Random::new(number as u64);
    let mut outcome = Outcome::default();
    for _ in 0..TRANSACTIONS {
        let one = random.below(USERS);
        let other = (one + 1 + random.below(USERS - 1)) % USERS;
        // The pause is where others come in between.
        let transaction = format!(
            "BEGIN; {} SELECT pg_sleep(0.005); {} COMMIT",
            statement(&mut random, one),
            statement(&mut random, other)
        );
        let Err(error) = client.batch_execute(&transaction) else {
            continue;
        };
        client.batch_execute("ROLLBACK")?;
        let waits = [
            &SqlState::T_R_DEADLOCK_DETECTED,
            &SqlState::LOCK_NOT_AVAILABLE,
        ];
        match error.code() {
            Some(code) if waits.contains(&code) => outcome.waits += 1,
            _ => outcome.others.push(format!("{error:?}")),
        }
    }
    Ok(outcome)
}

/// Reconciles without a pause until it is told to stop; counts the transitions that it made meanwhile.
fn clock(database: &TestDatabase, stop: &AtomicBool) -> Result<i64> {
    let mut client = database.connect()?;
    let mut moved = 0;
    while !stop.load(Ordering::Relaxed) {
        let row = client.query_one(
            "SELECT (entered + \"left\")::bigint FROM hogsend_reconcile()",
            &[],
        )?;
        moved += row.get::<_, i64>(0);
        std::thread::sleep(Duration::from_millis(5));
    }
    Ok(moved)
}

/// Looks, until it is told to stop, who waits for a lock of another transaction just then, and for what.
/// A table is extended by one at a time, whoever it is, and whoever notifies commits alone on the whole
/// server: the other test in this file does.
fn watch(database: &TestDatabase, stop: &AtomicBool) -> Result<Vec<String>> {
    let mut client = database.connect()?;
    let mut seen = Vec::new();
    while !stop.load(Ordering::Relaxed) {
        let rows = client.query(
            "SELECT concat_ws(' ', a.backend_type, 'waits for', l.locktype, l.mode, l.classid::regclass, l.objid,
                              l.relation::regclass, l.transactionid, 'in', left(a.query, 100))
             FROM pg_locks l JOIN pg_stat_activity a USING (pid)
             WHERE NOT l.granted AND a.datname = current_database() AND l.locktype <> 'extend'
               AND (l.locktype, l.classid, l.objid) IS DISTINCT FROM ('object', 'pg_database'::regclass, 0)",
            &[],
        )?;
        seen.extend(rows.iter().map(|row| row.get::<_, String>(0)));
        std::thread::sleep(Duration::from_millis(3));
    }
    Ok(seen)
}

/// All sessions at once; returns what became of them, and how many moves the clock made meanwhile.
fn run(database: &TestDatabase, settings: &str) -> Result<(Outcome, i64)> {
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let clock = scope.spawn(|| clock(database, &stop));
        let watch = scope.spawn(|| watch(database, &stop));
        let sessions: Vec<_> = (0..SESSIONS)
            .map(|number| scope.spawn(move || session(database, settings, number)))
            .collect();
        let mut outcome = Outcome::default();
        let results: Vec<_> = sessions
            .into_iter()
            .map(|session| session.join().expect("a session panicked"))
            .collect();
        stop.store(true, Ordering::Relaxed);
        let moved = clock.join().expect("the clock panicked")?;
        outcome.seen = watch.join().expect("the watch panicked")?;
        for result in results {
            outcome.add(result?);
        }
        Ok((outcome, moved))
    })
}

/// Users of whom a bucket says one thing and plain SQL another, and what hogsend itself finds wrong.
fn differences(client: &mut Client) -> Result<Vec<String>> {
    let mut found = Vec::new();
    for (id, _, members) in BUCKETS {
        let rows = client.query(
            &format!(
                "SELECT format('{id}: %s should %s', coalesce(m.user_id, e.user_id),
                               CASE WHEN m.user_id IS NULL THEN 'be in' ELSE 'not be in' END)
                 FROM (SELECT user_id FROM bucket_members WHERE bucket_id = '{id}') AS m
                 FULL JOIN ({members}) AS e USING (user_id)
                 WHERE m.user_id IS NULL OR e.user_id IS NULL
                 UNION ALL
                 SELECT format('{id}: %s %s', v.user_id, v.detail) FROM hogsend_verify('{id}') v"
            ),
            &[],
        )?;
        found.extend(rows.iter().map(|row| row.get::<_, String>(0)));
    }
    Ok(found)
}

#[test]
fn nobody_waits_and_nobody_is_missed() -> Result<()> {
    let database = prepare("later")?;
    let (outcome, moved) = run(&database, "SET hogsend.evaluate = later")?;
    assert_eq!(outcome.waits, 0, "somebody waited long for a lock");
    assert!(outcome.seen.is_empty(), "{:#?}", outcome.seen);
    assert!(outcome.others.is_empty(), "{:?}", outcome.others);
    // The clock ran meanwhile, or nothing is shown of the two together.
    assert!(moved > 0);

    let mut client = database.connect()?;
    reconcile(&mut client)?;
    assert_eq!(count(&mut client, "SELECT FROM user_queue")?, 0);
    let events = count(&mut client, "SELECT FROM user_events")?;
    assert_eq!(events as usize, 2 * SESSIONS * TRANSACTIONS);
    assert_eq!(count(&mut client, "SELECT FROM contacts")? as usize, USERS);
    // Buckets with everybody or nobody in them would tell little.
    for (id, _, _) in BUCKETS {
        let members = count(
            &mut client,
            &format!("SELECT FROM bucket_members WHERE bucket_id = '{id}'"),
        )?;
        assert!((1..USERS as i64).contains(&members), "{id}: {members}");
    }
    let differences = differences(&mut client)?;
    assert!(differences.is_empty(), "{differences:?}");
    // Each entry is announced once.
    let twice = count(
        &mut client,
        "SELECT FROM bucket_transitions WHERE transition IN ('entered', 'left')
         GROUP BY bucket_id, user_id, entry_count, transition HAVING count(*) > 1",
    )?;
    assert_eq!(twice, 0);
    Ok(())
}

/// The test above proves something only if the same work is in each other's way elsewhere. Whether two meet
/// is a matter of chance: so several times, if need be.
#[test]
fn at_once_they_wait_for_each_other() -> Result<()> {
    let database = prepare("at_once")?;
    let mut outcome = Outcome::default();
    for _ in 0..10 {
        outcome.add(run(&database, "SET hogsend.evaluate = on")?.0);
        if outcome.waits > 0 && !outcome.seen.is_empty() {
            break;
        }
    }
    assert!(outcome.waits > 0, "nobody waited in a circle");
    assert!(!outcome.seen.is_empty(), "nobody was seen to wait");
    assert!(outcome.others.is_empty(), "{:?}", outcome.others);
    let mut client = database.connect()?;
    reconcile(&mut client)?;
    let differences = differences(&mut client)?;
    assert!(differences.is_empty(), "{differences:?}");
    Ok(())
}
