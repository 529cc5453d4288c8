//! The memory of a session whose one statement brings rows with 2 kB of properties each.

use crate::Scale;
use crate::memory::{Peak, Watch};
use crate::report::Report;
use crate::setup;
use anyhow::Result;
use hogsend_harness::Cluster;

const SMALL: i64 = 50_000;
const FULL: i64 = 1_000_000;
/// A user has so many of the rows.
const EACH: i64 = 10;

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let rows = scale.choose(SMALL, FULL);
    drop(setup::database(cluster, "wide", 10)?);
    // A tenth of it first: what does not grow with the rows is hardly more with all of them.
    for rows in [rows / 10, rows] {
        let ours = insert(cluster, "user_events", rows)?;
        let plain = insert(cluster, "plain", rows)?;
        let what = format!("memory for INSERT … SELECT of {rows} rows of 2 kB");
        report.figure(&what, ours.own as f64, "MB", None);
        let what = format!("{what} into a plain table");
        report.figure(&what, plain.own as f64, "MB", None);
        report.note(format!(
            "{rows} rows of 2 kB, {} users who join 3 buckets: memory is the session's own (RssAnon) at \
             its peak; with what it has touched of the shared buffers (VmHWM) {} MB, with a plain table \
             {} MB",
            rows / EACH,
            ours.resident,
            plain.resident
        ));
    }
    Ok(())
}

/// On a connection of its own: the peak of its memory is the statement's. The users are new, and
/// join three buckets; their properties do not compress.
fn insert(cluster: &Cluster, table: &str, rows: i64) -> Result<Peak> {
    let mut client = cluster.connect("wide")?;
    let pid = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
    let users = rows / EACH;
    let watch = Watch::start(pid);
    client.batch_execute(&format!(
        "INSERT INTO {table} (user_id, event, properties, occurred_at)
         SELECT 'user-{rows}-' || n % {users}, 'buy', jsonb_build_object('number', n, 'text', text),
                now() - n * interval '1 second'
         FROM (SELECT string_agg(md5(n::text), '') AS text FROM generate_series(1, 63) n) t,
              generate_series(1, {rows}) n"
    ))?;
    let peak = watch.finish()?;
    client.batch_execute("CHECKPOINT")?;
    Ok(peak)
}
