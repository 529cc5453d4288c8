//! hogsend_reconcile() when nothing is due: it must not matter how many members there are.

use crate::members::Members;
use crate::report::{Report, Turns};
use crate::stats::{median, timed};
use anyhow::{Result, ensure};
use postgres::{Client, Statement};

/// Blocks of calls; each gives one median, because a single call lasts as long as one hiccup.
const BLOCKS: usize = 20;
const CALLS: usize = 20;

pub fn measure(few: &mut Members, many: &mut Members, report: &mut Report) -> Result<()> {
    let mut pair = [Probe::new(&mut few.client)?, Probe::new(&mut many.client)?];
    let mut by_size = Turns::default();
    let mut by_ping = [Turns::default(), Turns::default()];
    // The first block compiles the definitions and plans, and is not counted.
    for block in 0..=BLOCKS {
        let (mut reconcile, mut ping) = ([const { Vec::new() }; 2], [const { Vec::new() }; 2]);
        for _ in 0..CALLS {
            for (place, probe) in pair.iter_mut().enumerate() {
                let (r, p) = probe.turn()?;
                reconcile[place].push(r);
                ping[place].push(p);
            }
        }
        if block > 0 {
            let (r, p) = (reconcile.map(|v| median(&v)), ping.map(|v| median(&v)));
            // Less what it takes to ask anything at all.
            by_size.add(r[1] - p[1], r[0] - p[0]);
            by_ping[0].add(r[0], p[0]);
            by_ping[1].add(r[1], p[1]);
        }
    }
    let (few, many) = (few.count, many.count);
    let what = format!("reconcile, nothing due, {many} members, less a SELECT 1");
    report.add(&what, &format!("the same, {few} members"), by_size);
    for (members, turns) in [few, many].into_iter().zip(by_ping) {
        let what = format!("reconcile, nothing due, {members} members");
        report.add(&what, "SELECT 1", turns);
    }
    Ok(())
}

struct Probe<'c> {
    client: &'c mut Client,
    reconcile: Statement,
    ping: Statement,
}

impl<'c> Probe<'c> {
    fn new(client: &'c mut Client) -> Result<Self> {
        let reconcile = client.prepare("SELECT remaining, \"left\" FROM hogsend_reconcile()")?;
        let ping = client.prepare("SELECT 1")?;
        Ok(Probe {
            client,
            reconcile,
            ping,
        })
    }

    fn turn(&mut self) -> Result<(f64, f64)> {
        let (ping, _) = timed(|| self.client.query_one(&self.ping, &[]))?;
        let (reconcile, row) = timed(|| self.client.query_one(&self.reconcile, &[]))?;
        let idle = !row.get::<_, bool>(0) && row.get::<_, i32>(1) == 0;
        ensure!(idle, "something was due");
        Ok((reconcile, ping))
    }
}
