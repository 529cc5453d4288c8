//! Journeys: what a wait and a resumption cost, what the clock takes over many, that those who wait cost nothing
//! while they do, and how fast a runner gets on.

mod calls;
mod due;
mod idle;
mod runner;

use anyhow::{Context, Result};
use hogsend_harness::Cluster;
use postgres::Client;

pub use calls::measure as measure_calls;
pub use due::measure as measure_due;
pub use idle::measure as measure_idle;
pub use runner::measure as measure_runner;

/// A database in which `begin` starts a run of journey `trip`, and `join` makes a member of bucket `joiners`. Nobody
/// waits for the disk, or little else would be measured.
fn database(cluster: &Cluster, name: &str) -> Result<Client> {
    cluster.create_database(name)?;
    let mut client = cluster.connect(name)?;
    client
        .batch_execute(
            "CREATE EXTENSION hogsend;
             SET synchronous_commit = off;
             SET client_min_messages = warning;
             SELECT hogsend_define_bucket('joiners', hogsend_event('join'));
             SELECT hogsend_define_journey('trip', starts_on => '{begin}', exits_on => '{gone}')",
        )
        .context("CREATE EXTENSION hogsend; `make install` installs it")?;
    Ok(client)
}

/// Lets so many users begin.
fn begin(client: &mut Client, users: i64) -> Result<()> {
    client.batch_execute(&format!(
        "INSERT INTO user_events (user_id, event) SELECT 'user-' || n, 'begin' FROM generate_series(1, {users}) n"
    ))?;
    Ok(())
}
