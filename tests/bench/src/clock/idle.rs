//! hogsend_reconcile() when nothing is due: it must not matter how many members there are.

use crate::members::Members;
use crate::report::{Report, Target, Turns};
use crate::stats::{median, timed};
use anyhow::{Result, ensure};
use postgres::{Client, Statement};

/// Blocks of calls; each gives one median, because a single call lasts as long as one hiccup.
const BLOCKS: usize = 20;
const CALLS: usize = 50;

pub fn measure(few: &mut Members, many: &mut Members, report: &mut Report) -> Result<()> {
    let mut pair = [Probe::new(&mut few.client)?, Probe::new(&mut many.client)?];
    let mut by_size = Turns::default();
    let mut by_ping = [Turns::default(), Turns::default()];
    // The first block compiles the definitions and plans, and is not counted.
    for block in 0..=BLOCKS {
        let mut medians = [(0.0, 0.0); 2];
        for (probe, medians) in pair.iter_mut().zip(&mut medians) {
            *medians = probe.block()?;
        }
        if block > 0 {
            let [few, many] = medians;
            // Less what it takes to ask anything at all.
            by_size.add(many.0 - many.1, few.0 - few.1);
            by_ping[0].add(few.0, few.1);
            by_ping[1].add(many.0, many.1);
        }
    }
    let many_took = median(&by_ping[1].measured);
    let (few, many) = (few.extent, many.extent);
    let what = format!(
        "reconcile, nothing due, {} members, less a SELECT 1",
        many.members
    );
    let control = format!("the same, {} members", few.members);
    report.add(&what, &control, by_size);
    for (extent, turns) in [few, many].into_iter().zip(by_ping) {
        let what = format!("reconcile, nothing due, {} members", extent.members);
        report.add(&what, "SELECT 1", turns);
    }
    let what = format!(
        "reconcile, nothing due, {} members, {} events",
        many.members, many.events
    );
    let target = Some(Target::AtMost(1.0));
    report.figure(&what, many_took / 1e3, "ms", target);
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

    /// The median of reconcile, and that of asking anything at all. The calls of a session follow
    /// each other: whose process has slept meanwhile is slower, in either.
    fn block(&mut self) -> Result<(f64, f64)> {
        let (mut reconcile, mut ping) = (Vec::new(), Vec::new());
        for _ in 0..CALLS {
            let (took, _) = timed(|| self.client.query_one(&self.ping, &[]))?;
            ping.push(took);
            let (took, row) = timed(|| self.client.query_one(&self.reconcile, &[]))?;
            reconcile.push(took);
            let idle = !row.get::<_, bool>(0) && row.get::<_, i32>(1) == 0;
            ensure!(idle, "something was due");
        }
        Ok((median(&reconcile), median(&ping)))
    }
}
