//! Runs that wait: neither an event that none of them waits for nor the clock, while nothing is due, may feel how
//! many they are.

use super::database;
use crate::Scale;
use crate::report::{Report, Target, Turns};
use crate::stats::{Random, median, timed};
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::{Client, Statement};

const SMALL: i64 = 1_000_000;
const FULL: i64 = 10_000_000;
const BLOCKS: usize = 20;
/// Calls of a kind in a block; they follow each other, so that a session does not sleep in between.
const CALLS: usize = 100;

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let runs = scale.choose(SMALL, FULL);
    let mut none = database(cluster, "journey_none")?;
    let mut many = database(cluster, "journey_many")?;
    // The same users, of whom in one database each has a run that waits.
    fill(&mut none, runs, 0)?;
    fill(&mut many, runs, runs)?;
    let mut sides = [Side::new(&mut none, runs)?, Side::new(&mut many, runs)?];
    let [mut events, mut awaited, mut reconciles] = [(); 3].map(|()| Turns::default());
    // The first block compiles the definitions and plans, and is not counted.
    for block in 0..=BLOCKS {
        let mut medians = [[0.0; 3]; 2];
        for (side, medians) in sides.iter_mut().zip(&mut medians) {
            *medians = side.block(block as u64)?;
        }
        if block > 0 {
            let [none, many] = medians;
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

/// So many users are known, and so many of them wait: written down as hogsend_wait_for() would have left it.
fn fill(client: &mut Client, users: i64, waiting: i64) -> Result<()> {
    client.batch_execute(&format!(
        r#"SET session_replication_role = replica;
        INSERT INTO contacts (user_id) SELECT 'user-' || n FROM generate_series(1, {users}) n;
        INSERT INTO journey_runs (user_id, journey_id, entry_count, status, step, label, started_at, since, wait_event,
                                  wait_filter, wait_until, labels)
        SELECT 'user-' || n, 'trip', 1, 'waiting', 1, 'first mail', now(), now(), 'buy',
               hogsend_property('amount', 'gt', 10), now() + '30 days' + n * interval '1 second',
               '{{"": {{"reached": 1, "seconds": 0.5}}, "first mail": {{"reached": 1}}}}'
        FROM generate_series(1, {waiting}) n;
        INSERT INTO bucket_timers (user_id, bucket_id, due_at)
        SELECT user_id, 'journey:' || journey_id, wait_until FROM journey_runs;
        RESET session_replication_role;
        UPDATE journeys SET waits_for = '{{buy}}'"#
    ))?;
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(())
}

struct Side<'c> {
    client: &'c mut Client,
    users: u64,
    insert: Statement,
    reconcile: Statement,
}

impl<'c> Side<'c> {
    fn new(client: &'c mut Client, users: i64) -> Result<Self> {
        let columns = "INSERT INTO user_events (user_id, event, properties)";
        Ok(Side {
            insert: client.prepare(&format!("{columns} VALUES ($1, $2, '{{\"amount\": 1}}')"))?,
            reconcile: client.prepare("SELECT remaining FROM hogsend_reconcile()")?,
            users: users as u64,
            client,
        })
    }

    /// The medians of an event that nobody waits for, of one that is waited for, and of a reconcile.
    fn block(&mut self, seed: u64) -> Result<[f64; 3]> {
        let mut latencies: [Vec<f64>; 3] = Default::default();
        let mut random = Random(77 + seed);
        for (event, latencies) in ["view", "buy"].iter().zip(&mut latencies) {
            for _ in 0..CALLS {
                let user = format!("user-{}", random.below(self.users) + 1);
                let insert = || self.client.execute(&self.insert, &[&user, event]);
                latencies.push(timed(insert)?.0);
            }
        }
        for _ in 0..CALLS {
            let (took, row) = timed(|| self.client.query_one(&self.reconcile, &[]))?;
            ensure!(!row.get::<_, bool>(0), "something was due");
            latencies[2].push(took);
        }
        let resumed = "SELECT EXISTS (SELECT FROM bucket_transitions)";
        let resumed: bool = self.client.query_one(resumed, &[])?.get(0);
        ensure!(!resumed, "a run was resumed");
        Ok(latencies.map(|latencies| median(&latencies)))
    }
}
