//! A wait and the resumption that ends it, each by itself, over what it costs to join one bucket. Everybody does
//! each of them once, and the session remembers nobody: users of another block are in between.

use super::{begin, database};
use crate::Scale;
use crate::report::{Report, Target, Turns};
use crate::setup::count;
use crate::stats::{median, timed};
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::{Client, Statement};

/// Calls of a kind in a turn, and those that follow each other in it.
const BLOCK: i64 = 500;
const RUN: i64 = 20;

const KINDS: [&str; 3] = [
    "hogsend_wait_for, a run that is at a step",
    "the same with a filter and a state",
    "an event that resumes a run",
];

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let turns = scale.choose(6, 24);
    let mut client = database(cluster, "journey_calls")?;
    // A block that warms up, and of those who wait two kinds.
    let users = (turns + 2) * BLOCK * 2;
    begin(&mut client, users)?;
    client.batch_execute(&format!(
        "INSERT INTO user_events (user_id, event) SELECT 'joiner-' || n, 'seen' FROM generate_series(1, {users}) n"
    ))?;
    client.batch_execute("VACUUM ANALYZE")?;
    let mut calls = Calls::new(&mut client)?;
    let mut measured = KINDS.map(|_| Turns::default());
    for turn in 0..=turns {
        let medians = calls.block(turn * BLOCK)?;
        if turn > 0 {
            let [joins, kinds @ ..] = medians;
            for (turns, kind) in measured.iter_mut().zip(kinds) {
                turns.add(kind, joins);
            }
        }
    }
    let query = "journey_runs WHERE status = 'active' AND step = 2";
    let resumed = count(&mut client, query)?;
    ensure!(resumed == turns * BLOCK, "{resumed} runs have been resumed");
    for (kind, turns) in KINDS.iter().zip(measured) {
        report.add_with_target(kind, "somebody joins", turns, Target::AtMost(1.0));
    }
    Ok(())
}

struct Calls<'c> {
    client: &'c mut Client,
    join: Statement,
    resume: Statement,
    plain_wait: Statement,
    full_wait: Statement,
    /// Runs and whose they are, as they lie.
    runs: Vec<(i64, String)>,
}

impl<'c> Calls<'c> {
    fn new(client: &'c mut Client) -> Result<Self> {
        let insert = "INSERT INTO user_events (user_id, event) VALUES ($1, ";
        let wait = "SELECT hogsend_wait_for($1, 'buy', '2 days', 'first mail'";
        let state = r#"'{"offer": "A", "sent": 1}'"#;
        let filter = "hogsend_property('amount', 'gt', 10)";
        let runs = client.query("SELECT id, user_id FROM journey_runs ORDER BY id", &[])?;
        Ok(Calls {
            join: client.prepare(&format!("{insert} 'join')"))?,
            resume: client.prepare(&format!("{insert} 'buy')"))?,
            plain_wait: client.prepare(&format!("{wait})"))?,
            full_wait: client.prepare(&format!("{wait}, filter => {filter}, state => {state})"))?,
            runs: runs.iter().map(|row| (row.get(0), row.get(1))).collect(),
            client,
        })
    }

    /// The medians of a join, and of what is measured against it. Each run of calls waits for its turn; who is
    /// resumed has waited since the block before.
    fn block(&mut self, first: i64) -> Result<[f64; 4]> {
        let mut latencies: [Vec<f64>; 4] = Default::default();
        let [joins, waits, full_waits, resumptions] = &mut latencies;
        for start in (first..first + BLOCK).step_by(RUN as usize) {
            for n in start..start + RUN {
                let user = format!("joiner-{}", n + 1);
                joins.push(timed(|| self.client.execute(&self.join, &[&user]))?.0);
            }
            // Those with a filter are the second half, and wait to the end.
            let half = self.runs.len() as i64 / 2;
            for (wait, latencies, from) in [
                (&self.plain_wait, &mut *waits, 0),
                (&self.full_wait, &mut *full_waits, half),
            ] {
                for n in start..start + RUN {
                    let run = self.runs[(from + n) as usize].0;
                    let (took, row) = timed(|| self.client.query_one(wait, &[&run]))?;
                    ensure!(row.get::<_, bool>(0), "run {run} was not to wait");
                    latencies.push(took);
                }
            }
            let before = start - BLOCK..start - BLOCK + RUN;
            for n in before.filter(|n| *n >= 0) {
                let user = &self.runs[n as usize].1;
                resumptions.push(timed(|| self.client.execute(&self.resume, &[user]))?.0);
            }
        }
        Ok(latencies.map(|latencies| median(&latencies)))
    }
}
