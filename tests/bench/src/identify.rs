//! Very many pairs of ids in one statement against the same moves by hand, on tables that nobody watches; and one
//! pair, as at a sign-up.

use crate::Scale;
use crate::memory::{Peak, Watch};
use crate::report::{Report, Turns};
use crate::setup::settle;
use crate::stats::{median, micros, timed};
use anyhow::{Context, Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;
use std::time::Instant;

const TURNS: usize = 3;
/// Pairs that are said one by one, each in a transaction of its own.
const ALONE: i64 = 500;

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let pairs: i64 = scale.choose(10_000, 100_000);
    let mut client = load(cluster, pairs)?;
    let mut turns = Turns::default();
    let (mut ours, mut plain) = (Peak::default(), Peak::default());
    for turn in 0..TURNS {
        let (control, memory) = watched(cluster, &by_hand(turn))?;
        plain = plain.max(memory);
        let identify = format!(
            "SELECT hogsend_identify(array_agg(alias ORDER BY n), array_agg(user_id ORDER BY n)) FROM pairs WHERE turn = {turn}"
        );
        let (measured, memory) = watched(cluster, &identify)?;
        ours = ours.max(memory);
        turns.add(measured, control);
        client.batch_execute("VACUUM ANALYZE")?;
    }
    let row = client.query_one("SELECT count(*) FROM user_aliases", &[])?;
    let aliases: i64 = row.get(0);
    ensure!(aliases == pairs * TURNS as i64, "{aliases} aliases");
    let what = format!("{pairs} pairs of ids identified in one statement");
    let per_second = pairs as f64 / median(&turns.measured) * 1e6;
    report.add(&what, "the moves by hand, nothing evaluated", turns);
    report.figure(&what, per_second, "pairs a second", None);
    report.figure(&format!("memory for {what}"), ours.own as f64, "MB", None);
    report.note(format!(
        "{what}: the session's own memory (RssAnon) at its peak, which in the first tenth of the time was {} MB; \
         by hand it was {} MB",
        ours.own_early, plain.own
    ));
    alone(&mut client, report)
}

/// Runs a statement in a session of its own, so that the peak of its memory is the statement's.
fn watched(cluster: &Cluster, statement: &str) -> Result<(f64, Peak)> {
    let mut client = cluster.connect("identify")?;
    let pid = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
    let watch = Watch::start(pid);
    let (micros, ()) = timed(|| client.batch_execute(statement))?;
    Ok((micros, watch.finish()?))
}

/// What a migration script would do.
fn by_hand(turn: usize) -> String {
    let pairs = format!("FROM pairs p WHERE p.turn = {turn} AND");
    format!(
        "BEGIN;
         UPDATE plain_events t SET user_id = p.user_id {pairs} t.user_id = p.alias;
         UPDATE plain_memberships t SET user_id = p.user_id, entry_count = t.entry_count + 1,
                status = 'left', left_at = now(), left_reason = 'merged' {pairs} t.user_id = p.alias;
         UPDATE plain_contacts t SET properties = a.properties || t.properties, email = coalesce(t.email, a.email)
             FROM pairs p JOIN plain_contacts a ON a.user_id = p.alias WHERE p.turn = {turn} AND t.user_id = p.user_id;
         DELETE FROM plain_contacts t USING pairs p WHERE p.turn = {turn} AND t.user_id = p.alias;
         INSERT INTO plain_aliases SELECT p.alias, p.user_id FROM pairs p WHERE p.turn = {turn};
         COMMIT"
    )
}

fn alone(client: &mut Client, report: &mut Report) -> Result<()> {
    client.batch_execute("SET synchronous_commit = off")?;
    let identify = client.prepare("SELECT hogsend_identify($1, $2)")?;
    let mut times = Vec::new();
    for n in 0..ALONE {
        let (alias, user) = (format!("late-{n}"), format!("user-0-{n}"));
        let start = Instant::now();
        let is_new: bool = client.query_one(&identify, &[&alias, &user])?.get(0);
        times.push(micros(start.elapsed()));
        ensure!(is_new, "{alias} was known");
    }
    let what = "one pair identified, of known ids with three events each, commit off";
    report.figure(what, median(&times), "µs", None);
    Ok(())
}

/// For each turn as many visitors as users, who have done something, are contacts, and are in a bucket; all of
/// it twice, once in tables without triggers.
fn load(cluster: &Cluster, pairs: i64) -> Result<Client> {
    cluster.create_database("identify")?;
    let mut client = cluster.connect("identify")?;
    client
        .batch_execute("SET synchronous_commit = off; CREATE EXTENSION hogsend")
        .context("CREATE EXTENSION hogsend; `make install` installs it")?;
    client.batch_execute(&format!(
        "INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
         SELECT who || '-' || turn || '-' || n, e, now() - k * interval '5 hours',
                CASE WHEN k = 1 THEN jsonb_build_object(who, n) END
         FROM generate_series(0, {TURNS} - 1) turn, generate_series(0, {pairs} - 1) n,
              unnest('{{visitor,user}}'::text[]) who, unnest('{{view,help,view}}'::text[]) WITH ORDINALITY AS e (e, k);
         INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'late-' || n, e, now() - interval '5 hours'
         FROM generate_series(0, {ALONE} - 1) n, unnest('{{view,help,view}}'::text[]) e;
         CREATE TABLE pairs AS
         SELECT turn, n, 'visitor-' || turn || '-' || n AS alias, 'user-' || turn || '-' || n AS user_id
         FROM generate_series(0, {TURNS} - 1) turn, generate_series(0, {pairs} - 1) n;
         SET hogsend.inline_backfill = 0;
         SET client_min_messages = warning;
         INSERT INTO buckets (id, criteria) VALUES
             ('helped', hogsend_event('help')), ('often', hogsend_event('view', at_least => 3)),
             ('quiet', hogsend_event('help', within => interval '2 days', never => true))"
    ))?;
    settle(&mut client)?;
    for table in ["events", "contacts", "memberships", "aliases"] {
        let ours = match table {
            "events" | "aliases" => format!("user_{table}"),
            "memberships" => format!("bucket_{table}"),
            _ => table.to_owned(),
        };
        client.batch_execute(&format!(
            "CREATE TABLE plain_{table} (LIKE {ours} INCLUDING ALL); INSERT INTO plain_{table} SELECT * FROM {ours}"
        ))?;
    }
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(client)
}
