//! One event under each way of `hogsend.evaluate`, and what the clock takes to work off what was left to it.

use crate::Scale;
use crate::alternate::{Extent, inserts};
use crate::report::{Report, Turns};
use crate::setup::{count, settle};
use crate::stats::{Random, median, timed};
use anyhow::{Context, Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;

const SMALL: u64 = 10_000;
const FULL: u64 = 100_000;
/// So many users are left to the clock at once.
const QUEUED: i64 = 100_000;
const TURNS: usize = 3;

/// An event, and what it does under `on`.
const KINDS: [(&str, &str); 3] = [
    ("view", "no bucket concerned"),
    ("help", "cannot change anything in 3 buckets"),
    ("lapse", "evaluated for 3 buckets, changes nothing"),
];

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let people = scale.choose(SMALL, FULL);
    let extent = Extent {
        turns: scale.choose(6, 24),
        statements: 500,
    };
    let mut client = load(cluster, people)?;
    for (event, what) in KINDS {
        for way in ["on", "off", "later"] {
            client.batch_execute(&format!("SET hogsend.evaluate = {way}"))?;
            let mut random = Random(77);
            let user = |_| format!("user-{}", random.below(people));
            let turns = inserts(&mut client, event, extent, user)?;
            let what =
                format!("one row, evaluate = {way}, users drawn from {people}: {what}, commit off");
            report.add(&what, "plain table", turns);
            client.batch_execute("RESET hogsend.evaluate")?;
            settle(&mut client)?;
        }
    }
    for (event, what) in [
        ("join", "who join a bucket"),
        ("help", "who join three buckets"),
    ] {
        work_off(&mut client, event, what, report)?;
    }
    Ok(())
}

/// What is left to the clock in one statement against the same that is evaluated at once.
fn work_off(client: &mut Client, event: &str, what: &str, report: &mut Report) -> Result<()> {
    let mut turns = Turns::default();
    for turn in 0..TURNS {
        // Known before, or the control would create contacts and the clock, too.
        let insert = |who: &str, event: &str| {
            format!(
                "INSERT INTO user_events (user_id, event)
                 SELECT '{who}-{turn}-' || n, '{event}' FROM generate_series(1, {QUEUED}) n"
            )
        };
        let [at_once, left] = [format!("{event}-on"), format!("{event}-later")];
        for who in [&at_once, &left] {
            client.batch_execute(&insert(who, "view"))?;
        }
        let (control, rows) = timed(|| client.execute(&insert(&at_once, event), &[]))?;
        ensure!(rows == QUEUED as u64, "{rows} rows");
        client.batch_execute("SET hogsend.evaluate = later")?;
        client.batch_execute(&insert(&left, event))?;
        client.batch_execute("RESET hogsend.evaluate")?;
        let queued = count(client, "user_queue")?;
        ensure!(queued == QUEUED, "{queued} rows of {QUEUED} queued");
        let (measured, ()) = timed(|| settle(client))?;
        let left = count(client, "user_queue")?;
        ensure!(left == 0, "{left} rows were not worked off");
        turns.add(measured, control);
    }
    let per_second = QUEUED as f64 / median(&turns.measured) * 1e6;
    let what = format!("the clock works off {QUEUED} users of the queue, {what}");
    report.add(&what, "the INSERT, evaluated at once", turns);
    report.figure(&what, per_second, "users a second", None);
    Ok(())
}

fn load(cluster: &Cluster, people: u64) -> Result<Client> {
    cluster.create_database("later")?;
    let mut client = cluster.connect("later")?;
    client
        .batch_execute("SET synchronous_commit = off; CREATE EXTENSION hogsend")
        .context("CREATE EXTENSION hogsend; `make install` installs it")?;
    client.batch_execute(&format!(
        "INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'user-' || u, e, now() - n * interval '5 hours'
         FROM generate_series(0, {people} - 1) u, unnest('{{view,help,lapse}}'::text[]) e, generate_series(1, 3) n;
         SET hogsend.inline_backfill = 0;
         SET client_min_messages = warning;
         INSERT INTO buckets (id, criteria)
         SELECT 'help-' || n, hogsend_event('help', within => n * interval '30 days') FROM generate_series(1, 3) n
         UNION ALL
         SELECT 'lapse-' || n, hogsend_event('lapse', within => n * interval '2 days', never => true) FROM generate_series(1, 3) n
         UNION ALL
         SELECT 'join', hogsend_event('join')"
    ))?;
    settle(&mut client)?;
    client.batch_execute("CREATE TABLE plain (LIKE user_events INCLUDING ALL)")?;
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(client)
}
