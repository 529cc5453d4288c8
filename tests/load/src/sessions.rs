//! Many sessions at once: most do what applications do, some look after the clock, the consumers and
//! the definitions.

use crate::statements::{BUCKETS, Statements};
use anyhow::Result;
use hogsend_client_tests::errors::is_conflict;
use hogsend_client_tests::{cluster, with_extension};
use hogsend_harness::TestDatabase;
use postgres::Client;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

/// Most applications never change it.
const LEVELS: [&str; 8] = [
    "READ COMMITTED",
    "READ COMMITTED",
    "READ COMMITTED",
    "READ COMMITTED",
    "READ COMMITTED",
    "READ COMMITTED",
    "REPEATABLE READ",
    "SERIALIZABLE",
];
const CONSUMERS: usize = 3;
/// Between definitions, which hold up everybody who writes.
const DEFINITION: Duration = Duration::from_millis(1_500);

pub struct Load {
    pub database: TestDatabase<'static>,
    pub sessions: usize,
    /// Said by every session first.
    pub settings: &'static str,
    pub statements: AtomicUsize,
    pub conflicts: AtomicUsize,
    errors: Mutex<Vec<String>>,
    began: Instant,
}

impl Load {
    pub fn new(name: &str, sessions: usize, settings: &'static str) -> Result<Load> {
        let database = with_extension(cluster(crate::options), name)?;
        let mut client = database.connect()?;
        client.batch_execute(BUCKETS)?;
        for consumer in 0..CONSUMERS {
            client.execute("SELECT hogsend_subscribe($1)", &[&name_of(consumer)])?;
        }
        Ok(Load {
            database,
            sessions,
            settings,
            statements: AtomicUsize::new(0),
            conflicts: AtomicUsize::new(0),
            errors: Mutex::default(),
            began: Instant::now(),
        })
    }

    /// Works for so long; returns the errors that are not Postgres's own way of saying "try again".
    pub fn work(&self, time: Duration) -> Result<Vec<String>> {
        let until = Instant::now() + time;
        thread::scope(|scope| {
            let sessions: Vec<_> = (0..self.sessions)
                .map(|number| scope.spawn(move || self.session(number, until)))
                .collect();
            sessions
                .into_iter()
                .try_for_each(|session| session.join().expect("a session panicked"))
        })?;
        Ok(std::mem::take(&mut *self.errors.lock().unwrap()))
    }

    fn session(&self, number: usize, until: Instant) -> Result<()> {
        let mut client = self.database.connect()?;
        let level = LEVELS[number % LEVELS.len()];
        client.batch_execute(&format!(
            "SET default_transaction_isolation = '{level}'; SET client_min_messages = error; {}",
            self.settings
        ))?;
        let mut statements = Statements::new(number, self.began);
        while Instant::now() < until {
            match number {
                0 => {
                    let limit = statements.random.below(100);
                    let criteria = format!("hogsend_property('level', 'lt', {limit})");
                    self.say(
                        &mut client,
                        &format!("SELECT hogsend_define_bucket('level', {criteria})"),
                    )?;
                    thread::sleep(DEFINITION);
                }
                1 => self.say(&mut client, "CALL hogsend_run('1 second')")?,
                2 => self.say(&mut client, "SELECT hogsend_reconcile(200)")?,
                _ if number < 3 + CONSUMERS => {
                    let done = poll_and_ack(&mut client, &name_of(number - 3));
                    self.note(&mut client, "poll and ack", done)?;
                }
                _ => self.say(&mut client, &statements.any())?,
            }
        }
        Ok(())
    }

    fn say(&self, client: &mut Client, statement: &str) -> Result<()> {
        let done = client.batch_execute(statement);
        self.note(client, statement, done)
    }

    /// Counts what was done, keeps what went wrong, and makes the session ready for the next.
    fn note(
        &self,
        client: &mut Client,
        statement: &str,
        done: Result<(), postgres::Error>,
    ) -> Result<()> {
        self.statements.fetch_add(1, Ordering::Relaxed);
        if let Err(error) = done {
            if is_conflict(&error) {
                self.conflicts.fetch_add(1, Ordering::Relaxed);
            } else {
                let mut errors = self.errors.lock().unwrap();
                errors.push(format!("{statement}: {error:?}"));
            }
            client.batch_execute("ROLLBACK")?;
        }
        Ok(())
    }
}

fn poll_and_ack(client: &mut Client, consumer: &str) -> Result<(), postgres::Error> {
    let mut transaction = client.transaction()?;
    let rows = transaction.query("SELECT batch FROM hogsend_poll($1)", &[&consumer])?;
    if let Some(row) = rows.first() {
        let batch: i64 = row.get(0);
        transaction.execute("SELECT hogsend_ack($1, $2)", &[&consumer, &batch])?;
    }
    transaction.commit()
}

fn name_of(consumer: usize) -> String {
    format!("consumer {consumer}")
}
