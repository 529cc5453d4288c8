//! A hundred buckets with lists of ten thousand values: what a session keeps of them, and how long its first statement
//! takes.

use crate::Scale;
use crate::report::{Report, Target};
use crate::setup;
use crate::stats::{median, timed};
use anyhow::Result;
use hogsend_harness::Cluster;
use postgres::Client;
use std::fs;

const LISTS: i64 = 100;
const VALUES: i64 = 10_000;
const SESSIONS: usize = 5;

pub fn measure(cluster: &Cluster, _: Scale, report: &mut Report) -> Result<()> {
    load(cluster, "no_lists", 0)?;
    load(cluster, "lists", LISTS)?;
    let mut memory = [Vec::new(), Vec::new()];
    let mut first = [Vec::new(), Vec::new()];
    let mut change = Vec::new();
    for _ in 0..SESSIONS {
        for (side, database) in ["no_lists", "lists"].into_iter().enumerate() {
            let mut client = cluster.connect(database)?;
            let insert = "INSERT INTO user_events (user_id, event) VALUES ('u1', 'opened')";
            let (took, ()) = timed(|| client.batch_execute(insert))?;
            first[side].push(took / 1000.0);
            let update = "UPDATE contacts SET properties = jsonb_build_object('account', 'x' || random()) WHERE user_id = 'u1'";
            let (took, ()) = timed(|| client.batch_execute(update))?;
            if side == 1 {
                change.push(took / 1000.0);
            }
            memory[side].push(own_memory(&mut client)?);
        }
    }
    let [without, with] = memory.map(|values| median(&values));
    let what = format!("memory of a session for {LISTS} lists of {VALUES} values");
    report.figure(&what, with - without, "MB", Some(Target::AtMost(20.0)));
    let [without, with] = first.map(|values| median(&values));
    let what = format!("first statement after connecting, {LISTS} lists of {VALUES} values");
    report.figure(&what, with, "ms", Some(Target::AtMost(100.0)));
    report.figure(
        "first statement after connecting, no lists",
        without,
        "ms",
        None,
    );
    report.figure(
        "first change of the property that they are about",
        median(&change),
        "ms",
        None,
    );
    Ok(())
}

fn load(cluster: &Cluster, name: &str, lists: i64) -> Result<()> {
    cluster.create_database(name)?;
    let mut client = cluster.connect(name)?;
    client.batch_execute(&format!(
        "CREATE EXTENSION hogsend;
         INSERT INTO contacts (user_id) VALUES ('u1');
         INSERT INTO buckets (id, criteria)
         SELECT 'list-' || l, jsonb_build_object('type', 'property', 'property', 'account', 'operator', 'in', 'value',
                (SELECT jsonb_agg('acc-' || l || '-' || n) FROM generate_series(1, {VALUES}) n))
         FROM generate_series(1, {lists}) l
         UNION ALL SELECT 'opened', hogsend_event('opened')"
    ))?;
    setup::settle(&mut client)
}

/// What the session has for itself, in megabytes.
fn own_memory(client: &mut Client) -> Result<f64> {
    let pid: i32 = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
    let status = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("RssAnon:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next());
    Ok(kilobytes.map_or(Ok(0.0), str::parse)? / 1024.0)
}
