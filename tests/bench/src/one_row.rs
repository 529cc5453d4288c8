//! One event as an application sends it: a prepared one-row INSERT, committed by itself, seen from
//! the client's side of the socket.

use crate::report::{Report, Turns};
use crate::setup::{self, count};
use crate::stats::{Random, median, timed};
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::{Client, Statement};

const USERS: u64 = 1_000;
/// Statements of each side in a block, and in a run of one side within it.
const BLOCK: usize = 500;
const RUN: usize = 20;
const BLOCKS: u64 = 24;

pub fn measure(cluster: &Cluster, report: &mut Report) -> Result<()> {
    for buckets in [1000, 10, 0] {
        let name = format!("one_row_{buckets}");
        let mut client = setup::database(cluster, &name, buckets)?;
        prepare_users(&mut client)?;
        let before = count(&mut client, "bucket_transitions")?;
        let mut case = Case::new(&mut client)?;
        if buckets > 0 {
            let turns = case.against("user_events", "buy")?;
            let what = format!("one-row INSERT, 3 of {buckets} buckets concerned");
            report.add(&what, "plain table", turns);
        }
        let turns = case.against("user_events", "view")?;
        let what = format!("one-row INSERT, 0 of {buckets} buckets concerned");
        report.add(&what, "plain table", turns);
        if buckets == 0 {
            // What the method itself says about two things that are the same.
            let turns = case.against("plain_too", "view")?;
            report.add("one-row INSERT, another plain table", "plain table", turns);
        }
        // Had anybody joined or left, this would have measured something else.
        let after = count(&mut client, "bucket_transitions")?;
        ensure!(before == after, "{} unexpected transitions", after - before);
    }
    Ok(())
}

/// Thirty-six earlier events for everybody, half of them purchases, spread over the last days: in
/// both tables.
fn prepare_users(client: &mut Client) -> Result<()> {
    client.batch_execute(&format!(
        "SET synchronous_commit = off;
         INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'user-' || u, (ARRAY['buy', 'view'])[1 + n % 2], now() - n * interval '5 hours'
         FROM generate_series(1, 36) n, generate_series(0, {USERS} - 1) u;
         INSERT INTO plain (user_id, event, occurred_at) SELECT user_id, event, occurred_at FROM user_events;
         CREATE TABLE plain_too (LIKE plain INCLUDING ALL);
         INSERT INTO plain_too (user_id, event, occurred_at) SELECT user_id, event, occurred_at FROM plain"
    ))?;
    setup::settle(client)?;
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(())
}

struct Case<'c> {
    client: &'c mut Client,
    plain: Statement,
}

impl<'c> Case<'c> {
    fn new(client: &'c mut Client) -> Result<Self> {
        let plain = client.prepare(&insert_into("plain"))?;
        Ok(Case { client, plain })
    }

    fn against(&mut self, table: &str, event: &str) -> Result<Turns> {
        let measured = self.client.prepare(&insert_into(table))?;
        let control = self.plain.clone();
        let mut turns = Turns::default();
        // The first block warms the caches and plans, and is not counted.
        for block in 0..=BLOCKS {
            let (m, c) = self.block(&measured, &control, event, 77 + block)?;
            if block > 0 {
                turns.add(m, c);
            }
        }
        Ok(turns)
    }

    /// The median latencies of a block. The two sides take turns every few statements, or a
    /// neighbour's busy second would fall upon one of them.
    fn block(
        &mut self,
        measured: &Statement,
        control: &Statement,
        event: &str,
        seed: u64,
    ) -> Result<(f64, f64)> {
        // The same users on both sides.
        let mut sides = [
            (measured, Random(seed), Vec::with_capacity(BLOCK)),
            (control, Random(seed), Vec::with_capacity(BLOCK)),
        ];
        for _ in 0..BLOCK / RUN {
            for (insert, random, latencies) in &mut sides {
                for _ in 0..RUN {
                    let user = format!("user-{}", random.below(USERS));
                    let (took, _) = timed(|| self.client.execute(*insert, &[&user, &event]))?;
                    latencies.push(took);
                }
            }
        }
        Ok((median(&sides[0].2), median(&sides[1].2)))
    }
}

fn insert_into(table: &str) -> String {
    format!("INSERT INTO {table} (user_id, event) VALUES ($1, $2)")
}
