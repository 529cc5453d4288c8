//! Databases with so and so many members of one bucket, made the way they come about in earnest.

use crate::report::Report;
use crate::setup::{self, count};
use crate::stats::timed;
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;

/// Members that one statement brings.
const STEP: i64 = 50_000;
const FIRST_STEP: i64 = 1_000;

#[derive(Clone, Copy)]
pub struct Extent {
    pub members: i64,
    /// With the one that made each a member.
    pub events: i64,
}

pub struct Members {
    pub client: Client,
    pub extent: Extent,
}

/// Everybody has one purchase, all at different instants of the last 20 days, and so one timer:
/// nobody's 30 days are over.
pub fn load(cluster: &Cluster, name: &str, extent: Extent, report: &mut Report) -> Result<Members> {
    let Extent { members, events } = extent;
    eprintln!("bench: loading {members} members and {events} events");
    cluster.create_database(name)?;
    let mut client = cluster.connect(name)?;
    client.batch_execute(
        "CREATE EXTENSION hogsend;
         INSERT INTO buckets (id, criteria)
         VALUES ('buyers', hogsend_event('buy', within => interval '30 days'))",
    )?;
    setup::settle(&mut client)?;
    let mut micros = 0.0;
    let mut start = 0;
    while start < members {
        // A small first step: it is the only one whose plans are made for empty tables.
        let step = if start == 0 { FIRST_STEP } else { STEP };
        let end = members.min(start + step);
        let statement = format!(
            "INSERT INTO user_events (user_id, event, occurred_at)
             SELECT 'user-' || n, 'buy', now() - interval '20 days' * n / {members}
             FROM generate_series({start}, {end} - 1) n"
        );
        micros += timed(|| client.batch_execute(&statement))?.0;
        start = end;
        // As autovacuum does in a database that grows over more than a minute.
        client.batch_execute("ANALYZE")?;
    }
    let entered = count(&mut client, "bucket_memberships WHERE status = 'active'")?;
    ensure!(entered == members, "{entered} members instead of {members}");
    let what = format!("{members} members of 1 bucket joined, by INSERT … SELECT of new users");
    report.figure(&what, members as f64 / micros * 1e6, "a second", None);
    load_views(&mut client, extent)?;
    client.batch_execute("VACUUM ANALYZE")?;
    Ok(Members { client, extent })
}

/// The other events, which no bucket references. How they come is not measured here.
fn load_views(client: &mut Client, Extent { members, events }: Extent) -> Result<()> {
    let each = events / members - 1;
    client.batch_execute(&format!(
        "SET session_replication_role = replica;
         INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'user-' || n, 'view', now() - interval '1 day' * e
         FROM generate_series(0, {members} - 1) n, generate_series(1, {each}) e;
         RESET session_replication_role"
    ))?;
    Ok(())
}
