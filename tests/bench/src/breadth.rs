//! One event that many buckets reference: of users who stay where they are, and of users who join all of
//! them.

use crate::Scale;
use crate::alternate::{Extent, inserts};
use crate::report::{Report, Target};
use crate::setup::{count, settle};
use crate::stats::Random;
use anyhow::{Context, Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;

/// Users who stay where they are.
const PEOPLE: u64 = 50;

/// How many buckets, and the ratios promised for users who cannot be moved and for those who are evaluated.
const BREADTHS: [(u64, Option<f64>, Option<f64>); 4] = [
    (1, None, None),
    (10, None, None),
    (100, Some(2.0), Some(3.0)),
    (1_000, Some(6.0), None),
];

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    for (buckets, settled, evaluated) in BREADTHS {
        let stable = Extent {
            turns: scale.choose(4, 16),
            statements: if buckets < 1_000 { 500 } else { 100 },
        };
        let moving = Extent {
            statements: (200 / buckets).max(4),
            ..stable
        };
        let movers = (moving.turns + 1) * moving.statements;
        let mut client = load(cluster, buckets, movers)?;
        for (event, what, target) in [
            ("help", "cannot change anything", settled),
            ("lapse", "evaluated, changes nothing", evaluated),
        ] {
            let mut random = Random(77);
            let user = |_| format!("user-{}", random.below(PEOPLE));
            let before = count(&mut client, "bucket_transitions")?;
            let turns = inserts(&mut client, event, stable, user)?;
            let after = count(&mut client, "bucket_transitions")?;
            ensure!(before == after, "{event} has moved somebody");
            let what =
                format!("one row, {buckets} buckets reference the event: {what}, commit off");
            match target {
                Some(target) => {
                    report.add_with_target(&what, "plain table", turns, Target::AtMost(target));
                }
                None => report.add(&what, "plain table", turns),
            }
        }
        let before = count(&mut client, "bucket_transitions")?;
        let turns = inserts(&mut client, "join", moving, |n| format!("mover-{n}"))?;
        let moved = count(&mut client, "bucket_transitions")? - before;
        ensure!(
            moved == (movers * buckets) as i64,
            "{moved} joins by {movers} events"
        );
        let what = format!("one row, {buckets} buckets reference the event: joins all, commit off");
        report.add(&what, "plain table", turns);
    }
    Ok(())
}

fn load(cluster: &Cluster, buckets: u64, movers: u64) -> Result<Client> {
    let name = format!("breadth_{buckets}");
    cluster.create_database(&name)?;
    let mut client = cluster.connect(&name)?;
    client
        .batch_execute("SET synchronous_commit = off; CREATE EXTENSION hogsend")
        .context("CREATE EXTENSION hogsend; `make install` installs it")?;
    client.batch_execute(&format!(
        "INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'user-' || u, e, now() - n * interval '5 hours'
         FROM generate_series(0, {PEOPLE} - 1) u, unnest('{{help,lapse}}'::text[]) e, generate_series(1, 6) n;
         INSERT INTO contacts (user_id) SELECT 'mover-' || n FROM generate_series(0, {movers}) n;
         SET client_min_messages = warning;
         INSERT INTO buckets (id, criteria)
         SELECT 'help-' || n, hogsend_event('help', within => interval '30 days' + n * interval '1 hour') FROM generate_series(1, {buckets}) n
         UNION ALL
         SELECT 'lapse-' || n, hogsend_event('lapse', within => interval '2 days' + n * interval '1 hour', never => true) FROM generate_series(1, {buckets}) n
         UNION ALL
         SELECT 'join-' || n, hogsend_event('join', within => interval '30 days' + n * interval '1 hour') FROM generate_series(1, {buckets}) n"
    ))?;
    settle(&mut client)?;
    client.batch_execute(
        "CREATE TABLE plain (LIKE user_events INCLUDING ALL);
         INSERT INTO plain (user_id, event, occurred_at) SELECT user_id, event, occurred_at FROM user_events",
    )?;
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(client)
}
