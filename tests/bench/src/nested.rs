//! Buckets in buckets: an event that moves nobody, one that moves somebody in a bucket and in one that names it, a
//! chain of eight, each against buckets that have nothing to do with each other; and a long list by hand.
//!
//! Both sides are events of one table in one session, in turns.

use crate::Scale;
use crate::alternate::{self, Extent};
use crate::memory::Watch;
use crate::report::{Report, Target, Turns};
use crate::setup::{self, count, settle};
use crate::stats::timed;
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;

const CHAIN: i64 = 8;
/// So many users are known; each joins once.
const PEOPLE: u64 = 40_000;
const LIST_SMALL: i64 = 20_000;
const LIST_FULL: i64 = 1_000_000;

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let mut client = setup::database(cluster, "nested", 0)?;
    client.batch_execute(&format!(
        "SET synchronous_commit = off;
         INSERT INTO buckets (id, criteria) VALUES
             ('still', hogsend_event('still', within => '30 days', exactly => 1000000)),
             ('still-inner', hogsend_event('still-inner', within => '30 days', exactly => 1000000)),
             ('still-outer', hogsend_all(hogsend_in_bucket('still-inner'), hogsend_property('plan', 'eq', 'pro'))),
             ('two-1', hogsend_event('two')), ('two-2', hogsend_event('two')),
             ('one', hogsend_event('one')), ('one-outer', hogsend_in_bucket('one')),
             ('chain-1', hogsend_event('chain'));
         INSERT INTO buckets (id, kind) VALUES ('list', 'manual');
         INSERT INTO buckets (id, criteria) SELECT 'many-' || n, hogsend_event('many') FROM generate_series(1, {CHAIN}) n"
    ))?;
    for n in 2..=CHAIN {
        client.execute(
            "INSERT INTO buckets (id, criteria) VALUES ('chain-' || $1::text, hogsend_in_bucket('chain-' || $2::text))",
            &[&n.to_string(), &(n - 1).to_string()],
        )?;
    }
    client.batch_execute(&format!(
        "INSERT INTO contacts (user_id) SELECT 'user-' || n FROM generate_series(0, {PEOPLE} - 1) n"
    ))?;
    settle(&mut client)?;
    client.batch_execute("VACUUM ANALYZE")?;
    let insert =
        |event: &str| format!("INSERT INTO user_events (user_id, event) VALUES ($1, '{event}')");
    let extent = Extent {
        turns: scale.choose(8, 40),
        statements: 200,
    };
    let cases = [
        (
            "one row that must be evaluated and moves nobody, of a bucket that one names",
            "still-inner",
            "of a bucket that none names",
            "still",
            1.03,
        ),
        (
            "one row with which somebody joins 1 bucket and 1 that names it",
            "one",
            "2 buckets",
            "two",
            1.5,
        ),
        (
            "one row with which somebody joins a chain of 8 buckets",
            "chain",
            "8 buckets",
            "many",
            1.5,
        ),
    ];
    for (what, measured, control, other, most) in cases {
        let before = count(&mut client, "bucket_transitions")?;
        let both = [insert(measured), insert(other)];
        let both = both.each_ref().map(String::as_str);
        let turns = alternate::statements(&mut client, both, extent, |n| format!("user-{n}"))?;
        let moved = count(&mut client, "bucket_transitions")? - before;
        ensure!(
            (moved == 0) == (measured == "still-inner"),
            "{moved} transitions"
        );
        let what = format!("{what}, commit off");
        report.add_with_target(&what, control, turns, Target::AtMost(most));
    }
    list(&mut client, scale.choose(LIST_SMALL, LIST_FULL), report)
}

/// A list of known users into a manual bucket, by the function and by hand.
fn list(client: &mut Client, users: i64, report: &mut Report) -> Result<()> {
    client.batch_execute(&format!(
        "CREATE TABLE plain_memberships (LIKE bucket_memberships INCLUDING ALL);
         CREATE TABLE plain_transitions (LIKE bucket_transitions INCLUDING ALL);
         INSERT INTO contacts (user_id) SELECT 'listed-' || n FROM generate_series(1, {users}) n"
    ))?;
    client.batch_execute("VACUUM ANALYZE")?;
    let list = format!("(SELECT array_agg('listed-' || n) FROM generate_series(1, {users}) n)");
    let pid: i32 = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
    let watch = Watch::start(pid);
    let by_hand = format!(
        "BEGIN;
         INSERT INTO plain_memberships (user_id, bucket_id, entry_count, status, entered_at, source)
         SELECT u, 'list', 1, 'active', now(), 'manual' FROM unnest({list}) u ORDER BY u;
         INSERT INTO plain_transitions
             (event, bucket_id, user_id, transition, entry_count, source, effective_at, recorded_at, idempotency_key)
         SELECT 'bucket:entered:list', 'list', u, 'entered', 1, 'manual', now(), now(),
                concat_ws(':', 'bucket:list', u, 'entered:1')
         FROM unnest({list}) u ORDER BY u;
         COMMIT"
    );
    let control = timed(|| client.batch_execute(&by_hand))?.0;
    let plain = watch.finish()?;
    let watch = Watch::start(pid);
    let add = format!("SELECT hogsend_add_member('list', {list})");
    let (measured, row) = timed(|| client.query_one(&add, &[]))?;
    let peak = watch.finish()?;
    let added: i64 = row.get(0);
    ensure!(added == users, "{added} added instead of {users}");
    let mut turns = Turns::default();
    turns.add(measured, control);
    let what = format!("hogsend_add_member of {users} known users, in one array");
    report.add_with_target(
        &what,
        "the same stays and transitions by hand",
        turns,
        Target::AtMost(1.5),
    );
    let what = format!("memory of its own that takes, of {users}, over the same by hand");
    let more = peak.own.saturating_sub(plain.own);
    report.figure(&what, more as f64, "MB", Some(Target::AtMost(32.0)));
    Ok(())
}
