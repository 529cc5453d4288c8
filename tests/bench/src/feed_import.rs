//! The import of a table that is attached, over the INSERT … SELECT into `user_events` that somebody would
//! write instead.

use crate::Scale;
use crate::memory::Watch;
use crate::report::{Report, Target, Turns};
use crate::setup;
use crate::stats::timed;
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;

const BUCKETS: i64 = 1_000;
const ROWS_A_USER: i64 = 10;

const ATTACH: &str = "SET hogsend.inline_backfill = 0;
    SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer_id', event => 'kind', occurred_at => 'created_at',
                                 value => 'amount', properties => '{currency}')";
/// In one statement, which must be silent as well.
const BY_HAND: &str = "SET hogsend.announce = off;
    INSERT INTO user_events (user_id, event, occurred_at, value, properties, source, idempotency_key)
    SELECT customer_id::text, kind, created_at, amount, jsonb_build_object('currency', currency), 'orders', 'orders:' || id FROM orders";
const EMPTY: &str = "SELECT hogsend_detach(name) FROM feeds; TRUNCATE user_events";

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let rows = scale.choose(100_000, 1_000_000);
    let mut client = load(cluster, rows)?;
    let pid: i32 = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
    let mut result = Turns::default();
    let mut own = 0;
    for turn in 0..scale.choose(3, 3) {
        empty(&mut client)?;
        client.batch_execute(ATTACH)?;
        let before = Watch::start(pid).finish()?;
        let watch = Watch::start(pid);
        let (measured, ()) = timed(|| client.batch_execute("CALL hogsend_import('orders')"))?;
        let peak = watch.finish()?;
        own = own.max(peak.own.saturating_sub(before.own));
        let there = setup::count(&mut client, "user_events")?;
        ensure!(there == rows, "{there} events of {rows} rows");
        empty(&mut client)?;
        let (by_hand, ()) = timed(|| client.batch_execute(BY_HAND))?;
        client.batch_execute("RESET hogsend.announce")?;
        if turn > 0 {
            result.add(measured, by_hand);
        }
    }
    report.add_with_target(
        &format!("import of {rows} rows of an attached table"),
        "INSERT … SELECT into user_events",
        result,
        Target::AtMost(1.5),
    );
    report.figure(
        &format!("memory of an import of {rows} rows, over the session's before it"),
        own as f64,
        "MB",
        Some(Target::AtMost(32.0)),
    );
    Ok(())
}

fn empty(client: &mut Client) -> Result<()> {
    client.batch_execute(EMPTY)?;
    // All whose events are gone leave, and what is evaluated while that is under way takes longer.
    setup::settle(client)?;
    client.batch_execute("VACUUM ANALYZE")?;
    client.batch_execute("CHECKPOINT")?;
    Ok(())
}

fn load(cluster: &Cluster, rows: i64) -> Result<Client> {
    let mut client = setup::database(cluster, "feed_import", BUCKETS)?;
    let users = rows / ROWS_A_USER;
    client.batch_execute(&format!(
        "SET synchronous_commit = off;
         SET client_min_messages = warning;
         INSERT INTO contacts (user_id) SELECT n::text FROM generate_series(0, {users} - 1) n;
         CREATE TABLE orders (id bigint PRIMARY KEY, customer_id bigint NOT NULL, amount numeric, currency text, kind text, created_at timestamptz NOT NULL);
         INSERT INTO orders SELECT n, n % {users}, 12.5, 'EUR', CASE n % 4 WHEN 0 THEN 'buy' ELSE 'view' END, now() - interval '20 days'
         FROM generate_series(1, {rows}) n"
    ))?;
    setup::settle(&mut client)?;
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(client)
}
