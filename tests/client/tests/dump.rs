//! A dump of the whole database, in each format, and what is in the restored one.

use anyhow::Result;
use hogsend_client_tests::carried::Before;
use hogsend_client_tests::{cluster, count, specimen, with_extension};
use hogsend_harness::{Options, TestDatabase};
use postgres::Client;

fn prepare(name: &str) -> Result<TestDatabase<'static>> {
    let database = with_extension(cluster(Options::default), name)?;
    let mut client = database.connect()?;
    specimen::fill(&mut client, "")?;
    specimen::attach(&mut client)?;
    Ok(database)
}

/// A path for the dump of a database.
fn file(database: &TestDatabase) -> String {
    let path = database.cluster.scratch(&format!("{}.dump", database.name));
    path.to_string_lossy().into_owned()
}

/// Dumps with `dump`, restores with `restore` (a program and what it needs before the file), so often.
fn round_trip(name: &str, dump: &[&str], restore: &[&str], times: usize) -> Result<()> {
    let source = prepare(name)?;
    let before = Before::of(&mut source.connect()?)?;
    let file = file(&source);
    let words = [dump, &["-f", &file]].concat();
    specimen::run(source.cluster, "pg_dump", name, &words)?;
    before.is_whole(&mut source.connect()?)?;

    let target = source.cluster.test_database(&format!("{name}_restored"))?;
    let words = [&restore[1..], &[&file]].concat();
    for _ in 0..times {
        specimen::run(source.cluster, restore[0], &target.name, &words)?;
    }
    let mut client = target.connect()?;
    before.is_whole(&mut client)?;
    let unread = specimen::read_on(&mut source.connect()?)?;
    before.rests_until_adopted(&mut client, &unread)?;
    is_still_attached(&mut client)
}

/// What an attached table's rows mean came along, and so did its triggers.
fn is_still_attached(client: &mut Client) -> Result<()> {
    client.batch_execute(
        "INSERT INTO sales VALUES (3, 'u3', now()); UPDATE sales SET buyer = 'u4' WHERE id = 1",
    )?;
    let mirrored = "SELECT FROM user_events e JOIN sales s ON e.idempotency_key = 'sales:' || s.id
                    WHERE e.user_id = s.buyer AND e.event = 'sold'";
    assert_eq!(count(client, mirrored)?, 2, "two rows are somebody's");
    let differing = "SELECT FROM hogsend_verify_feed('sales')";
    assert_eq!(count(client, differing)?, 0, "and no others");
    Ok(())
}

#[test]
fn a_plain_dump_brings_everything_back() -> Result<()> {
    let psql = [
        "psql",
        "-Xq",
        "-v",
        "ON_ERROR_STOP=1",
        "-o",
        "/dev/null",
        "-f",
    ];
    round_trip("plain", &["-Fp"], &psql, 1)
}

#[test]
fn a_custom_dump_brings_everything_back() -> Result<()> {
    let restore = ["pg_restore", "--exit-on-error", "-d", "custom_restored"];
    round_trip("custom", &["-Fc"], &restore, 1)
}

#[test]
fn a_parallel_dump_brings_everything_back() -> Result<()> {
    let restore = [
        "pg_restore",
        "--exit-on-error",
        "-j2",
        "-d",
        "directory_restored",
    ];
    round_trip("directory", &["-Fd", "-j2"], &restore, 1)
}

/// Over what is there already, as whoever refreshes a staging database does.
#[test]
fn a_dump_can_be_restored_again_over_itself() -> Result<()> {
    let restore = [
        "pg_restore",
        "--exit-on-error",
        "--clean",
        "--if-exists",
        "-d",
        "again_restored",
    ];
    round_trip("again", &["-Fc"], &restore, 2)
}

/// What the comparison is for: triggers that are there before the data, rows that somebody swallows,
/// an index that is missing.
#[test]
fn a_restore_that_fires_triggers_or_loses_anything_is_noticed() -> Result<()> {
    let source = prepare("control")?;
    let before = Before::of(&mut source.connect()?)?;
    let file = file(&source);
    specimen::run(source.cluster, "pg_dump", "control", &["-Fc", "-f", &file])?;
    let restored = |name: &str, sections: &[&str], meanwhile: &str| -> Result<String> {
        let target = source.cluster.test_database(name)?;
        for (number, section) in sections.iter().enumerate() {
            let section = format!("--section={section}");
            // Not to the letter: rows that triggers have made are in the way of rows of the dump.
            let _ = specimen::run(
                source.cluster,
                "pg_restore",
                name,
                &[&section, "-d", name, &file],
            );
            if number == 0 {
                target.connect()?.batch_execute(meanwhile)?;
            }
        }
        let found = before.is_whole(&mut target.connect()?);
        Ok(found.err().map_or(String::new(), |error| error.to_string()))
    };
    let in_order = ["pre-data", "data", "post-data"];
    assert_eq!(restored("control_right", &in_order, "")?, "");

    let too_early = ["pre-data", "post-data", "data"];
    let found = restored("control_fired", &too_early, "")?;
    assert!(found.contains("bucket_timers"), "{found}");

    let swallow = "CREATE FUNCTION swallow() RETURNS trigger LANGUAGE plpgsql AS
                       'BEGIN RETURN CASE WHEN NEW.user_id <> ''u7'' THEN NEW END; END';
                   CREATE TRIGGER swallow BEFORE INSERT ON contacts
                       FOR EACH ROW EXECUTE FUNCTION swallow()";
    let found = restored("control_lost", &in_order, swallow)?;
    assert_eq!(found, "other rows in [\"contacts\"]");

    let found = restored(
        "control_column",
        &in_order,
        "ALTER TABLE contacts ALTER score DROP DEFAULT",
    )?;
    assert!(found.contains("column contacts.score: differs"), "{found}");
    Ok(())
}
