//! One event of a user whom the session has seen before, or has not; and counts for which little must be
//! read, or much. A pooled connection sees strangers most of the time.

use crate::Scale;
use crate::alternate::{Extent, inserts};
use crate::report::{Report, Target};
use crate::setup::{count, settle};
use crate::stats::Random;
use anyhow::{Context, Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;

/// All the users there are, of whom strangers are drawn.
const SMALL: u64 = 10_000;
const FULL: u64 = 100_000;
/// Those whom a session remembers.
const REMEMBERED: u64 = 50;
/// Each of them has done `deep` so often.
const DEEP: i64 = 45;

/// An event, what it does, and the ratios promised for those who are remembered and for strangers.
type Kind = (&'static str, &'static str, Option<f64>, Option<f64>);

const KINDS: [Kind; 5] = [
    ("view", "no bucket concerned", Some(1.12), Some(1.3)),
    (
        "help",
        "cannot change anything in 3 buckets",
        Some(1.25),
        Some(1.6),
    ),
    (
        "lapse",
        "evaluated for 3 buckets, changes nothing",
        Some(1.5),
        Some(1.8),
    ),
    (
        "shallow",
        "a count of 2 is read and changes nothing",
        None,
        None,
    ),
    (
        "deep",
        "a count of 40 is read and changes nothing",
        Some(2.0),
        Some(2.5),
    ),
];

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let people = scale.choose(SMALL, FULL);
    let extent = Extent {
        turns: scale.choose(6, 24),
        statements: 500,
    };
    let mut client = load(cluster, people)?;
    let before = count(&mut client, "bucket_transitions")?;
    for (event, what, remembered, strangers) in KINDS {
        let who = [
            (
                format!("{REMEMBERED} users remembered"),
                REMEMBERED,
                remembered,
            ),
            (format!("users drawn from {people}"), people, strangers),
        ];
        for (who, among, target) in who {
            let mut random = Random(77);
            let user = |_| format!("user-{}", random.below(among));
            let turns = inserts(&mut client, event, extent, user)?;
            let what = format!("one row, {who}: {what}, commit off");
            match target {
                Some(target) => {
                    report.add_with_target(&what, "plain table", turns, Target::AtMost(target));
                }
                None => report.add(&what, "plain table", turns),
            }
        }
    }
    let after = count(&mut client, "bucket_transitions")?;
    ensure!(
        before == after,
        "somebody was moved by what changes nothing"
    );
    // Everybody once, in an order of which no page has two that follow each other.
    let user = |n| format!("user-{}", n * 7919 % people);
    let turns = inserts(&mut client, "join", extent, user)?;
    let moved = count(&mut client, "bucket_transitions")? - after;
    let wanted = (extent.turns + 1) * extent.statements;
    ensure!(
        moved == wanted.min(people) as i64,
        "{moved} joins by {wanted} events"
    );
    let what = format!("one row, users drawn from {people}: joins a bucket, commit off");
    report.add_with_target(&what, "plain table", turns, Target::AtMost(2.8));
    Ok(())
}

/// What is counted is only half of what these buckets ask for, and nobody has done the other half: so that
/// more of it has to be evaluated, and moves nobody.
fn load(cluster: &Cluster, people: u64) -> Result<Client> {
    cluster.create_database("strangers")?;
    let mut client = cluster.connect("strangers")?;
    client
        .batch_execute("SET synchronous_commit = off; CREATE EXTENSION hogsend")
        .context("CREATE EXTENSION hogsend; `make install` installs it")?;
    client.batch_execute(&format!(
        "INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'user-' || u, e, now() - n * interval '5 hours'
         FROM generate_series(0, {people} - 1) u,
              unnest('{{view,help,lapse,shallow}}'::text[]) e, generate_series(1, 3) n;
         INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'user-' || u, 'deep', now() - n * interval '5 hours'
         FROM generate_series(0, {people} - 1) u, generate_series(1, {DEEP}) n;
         SET hogsend.inline_backfill = 0;
         SET client_min_messages = warning;
         INSERT INTO buckets (id, criteria)
         SELECT 'help-' || n, hogsend_event('help', within => n * interval '30 days') FROM generate_series(1, 3) n
         UNION ALL
         SELECT 'lapse-' || n, hogsend_event('lapse', within => n * interval '2 days', never => true) FROM generate_series(1, 3) n
         UNION ALL
         SELECT e, hogsend_all(hogsend_event(e, within => interval '60 days', at_least => least), hogsend_event('nobody.did'))
         FROM (VALUES ('shallow', 2), ('deep', 40)) v (e, least)
         UNION ALL
         SELECT 'join', hogsend_event('join')"
    ))?;
    settle(&mut client)?;
    client.batch_execute(
        "CREATE TABLE plain (LIKE user_events INCLUDING ALL);
         INSERT INTO plain (user_id, event, occurred_at) SELECT user_id, event, occurred_at FROM user_events",
    )?;
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(client)
}
