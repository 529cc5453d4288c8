//! Dumps of less than the whole database: the data alone, one schema, and restores without tables.

use anyhow::Result;
use hogsend_client_tests::carried::{Before, works};
use hogsend_client_tests::{cluster, count, specimen, with_extension};
use hogsend_harness::{Options, TestDatabase};

/// A database in use, with its data in a dump, and one that was prepared to take it.
fn data_only(name: &str) -> Result<(TestDatabase<'static>, TestDatabase<'static>, String)> {
    let source = with_extension(cluster(Options::default), name)?;
    specimen::fill(&mut source.connect()?, "")?;
    let file = source.cluster.scratch(&format!("{name}.dump"));
    let file = file.to_string_lossy().into_owned();
    specimen::run(source.cluster, "pg_dump", name, &["-Fc", "-f", &file])?;
    let target = with_extension(source.cluster, &format!("{name}_prepared"))?;
    target.connect()?.batch_execute(
        "ALTER TABLE contacts ADD COLUMN score int DEFAULT 7;
         CREATE INDEX contacts_score ON contacts (score)",
    )?;
    Ok((source, target, file))
}

#[test]
fn data_goes_into_a_prepared_database_with_triggers_off() -> Result<()> {
    let (source, target, file) = data_only("data")?;
    let before = Before::of(&mut source.connect()?)?;
    let words = [
        "--exit-on-error",
        "--data-only",
        "--disable-triggers",
        "-j2",
        "-d",
        &target.name,
        &file,
    ];
    specimen::run(source.cluster, "pg_restore", &target.name, &words)?;
    let mut client = target.connect()?;
    before.is_whole(&mut client)?;
    let unread = specimen::read_on(&mut source.connect()?)?;
    before.rests_until_adopted(&mut client, &unread)
}

/// Whoever forgets --disable-triggers gets a copy that rests all the same, and mails nobody.
#[test]
fn data_that_fires_triggers_moves_and_announces_nobody() -> Result<()> {
    let (source, target, file) = data_only("fired")?;
    let before = Before::of(&mut source.connect()?)?;
    let mut listener = target.listen("bucket_transitions")?;
    let words = ["--exit-on-error", "--data-only", "-d", &target.name, &file];
    specimen::run(source.cluster, "pg_restore", &target.name, &words)?;
    let mut client = target.connect()?;
    let contents = specimen::contents(&mut client)?;
    for table in [
        "buckets",
        "user_events",
        "bucket_memberships",
        "bucket_transitions",
        "bucket_positions",
        "bucket_jobs",
    ] {
        assert_eq!(contents[table], before.contents[table], "{table}");
    }
    assert!(listener.drain()?.is_empty());
    let unread = specimen::read_on(&mut source.connect()?)?;
    before.rests_until_adopted(&mut client, &unread)
}

/// Definitions that are copied into a database that has its own are definitions like any other.
#[test]
fn copied_definitions_suspend_nobody_who_has_some() -> Result<()> {
    let (source, target, file) = data_only("definitions")?;
    let mut client = target.connect()?;
    client.batch_execute(
        "INSERT INTO buckets (id, criteria) VALUES ('mine', hogsend_event('buy'));
         INSERT INTO user_events (user_id, event) VALUES ('u1', 'buy'), ('u1', 'buy')",
    )?;
    let words = [
        "--exit-on-error",
        "--data-only",
        "-t",
        "buckets",
        "-d",
        &target.name,
        &file,
    ];
    specimen::run(source.cluster, "pg_restore", &target.name, &words)?;
    let member = "SELECT FROM bucket_members WHERE bucket_id = 'loyal' AND user_id = 'u1'";
    assert_eq!(count(&mut client, member)?, 1);
    works(&mut client)
}

#[test]
fn one_schema_comes_with_its_extension() -> Result<()> {
    let source = cluster(Options::default).test_database("schema")?;
    let mut client = source.connect()?;
    client.batch_execute(
        "CREATE SCHEMA segments;
         CREATE EXTENSION hogsend SCHEMA segments;
         CREATE TABLE public.other (n int);
         ALTER DATABASE schema SET search_path = segments;
         SET search_path = segments",
    )?;
    specimen::fill(&mut client, "")?;
    let before = Before::of(&mut client)?;
    let mut restored = Vec::new();
    for (format, restore) in [("-Fp", "psql"), ("-Fc", "pg_restore")] {
        let target = source.cluster.test_database(&format!("schema_{restore}"))?;
        let file = source.cluster.scratch(&format!("schema{format}"));
        let file = file.to_string_lossy().into_owned();
        let dump = [format, "-n", "segments", "-e", "hogsend", "-f", &file];
        specimen::run(source.cluster, "pg_dump", "schema", &dump)?;
        let mut words = match restore {
            "psql" => vec!["-Xq", "-v", "ON_ERROR_STOP=1", "-o", "/dev/null", "-f"],
            _ => vec!["--exit-on-error", "-d", &target.name],
        };
        words.push(&file);
        specimen::run(source.cluster, restore, &target.name, &words)?;
        let mut client = target.connect()?;
        client.batch_execute("SET search_path = segments")?;
        before.is_whole(&mut client)?;
        let other = "SELECT FROM pg_tables WHERE tablename = 'other'";
        assert_eq!(count(&mut client, other)?, 0);
        restored.push(client);
    }
    let unread = specimen::read_on(&mut client)?;
    for mut client in restored {
        before.rests_until_adopted(&mut client, &unread)?;
    }
    Ok(())
}

#[test]
fn install_none_makes_no_tables() -> Result<()> {
    let database = cluster(Options::default).test_database("install_none")?;
    let mut client = database.connect()?;
    client.batch_execute("SET hogsend.install = 'none'; CREATE EXTENSION hogsend")?;
    let tables = "SELECT FROM pg_class WHERE relname IN
                  ('buckets', 'contacts', 'user_events', 'bucket_members')";
    assert_eq!(count(&mut client, tables)?, 0);
    let functions = "SELECT FROM pg_proc WHERE proname LIKE 'hogsend%'";
    assert!(count(&mut client, functions)? > 0);
    Ok(())
}
