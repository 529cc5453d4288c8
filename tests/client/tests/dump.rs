//! Dump and restore, and an extension that comes and goes over its tables.

use anyhow::{Context, Result, bail};
use hogsend_client_tests::{cluster, count, error_of, with_extension};
use hogsend_harness::{Cluster, Options, TestDatabase};
use postgres::Client;
use postgres::error::SqlState;
use std::collections::BTreeMap;
use std::path::Path;

/// A database in use: members, history, timers, a job, a column and an index of
/// the user's own.
fn prepare(name: &str) -> Result<TestDatabase<'static>> {
    let database = with_extension(cluster(Options::default), name)?;
    database.connect()?.batch_execute(
        "INSERT INTO buckets (id, criteria, dwell_after, max_dwell) VALUES
             ('loyal', hogsend_event('buy', within => interval '30 days', at_least => 2),
              '{1 day}', NULL),
             ('quiet', hogsend_all(hogsend_event('buy'), hogsend_event('buy',
                  within => interval '7 days', never => true)), '{}', '60 days'),
             ('trial', hogsend_property('plan', 'eq', 'trial'), '{}', NULL);
         ALTER TABLE contacts ADD COLUMN score int DEFAULT 7;
         CREATE INDEX contacts_score ON contacts (score);
         INSERT INTO user_events (user_id, event, properties, value, occurred_at,
                                  contact_properties, user_email, idempotency_key)
         SELECT 'u' || n % 400, 'buy', jsonb_build_object('n', n, 'huge', 1e400), n / 7.0,
                now() - n % 40 * interval '1 day',
                CASE WHEN n % 3 = 0 THEN '{\"plan\":\"trial\"}'::jsonb END,
                'U' || n % 400 || '@example.org', 'k' || n
         FROM generate_series(1, 2000) AS n;
         UPDATE contacts SET properties = '{\"plan\":\"paid\"}' WHERE user_id LIKE 'u1%';
         UPDATE contacts SET deleted_at = now() WHERE user_id LIKE 'u22%'",
    )?;
    Ok(database)
}

/// For every table its rows, as a number and one hash; the order of the rows
/// and of the columns counts for nothing.
fn contents(client: &mut Client) -> Result<BTreeMap<String, (i64, String)>> {
    let mut contents = BTreeMap::new();
    let tables = client.query(
        "SELECT c.relname::text FROM pg_class c
         WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
           AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e')",
        &[],
    )?;
    for table in tables {
        let table: String = table.get(0);
        let row = client.query_one(
            &format!(
                "SELECT count(*), coalesce(md5(string_agg(h, '' ORDER BY h)), '')
                 FROM (SELECT md5(to_jsonb(t)::text) AS h FROM public.\"{table}\" t) AS rows"
            ),
            &[],
        )?;
        contents.insert(table, (row.get(0), row.get(1)));
    }
    Ok(contents)
}

/// A client program of the server's, with its complaints when it fails.
fn run(cluster: &Cluster, program: &str, database: &str, arguments: &[&str]) -> Result<()> {
    let output = cluster
        .programs()
        .client(program)
        .envs(cluster.environment(database))
        .args(arguments)
        .output()
        .with_context(|| format!("cannot run {program}"))?;
    if !output.status.success() {
        bail!("{program}: {}", String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

/// Dumps with `dump`, restores with what fits it, and compares.
fn round_trip(name: &str, dump: &[&str], restore: impl Fn(&Path) -> Vec<String>) -> Result<()> {
    let source = prepare(name)?;
    let before = contents(&mut source.connect()?)?;
    for table in [
        "buckets",
        "contacts",
        "user_events",
        "bucket_memberships",
        "bucket_timers",
        "bucket_transitions",
        "bucket_jobs",
    ] {
        let rows = before
            .get(table)
            .with_context(|| format!("no table {table}"))?
            .0;
        assert!(rows > 0, "{table} is empty, so it would prove nothing");
    }

    let file = source.cluster.scratch(name);
    let file_name = file.to_string_lossy().into_owned();
    run(
        source.cluster,
        "pg_dump",
        name,
        &[dump, &["-f", &file_name]].concat(),
    )?;
    let target = source.cluster.test_database(&format!("{name}_restored"))?;
    let words = restore(&file);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    run(source.cluster, words[0], &target.name, &words[1..])?;

    // The same rows everywhere: none lost, and no trigger has added any.
    let mut client = target.connect()?;
    assert_eq!(before, contents(&mut client)?);
    assert_eq!(
        before,
        contents(&mut source.connect()?)?,
        "dumping changed the source"
    );

    let next = client.query_one(
        "INSERT INTO user_events (user_id, event) VALUES ('u0', 'buy')
         RETURNING id > (SELECT max(id) FROM user_events)",
        &[],
    )?;
    assert!(next.get::<_, bool>(0), "the identity goes on where it was");

    // A copy mails nobody until it is told that it is the real one now.
    let transitions = before["bucket_transitions"].0;
    client.batch_execute(
        "INSERT INTO user_events (user_id, event) VALUES ('new', 'buy'), ('new', 'buy')",
    )?;
    assert_eq!(
        count(&mut client, "SELECT FROM bucket_transitions")?,
        transitions
    );
    client.batch_execute("SELECT hogsend_reconcile()")?;
    assert_eq!(
        count(&mut client, "SELECT FROM bucket_transitions")?,
        transitions
    );
    client.batch_execute("SELECT hogsend_adopt()")?;
    hogsend_client_tests::reconcile(&mut client)?;
    let joined = "SELECT FROM bucket_memberships
                  WHERE user_id = 'new' AND bucket_id = 'loyal' AND status = 'active'";
    assert_eq!(
        count(&mut client, joined)?,
        1,
        "queued while suspended, evaluated after"
    );
    Ok(())
}

#[test]
fn a_plain_dump_brings_everything_back() -> Result<()> {
    round_trip("plain", &["-Fp"], |file| {
        [
            "psql",
            "-X",
            "-q",
            "-v",
            "ON_ERROR_STOP=1",
            "-o",
            "/dev/null",
            "-f",
        ]
        .map(String::from)
        .into_iter()
        .chain([file.to_string_lossy().into_owned()])
        .collect()
    })
}

#[test]
fn a_custom_dump_brings_everything_back() -> Result<()> {
    round_trip("custom", &["-Fc"], |file| pg_restore("custom", &[], file))
}

#[test]
fn a_parallel_dump_brings_everything_back() -> Result<()> {
    round_trip("directory", &["-Fd", "-j2"], |file| {
        pg_restore("directory", &["-j2"], file)
    })
}

fn pg_restore(source: &str, more: &[&str], file: &Path) -> Vec<String> {
    let database = format!("{source}_restored");
    let mut words = vec!["pg_restore", "--exit-on-error", "-d", &database];
    words.extend(more);
    let mut words: Vec<String> = words.into_iter().map(String::from).collect();
    words.push(file.to_string_lossy().into_owned());
    words
}

#[test]
fn install_none_makes_no_tables() -> Result<()> {
    let database = cluster(Options::default).test_database("install_none")?;
    let mut client = database.connect()?;
    client.batch_execute("SET hogsend.install = 'none'; CREATE EXTENSION hogsend")?;
    let tables = "SELECT FROM pg_class WHERE relname IN
                  ('buckets', 'contacts', 'user_events', 'bucket_members')";
    assert_eq!(count(&mut client, tables)?, 0);
    assert!(
        count(
            &mut client,
            "SELECT FROM pg_proc WHERE proname LIKE 'hogsend%'"
        )? > 0
    );
    Ok(())
}

#[test]
fn the_extension_can_go_and_come_back_over_its_tables() -> Result<()> {
    let database = prepare("come_back")?;
    let mut client = database.connect()?;
    let before = contents(&mut client)?;
    let error = error_of(&mut client, "DROP EXTENSION hogsend");
    assert_eq!(
        error.code,
        SqlState::DEPENDENT_OBJECTS_STILL_EXIST,
        "{error:?}"
    );
    client.batch_execute("DROP EXTENSION hogsend CASCADE")?;
    assert_eq!(
        before,
        contents(&mut client)?,
        "CASCADE takes functions, never a row"
    );

    client.batch_execute("INSERT INTO user_events (user_id, event) VALUES ('gap', 'buy')")?;
    client.batch_execute("CREATE EXTENSION hogsend")?;
    // The second purchase: the first, made while nothing watched, counts.
    client.batch_execute("INSERT INTO user_events (user_id, event) VALUES ('gap', 'buy')")?;
    let joined = "SELECT FROM bucket_transitions
                  WHERE user_id = 'gap' AND event = 'bucket:entered:loyal'";
    assert_eq!(count(&mut client, joined)?, 1);
    Ok(())
}
