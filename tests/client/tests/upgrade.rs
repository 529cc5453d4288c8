//! From every earlier release to this version: ALTER EXTENSION UPDATE, and dumps of those releases.

use anyhow::Result;
use hogsend_client_tests::catalog::{differences, objects, without_view_texts};
use hogsend_client_tests::{
    cluster, count, error_of, named, reconcile, releases, specimen, with_extension, with_release,
};
use hogsend_harness::Options;
use postgres::Client;
use postgres::error::SqlState;

fn update(client: &mut Client) -> Result<()> {
    client.batch_execute("ALTER EXTENSION hogsend UPDATE")?;
    Ok(())
}

#[test]
fn an_updated_installation_has_what_a_fresh_one_has() -> Result<()> {
    compare_updated("updated", "public")
}

/// Whatever the schema is called.
#[test]
fn an_updated_installation_is_so_in_any_schema() -> Result<()> {
    compare_updated("updated_elsewhere", "My segments")
}

fn compare_updated(name: &str, schema: &str) -> Result<()> {
    let created = |name: &str, version: &str| -> Result<Client> {
        let database = cluster(Options::default).test_database(name)?;
        let mut client = database.connect()?;
        client.batch_execute(&format!(
            "CREATE SCHEMA IF NOT EXISTS \"{schema}\";
             CREATE EXTENSION hogsend SCHEMA \"{schema}\" {version}"
        ))?;
        Ok(client)
    };
    let fresh = objects(&mut created(&format!("{name}_fresh"), "")?)?;
    for release in releases()? {
        let mut client = created(&named(name, &release), &format!("VERSION '{release}'"))?;
        let before = objects(&mut client)?;
        update(&mut client)?;
        let found = differences(&objects(&mut client)?, &fresh);
        assert!(
            found.is_empty(),
            "an updated database of {release} (<) has not what a fresh one (>) has; \
             `make upgrade-script` brings the script up to date:\n{}",
            found.join("\n")
        );
        // The comparison sees the version, at least, and the trigger that tells it.
        let found = differences(&before, &fresh);
        let about = |what: &str| found.iter().any(|d| d.starts_with(what));
        assert!(about("extension hogsend: differs"), "{found:?}");
        assert!(about("trigger hogsend_check of buckets: differs"));
    }
    Ok(())
}

#[test]
fn the_comparison_names_what_differs() -> Result<()> {
    let database = with_extension(cluster(Options::default), "comparison")?;
    let mut client = database.connect()?;
    let whole = objects(&mut client)?;
    for (change, difference) in [
        (
            "DROP INDEX user_events_user_event_time",
            "relation user_events_user_event_time: only in the first",
        ),
        (
            "ALTER TABLE buckets ALTER name DROP NOT NULL",
            "column buckets.name: differs",
        ),
        (
            "ALTER TABLE contacts DROP CONSTRAINT contacts_properties_object",
            "constraint contacts_properties_object of contacts: only in the first",
        ),
        (
            "ALTER TABLE contacts DISABLE TRIGGER hogsend_insert",
            "trigger hogsend_insert of contacts: differs",
        ),
        (
            "CREATE OR REPLACE VIEW bucket_forecast AS SELECT * FROM (SELECT NULL::text AS bucket_id,
                 now() AS hour, 0::bigint AS due) AS nothing",
            "relation bucket_forecast: differs",
        ),
        (
            "CREATE OR REPLACE FUNCTION hogsend_now() RETURNS timestamptz LANGUAGE sql AS 'SELECT now()'",
            "function hogsend_now(): differs",
        ),
        (
            "GRANT EXECUTE ON FUNCTION hogsend_now() TO PUBLIC",
            "function hogsend_now(): differs",
        ),
        (
            "ALTER EXTENSION hogsend DROP FUNCTION hogsend_now()",
            "member function hogsend_now(): only in the first",
        ),
        (
            "COMMENT ON COLUMN buckets.id IS 'something else'",
            "column buckets.id: differs",
        ),
    ] {
        client.batch_execute(change)?;
        let found = differences(&whole, &objects(&mut client)?);
        assert!(
            found.iter().any(|d| d.starts_with(difference)),
            "{change}: {found:?}"
        );
    }
    Ok(())
}

#[test]
fn an_update_keeps_rows_grants_and_open_sessions() -> Result<()> {
    for release in releases()? {
        update_one_in_use(&release)?;
    }
    Ok(())
}

fn update_one_in_use(release: &str) -> Result<()> {
    let (name, runner) = (named("used", release), named("upgrade_runner", release));
    let database = with_release(cluster(Options::default), &name, release)?;
    let mut client = database.connect()?;
    client.batch_execute(&format!(
        "DROP ROLE IF EXISTS {runner}; CREATE ROLE {runner};
         GRANT EXECUTE ON FUNCTION hogsend_ack(text, bigint) TO {runner};
         GRANT INSERT ON user_events TO {runner}"
    ))?;
    specimen::fill(&mut client, "")?;
    let columns = specimen::columns(&mut client)?;
    let before = specimen::contents(&mut client)?;
    update(&mut database.connect()?)?;
    assert_eq!(before, specimen::contents_in(&mut client, &columns)?);

    // In the session that has known the old functions, their plans and the tables: all goes on.
    assert!(specimen::verify(&mut client)?.is_empty());
    client.batch_execute(
        "INSERT INTO user_events (user_id, event) VALUES ('new', 'buy'), ('new', 'buy')",
    )?;
    let joined = "SELECT FROM bucket_transitions
                  WHERE user_id = 'new' AND event = 'bucket:entered:loyal'";
    assert_eq!(count(&mut client, joined)?, 1);
    reconcile(&mut client)?;
    assert!(!specimen::read_on(&mut client)?.is_empty());
    assert!(specimen::verify(&mut client)?.is_empty());
    let health = "SELECT FROM hogsend_health() WHERE \"check\" = 'outdated tables' AND ok";
    assert_eq!(count(&mut client, health)?, 1);
    // The outbox takes what it could not hold.
    client.batch_execute(
        "SET client_min_messages = warning;
         SELECT hogsend_define_journey('care', '{called}'), hogsend_subscribe('walker', journeys => '{care}');
         RESET client_min_messages;
         INSERT INTO user_events (user_id, event) VALUES ('new', 'called')",
    )?;
    let started = "SELECT FROM hogsend_poll('walker') p JOIN journey_runs r ON r.id = p.run_id
                   WHERE p.event = 'journey:started:care' AND r.user_id = 'new' AND r.status = 'active'";
    assert_eq!(count(&mut client, started)?, 1);

    // A grant that became an initial privilege would be missing in dumps.
    let file = database.cluster.scratch(&format!("{name}.sql"));
    let file = file.to_string_lossy().into_owned();
    specimen::run(
        database.cluster,
        "pg_dump",
        &name,
        &["--schema-only", "-f", &file],
    )?;
    let dump = std::fs::read_to_string(&file)?;
    assert!(
        dump.contains(&format!("TO {runner}")),
        "the grants are lost"
    );
    let restored = format!("{name}_restored");
    let copy = database.cluster.test_database(&restored)?;
    specimen::run(
        database.cluster,
        "psql",
        &restored,
        &["-Xq", "-v", "ON_ERROR_STOP=1", "-f", &file],
    )?;
    let granted = format!(
        "SELECT WHERE has_function_privilege('{runner}', 'hogsend_ack(text, bigint)', 'EXECUTE')
           AND has_table_privilege('{runner}', 'user_events', 'INSERT')"
    );
    assert_eq!(count(&mut copy.connect()?, &granted)?, 1);
    Ok(())
}

#[test]
fn a_dump_of_an_earlier_release_is_restored_into_this_one() -> Result<()> {
    for release in releases()? {
        restore_one(&release)?;
    }
    Ok(())
}

fn restore_one(release: &str) -> Result<()> {
    let name = named("old", release);
    let source = with_release(cluster(Options::default), &name, release)?;
    specimen::fill(&mut source.connect()?, "")?;
    let columns = specimen::columns(&mut source.connect()?)?;
    let before = specimen::contents(&mut source.connect()?)?;
    let read = specimen::acknowledged(&mut source.connect()?)?;
    let file = source.cluster.scratch(&format!("{name}.dump"));
    let file = file.to_string_lossy().into_owned();
    specimen::run(source.cluster, "pg_dump", &name, &["-Fc", "-f", &file])?;
    let unread = specimen::read_on(&mut source.connect()?)?;

    for (way, bring_up) in [
        (
            "migrated",
            "SELECT hogsend_migrate(); SELECT hogsend_adopt()",
        ),
        ("adopted", "SELECT hogsend_adopt()"),
    ] {
        let name = &format!("{name}_{way}");
        let target = source.cluster.test_database(name)?;
        specimen::run(
            source.cluster,
            "pg_restore",
            name,
            &["--exit-on-error", "-d", name, &file],
        )?;
        let mut client = target.connect()?;
        assert_eq!(before, specimen::contents_in(&mut client, &columns)?);
        for call in [
            "SELECT hogsend_count('loyal')",
            "SELECT * FROM hogsend_reconcile()",
            "SELECT * FROM hogsend_poll('mailer', shard => 0)",
            "SELECT * FROM hogsend_verify('loyal')",
            "SELECT hogsend_define_bucket('more', kind => 'manual')",
        ] {
            let error = error_of(&mut client, call);
            assert_eq!(
                error.code,
                SqlState::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "{call}: {error:?}"
            );
            assert!(
                error.message.contains("of another version")
                    && error.hint.contains("hogsend_migrate()"),
                "{call}: {error:?}"
            );
        }
        // What comes meanwhile is stored, and waits.
        client.batch_execute(
            "INSERT INTO user_events (user_id, event) VALUES ('new', 'buy'), ('new', 'buy')",
        )?;

        client.batch_execute(bring_up)?;
        reconcile(&mut client)?;
        assert!(specimen::verify(&mut client)?.is_empty());
        let joined = "SELECT FROM bucket_memberships
                      WHERE user_id = 'new' AND bucket_id = 'loyal' AND status = 'active'";
        assert_eq!(count(&mut client, joined)?, 1);
        let told = specimen::read_on(&mut client)?;
        assert!(unread.is_subset(&told), "something is never delivered");
        assert!(told.is_disjoint(&read), "something is delivered again");
        let fresh = with_extension(source.cluster, &format!("{name}_fresh"))?;
        let mut fresh = fresh.connect()?;
        fresh.batch_execute(
            "ALTER TABLE contacts ADD COLUMN score int DEFAULT 7;
             CREATE INDEX contacts_score ON contacts (score)",
        )?;
        let found = differences(
            &without_view_texts(objects(&mut client)?),
            &without_view_texts(objects(&mut fresh)?),
        );
        assert!(found.is_empty(), "{}", found.join("\n"));
    }
    Ok(())
}
