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

pub struct Members {
    pub client: Client,
    pub count: i64,
}

/// Everybody has one purchase, all at different instants of the last 20 days, and so one timer:
/// nobody's 30 days are over.
pub fn load(cluster: &Cluster, name: &str, members: i64, report: &mut Report) -> Result<Members> {
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
    client.batch_execute("VACUUM ANALYZE")?;
    let at_once = if members > FIRST_STEP { STEP } else { members };
    report.note(format!(
        "{members} members of 1 bucket joined by INSERT … SELECT of {at_once} new users' events at a time: {:.0} a second",
        members as f64 / micros * 1e6
    ));
    Ok(Members {
        client,
        count: members,
    })
}
