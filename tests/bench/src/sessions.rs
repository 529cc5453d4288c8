//! Many sessions that insert at once: each for users of its own, or all for the same ten.

use crate::Scale;
use crate::report::{Report, Turns};
use crate::setup::{self, count};
use crate::stats::median;
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::{Client, Statement};
use std::thread;
use std::time::{Duration, Instant};

const SESSIONS: [usize; 4] = [1, 8, 32, 64];
const TURNS: usize = 4;
/// Of a turn, on either side.
const SMALL: Duration = Duration::from_millis(120);
const FULL: Duration = Duration::from_millis(600);
/// What each session has, if it has users of its own.
const OWN: usize = 100;
const HOT: usize = 10;

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let mut client = load(cluster)?;
    let mut sessions = (0..SESSIONS[SESSIONS.len() - 1])
        .map(|number| Session::new(cluster, number))
        .collect::<Result<Vec<_>>>()?;
    // Where commits wait for the disk, they wait together on a plain table; those of one user's
    // rows wait for each other here.
    for commit in ["on", "off"] {
        for session in &mut sessions {
            let set = format!("SET synchronous_commit = {commit}");
            session.client.batch_execute(&set)?;
        }
        for (whose, are_hot) in [("users of their own", false), ("10 hot users", true)] {
            let what = format!("{whose}, synchronous_commit = {commit}");
            let mut rates = [Vec::new(), Vec::new()];
            for number in SESSIONS {
                let duration = scale.choose(SMALL, FULL);
                let turns = turns(&mut sessions[..number], are_hot, duration)?;
                for (side, rates) in [&turns.measured, &turns.control]
                    .into_iter()
                    .zip(&mut rates)
                {
                    rates.push(format!("{:.0}", 1e6 / median(side)));
                }
                let what = format!("INSERT, {number} at once, {what}");
                report.add(&what, "plain table, as many at once", turns);
            }
            let [ours, plain] = rates.map(|rates| rates.join(", "));
            report.note(format!(
                "{what}: {SESSIONS:?} sessions insert {ours} rows a second, into a plain table {plain}"
            ));
        }
        client.batch_execute("VACUUM ANALYZE")?;
        client.batch_execute("CHECKPOINT")?;
    }
    let moved = count(&mut client, "bucket_transitions")?;
    ensure!(moved == 0, "{moved} unexpected transitions");
    Ok(())
}

/// Three of ten buckets have to be evaluated at every INSERT, because it could make the user join
/// who lacks the plan; so it has to lock the user.
fn load(cluster: &Cluster) -> Result<Client> {
    cluster.create_database("sessions")?;
    let mut client = cluster.connect("sessions")?;
    client.batch_execute(&format!(
        "CREATE EXTENSION hogsend;
         INSERT INTO buckets (id, criteria)
         SELECT 'pro-' || n, hogsend_all(hogsend_event('buy', within => n * interval '10 days'),
                                         hogsend_property('plan', 'eq', 'pro'))
         FROM generate_series(1, 3) n
         UNION ALL
         SELECT 'other-' || n, hogsend_event('other-' || n, within => '30 days')
         FROM generate_series(4, 10) n;
         INSERT INTO contacts (user_id, properties)
         SELECT u, '{{\"plan\": \"free\"}}'
         FROM generate_series(0, {last}) s, generate_series(0, {OWN} - 1) n,
              concat('user-', s, '-', n) u;
         INSERT INTO contacts (user_id, properties)
         SELECT 'hot-' || n, '{{\"plan\": \"free\"}}' FROM generate_series(0, {HOT} - 1) n;
         CREATE TABLE plain (LIKE user_events INCLUDING ALL);
         INSERT INTO user_events (user_id, event) SELECT user_id, 'buy' FROM contacts;
         INSERT INTO plain (user_id, event) SELECT user_id, 'buy' FROM contacts",
        last = SESSIONS[SESSIONS.len() - 1] - 1
    ))?;
    setup::settle(&mut client)?;
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(client)
}

/// The first turn warms up, and is not counted. The sides take turns at being the first.
fn turns(sessions: &mut [Session], are_hot: bool, duration: Duration) -> Result<Turns> {
    let mut turns = Turns::default();
    for turn in 0..=TURNS {
        let first = run(sessions, turn % 2, are_hot, duration)?;
        let second = run(sessions, 1 - turn % 2, are_hot, duration)?;
        let [measured, control] = if turn % 2 == 0 {
            [first, second]
        } else {
            [second, first]
        };
        if turn > 0 {
            turns.add(measured, control);
        }
    }
    Ok(turns)
}

/// All sessions insert for a while, on one of the sides; returns the microseconds of the clock that
/// an INSERT took.
fn run(sessions: &mut [Session], side: usize, are_hot: bool, duration: Duration) -> Result<f64> {
    let start = Instant::now();
    let inserts = thread::scope(|scope| -> Result<u64> {
        let threads: Vec<_> = sessions
            .iter_mut()
            .map(|session| {
                scope.spawn(move || session.insert_until(start + duration, side, are_hot))
            })
            .collect();
        let mut inserts = 0;
        for thread in threads {
            inserts += thread.join().expect("a session panicked")?;
        }
        Ok(inserts)
    })?;
    Ok(start.elapsed().as_secs_f64() * 1e6 / inserts as f64)
}

struct Session {
    client: Client,
    number: usize,
    /// Into `user_events`, and into the plain table.
    inserts: [Statement; 2],
    next: usize,
}

impl Session {
    fn new(cluster: &Cluster, number: usize) -> Result<Session> {
        let mut client = cluster.connect("sessions")?;
        let mut insert = |table: &str| {
            client.prepare(&format!(
                "INSERT INTO {table} (user_id, event) VALUES ($1, 'buy')"
            ))
        };
        let inserts = [insert("user_events")?, insert("plain")?];
        Ok(Session {
            client,
            number,
            inserts,
            next: number,
        })
    }

    fn insert_until(&mut self, end: Instant, side: usize, are_hot: bool) -> Result<u64> {
        let mut inserts = 0;
        while Instant::now() < end {
            self.next += 1;
            let user = if are_hot {
                format!("hot-{}", self.next % HOT)
            } else {
                format!("user-{}-{}", self.number, self.next % OWN)
            };
            self.client.execute(&self.inserts[side], &[&user])?;
            inserts += 1;
        }
        Ok(inserts)
    }
}
