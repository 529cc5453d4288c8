//! What notifications cost when many sessions commit at once: those that notify take turns.

use crate::Scale;
use crate::report::{Report, Turns};
use crate::setup::{count, settle};
use crate::stats::median;
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::{Client, Statement};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

const SESSIONS: usize = 32;
/// One INSERT in so many is a new user's, who enters; the others are those of members.
const ONE_IN: u64 = 100;
const MEMBERS: u64 = 10_000;
const TURNS: usize = 6;
/// Of a turn, on either side.
const SMALL: Duration = Duration::from_millis(400);
const FULL: Duration = Duration::from_secs(2);

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let duration = scale.choose(SMALL, FULL);
    cluster.create_database("notify")?;
    let mut client = cluster.connect("notify")?;
    client.batch_execute(&format!(
        "CREATE EXTENSION hogsend;
         INSERT INTO buckets (id, criteria)
         VALUES ('buyers', hogsend_event('buy', within => interval '30 days'));
         INSERT INTO user_events (user_id, event)
         SELECT 'member-' || n, 'buy' FROM generate_series(0, {MEMBERS} - 1) n"
    ))?;
    settle(&mut client)?;
    client.batch_execute("VACUUM ANALYZE")?;
    // Somebody listens, or notifications would be thrown away at once.
    client.batch_execute("LISTEN bucket_transitions")?;
    let mut sessions = (0..SESSIONS)
        .map(|_| Session::new(cluster))
        .collect::<Result<Vec<_>>>()?;
    for mode in ["transition", "wake"] {
        let mut turns = Turns::default();
        // The first turn warms up, and is not counted.
        for turn in 0..=TURNS {
            let modes = if turn % 2 == 0 {
                [mode, "off"]
            } else {
                ["off", mode]
            };
            let first = run(&mut sessions, modes[0], duration)?;
            let second = run(&mut sessions, modes[1], duration)?;
            client.batch_execute("SELECT")?;
            if turn > 0 {
                let off = if modes[0] == "off" { first } else { second };
                turns.add(first + second - off, off);
            }
        }
        let [a_second, off] = [&turns.measured, &turns.control].map(|v| 1e6 / median(v));
        report.note(format!(
            "{SESSIONS} sessions: {a_second:.0} INSERTs a second with hogsend.notify = {mode}, {off:.0} with off"
        ));
        let what = format!("an INSERT of {SESSIONS} sessions, {mode}, 1 in {ONE_IN} notifies");
        report.add(&what, "hogsend.notify = off", turns);
    }
    // Members' INSERTs must not have moved anybody, and all others must have.
    let new = NEXT.load(Ordering::Relaxed).div_ceil(ONE_IN) as i64;
    let entered = count(&mut client, "bucket_transitions")? - MEMBERS as i64;
    ensure!(entered == new, "{entered} entered instead of {new}");
    Ok(())
}

struct Session {
    client: Client,
    insert: Statement,
}

impl Session {
    fn new(cluster: &Cluster) -> Result<Session> {
        let mut client = cluster.connect("notify")?;
        let insert =
            client.prepare("INSERT INTO user_events (user_id, event) VALUES ($1, 'buy')")?;
        Ok(Session { client, insert })
    }

    fn insert_until(&mut self, end: Instant) -> Result<()> {
        while Instant::now() < end {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let user = if number.is_multiple_of(ONE_IN) {
                format!("new-{number}")
            } else {
                format!("member-{}", number % MEMBERS)
            };
            self.client.execute(&self.insert, &[&user])?;
        }
        Ok(())
    }
}

/// The number of an INSERT, over all sessions and turns.
static NEXT: AtomicU64 = AtomicU64::new(0);

/// All sessions insert for a while; returns the microseconds of the clock that an INSERT took.
fn run(sessions: &mut [Session], mode: &str, duration: Duration) -> Result<f64> {
    for session in &mut *sessions {
        let set = format!("SET hogsend.notify = '{mode}'");
        session.client.batch_execute(&set)?;
    }
    let before = NEXT.load(Ordering::Relaxed);
    let start = Instant::now();
    std::thread::scope(|scope| {
        let threads: Vec<_> = sessions
            .iter_mut()
            .map(|session| scope.spawn(move || session.insert_until(start + duration)))
            .collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().expect("a session panicked"))
    })?;
    let inserts = NEXT.load(Ordering::Relaxed) - before;
    Ok(start.elapsed().as_secs_f64() * 1e6 / inserts as f64)
}
