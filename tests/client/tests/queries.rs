//! Query buckets: large results, the clock at work, and what a dump makes of them.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use hogsend_client_tests::{cluster, count, specimen, with_extension};
use hogsend_harness::Options;

#[test]
fn a_hundred_thousand_come_and_half_of_them_go() -> Result<()> {
    let database = with_extension(cluster(Options::default), "queries_large")?;
    let mut client = database.connect()?;
    // Little memory, so that both lists go by way of the disk.
    client.batch_execute(
        "SET work_mem = '64kB';
         CREATE TABLE users AS
             SELECT md5(n::text) AS id, n FROM generate_series(1, 100000) AS n;
         SET client_min_messages = warning;
         INSERT INTO buckets (id, kind, query) VALUES ('all', 'query', 'SELECT id FROM users');
         INSERT INTO buckets (id, kind, query) VALUES
             ('half', 'query', 'SELECT id FROM users WHERE n % 2 = 0 UNION ALL SELECT id FROM users WHERE n % 2 = 0')",
    )?;
    let begun = Instant::now();
    let mut calls = 0;
    while client
        .query_one("SELECT remaining FROM hogsend_reconcile()", &[])?
        .get::<_, bool>(0)
    {
        calls += 1;
        ensure!(calls < 20, "the clock does not come to an end");
    }
    println!("filled 150,000 in {:?}", begun.elapsed());
    let members = "SELECT FROM bucket_members WHERE bucket_id = ";
    assert_eq!(count(&mut client, &format!("{members}'all'"))?, 100_000);
    assert_eq!(count(&mut client, &format!("{members}'half'"))?, 50_000);
    assert_eq!(count(&mut client, "SELECT FROM bucket_transitions")?, 0);
    assert_eq!(count(&mut client, "SELECT FROM contacts")?, 100_000);

    client.batch_execute("DELETE FROM users WHERE n > 50000")?;
    let moved = client.query_one("SELECT entered, \"left\" FROM hogsend_refresh('all')", &[])?;
    assert_eq!((moved.get(0), moved.get(1)), (0_i64, 50_000_i64));
    let left = "SELECT FROM bucket_transitions WHERE transition = 'left' AND reason = 'criteria'";
    assert_eq!(count(&mut client, left)?, 50_000);
    assert_eq!(count(&mut client, &format!("{members}'all'"))?, 50_000);
    let wrong = "SELECT FROM hogsend_verify('all')";
    assert_eq!(count(&mut client, wrong)?, 0);
    assert_eq!(
        count(&mut client, "SELECT FROM hogsend_verify('half')")?,
        25_000
    );
    Ok(())
}

#[test]
fn the_clock_refreshes_and_its_limit_ends_only_the_query() -> Result<()> {
    let database = with_extension(cluster(Options::default), "queries_clock")?;
    let mut client = database.connect()?;
    client.batch_execute(
        "CREATE TABLE users (id text);
         SET client_min_messages = warning;
         INSERT INTO buckets (id, kind, query, refresh_every) VALUES
             ('quick', 'query', 'SELECT id FROM users', '300 milliseconds'),
             ('slow', 'query', 'SELECT pg_sleep(60)::text', '1 second')",
    )?;
    let mut clock = database.connect()?;
    let clock = std::thread::spawn(move || {
        clock.batch_execute(
            "SET client_min_messages = error; SET hogsend.query_timeout = '200ms'",
        )?;
        // By itself, because it commits.
        clock.batch_execute("CALL hogsend_run('5 seconds')")
    });
    std::thread::sleep(Duration::from_millis(1500));
    client.batch_execute("INSERT INTO users VALUES ('u1')")?;
    let begun = Instant::now();
    while count(&mut client, "SELECT FROM bucket_transitions")? == 0 {
        ensure!(begun.elapsed() < Duration::from_secs(3), "nobody was told");
        std::thread::sleep(Duration::from_millis(20));
    }
    let ended = clock.join().expect("the clock's thread ends");
    ended?;
    let row = client.query_one(
        "SELECT failures, error FROM bucket_refreshes WHERE bucket_id = 'slow'",
        &[],
    )?;
    assert!(row.get::<_, i32>(0) >= 1);
    assert_eq!(row.get::<_, String>(1), "the query took too long");
    Ok(())
}

#[test]
fn a_restored_copy_runs_no_query_until_it_is_adopted() -> Result<()> {
    let cluster = cluster(Options::default);
    let source = with_extension(cluster, "queries_dumped")?;
    let mut client = source.connect()?;
    client.batch_execute(
        "DROP ROLE IF EXISTS queries_author;
         CREATE ROLE queries_author;
         SELECT hogsend_grant('queries_author', 'admin');
         CREATE TABLE users (id text);
         GRANT SELECT ON users TO queries_author;
         INSERT INTO users VALUES ('u1');
         SET ROLE queries_author;
         SET client_min_messages = warning;
         INSERT INTO buckets (id, kind, query, refresh_every) VALUES ('q', 'query', 'SELECT id FROM users', '1 hour');
         SELECT hogsend_refresh('q');
         RESET ROLE;
         INSERT INTO users VALUES ('u2')",
    )?;
    let file = cluster.scratch("queries.dump");
    let file = file.to_string_lossy();
    specimen::run(cluster, "pg_dump", "queries_dumped", &["-Fc", "-f", &file])?;
    let target = cluster.test_database("queries_restored")?;
    let words = ["--exit-on-error", "-d", "queries_restored", &file];
    specimen::run(cluster, "pg_restore", &target.name, &words)?;

    let mut copy = target.connect()?;
    copy.batch_execute("SET client_min_messages = error; SELECT hogsend_reconcile()")?;
    let members = "SELECT FROM bucket_members WHERE bucket_id = 'q'";
    assert_eq!(count(&mut copy, members)?, 1);
    assert!(copy.batch_execute("SELECT hogsend_refresh('q')").is_err());
    copy.batch_execute("SELECT hogsend_adopt(); SELECT hogsend_reconcile()")?;
    assert_eq!(count(&mut copy, members)?, 2);
    assert_eq!(count(&mut copy, "SELECT FROM bucket_transitions")?, 0);
    let role = "SELECT FROM buckets b JOIN bucket_refreshes r ON r.bucket_id = b.id
                WHERE b.query_role = 'queries_author' AND r.role_id = 'queries_author'::regrole";
    assert_eq!(count(&mut copy, role)?, 1);
    Ok(())
}
