//! Defining buckets: many on one event, many on events that nobody has done, and what INSERTs cost
//! while a job is open.

use crate::Scale;
use crate::report::{Report, Target, Turns};
use crate::setup::{count, settle};
use crate::stats::{median, timed};
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    on_one_event(cluster, scale, report)?;
    on_unknown_events(cluster, scale, report)?;
    while_a_job_is_open(cluster, report)
}

/// In a session that met the tables when they had been analyzed and were empty.
fn empty(cluster: &Cluster, name: &str) -> Result<Client> {
    cluster.create_database(name)?;
    let mut client = cluster.connect(name)?;
    client.batch_execute("CREATE EXTENSION hogsend; ANALYZE; SET client_min_messages = error")?;
    Ok(client)
}

/// One statement a bucket, as migrations have it, and one for all of them.
fn on_one_event(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let buckets: i64 = scale.choose(100, 1000);
    let limit = scale.choose(None, Some(Target::AtMost(30.0)));
    let what = format!("{buckets} buckets on one event, 1000 users, 200,000 events");
    let mut client = with_events(cluster, "define_one")?;
    let mut times = Vec::new();
    for number in 0..buckets {
        let (time, _) = timed(|| {
            client.execute(
                "SELECT hogsend_define_bucket('b' || $1::bigint, hogsend_event('buy', within => '20 days'))",
                &[&number],
            )
        })?;
        times.push(time);
    }
    let total = times.iter().sum::<f64>() / 1e6;
    report.figure(&format!("{what}, one by one"), total, "s", limit);
    // The first of them reads what the others need not read again.
    let second = median(&times[1..6]);
    let last = median(&times[times.len() - 5..]);
    let most = times.iter().copied().fold(0.0, f64::max);
    let growth = Some(Target::AtMost(1.5));
    for (name, ratio, target) in [
        ("the last over the first", last / times[0], growth),
        ("the last over the second", last / second, None),
        ("the slowest over the first", most / times[0], growth),
    ] {
        report.figure(&format!("{what}: {name}"), ratio, "times", target);
    }
    let mut client = with_events(cluster, "define_all")?;
    let (time, _) = timed(|| {
        client.execute(
            "INSERT INTO buckets (id, criteria)
             SELECT 'b' || n, hogsend_event('buy', within => '20 days') FROM generate_series(1, $1::bigint) n",
            &[&buckets],
        )
    })?;
    report.figure(&format!("{what}, in one statement"), time / 1e6, "s", limit);
    Ok(())
}

fn with_events(cluster: &Cluster, name: &str) -> Result<Client> {
    let mut client = empty(cluster, name)?;
    client.batch_execute(
        "INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'user-' || n % 1000, 'buy', now() - n % 997 * interval '1 hour' FROM generate_series(1, 200000) n",
    )?;
    Ok(client)
}

fn on_unknown_events(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let contacts = scale.choose(100_000, 1_000_000);
    let mut client = empty(cluster, "define_unknown")?;
    client.batch_execute(&format!(
        "SET session_replication_role = replica;
         INSERT INTO contacts (user_id) SELECT 'user-' || n FROM generate_series(1, {contacts}) n;
         INSERT INTO user_events (user_id, event) SELECT user_id, 'buy' FROM contacts;
         RESET session_replication_role"
    ))?;
    let many = "INSERT INTO buckets (id, criteria)
                SELECT 'many-' || n, hogsend_event('many-' || n, within => '7 days') FROM generate_series(1, 1000) n";
    let (time, ()) = timed(|| client.batch_execute(many))?;
    let what =
        format!("1000 buckets on events that nobody did, {contacts} contacts, one statement");
    report.figure(&what, time / 1e6, "s", Some(Target::AtMost(2.0)));
    let ten = "DO $$ BEGIN FOR n IN 1..10 LOOP
                   INSERT INTO buckets (id, criteria) VALUES ('ten-' || n, hogsend_event('ten-' || n, within => '7 days'));
               END LOOP; END $$";
    let (time, ()) = timed(|| client.batch_execute(ten))?;
    let what = format!("10 of them in one transaction, {contacts} contacts");
    report.figure(&what, time / 1e6, "s", None);
    Ok(())
}

const USERS: i64 = 50;
const ROWS: i64 = 2000;
const TURNS: usize = 5;

fn while_a_job_is_open(cluster: &Cluster, report: &mut Report) -> Result<()> {
    let mut sessions = Vec::new();
    for name in ["define_open", "define_done"] {
        let mut client = empty(cluster, name)?;
        client.batch_execute(&format!(
            "SET synchronous_commit = off;
             INSERT INTO buckets (id, criteria) VALUES ('b', hogsend_event('buy', within => '20 days'));
             INSERT INTO user_events (user_id, event) SELECT 'user-' || n, 'buy' FROM generate_series(1, {USERS}) n"
        ))?;
        settle(&mut client)?;
        sessions.push(client);
    }
    sessions[0].batch_execute(
        "SET hogsend.inline_backfill = 0;
         UPDATE buckets SET criteria = hogsend_event('buy', within => '19 days')",
    )?;
    let open = count(&mut sessions[0], "bucket_jobs WHERE status <> 'done'")?;
    ensure!(open == 1, "there is no open job");
    let mut turns = Turns::default();
    for _ in 0..TURNS {
        let mut times = [0.0; 2];
        for (time, client) in times.iter_mut().zip(&mut sessions) {
            let insert = client.prepare(
                "INSERT INTO user_events (user_id, event) VALUES ('user-' || $1::bigint, 'buy')",
            )?;
            let insert_all = || {
                (0..ROWS).try_for_each(|n| client.execute(&insert, &[&(n % USERS + 1)]).map(drop))
            };
            *time = timed(insert_all)?.0 / ROWS as f64;
        }
        turns.add(times[0], times[1]);
    }
    let what = "one-row INSERT that an open job's bucket references";
    report.add_with_target(what, "the same without the job", turns, Target::AtMost(1.5));
    Ok(())
}
