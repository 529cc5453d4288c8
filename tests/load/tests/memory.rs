//! A session's memory does not grow with the statements it has seen: one that writes, one that
//! polls and one that reconciles, side by side.
//!
//! `LOAD_STATEMENTS=1000000` for more of them.

use anyhow::{Result, ensure};
use hogsend_client_tests::server_log::alarms;
use hogsend_client_tests::{cluster, with_extension};
use hogsend_harness::TestDatabase;
use hogsend_load::memory::{Sample, growth};
use hogsend_load::statements::BUCKETS;
use hogsend_load::{number, options};
use postgres::{Client, Statement};
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// In each part of a run there is one sample; the first two parts fill caches and do not count.
const PARTS: usize = 10;
const WARMING_UP: usize = 2;
/// Of those who follow, so that they leave room for the one who leads.
const PAUSE: Duration = Duration::from_millis(1);
/// Errors must not leave anything behind either.
const REFUSED_ONCE_IN: usize = 50;

struct Run<'a> {
    database: &'a TestDatabase<'a>,
    statements: usize,
    /// By the one who writes, whom the others follow.
    done: AtomicUsize,
}

impl Run<'_> {
    /// The part of the run that is going on; beyond the last when all is done.
    fn part(&self) -> usize {
        self.done.load(Ordering::Relaxed) * PARTS / self.statements
    }

    /// Prepares statements and goes on with them, on one connection, to the end of the run.
    fn session(
        &self,
        statements: &[&str],
        mut act: impl FnMut(&mut Client, &[Statement]) -> Result<()>,
    ) -> Result<Vec<Sample>> {
        let mut client = self.database.connect()?;
        client.batch_execute("SET client_min_messages = error")?;
        let prepared = statements
            .iter()
            .map(|statement| client.prepare(statement))
            .collect::<Result<Vec<_>, _>>()?;
        let mut samples = Vec::new();
        while self.part() < PARTS {
            let part = self.part();
            while self.part() == part {
                act(&mut client, &prepared)?;
            }
            if part + 1 >= WARMING_UP {
                samples.push(Sample::take(&mut client)?);
            }
        }
        ensure!(samples.len() > 1, "too few samples");
        Ok(samples)
    }

    /// Joins, stays and leaves; sets the pace.
    fn write(&self) -> Result<Vec<Sample>> {
        let statements = [
            "INSERT INTO user_events (user_id, event) VALUES ($1, 'buy')",
            "INSERT INTO user_events (user_id, event, contact_properties)
             VALUES ($1, 'move', jsonb_build_object('room', floor(random() * 4)))",
            "INSERT INTO user_events (user_id, event) VALUES ($1, 'seen')",
            "INSERT INTO user_events (user_id, event) SELECT $1 || n, 'buy' FROM generate_series(1, 3) AS n",
            "SELECT hogsend_ingest($1, 'buy', idempotency_key => (random() * 1000)::int::text)",
            "UPDATE contacts SET properties = properties || jsonb_build_object('level', floor(random() * 100))
             WHERE user_id = $1",
        ];
        self.session(&statements, |client, prepared| {
            let number = self.done.load(Ordering::Relaxed);
            let user = format!("user {:03}", number * 7 % 500);
            client.execute(&prepared[number % prepared.len()], &[&user])?;
            if number.is_multiple_of(REFUSED_ONCE_IN) {
                let refused =
                    client.batch_execute("INSERT INTO buckets (id, criteria) VALUES ('x', '{}')");
                ensure!(refused.is_err(), "criteria of nothing were taken");
            }
            self.done.fetch_add(1, Ordering::Relaxed);
            Ok(())
        })
    }

    fn reconcile(&self) -> Result<Vec<Sample>> {
        self.session(
            &["SELECT FROM hogsend_reconcile(50)"],
            |client, prepared| {
                client.execute(&prepared[0], &[])?;
                Ok(())
            },
        )
    }

    fn consume(&self) -> Result<Vec<Sample>> {
        let statements = [
            "SELECT batch FROM hogsend_poll('consumer', 20)",
            "SELECT hogsend_ack('consumer', $1)",
        ];
        self.session(&statements, |client, prepared| {
            let mut transaction = client.transaction()?;
            let rows = transaction.query(&prepared[0], &[])?;
            if let Some(row) = rows.first() {
                transaction.execute(&prepared[1], &[&row.get::<_, i64>(0)])?;
            }
            transaction.commit()?;
            thread::sleep(PAUSE);
            Ok(())
        })
    }

    fn ask(&self) -> Result<Vec<Sample>> {
        let statements = [
            "SELECT hogsend_has('loyal', $1)",
            "SELECT * FROM hogsend_explain('lapsed', $1)",
            "SELECT hogsend_matches('often', $1)",
        ];
        let mut number = 0;
        self.session(&statements, |client, prepared| {
            number += 1;
            let user = format!("user {:03}", number % 500);
            client.query(&prepared[number % prepared.len()], &[&user])?;
            thread::sleep(PAUSE);
            Ok(())
        })
    }
}

fn new_database(name: &str) -> Result<TestDatabase<'static>> {
    let database = with_extension(cluster(options), name)?;
    let mut client = database.connect()?;
    client.batch_execute(BUCKETS)?;
    client.batch_execute("SELECT hogsend_subscribe('consumer')")?;
    // Memory is the question, and not the disk.
    client.batch_execute(&format!(
        "ALTER DATABASE {name} SET synchronous_commit = off"
    ))?;
    Ok(database)
}

#[test]
fn memory_stays_flat() -> Result<()> {
    let database = new_database("flat")?;
    let run = Run {
        database: &database,
        statements: number("LOAD_STATEMENTS", 100_000),
        done: AtomicUsize::new(0),
    };
    let samples = thread::scope(|scope| {
        let sessions = [
            ("the writer", scope.spawn(|| run.write())),
            ("the clock", scope.spawn(|| run.reconcile())),
            ("the consumer", scope.spawn(|| run.consume())),
            ("the reader", scope.spawn(|| run.ask())),
        ];
        sessions.map(|(name, session)| (name, session.join().expect("a session panicked")))
    });
    let mut faults = Vec::new();
    for (name, samples) in samples {
        let samples = samples?;
        // Not by println!, which is shown only if the test fails.
        writeln!(
            std::io::stderr(),
            "memory of {name}: {} to {}",
            samples[0],
            samples[samples.len() - 1]
        )?;
        faults.extend(growth(name, &samples));
    }
    assert!(faults.is_empty(), "{faults:#?}");
    let log = database.log();
    assert!(alarms(&log).is_empty(), "{:#?}", alarms(&log));
    Ok(())
}

/// The test above proves something only if it notices when memory grows.
#[test]
fn statements_that_pile_up_are_noticed() -> Result<()> {
    let database = new_database("piles")?;
    let run = Run {
        database: &database,
        statements: 2_000,
        done: AtomicUsize::new(0),
    };
    let samples = run.session(&[], |client, _| {
        let number = run.done.fetch_add(1, Ordering::Relaxed);
        client.batch_execute(&format!(
            "PREPARE kept_{number} AS SELECT hogsend_has('loyal', 'u'); EXECUTE kept_{number}"
        ))?;
        Ok(())
    })?;
    println!("{samples:?}");
    assert!(growth("the hoarder", &samples).is_some(), "{samples:?}");
    Ok(())
}
