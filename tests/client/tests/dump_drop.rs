//! An extension that goes and comes back over its tables.

use anyhow::Result;
use hogsend_client_tests::carried::works;
use hogsend_client_tests::catalog::{differences, objects, without_view_texts};
use hogsend_client_tests::{cluster, count, error_of, specimen, with_extension};
use hogsend_harness::Options;
use postgres::error::SqlState;

#[test]
fn the_extension_can_go_and_come_back_over_its_tables() -> Result<()> {
    let database = with_extension(cluster(Options::default), "come_back")?;
    let mut client = database.connect()?;
    specimen::fill(&mut client, "")?;
    let before = specimen::contents(&mut client)?;
    let whole = without_view_texts(objects(&mut client)?);
    let acknowledged = specimen::acknowledged(&mut client)?;
    let error = error_of(&mut client, "DROP EXTENSION hogsend");
    assert_eq!(
        error.code,
        SqlState::DEPENDENT_OBJECTS_STILL_EXIST,
        "{error:?}"
    );
    client.batch_execute("DROP EXTENSION hogsend CASCADE")?;
    assert_eq!(
        before,
        specimen::contents(&mut client)?,
        "CASCADE takes functions, never a row"
    );

    // While nothing watches, somebody returns and somebody else comes for the first time.
    client.batch_execute(
        "INSERT INTO user_events (user_id, event) VALUES ('u0', 'buy'), ('gap', 'buy')",
    )?;
    client.batch_execute("CREATE EXTENSION hogsend")?;
    let found = differences(&whole, &without_view_texts(objects(&mut client)?));
    assert!(found.is_empty(), "{}", found.join("\n"));
    works(&mut client)?;
    client.batch_execute("INSERT INTO user_events (user_id, event) VALUES ('gap', 'buy')")?;
    let joined = "SELECT FROM bucket_transitions
                  WHERE user_id = 'gap' AND event = 'bucket:entered:loyal'";
    assert_eq!(count(&mut client, joined)?, 1, "the first purchase counts");
    assert!(specimen::read_on(&mut client)?.is_disjoint(&acknowledged));
    Ok(())
}
