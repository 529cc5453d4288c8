//! hogsend_reconcile() when nothing is due: it must not matter how many members there are.

use crate::members::Members;
use crate::report::{Report, Turns};
use crate::stats::{micros, timed};
use anyhow::{Result, ensure};
use postgres::{Client, Statement};
use std::time::Duration;

const CALLS: usize = 200;

pub fn measure(few: &mut Members, many: &mut Members, report: &mut Report) -> Result<()> {
    let mut pair = [Probe::new(&mut few.client)?, Probe::new(&mut many.client)?];
    let mut by_size = Turns::default();
    let mut by_ping = [Turns::default(), Turns::default()];
    // The first calls compile the definitions and plan, and are not counted.
    for call in 0..CALLS + 10 {
        let mut server = [0.0; 2];
        for (place, probe) in pair.iter_mut().enumerate() {
            let (reconcile, ping) = probe.turn()?;
            // Less what it takes to ask anything at all.
            server[place] = (reconcile - ping).max(micros(Duration::from_nanos(1)));
            if call >= 10 {
                by_ping[place].add(reconcile, ping);
            }
        }
        if call >= 10 {
            by_size.add(server[1], server[0]);
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
