//! The import of a table that is written to meanwhile, and that is killed: every row comes as it is in the
//! end, once, and nobody hears of history.

use anyhow::{Context, Result, bail};
use hogsend_client_tests::{count, with_extension};
use hogsend_harness::{Cluster, Options, TestDatabase};
use hogsend_model::Random;
use postgres::Client;
use postgres::error::SqlState;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

const PATIENCE: Duration = Duration::from_secs(300);
const WRITERS: i64 = 4;
const QUIET: &str = "SET client_min_messages = warning";

/// As many orders as HOGSEND_TEST_ORDERS says, of a tenth as many customers.
fn orders() -> i64 {
    let given = std::env::var("HOGSEND_TEST_ORDERS").ok();
    given.and_then(|n| n.parse().ok()).unwrap_or(100_000)
}

/// Orders of months ago, and buckets of those who have ordered, ordered much, and not ordered lately.
fn load(database: &TestDatabase, orders: i64) -> Result<()> {
    let customers = orders / 10;
    database.connect()?.batch_execute(&format!(
        "{QUIET};
         CREATE TABLE orders (id bigint PRIMARY KEY, customer bigint, amount integer NOT NULL, status text NOT NULL, note text,
                              at timestamptz NOT NULL DEFAULT now() - interval '90 days');
         INSERT INTO orders (id, customer, amount, status) SELECT n, n % {customers}, n % 100, CASE n % 7 WHEN 0 THEN 'open' ELSE 'paid' END
         FROM generate_series(1, {orders}) n;
         INSERT INTO buckets (id, criteria, dwell_after) VALUES ('buyers', hogsend_event('order'), '{{1 day}}');
         INSERT INTO buckets (id, criteria) VALUES ('many', hogsend_event('order', at_least => 8)),
             ('lapsed', hogsend_event('order', never => true, within => '30 days'));
         SET hogsend.inline_backfill = 0;
         SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order'$$, occurred_at => 'at',
                                      value => 'amount', properties => '{{amount}}', condition => $$status = 'paid'$$)"
    ))?;
    Ok(())
}

/// Somebody who changes orders until told to stop, in transactions of up to three statements in any order.
/// Deadlocks are the application's to try again, and counted; after a crash it connects again.
fn write(
    database: &TestDatabase,
    writer: i64,
    orders: i64,
    done: &AtomicBool,
    written: &AtomicI64,
    deadlocks: &AtomicI64,
) -> Result<()> {
    let mut random = Random::new(writer as u64 + 1);
    let mut next = orders * (writer + 2);
    let mut client: Option<Client> = None;
    while !done.load(Ordering::Relaxed) {
        let Some(session) = client.as_mut() else {
            std::thread::sleep(Duration::from_millis(20));
            client = database.connect().ok();
            continue;
        };
        let mut statements = String::from("BEGIN;");
        for _ in 0..random.between(1, 3) {
            let id = random.between(1, orders);
            let user = random.between(0, orders / 10 - 1);
            next += 1;
            statements += &match random.between(0, 6) {
                0 => format!("UPDATE orders SET amount = amount + 1 WHERE id = {id};"),
                // Nothing of which anything is made; and the row goes elsewhere.
                1 => format!("UPDATE orders SET note = repeat('x', 500) WHERE id = {id};"),
                2 => format!("DELETE FROM orders WHERE id = {id};"),
                3 => format!(
                    "UPDATE orders SET status = CASE status WHEN 'paid' THEN 'open' ELSE 'paid' END WHERE id = {id};"
                ),
                4 => format!(
                    "UPDATE orders SET customer = {user} WHERE id BETWEEN {id} AND {id} + 3;"
                ),
                5 => format!(
                    "INSERT INTO orders (id, customer, amount, status) VALUES ({next}, {user}, 5, 'paid');"
                ),
                _ => format!(
                    "DELETE FROM orders WHERE id = {id}; INSERT INTO orders (id, customer, amount, status) VALUES ({id}, {user}, 1, 'paid') ON CONFLICT DO NOTHING;"
                ),
            };
        }
        statements += "COMMIT";
        match session.batch_execute(&statements) {
            Ok(()) => {
                written.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) if error.code() == Some(&SqlState::T_R_DEADLOCK_DETECTED) => {
                deadlocks.fetch_add(1, Ordering::Relaxed);
                session.batch_execute("ROLLBACK")?;
            }
            Err(error) if error.as_db_error().is_none() || error.is_closed() => client = None,
            Err(error)
                if error
                    .code()
                    .is_some_and(|code| code.code().starts_with("57")) =>
            {
                client = None
            }
            Err(error) => return Err(error).context(statements),
        }
    }
    Ok(())
}

fn imported(client: &mut Client) -> Result<(String, i64)> {
    let row = client.query_one("SELECT import, rows_imported FROM feeds", &[])?;
    Ok((row.get(0), row.get(1)))
}

/// Imports, and is killed after so many rows by `kill`; again from the first row, if it was faster than that.
fn import_until(
    database: &TestDatabase,
    rows: i64,
    kill: impl Fn(&Cluster, i32) -> Result<()>,
) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while Instant::now() < deadline {
        let mut watcher = database.connect()?;
        let mut importer = database.connect()?;
        importer.batch_execute(QUIET)?;
        let pid: i32 = importer.query_one("SELECT pg_backend_pid()", &[])?.get(0);
        let was_killed = std::thread::scope(|scope| -> Result<bool> {
            let importing =
                scope.spawn(move || importer.batch_execute("CALL hogsend_import('orders')"));
            while !importing.is_finished() {
                let (status, reached) = imported(&mut watcher)?;
                if status == "running" && reached >= rows {
                    kill(database.cluster, pid)?;
                    break;
                }
            }
            Ok(importing.join().expect("panicked").is_err())
        })?;
        if was_killed {
            return Ok(());
        }
    }
    bail!("it was always faster than the kill")
}

/// What is wrong in the end.
fn faults(client: &mut Client) -> Result<Vec<String>> {
    let rows = client.query(
        "SELECT format('%s %s %s %s %s', v.problem, v.key, v.user_id, v.expected, v.found) FROM hogsend_verify_feed('orders') v
         UNION ALL SELECT format('%s: %s', b.id, v) FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v
         UNION ALL SELECT format('told: %s', t) FROM bucket_transitions t WHERE t.transition = 'dwell'
         LIMIT 20",
        &[],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

#[test]
fn an_import_with_writers_that_is_killed_twice_ends_right() -> Result<()> {
    let cluster = Cluster::start(Options::default())?;
    let database = with_extension(&cluster, "killed_import")?;
    let orders = orders();
    load(&database, orders)?;
    let (done, written, deadlocks) = (AtomicBool::new(false), AtomicI64::new(0), AtomicI64::new(0));
    std::thread::scope(|scope| -> Result<()> {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (done, written, deadlocks, database) = (&done, &written, &deadlocks, &database);
                scope.spawn(move || write(database, writer, orders, done, written, deadlocks))
            })
            .collect();
        let imported = (|| {
            import_until(&database, orders / 10, |cluster, _| {
                cluster.kill()?;
                cluster.start_again()
            })?;
            import_until(&database, orders / 2, |cluster, pid| {
                cluster.kill_session(pid)
            })?;
            let mut importer = database.connect()?;
            importer.batch_execute(QUIET)?;
            importer.batch_execute("CALL hogsend_import('orders')")?;
            Ok(())
        })();
        done.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.join().expect("panicked")?;
        }
        imported
    })?;
    let mut client = database.connect()?;
    assert_eq!(imported(&mut client)?.0, "done");
    client.batch_execute("SELECT hogsend_reconcile(1000000)")?;
    assert_eq!(faults(&mut client)?, Vec::<String>::new());
    let (written, deadlocks) = (written.into_inner(), deadlocks.into_inner());
    println!(
        "{written} transactions were written meanwhile, {deadlocks} were victims of deadlocks"
    );
    assert!(written > 100, "hardly anything was written meanwhile");
    assert!(deadlocks * 50 < written, "{deadlocks} deadlocks");
    // Of those whom only writers can have made enter, and nobody else. Few of them have so much more than the
    // import brings, and by writers alone: of a thousand transactions hardly one.
    let told =
        "SELECT FROM bucket_transitions t WHERE transition = 'entered' AND bucket_id = 'buyers'
                AND (SELECT count(*) FROM user_events e WHERE e.user_id = t.user_id) > 15";
    let told = count(&mut client, told)?;
    assert!(told <= written / 1000, "{told} were told of history");
    Ok(())
}

/// Without writers nobody is told of anything, and memory does not grow.
#[test]
fn an_import_alone_tells_nobody() -> Result<()> {
    let cluster = Cluster::start(Options::default())?;
    let database = with_extension(&cluster, "silent_import")?;
    load(&database, 20_000)?;
    let mut client = database.connect()?;
    client.batch_execute(QUIET)?;
    client.batch_execute("CALL hogsend_import('orders')")?;
    client.batch_execute("SELECT hogsend_reconcile(1000000)")?;
    assert_eq!(faults(&mut client)?, Vec::<String>::new());
    assert_eq!(count(&mut client, "SELECT FROM bucket_transitions")?, 0);
    assert_eq!(
        count(
            &mut client,
            "SELECT FROM bucket_members WHERE bucket_id = 'buyers'"
        )?,
        2_000
    );
    Ok(())
}

/// A statement that is not long enough for all of it does what it can, and the next goes on.
#[test]
fn an_import_ends_before_it_would_be_cancelled() -> Result<()> {
    let cluster = Cluster::start(Options::default())?;
    let database = with_extension(&cluster, "short_import")?;
    load(&database, 60_000)?;
    let mut client = database.connect()?;
    client.batch_execute(&format!("{QUIET}; SET statement_timeout = '1s'"))?;
    let mut calls = 0;
    let mut before = 0;
    loop {
        client.batch_execute("CALL hogsend_import('orders')")?;
        calls += 1;
        let (status, reached) = imported(&mut client)?;
        if status == "done" {
            break;
        }
        assert!(
            reached > before,
            "call {calls} came no further than {before}"
        );
        before = reached;
    }
    assert!(calls > 1, "it was done at once");
    client.batch_execute("SET statement_timeout = 0")?;
    assert_eq!(faults(&mut client)?, Vec::<String>::new());
    Ok(())
}

/// The second to come says that somebody is at it.
#[test]
fn two_imports_of_one_feed_are_not_at_once() -> Result<()> {
    let cluster = Cluster::start(Options::default())?;
    let database = with_extension(&cluster, "two_imports")?;
    load(&database, 5_000)?;
    let mut first = database.connect()?;
    first.batch_execute("BEGIN; SELECT * FROM hogsend_import_chunk('orders', 100)")?;
    let mut second = database.connect()?;
    let error = second.batch_execute("CALL hogsend_import('orders')").err();
    let error = error.context("it was let in")?;
    assert_eq!(error.code(), Some(&SqlState::OBJECT_IN_USE));
    // Nor does the clock wait.
    let row = second.query_one("SELECT backfilled, remaining FROM hogsend_reconcile()", &[])?;
    assert_eq!((row.get::<_, i32>(0), row.get::<_, bool>(1)), (0, true));
    first.batch_execute("COMMIT")?;
    second.batch_execute("CALL hogsend_import('orders')")?;
    assert_eq!(faults(&mut second)?, Vec::<String>::new());
    Ok(())
}

/// A row that a transaction has changed and not committed is waited for by the one, and not by the clock; and
/// ends as it was committed. What its writer wants meanwhile the import does not hold.
#[test]
fn an_import_waits_for_a_row_that_is_being_changed() -> Result<()> {
    let cluster = Cluster::start(Options::default())?;
    let database = with_extension(&cluster, "changed_meanwhile")?;
    load(&database, 2_000)?;
    let mut writer = database.connect()?;
    writer.batch_execute("BEGIN; UPDATE orders SET amount = -1 WHERE id = 1000")?;
    let mut clock = database.connect()?;
    let row = clock.query_one("SELECT remaining FROM hogsend_reconcile()", &[])?;
    assert!(row.get::<_, bool>(0));
    let before = imported(&mut clock)?;
    let again = clock.query_one("SELECT backfilled FROM hogsend_reconcile()", &[])?;
    assert_eq!(
        again.get::<_, i32>(0),
        0,
        "it went past the row, after {before:?}"
    );
    let mut importer = database.connect()?;
    std::thread::scope(|scope| -> Result<()> {
        let importing =
            scope.spawn(move || importer.batch_execute("CALL hogsend_import('orders')"));
        std::thread::sleep(Duration::from_millis(1500));
        assert!(!importing.is_finished());
        // Rows on both sides, and contacts of both: nobody is in a deadlock.
        writer.batch_execute(
            "UPDATE orders SET amount = -2 WHERE id IN (1, 999, 1001, 2000);
             INSERT INTO user_events (user_id, event) SELECT n::text, 'else' FROM generate_series(1, 199) n; COMMIT",
        )?;
        importing.join().expect("panicked")?;
        Ok(())
    })?;
    assert_eq!(faults(&mut clock)?, Vec::<String>::new());
    let changed = "SELECT FROM user_events WHERE value < 0";
    assert_eq!(
        count(&mut clock, changed)?,
        5 - count(
            &mut clock,
            "SELECT FROM orders WHERE amount < 0 AND status <> 'paid'"
        )?
    );
    Ok(())
}
