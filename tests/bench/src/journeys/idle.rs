//! Runs that wait: neither an event that none of them waits for nor the clock, while nothing is due, may feel how
//! many they are.
//!
//! It is one session of one database that has them and has them not, in turns: two of each differ by more than
//! what is asked here, by where the system has put them.

use super::database;
use crate::Scale;
use crate::report::{Report, Target, Turns};
use crate::stats::{Random, median, timed};
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::{Client, Statement};

const SMALL: i64 = 1_000_000;
const FULL: i64 = 10_000_000;
const TURNS: u64 = 20;
/// Calls of a kind that follow each other, so that the session does not sleep in between; and such runs of each
/// side in a turn.
const RUN: usize = 100;
const RUNS: u64 = 4;
/// The first of a run find what they know of the tables out anew, and are not counted.
const FIRST: usize = 20;

/// What there is of them where they wait.
const TABLES: [&str; 2] = ["journey_runs", "bucket_timers"];

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let runs = scale.choose(SMALL, FULL);
    let mut client = database(cluster, "journey_idle")?;
    fill(&mut client, runs)?;
    let mut side = Side::new(client, runs)?;
    let [mut events, mut awaited, mut reconciles] = [(); 3].map(|()| Turns::default());
    // The first turn compiles the definitions and plans, and is not counted.
    for turn in 0..=TURNS {
        let [none, many] = side.turn(turn)?;
        if turn > 0 {
            events.add(many[0], none[0]);
            awaited.add(many[1], none[1]);
            reconciles.add(many[2], none[2]);
        }
    }
    let took = median(&reconciles.measured) / 1e3;
    let control = "the same, none waits";
    let what = format!("an event that no run waits for, {runs} runs wait");
    report.add_with_target(&what, control, events, Target::AtMost(1.05));
    let what = format!("an event that runs wait for, and their filter keeps out, {runs} runs wait");
    report.add(&what, control, awaited);
    let what = format!("reconcile, nothing due, {runs} runs wait");
    report.add_with_target(&what, control, reconciles, Target::AtMost(1.2));
    report.figure(&what, took, "ms", Some(Target::AtMost(1.0)));
    Ok(())
}

/// So many users are known, of whom each waits: written down as hogsend_wait_for() would have left it. Beside it
/// are tables in which nobody does.
fn fill(client: &mut Client, users: i64) -> Result<()> {
    for table in TABLES {
        client.batch_execute(&format!(
            "CREATE TABLE none_{table} (LIKE {table} INCLUDING ALL)"
        ))?;
    }
    client.batch_execute(&format!(
        r#"SET session_replication_role = replica;
        INSERT INTO contacts (user_id) SELECT 'user-' || n FROM generate_series(1, {users}) n;
        INSERT INTO journey_runs (user_id, journey_id, entry_count, status, step, label, started_at, since, wait_event,
                                  wait_filter, wait_until, labels)
        SELECT 'user-' || n, 'trip', 1, 'waiting', 1, 'first mail', now(), now(), 'buy',
               hogsend_property('amount', 'gt', 10), now() + '30 days' + n * interval '1 second',
               '{{"": {{"reached": 1, "seconds": 0.5}}, "first mail": {{"reached": 1}}}}'
        FROM generate_series(1, {users}) n;
        INSERT INTO bucket_timers (user_id, bucket_id, due_at)
        SELECT user_id, 'journey:' || journey_id, wait_until FROM journey_runs;
        RESET session_replication_role;
        UPDATE journeys SET waits_for = '{{buy}}'"#
    ))?;
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(())
}

/// The database, and whether the tables with those who wait are in their places.
struct Side {
    client: Client,
    users: u64,
    insert: Statement,
    reconcile: Statement,
    has_runs: bool,
}

impl Side {
    fn new(mut client: Client, users: i64) -> Result<Self> {
        let columns = "INSERT INTO user_events (user_id, event, properties)";
        Ok(Side {
            insert: client.prepare(&format!("{columns} VALUES ($1, $2, '{{\"amount\": 1}}')"))?,
            reconcile: client.prepare("SELECT remaining FROM hogsend_reconcile()")?,
            users: users as u64,
            has_runs: true,
            client,
        })
    }

    /// Puts the tables with the runs, or those without, where they are looked for.
    fn have(&mut self, runs: bool) -> Result<()> {
        if self.has_runs == runs {
            return Ok(());
        }
        let [away, here] = match runs {
            true => ["none", "many"],
            false => ["many", "none"],
        };
        let renames = TABLES.map(|table| {
            format!(
                "ALTER TABLE {table} RENAME TO {away}_{table}; ALTER TABLE {here}_{table} RENAME TO {table};"
            )
        });
        self.client.batch_execute(&renames.concat())?;
        self.has_runs = runs;
        Ok(())
    }

    /// The medians of an event that nobody waits for, of one that is waited for, and of a reconcile: where nobody
    /// waits, and where all do.
    fn turn(&mut self, turn: u64) -> Result<[[f64; 3]; 2]> {
        let mut latencies: [[Vec<f64>; 3]; 2] = Default::default();
        let mut random = Random(77 + turn);
        for run in 0..2 * RUNS {
            // Neither is always the first.
            let has_runs = (turn + run + run / 2).is_multiple_of(2);
            self.have(has_runs)?;
            let [view, buy, reconcile] = &mut latencies[usize::from(has_runs)];
            for (event, latencies) in [("view", view), ("buy", buy)] {
                self.events(event, &mut random, FIRST)?;
                latencies.extend(self.events(event, &mut random, RUN)?);
            }
            self.reconciles(FIRST)?;
            reconcile.extend(self.reconciles(RUN)?);
        }
        let resumed = "SELECT EXISTS (SELECT FROM bucket_transitions)";
        let resumed: bool = self.client.query_one(resumed, &[])?.get(0);
        ensure!(!resumed, "a run was resumed");
        Ok(latencies.map(|side| side.map(|latencies| median(&latencies))))
    }

    fn events(&mut self, event: &str, random: &mut Random, count: usize) -> Result<Vec<f64>> {
        let mut latencies = Vec::new();
        for _ in 0..count {
            let user = format!("user-{}", random.below(self.users) + 1);
            let insert = || self.client.execute(&self.insert, &[&user, &event]);
            latencies.push(timed(insert)?.0);
        }
        Ok(latencies)
    }

    fn reconciles(&mut self, count: usize) -> Result<Vec<f64>> {
        let mut latencies = Vec::new();
        for _ in 0..count {
            let (took, row) = timed(|| self.client.query_one(&self.reconcile, &[]))?;
            ensure!(!row.get::<_, bool>(0), "something was due");
            latencies.push(took);
        }
        Ok(latencies)
    }
}
