//! user_events partitioned by occurred_at: made of a table in use, written to in every way, carried
//! elsewhere, and partitions that come and go.

use anyhow::Result;
use hogsend_client_tests::carried::{Before, works};
use hogsend_client_tests::{
    cluster, count, error_of, named, reconcile, releases, specimen, with_extension,
    with_extension_in_schema, with_release,
};
use hogsend_harness::{Options, TestDatabase};
use postgres::Client;
use postgres::error::SqlState;
use std::io::Write;

/// What doc/operating.md says to do, with other boundaries: the table there is becomes the partition of the
/// past. And one for what has no partition of its own.
fn partition() -> String {
    let page = include_str!("../../../doc/operating.md");
    let section = page.split("## Partitions\n").nth(1).unwrap_or_default();
    let statements = section.split("```sql\n").nth(1).unwrap_or_default();
    let statements = statements.split("```").next().unwrap_or_default();
    for text in ["2027-01-01", "2028-01-01", "user_events_2027", " TO app;"] {
        assert!(
            statements.contains(text),
            "doc/operating.md: no {text} in\n{statements}"
        );
    }
    let statements = statements
        .replace("2027-01-01", "2020-01-01")
        .replace("2028-01-01", "2030-01-01")
        .replace("user_events_2027", "user_events_present")
        .replace(" TO app;", " TO pg_monitor;");
    format!("{statements} CREATE TABLE user_events_rest PARTITION OF user_events DEFAULT")
}

/// Partitioned while there are events of the past only; the others come afterwards.
fn prepare(name: &str) -> Result<TestDatabase<'static>> {
    fill(with_extension(cluster(Options::default), name)?)
}

fn fill(database: TestDatabase<'static>) -> Result<TestDatabase<'static>> {
    let past = "INSERT INTO user_events (user_id, event, occurred_at, idempotency_key)
                SELECT 'p' || n % 50, 'buy', timestamptz '2019-01-01 UTC' + n * interval '1 hour', 'k' || n
                FROM generate_series(1, 200) AS n";
    specimen::fill(&mut database.connect()?, &format!("{past};{}", partition()))?;
    Ok(database)
}

fn members(client: &mut Client, user: &str) -> Result<i64> {
    let query =
        format!("SELECT FROM bucket_members WHERE bucket_id = 'loyal' AND user_id = '{user}'");
    count(client, &query)
}

#[test]
fn every_way_of_writing_moves_members() -> Result<()> {
    writing_moves_members(&prepare("ways")?)
}

/// As the README begins: there the statements must not make a table of the application's schema.
#[test]
fn so_it_does_in_a_schema_of_its_own() -> Result<()> {
    let database = with_extension_in_schema(cluster(Options::default), "ways_in_schema")?;
    writing_moves_members(&fill(database)?)
}

fn writing_moves_members(database: &TestDatabase<'static>) -> Result<()> {
    let mut client = database.connect()?;
    let in_past = "SELECT FROM user_events_past";
    let past = count(&mut client, in_past)?;
    works(&mut client)?;

    // Rows of one statement in two partitions are one statement.
    client.batch_execute(
        "INSERT INTO user_events (user_id, event, occurred_at)
         VALUES ('two', 'buy', now()), ('two', 'buy', '2019-06-01'), ('two', 'buy', now())",
    )?;
    assert_eq!(members(&mut client, "two")?, 1);
    assert_eq!(count(&mut client, in_past)?, past + 1);

    let mut copy = client.copy_in("COPY user_events (user_id, event) FROM STDIN")?;
    copy.write_all(b"copied\tbuy\ncopied\tbuy\n")?;
    copy.finish()?;
    assert_eq!(members(&mut client, "copied")?, 1);

    // An UPDATE that moves a row from one partition to another.
    client.batch_execute(
        "UPDATE user_events SET occurred_at = '2019-06-01' WHERE user_id = 'copied'",
    )?;
    assert_eq!(members(&mut client, "copied")?, 0);
    client.batch_execute(
        "DELETE FROM user_events WHERE user_id = 'two' AND occurred_at > '2020-01-01'",
    )?;
    assert_eq!(members(&mut client, "two")?, 0);

    // A partition by its own name.
    client.batch_execute(
        "INSERT INTO user_events_present (id, user_id, event) VALUES (-1, 'direct', 'buy'), (-2, 'direct', 'buy')",
    )?;
    assert_eq!(members(&mut client, "direct")?, 1);
    client.batch_execute("DELETE FROM user_events_present WHERE user_id = 'direct'")?;
    assert_eq!(members(&mut client, "direct")?, 0);

    // The clock.
    client.batch_execute(
        "INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'soon', 'buy', now() - interval '30 days' + interval '1 minute' FROM generate_series(1, 2)",
    )?;
    assert_eq!(members(&mut client, "soon")?, 1);
    client.batch_execute(
        "SELECT set_config('hogsend.now', (now() + interval '2 minutes')::text, false)",
    )?;
    reconcile(&mut client)?;
    assert_eq!(members(&mut client, "soon")?, 0);
    client.batch_execute("RESET hogsend.now")?;

    client.batch_execute("SELECT hogsend_forget_user(u) FROM unnest('{two,soon}'::text[]) u")?;
    let gone = "SELECT FROM user_events WHERE user_id IN ('two', 'soon')";
    assert_eq!(count(&mut client, gone)?, 0);
    works(&mut client)?;
    client.batch_execute("TRUNCATE user_events_present")?;
    reconcile(&mut client)?;
    assert_eq!(members(&mut client, "latest")?, 0);
    assert!(specimen::verify(&mut client)?.is_empty());
    Ok(())
}

/// The control: without hogsend_migrate() the new table has no triggers.
#[test]
fn a_table_that_was_only_swapped_moves_nobody() -> Result<()> {
    for (name, swap, moved) in [
        (
            "only_swapped",
            partition().replace("SELECT hogsend_migrate();", ""),
            0,
        ),
        ("swapped", partition(), 1),
    ] {
        let database = with_extension(cluster(Options::default), name)?;
        let mut client = database.connect()?;
        client.batch_execute(
            "INSERT INTO buckets (id, criteria) VALUES ('loyal', hogsend_event('buy'))",
        )?;
        client.batch_execute(&swap)?;
        client.batch_execute("INSERT INTO user_events (user_id, event) VALUES ('u1', 'buy')")?;
        assert_eq!(members(&mut client, "u1")?, moved, "{name}");
        let healthy = "SELECT FROM hogsend_health() WHERE \"check\" = 'outdated tables' AND ok";
        assert_eq!(count(&mut client, healthy)?, moved);
    }
    Ok(())
}

#[test]
fn idempotency_keys_are_unique_within_a_partition() -> Result<()> {
    let database = prepare("keys")?;
    let mut client = database.connect()?;
    let ingest = |client: &mut Client, user: &str, at: &str| -> Result<bool> {
        let call = "SELECT hogsend_ingest($1, 'buy', occurred_at => $2::text::timestamptz, idempotency_key => 'k1')";
        Ok(client.query_one(call, &[&user, &at])?.get(0))
    };
    assert!(ingest(&mut client, "keyed", "2026-01-01")?);
    assert!(!ingest(&mut client, "keyed", "2026-01-02")?);
    assert!(!ingest(&mut client, "p1", "2019-01-02")?, "a key of before");
    let error = error_of(
        &mut client,
        "INSERT INTO user_events (user_id, event, idempotency_key) VALUES ('keyed', 'buy', 'k1')",
    );
    assert_eq!(error.code, SqlState::UNIQUE_VIOLATION);
    assert!(
        ingest(&mut client, "keyed", "2019-01-02")?,
        "another partition"
    );

    // A partition that came later has its index from hogsend_migrate(), or a warning and no harm.
    client.batch_execute(
        "CREATE TABLE user_events_2030 PARTITION OF user_events FOR VALUES FROM ('2030-01-01') TO ('2031-01-01');
         INSERT INTO user_events (user_id, event, occurred_at, idempotency_key)
         VALUES ('keyed', 'buy', '2030-01-01', 'k1'), ('keyed', 'buy', '2030-01-02', 'k1');
         SELECT hogsend_migrate()",
    )?;
    assert!(ingest(&mut client, "keyed", "2030-01-03")?);
    client.batch_execute(
        "DELETE FROM user_events WHERE occurred_at BETWEEN '2030-01-02' AND '2030-12-31';
         SELECT hogsend_migrate()",
    )?;
    assert!(!ingest(&mut client, "keyed", "2030-01-03")?);
    // Once more changes nothing.
    let indexes = "SELECT FROM pg_indexes WHERE tablename LIKE 'user_events%'";
    let before = count(&mut client, indexes)?;
    client.batch_execute("SELECT hogsend_migrate()")?;
    assert_eq!(count(&mut client, indexes)?, before);
    Ok(())
}

#[test]
fn partitions_come_back_from_a_dump() -> Result<()> {
    let source = prepare("carried")?;
    source
        .connect()?
        .batch_execute("SELECT hogsend_migrate()")?;
    let before = Before::of(&mut source.connect()?)?;
    let file = source.cluster.scratch("carried.dump");
    let file = file.to_string_lossy().into_owned();
    for (name, dump, restore) in [
        ("carried_custom", vec!["-Fc"], vec![]),
        (
            "carried_root",
            vec!["-Fd", "-j2", "--load-via-partition-root"],
            vec!["-j2"],
        ),
    ] {
        let file = format!("{file}.{name}");
        specimen::run(
            source.cluster,
            "pg_dump",
            "carried",
            &[&dump[..], &["-f", &file]].concat(),
        )?;
        let target = source.cluster.test_database(name)?;
        let words = [&["--exit-on-error", "-d", name][..], &restore, &[&file]].concat();
        specimen::run(source.cluster, "pg_restore", name, &words)?;
        before.is_whole(&mut target.connect()?)?;
    }
    let unread = specimen::read_on(&mut source.connect()?)?;
    for name in ["carried_custom", "carried_root"] {
        before.rests_until_adopted(&mut source.cluster.connect(name)?, &unread)?;
    }
    Ok(())
}

#[test]
fn the_extension_goes_and_comes_back_over_partitions() -> Result<()> {
    let database = prepare("goes")?;
    let mut client = database.connect()?;
    let before = Before::of(&mut client)?;
    let error = error_of(&mut client, "DROP EXTENSION hogsend");
    assert_eq!(error.code, SqlState::DEPENDENT_OBJECTS_STILL_EXIST);
    client.batch_execute("DROP EXTENSION hogsend CASCADE")?;
    assert_eq!(before.contents, specimen::contents(&mut client)?);
    client.batch_execute("CREATE EXTENSION hogsend; SELECT hogsend_migrate()")?;
    works(&mut client)
}

/// 0.1.0 took a partitioned table and gave it triggers, and nothing else; 0.2.0 gave the partitions an
/// index that no ON CONFLICT can name.
#[test]
fn an_update_gives_partitions_what_they_lack() -> Result<()> {
    for release in releases()? {
        let database = with_release(
            cluster(Options::default),
            &named("lacking", &release),
            &release,
        )?;
        let mut client = database.connect()?;
        specimen::fill(&mut client, &partition())?;
        let columns = specimen::columns(&mut client)?;
        let before = specimen::contents(&mut client)?;
        client.batch_execute("ALTER EXTENSION hogsend UPDATE")?;
        assert_eq!(before, specimen::contents_in(&mut client, &columns)?);
        for (columns, unique, tables) in [
            ("user_id, event, occurred_at", "", 4),
            ("user_id, idempotency_key", "UNIQUE", 3),
        ] {
            let indexes = format!(
                "SELECT FROM pg_indexes WHERE tablename LIKE 'user_events%'
                 AND indexdef LIKE 'CREATE {unique}%({columns})%'"
            );
            assert_eq!(
                count(&mut client, &indexes)?,
                tables,
                "{release}: {columns}"
            );
        }
        let triggers = "SELECT FROM pg_trigger WHERE tgrelid = 'user_events_present'::regclass";
        assert_eq!(count(&mut client, triggers)?, 4, "{release}");
        works(&mut client)?;
    }
    Ok(())
}

#[test]
fn a_partition_comes_and_another_goes() -> Result<()> {
    let database = prepare("come_go")?;
    let mut client = database.connect()?;
    let look_again = "BEGIN;
                      UPDATE buckets SET enabled = false WHERE kind = 'dynamic';
                      UPDATE buckets SET enabled = true WHERE kind = 'dynamic';
                      COMMIT";
    works(&mut client)?;
    client.batch_execute("ALTER TABLE user_events DETACH PARTITION user_events_present")?;
    // No trigger tells of that: the comparison does, and enabling looks at everybody again.
    assert!(!specimen::verify(&mut client)?.is_empty());
    client.batch_execute(look_again)?;
    reconcile(&mut client)?;
    assert!(specimen::verify(&mut client)?.is_empty());
    assert_eq!(members(&mut client, "latest")?, 0);

    client.batch_execute(
        "ALTER TABLE user_events ATTACH PARTITION user_events_present
             FOR VALUES FROM ('2020-01-01') TO ('2030-01-01')",
    )?;
    client.batch_execute(look_again)?;
    reconcile(&mut client)?;
    assert!(specimen::verify(&mut client)?.is_empty());
    assert_eq!(members(&mut client, "latest")?, 1);
    client.batch_execute("DROP TABLE user_events_past")?;
    client.batch_execute(look_again)?;
    reconcile(&mut client)?;
    assert!(specimen::verify(&mut client)?.is_empty());
    Ok(())
}
