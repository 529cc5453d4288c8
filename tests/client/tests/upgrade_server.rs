//! A new server under the same rows: pg_upgrade, with the release before in the database, as when
//! one upgrade of the system's packages brings both.

use anyhow::Result;
use hogsend_client_tests::carried::{Before, moves, works};
use hogsend_client_tests::{count, specimen};
use hogsend_harness::{Cluster, Options};

#[test]
fn pg_upgrade_keeps_everything_and_everything_goes_on() -> Result<()> {
    let old = Cluster::start(Options::default())?;
    old.create_database("shop")?;
    let mut client = old.connect("shop")?;
    client.batch_execute("CREATE EXTENSION hogsend VERSION '0.1.0'")?;
    specimen::fill(&mut client, "")?;
    let before = Before::of(&mut client)?;
    let all = count(&mut client, "SELECT FROM bucket_transitions")?;
    drop(client);

    let new = old.upgraded()?;
    let mut client = new.connect("shop")?;
    before.is_whole(&mut client)?;
    // It is no copy: nothing waits for hogsend_adopt().
    let told = specimen::read_on(&mut client)?;
    assert!(told.is_disjoint(&before.acknowledged));
    assert_eq!(told.len() + before.acknowledged.len(), all as usize);
    works(&mut client)?;
    client.batch_execute("ALTER EXTENSION hogsend UPDATE")?;
    moves(&mut client, "after the update")
}
