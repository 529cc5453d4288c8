//! Sixteen sessions insert for the same users at once: nobody's fifth purchase
//! may be missed, and nobody may enter twice.

use anyhow::Result;
use hogsend_client_tests::{cluster, reconcile, with_extension};
use hogsend_harness::{Options, TestDatabase};
use postgres::error::SqlState;
use std::sync::atomic::{AtomicUsize, Ordering};

const SESSIONS: usize = 16;
const USERS: usize = 50;
/// How often the run without the lock may be lucky before we doubt the test.
const BROKEN_ROUNDS: usize = 60;

const READ_COMMITTED: &str = "READ COMMITTED";
const REPEATABLE_READ: &str = "REPEATABLE READ";
const SERIALIZABLE: &str = "SERIALIZABLE";

/// Inserts a test makes; `HOGSEND_CONCURRENCY_INSERTS=100000` for a long run.
fn inserts() -> usize {
    std::env::var("HOGSEND_CONCURRENCY_INSERTS")
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(2500)
}

/// One below the threshold for some, exactly it for most, more for a few.
fn events_of(user: usize) -> usize {
    match user % 10 {
        0 | 1 => 4,
        2 => 8,
        _ => 5,
    }
}

struct Run<'a> {
    database: TestDatabase<'static>,
    /// Session n uses level n, counted round.
    levels: &'a [&'a str],
    settings: &'a str,
    sessions: usize,
}

impl<'a> Run<'a> {
    fn new(name: &str, levels: &'a [&'a str], settings: &'a str) -> Result<Self> {
        let database = with_extension(cluster(Options::default), name)?;
        database.connect()?.batch_execute(
            "INSERT INTO buckets (id, criteria) VALUES ('loyal',
                 hogsend_event('buy', within => interval '30 days', at_least => 5))",
        )?;
        Ok(Run {
            database,
            levels,
            settings,
            sessions: SESSIONS,
        })
    }

    /// Inserts for new users from all sessions; returns the errors that are not
    /// Postgres's own way of saying "try again".
    fn round(&self, round: usize) -> Result<Vec<String>> {
        // All of a user's inserts stand together, so the sessions meet there.
        let work: Vec<String> = (0..USERS)
            .flat_map(|user| vec![format!("r{round}-u{user}"); events_of(user)])
            .collect();
        let next = AtomicUsize::new(0);
        let errors = std::thread::scope(|scope| {
            let sessions: Vec<_> = (0..self.sessions)
                .map(|session| {
                    let (work, next) = (&work, &next);
                    let level = self.levels[session % self.levels.len()];
                    scope.spawn(move || self.session(level, work, next))
                })
                .collect();
            sessions
                .into_iter()
                .map(|s| s.join().expect("a session panicked"))
                .collect::<Result<Vec<_>>>()
        })?;
        Ok(errors.into_iter().flatten().collect())
    }

    fn session(&self, level: &str, work: &[String], next: &AtomicUsize) -> Result<Vec<String>> {
        let mut client = self.database.connect()?;
        client.batch_execute(self.settings)?;
        let mut errors = Vec::new();
        while let Some(user) = work.get(next.fetch_add(1, Ordering::Relaxed)) {
            // The first query takes the snapshot, so that at the higher levels it
            // is older than what the others commit meanwhile; the pause before
            // the commit lets the sessions overlap where a lock would not.
            let transaction = format!(
                "BEGIN ISOLATION LEVEL {level};
                 SELECT count(*) FROM user_events WHERE user_id = '{user}';
                 INSERT INTO user_events (user_id, event) VALUES ('{user}', 'buy');
                 SELECT pg_sleep(0.001);
                 COMMIT"
            );
            while let Err(error) = client.batch_execute(&transaction) {
                client.batch_execute("ROLLBACK")?;
                let again = [
                    &SqlState::T_R_SERIALIZATION_FAILURE,
                    &SqlState::T_R_DEADLOCK_DETECTED,
                ];
                if !error.code().is_some_and(|code| again.contains(&code)) {
                    errors.push(format!("{user}: {error:?}"));
                    break;
                }
            }
        }
        Ok(errors)
    }

    /// Users whose membership or transitions are not what their events say.
    fn faults(&self) -> Result<Vec<String>> {
        let rows = self.database.connect()?.query(
            "SELECT format('%s: %s events, %s active, %s entered', user_id, events,
                           active, entered)
             FROM (SELECT user_id, count(*) AS events FROM user_events GROUP BY user_id) AS e,
                  LATERAL (SELECT count(*) AS active FROM bucket_memberships m
                           WHERE m.user_id = e.user_id AND status = 'active') AS m,
                  LATERAL (SELECT count(*) AS entered FROM bucket_transitions t
                           WHERE t.user_id = e.user_id AND transition = 'entered') AS t
             WHERE (active, entered) IS DISTINCT FROM
                   (CASE WHEN events >= 5 THEN 1 ELSE 0 END::bigint,
                    CASE WHEN events >= 5 THEN 1 ELSE 0 END::bigint)
             ORDER BY 1",
            &[],
        )?;
        Ok(rows.iter().map(|row| row.get(0)).collect())
    }

    /// Many rounds, after which nothing may be wrong. Above READ COMMITTED a
    /// user may have been left for a fresh look, which a reconcile takes.
    fn must_be_right(&self) -> Result<()> {
        let a_round: usize = (0..USERS).map(events_of).sum();
        for round in 0..inserts().div_ceil(a_round) {
            let errors = self.round(round)?;
            assert!(errors.is_empty(), "INSERTs failed: {errors:?}");
            if self.levels != [READ_COMMITTED] {
                reconcile(&mut self.database.connect()?)?;
            }
            let faults = self.faults()?;
            assert!(faults.is_empty(), "in round {round}: {faults:?}");
        }
        Ok(())
    }
}

#[test]
fn read_committed_misses_nobody() -> Result<()> {
    Run::new("read_committed", &[READ_COMMITTED], "")?.must_be_right()
}

#[test]
fn repeatable_read_misses_nobody() -> Result<()> {
    Run::new("repeatable_read", &[REPEATABLE_READ], "")?.must_be_right()
}

#[test]
fn serializable_misses_nobody() -> Result<()> {
    Run::new("serializable", &[SERIALIZABLE], "")?.must_be_right()
}

#[test]
fn all_levels_together_miss_nobody() -> Result<()> {
    let levels = [READ_COMMITTED, REPEATABLE_READ, SERIALIZABLE];
    Run::new("all_levels", &levels, "")?.must_be_right()
}

/// The tests above prove something only if they notice when it is broken.
#[test]
fn without_the_lock_it_is_noticed() -> Result<()> {
    let no_lock = "SET hogsend.test_no_lock = on";
    let mut run = Run::new("no_lock", &[READ_COMMITTED], no_lock)?;
    // Broken by concurrency and nothing else: one session alone gets it right.
    run.sessions = 1;
    let errors = run.round(0)?;
    assert!(errors.is_empty(), "{errors:?}");
    let faults = run.faults()?;
    assert!(faults.is_empty(), "{faults:?}");

    run.sessions = SESSIONS;
    for round in 1..=BROKEN_ROUNDS {
        let errors = run.round(round)?;
        let faults = run.faults()?;
        if let Some(first) = errors.first().or(faults.first()) {
            println!(
                "noticed in round {round}: {} users wrong, {} errors, such as {first}",
                faults.len(),
                errors.len()
            );
            return Ok(());
        }
    }
    panic!("{BROKEN_ROUNDS} rounds without a lock, and nothing noticed");
}
