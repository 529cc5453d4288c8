//! A new server under the same rows: pg_upgrade, with an earlier release in the database, as when
//! one upgrade of the system's packages brings both.

use anyhow::Result;
use hogsend_client_tests::carried::{Before, moves, works};
use hogsend_client_tests::{count, named, releases, specimen};
use hogsend_harness::{Cluster, Options};

#[test]
fn pg_upgrade_keeps_everything_and_everything_goes_on() -> Result<()> {
    let old = Cluster::start(Options::default())?;
    let mut as_they_were = Vec::new();
    for release in releases()? {
        let name = named("shop", &release);
        old.create_database(&name)?;
        let mut client = old.connect(&name)?;
        client.batch_execute(&format!("CREATE EXTENSION hogsend VERSION '{release}'"))?;
        specimen::fill(&mut client, "")?;
        let of_buckets = "SELECT FROM bucket_transitions WHERE event LIKE 'bucket:%'";
        let all = count(&mut client, of_buckets)?;
        as_they_were.push((name, Before::of(&mut client)?, all));
    }

    let new = old.upgraded()?;
    for (name, before, all) in as_they_were {
        let mut client = new.connect(&name)?;
        before.is_whole(&mut client)?;
        // It is no copy: nothing waits for hogsend_adopt().
        let told = specimen::read_on(&mut client)?;
        assert!(told.is_disjoint(&before.acknowledged));
        assert_eq!(told.len() + before.acknowledged.len(), all as usize);
        works(&mut client)?;
        client.batch_execute("ALTER EXTENSION hogsend UPDATE")?;
        moves(&mut client, "after the update")?;
    }
    Ok(())
}
