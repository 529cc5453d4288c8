//! Who else is connected while transitions are pruned.

use super::{DATABASE, at};
use crate::report::Turns;
use crate::setup::count;
use crate::stats::{median, timed};
use anyhow::Result;
use hogsend_harness::Cluster;
use postgres::{Client, Statement};

/// An application whose every event makes a new user join.
pub struct Writer {
    client: Client,
    insert: Statement,
    day: usize,
    users: usize,
}

impl Writer {
    /// It does not wait for the disk, which would be most of what it waits for.
    pub fn new(cluster: &Cluster, day: usize) -> Result<Self> {
        let mut client = cluster.connect(DATABASE)?;
        client.batch_execute(&at(day))?;
        client.batch_execute("SET synchronous_commit = off")?;
        let insert =
            client.prepare("INSERT INTO user_events (user_id, event) VALUES ($1, 'buy')")?;
        Ok(Writer {
            client,
            insert,
            day,
            users: 0,
        })
    }

    /// Writes as long as `goes_on` says when told how often it has, and returns the latencies.
    pub fn write_while(&mut self, goes_on: impl Fn(usize) -> bool) -> Result<Vec<f64>> {
        let mut latencies = Vec::new();
        while goes_on(latencies.len()) {
            self.users += 1;
            let user = format!("writer-{}-{}", self.day, self.users);
            let (micros, _) = timed(|| self.client.execute(&self.insert, &[&user]))?;
            latencies.push(micros);
        }
        Ok(latencies)
    }
}

/// A session that reconciles.
pub struct Clock {
    client: Client,
}

impl Clock {
    /// Transitions that it removes a run.
    pub const LIMIT: i32 = 10_000;
    /// Blocks of calls; each gives one median, because a single call lasts as long as one hiccup.
    const BLOCKS: usize = 20;
    const CALLS: usize = 20;

    pub fn new(cluster: &Cluster) -> Result<Self> {
        let client = cluster.connect(DATABASE)?;
        Ok(Clock { client })
    }

    pub fn set_day(&mut self, day: usize) -> Result<()> {
        Ok(self.client.batch_execute(&at(day))?)
    }

    /// Runs once; how long it took.
    fn run(&mut self, retention: &str) -> Result<f64> {
        let setting = format!("SET hogsend.retention = '{retention}'");
        self.client.batch_execute(&setting)?;
        let reconcile = format!("SELECT FROM hogsend_reconcile({})", Clock::LIMIT);
        Ok(timed(|| self.client.batch_execute(&reconcile))?.0)
    }

    /// Runs with a retention once; how long it took and how many transitions it removed.
    pub fn prune(&mut self, observer: &mut Client) -> Result<(f64, i64)> {
        let before = count(observer, "bucket_transitions")?;
        let micros = self.run("12h")?;
        Ok((micros, before - count(observer, "bucket_transitions")?))
    }

    /// Runs by turns with a retention, in which nothing is that old, and without.
    pub fn with_retention_and_without(&mut self) -> Result<Turns> {
        let mut turns = Turns::default();
        // The first block compiles plans, and is not counted.
        for block in 0..=Clock::BLOCKS {
            let (mut with, mut without) = (Vec::new(), Vec::new());
            for _ in 0..Clock::CALLS {
                with.push(self.run("12h")?);
                without.push(self.run("0")?);
            }
            if block > 0 {
                turns.add(median(&with), median(&without));
            }
        }
        Ok(turns)
    }
}
