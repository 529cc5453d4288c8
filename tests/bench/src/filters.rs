//! Buckets that count some occurrences of an event only: very many of them on one event, counts for which
//! many rows must be read, and users of whom there is no end.

use crate::Scale;
use crate::alternate::{Extent, inserts_of};
use crate::report::{Report, Target};
use crate::setup::{count, settle};
use crate::stats::{Random, timed};
use anyhow::{Context, Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;

/// Those whom a session remembers.
const REMEMBERED: u64 = 50;
/// So many buckets have `purchase` filtered.
const BUCKETS: u64 = 10_000;

pub fn connect(cluster: &Cluster, name: &str) -> Result<Client> {
    cluster.create_database(name)?;
    let mut client = cluster.connect(name)?;
    client
        .batch_execute(
            "SET synchronous_commit = off; SET client_min_messages = warning; CREATE EXTENSION hogsend",
        )
        .context("CREATE EXTENSION hogsend; `make install` installs it")?;
    Ok(client)
}

/// The plain table, with the same rows.
pub fn copy_plain(client: &mut Client) -> Result<()> {
    client.batch_execute(
        "CREATE TABLE plain (LIKE user_events INCLUDING ALL);
         INSERT INTO plain (user_id, event, properties, value, occurred_at)
         SELECT user_id, event, properties, value, occurred_at FROM user_events",
    )?;
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(())
}

/// One row of a category, whose text the server has to read in both tables.
fn of_category(event: &str, category: &str) -> String {
    format!(
        r#"(user_id, event, properties) VALUES ($1, '{event}', '{{"category": "{category}", "cds": 2}}')"#
    )
}

/// What an event of a category does, and the ratios promised: for those who are remembered with commit off
/// and on, and for strangers.
struct Kind {
    event: &'static str,
    category: &'static str,
    what: &'static str,
    targets: [Option<f64>; 3],
}

const KINDS: [Kind; 5] = [
    Kind {
        event: "purchase",
        category: "none",
        what: "matches none",
        targets: [Some(1.25), None, None],
    },
    Kind {
        event: "purchase",
        category: "help",
        what: "matches 3 and cannot change anything",
        targets: [Some(1.25), Some(1.12), Some(1.6)],
    },
    Kind {
        event: "purchase",
        category: "lapse",
        what: "matches 3 that are true of who never did it, and cannot change anything",
        targets: [Some(1.25), Some(1.12), Some(1.6)],
    },
    Kind {
        event: "purchase",
        category: "counted",
        what: "matches 3, evaluated, changes nothing",
        targets: [Some(1.5), Some(1.3), Some(1.8)],
    },
    Kind {
        event: "visit",
        category: "none",
        what: "matches none of 3 that are true of who never did it",
        targets: [None; 3],
    },
];

/// Very many buckets on one event, each of which counts another category.
pub fn many(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let people = scale.choose(5_000, 100_000);
    let extent = Extent {
        turns: scale.choose(4, 24),
        statements: 300,
    };
    let movers = 2 * (extent.turns + 1) * extent.statements;
    let mut client = load_many(cluster, people, movers, report)?;
    let all = format!("one row, {BUCKETS} buckets filter the event");
    for kind in KINDS {
        let before = count(&mut client, "bucket_transitions")?;
        let row = of_category(kind.event, kind.category);
        for (place, (who, among, commit)) in [
            ("remembered", REMEMBERED, "off"),
            ("remembered", REMEMBERED, "on"),
            ("strangers", people, "off"),
        ]
        .into_iter()
        .enumerate()
        {
            client.batch_execute(&format!("SET synchronous_commit = {commit}"))?;
            let mut random = Random(77);
            let user = |_| format!("user-{}", random.below(among));
            let turns = inserts_of(&mut client, &row, extent, user)?;
            let what = format!("{all}: {}, {who}, commit {commit}", kind.what);
            match kind.targets[place] {
                Some(target) => {
                    report.add_with_target(&what, "plain table", turns, Target::AtMost(target));
                }
                None => report.add(&what, "plain table", turns),
            }
        }
        let after = count(&mut client, "bucket_transitions")?;
        ensure!(before == after, "{} has moved somebody", kind.what);
    }
    for (category, buckets, what) in [
        ("join", 1, "matches 1: joins"),
        ("leave", 1, "matches 1: leaves"),
        ("join-3", 3, "matches 3: joins all"),
    ] {
        let mut come = 0;
        for (commit, target) in [("off", 2.4), ("on", 1.5)] {
            client.batch_execute(&format!("SET synchronous_commit = {commit}"))?;
            let before = count(&mut client, "bucket_transitions")?;
            let user = |n| format!("mover-{}", come + n);
            let row = of_category("purchase", category);
            let turns = inserts_of(&mut client, &row, extent, user)?;
            let moved = count(&mut client, "bucket_transitions")? - before;
            let wanted = (extent.turns + 1) * extent.statements;
            come += wanted;
            ensure!(
                moved == (wanted * buckets) as i64,
                "{moved} transitions by {wanted} events of {category}"
            );
            let what = format!("{all}: {what}, commit {commit}");
            report.add_with_target(&what, "plain table", turns, Target::AtMost(target));
        }
    }
    Ok(())
}

/// All buckets are there before what people do, which 10,000 of them would otherwise have to look back at.
fn load_many(cluster: &Cluster, people: u64, movers: u64, report: &mut Report) -> Result<Client> {
    let mut client = connect(cluster, "filters_many")?;
    let (micros, ()) = timed(|| {
        client.batch_execute(&format!(
            "SET hogsend.inline_backfill = 0;
             CREATE FUNCTION pg_temp.category(text) RETURNS jsonb LANGUAGE sql AS
                 $$ SELECT hogsend_property('category', 'eq', $1) $$;
             INSERT INTO buckets (id, criteria)
             SELECT 'help-' || n, hogsend_event('purchase', within => n * interval '30 days', filter => pg_temp.category('help'))
             FROM generate_series(1, 3) n
             UNION ALL
             SELECT 'lapse-' || n, hogsend_all(hogsend_event('signup'),
                 hogsend_event('purchase', within => n * interval '2 days', never => true, filter => pg_temp.category('lapse')))
             FROM generate_series(1, 3) n
             UNION ALL
             SELECT 'counted-' || n, hogsend_all(hogsend_event('nobody.did'),
                 hogsend_event('purchase', within => n * interval '30 days', at_least => 2, filter => pg_temp.category('counted')))
             FROM generate_series(1, 3) n
             UNION ALL
             SELECT 'visit-' || n, hogsend_event('visit', within => n * interval '2 days', never => true, filter => pg_temp.category('lapse'))
             FROM generate_series(1, 3) n
             UNION ALL
             SELECT 'join', hogsend_event('purchase', filter => pg_temp.category('join'))
             UNION ALL
             SELECT 'leave', hogsend_all(hogsend_event('signup'),
                 hogsend_event('purchase', never => true, filter => pg_temp.category('leave')))
             UNION ALL
             SELECT 'join-' || n, hogsend_event('purchase', within => n * interval '30 days', filter => pg_temp.category('join-3'))
             FROM generate_series(1, 3) n
             UNION ALL
             SELECT 'other-' || n, hogsend_event('purchase', within => interval '30 days', at_least => 2,
                                                 filter => pg_temp.category('c' || n))
             FROM generate_series(18, {BUCKETS}) n"
        ))?;
        settle(&mut client)
    })?;
    report.figure(
        &format!("{BUCKETS} buckets that filter one event, defined in one statement"),
        micros / 1e6,
        "s",
        None,
    );
    client.batch_execute(&format!(
        r#"INSERT INTO contacts (user_id) SELECT 'user-' || n FROM generate_series(0, {people} - 1) n;
           INSERT INTO contacts (user_id) SELECT 'mover-' || n FROM generate_series(0, {movers}) n;
           INSERT INTO user_events (user_id, event, properties, occurred_at)
           SELECT 'user-' || u, e, jsonb_build_object('category', c, 'cds', 2), now() - n * interval '5 hours'
           FROM generate_series(0, {people} - 1) u,
                (VALUES ('signup', 'none'), ('purchase', 'none'), ('purchase', 'help'), ('purchase', 'lapse'),
                        ('purchase', 'counted'), ('visit', 'lapse')) AS v (e, c),
                generate_series(1, 3) n;
           INSERT INTO user_events (user_id, event) SELECT 'mover-' || n, 'signup' FROM generate_series(0, {movers}) n"#
    ))?;
    settle(&mut client)?;
    copy_plain(&mut client)?;
    Ok(client)
}

/// One of so many passes where the first is asked for, and half as many lie before it.
const RARE: u64 = 10_000;

/// So many rows are in the window, or more.
const ROWS: u64 = 100;

/// A row of which nobody knows whether it passes.
const EITHER: &str = r#"(user_id, event, properties) VALUES ($1, 'half',
    CASE WHEN random() < 0.5 THEN '{"category": "y", "cds": 2}' ELSE '{"category": "x", "cds": 2}' END::jsonb)"#;

/// What is counted is half of what these buckets ask for, and nobody has done the other half, so that each
/// is read and moves nobody.
pub fn reading(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let people = scale.choose(500, 10_000);
    let extent = Extent {
        turns: scale.choose(6, 24),
        statements: 200,
    };
    let mut client = connect(cluster, "filters_reading")?;
    client.batch_execute(&format!(
        r#"INSERT INTO user_events (user_id, event, properties, occurred_at)
           SELECT 'user-' || u, e, jsonb_build_object('category', CASE WHEN e = 'half' AND n % 2 = 1 THEN 'y' ELSE 'x' END),
                  now() - n * interval '5 hours'
           FROM generate_series(0, {people} - 1) u, unnest('{{bare,dense,half}}'::text[]) e,
                generate_series(1, {ROWS}) n;
           SET hogsend.inline_backfill = 0;
           INSERT INTO buckets (id, criteria)
           SELECT e, hogsend_all(hogsend_event('nobody.did'),
                      CASE WHEN e = 'bare' THEN hogsend_event(e, within => interval '60 days', at_least => {ROWS})
                      ELSE hogsend_event(e, within => interval '60 days', at_least => least,
                                         filter => hogsend_property('category', 'eq', 'x')) END)
           FROM (VALUES ('bare', 0), ('dense', {ROWS}), ('half', {ROWS} / 2)) v (e, least)"#
    ))?;
    settle(&mut client)?;
    copy_plain(&mut client)?;
    let before = count(&mut client, "bucket_transitions")?;
    for (event, what, targets) in [
        ("bare", "without a filter", [None, None]),
        ("dense", "all pass", [Some(2.5), None]),
        ("half", "half of them pass", [Some(2.5), None]),
    ] {
        for (place, (who, among)) in [("remembered", REMEMBERED), ("strangers", people)]
            .into_iter()
            .enumerate()
        {
            // Of those that come here every second one passes, too.
            let row = match event {
                "half" => EITHER.to_owned(),
                _ => of_category(event, "x"),
            };
            let mut random = Random(77);
            let user = |_| format!("user-{}", random.below(among));
            let turns = inserts_of(&mut client, &row, extent, user)?;
            let what = format!("one row, a count over {ROWS} rows is read, {what}, {who}");
            match targets[place] {
                Some(target) => {
                    report.add_with_target(&what, "plain table", turns, Target::AtMost(target));
                }
                None => report.add(&what, "plain table", turns),
            }
        }
    }
    let after = count(&mut client, "bucket_transitions")?;
    ensure!(before == after, "somebody was moved");
    Ok(())
}

/// "Ever ten orders of more than 50": of a user half of whose many orders are, and of one none of whose are. And "the
/// first of more than 50", which is one of thousands.
pub fn endless(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let events = scale.choose(100_000, 1_000_000);
    let mut client = connect(cluster, "filters_endless")?;
    client.batch_execute(&format!(
        "INSERT INTO user_events (user_id, event, value, occurred_at)
         SELECT 'whale', e,
                CASE WHEN e = 'dense' AND n % 2 = 0 OR e = 'rare' AND n % {RARE} = {RARE} / 2 THEN 60 ELSE 40 END,
                now() - n * interval '1 minute'
         FROM unnest('{{dense,sparse,rare}}'::text[]) e, generate_series(1, {events}) n;
         SET hogsend.inline_backfill = 0;
         INSERT INTO buckets (id, criteria)
         SELECT e, hogsend_all(hogsend_event('nobody.did'),
                               hogsend_event(e, at_least => least, filter => hogsend_property('$value', 'gt', 50)))
         FROM (VALUES ('dense', 10), ('sparse', 1000)) v (e, least)
         UNION ALL
         SELECT 'rare', hogsend_all(hogsend_event('nobody.did'),
                                    hogsend_first('rare', matching => hogsend_property('$value', 'gt', 50),
                                                  filter => hogsend_property('$value', 'gt', 50)))"
    ))?;
    let (micros, ()) = timed(|| settle(&mut client))?;
    report.figure(
        &format!("2 lifetime filtered counts and a filtered first defined over {events} events of one user each"),
        micros / 1e6,
        "s",
        None,
    );
    copy_plain(&mut client)?;
    let (count, first) = ("a lifetime filtered count", "the first that passes");
    for (event, value, statements, leg, what) in [
        (
            "dense",
            60,
            100,
            count,
            "every second one passes, and so does this",
        ),
        ("sparse", 40, 100, count, "none passes, nor does this"),
        ("sparse", 60, 3, count, "none passes but this"),
        ("rare", 40, 100, first, "few pass, this does not"),
        ("rare", 60, 20, first, "few pass, and so does this"),
    ] {
        let extent = Extent {
            turns: scale.choose(4, 8),
            statements,
        };
        let row = format!("(user_id, event, value) VALUES ($1, '{event}', {value})");
        let turns = inserts_of(&mut client, &row, extent, |_| "whale".into())?;
        let what = format!("one row, {leg}, of a user with {events} of the event: {what}");
        report.add(&what, "plain table", turns);
    }
    Ok(())
}
