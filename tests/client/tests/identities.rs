//! Sessions say who is whom while others store what the same people do, under all their ids, and the clock
//! goes: nothing is lost, nothing counted twice, and no id of somebody's is left to be somebody.

use anyhow::{Result, bail, ensure};
use hogsend_client_tests::errors::is_conflict;
use hogsend_client_tests::{cluster, count, specimen, with_extension};
use hogsend_harness::{Options, TestDatabase};
use hogsend_model::Random;
use postgres::Client;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

const PEOPLE: usize = 60;
/// Each has a user id, an alias, and an alias of the alias.
const NAMES: usize = 3;
const STATEMENTS: usize = 250;
const EVENTS: [&str; 2] = ["buy", "look"];

/// How each of the sessions that store events does it.
const WRITERS: [(&str, &str); 6] = [
    ("READ COMMITTED", ""),
    ("READ COMMITTED", ""),
    ("READ COMMITTED", "SET hogsend.evaluate = later"),
    ("READ COMMITTED", "SET hogsend.evaluate = off"),
    ("REPEATABLE READ", ""),
    ("SERIALIZABLE", ""),
];

#[test]
fn whoever_identifies_and_stores_at_once_loses_nothing() -> Result<()> {
    let database = with_extension(cluster(Options::default), "identities")?;
    let mut client = database.connect()?;
    // Nobody asks for "look" alone, so that it takes no lock.
    client.batch_execute(
        "SET client_min_messages = warning;
         INSERT INTO buckets (id, criteria) VALUES
             ('loyal', hogsend_event('buy', within => interval '30 days', at_least => 20)),
             ('patched', hogsend_property('seen', 'gte', 1))",
    )?;
    let stored = AtomicI64::new(0);
    let is_done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS.len())
            .map(|number| {
                let (database, stored) = (&database, &stored);
                scope.spawn(move || write(database, number, stored))
            })
            .collect();
        let namers: Vec<_> = (0..2)
            .map(|number| {
                let database = &database;
                scope.spawn(move || identify(database, number))
            })
            .collect();
        let clock = scope.spawn(|| tick(&database, &is_done));
        let others = writers.into_iter().chain(namers);
        let results: Vec<Result<()>> = others.map(|t| t.join().expect("a session")).collect();
        is_done.store(true, Ordering::Relaxed);
        clock.join().expect("the clock")?;
        results.into_iter().collect::<Result<()>>()
    })?;
    settle(&mut client)?;
    let left =
        "SELECT FROM user_aliases a WHERE EXISTS (SELECT FROM contacts c WHERE c.user_id = a.alias)
         OR EXISTS (SELECT FROM user_events e WHERE e.user_id = a.alias)
         OR EXISTS (SELECT FROM bucket_memberships m WHERE m.user_id = a.alias)
         OR EXISTS (SELECT FROM bucket_timers t WHERE t.user_id = a.alias)
         OR EXISTS (SELECT FROM user_queue q WHERE q.user_id = a.alias)";
    assert_eq!(
        count(&mut client, left)?,
        0,
        "aliases are left to be somebody"
    );
    let pairs = count(
        &mut client,
        "SELECT FROM user_aliases WHERE split_part(user_id, '-', 2) = '0'",
    )?;
    assert_eq!(pairs, (PEOPLE * (NAMES - 1)) as i64);
    assert_eq!(
        count(&mut client, "SELECT FROM user_events")?,
        stored.into_inner()
    );
    let faults = specimen::verify(&mut client)?;
    assert!(faults.is_empty(), "{faults:?}");
    let members = "SELECT FROM bucket_members WHERE bucket_id = 'loyal'";
    let (members, people) = (count(&mut client, members)?, PEOPLE as i64);
    ensure!(members > 0 && members <= people, "{members} members");
    Ok(())
}

/// Does it again where Postgres says so.
fn insist(client: &mut Client, sql: &str) -> Result<()> {
    while let Err(error) = client.batch_execute(sql) {
        client.batch_execute("ROLLBACK")?;
        if !is_conflict(&error) {
            bail!("{sql}: {error:?}");
        }
    }
    Ok(())
}

/// Stores events under random names, several in a transaction, which stays open for a moment.
fn write(database: &TestDatabase, number: usize, stored: &AtomicI64) -> Result<()> {
    let (level, settings) = WRITERS[number % WRITERS.len()];
    let mut random = Random::new(number as u64 + 1);
    let mut client = database.connect()?;
    client.batch_execute(settings)?;
    for _ in 0..STATEMENTS {
        let rows = 1 + random.below(3);
        let row = |random: &mut Random| {
            let (person, name) = (random.below(PEOPLE), random.below(NAMES));
            let patch = if random.one_in(5) {
                "'{\"seen\": 1}'"
            } else {
                "NULL"
            };
            format!("('p{person}-{name}', '{}', {patch})", random.pick(&EVENTS))
        };
        let values: Vec<String> = (0..rows).map(|_| row(&mut random)).collect();
        insist(
            &mut client,
            &format!(
                "BEGIN ISOLATION LEVEL {level};
                 SELECT count(*) FROM user_events;
                 INSERT INTO user_events (user_id, event, contact_properties) VALUES {};
                 SELECT pg_sleep(0.002);
                 COMMIT",
                values.join(", ")
            ),
        )?;
        stored.fetch_add(rows as i64, Ordering::Relaxed);
    }
    Ok(())
}

/// Says of everybody who they are, the alias of the alias first or last, and alone or together.
fn identify(database: &TestDatabase, number: usize) -> Result<()> {
    let mut client = database.connect()?;
    for step in 0..PEOPLE {
        // The two come from both ends, and meet.
        let person = if number == 0 { step } else { PEOPLE - 1 - step };
        let mut pairs = [(2, 1), (1, 0)].map(|(alias, user)| {
            format!("SELECT hogsend_identify('p{person}-{alias}', 'p{person}-{user}')")
        });
        if (person + number).is_multiple_of(2) {
            pairs.reverse();
        }
        for pair in pairs {
            insist(&mut client, &pair)?;
            std::thread::sleep(std::time::Duration::from_millis(15));
        }
    }
    Ok(())
}

fn tick(database: &TestDatabase, is_done: &AtomicBool) -> Result<()> {
    let mut client = database.connect()?;
    while !is_done.load(Ordering::Relaxed) {
        insist(&mut client, "SELECT hogsend_reconcile()")?;
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    Ok(())
}

/// Until nothing remains, and all aliases have been looked at for the last time.
fn settle(client: &mut Client) -> Result<()> {
    for _ in 0..1000 {
        let row = client.query_one("SELECT remaining FROM hogsend_reconcile()", &[])?;
        let open = count(
            client,
            "SELECT FROM user_aliases WHERE open_until IS NOT NULL",
        )?;
        if !row.get::<_, bool>(0) && open == 0 {
            return Ok(());
        }
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    bail!("the clock does not come to an end")
}
