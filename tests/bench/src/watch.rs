//! What it costs to look: the page of hogsend_report() and the text of hogsend_metrics().

use crate::Scale;
use crate::report::{Report, Target};
use crate::stats::{median, timed};
use anyhow::Result;
use hogsend_harness::Cluster;
use postgres::Client;

struct Extent {
    buckets: i64,
    members: i64,
}

const REPORT_SMALL: Extent = Extent {
    buckets: 200,
    members: 50_000,
};
const REPORT_FULL: Extent = Extent {
    buckets: 1_000,
    members: 1_000_000,
};
const METRICS_SMALL: Extent = Extent {
    buckets: 2_000,
    members: 250_000,
};
const METRICS_FULL: Extent = Extent {
    buckets: 10_000,
    members: 10_000_000,
};

const TURNS: usize = 5;

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let extent = scale.choose(REPORT_SMALL, REPORT_FULL);
    let mut client = stage(cluster, "watch_report", &extent)?;
    let of = format!("{} buckets and {} members", extent.buckets, extent.members);
    let (seconds, bytes) = call(&mut client, "SELECT hogsend_report()")?;
    let what = format!("hogsend_report() of {of}");
    report.figure(&what, seconds, "s", Some(Target::AtMost(5.0)));
    let what = format!("its page of {of}");
    report.figure(&what, bytes / 1e6, "MB", Some(Target::AtMost(2.0)));
    let (seconds, _) = call(&mut client, "SELECT hogsend_report('b1')")?;
    let what = format!("hogsend_report('bucket') among {of}");
    report.figure(&what, seconds, "s", Some(Target::AtMost(5.0)));

    let extent = scale.choose(METRICS_SMALL, METRICS_FULL);
    let mut client = stage(cluster, "watch_metrics", &extent)?;
    let of = format!("{} buckets and {} members", extent.buckets, extent.members);
    let (seconds, bytes) = call(&mut client, "SELECT hogsend_metrics()")?;
    let what = format!("hogsend_metrics() of {of}");
    report.figure(&what, seconds * 1e3, "ms", Some(Target::AtMost(100.0)));
    report.note(format!("hogsend_metrics() of {of} returns {bytes} bytes"));
    let (seconds, bytes) = call(&mut client, "SELECT hogsend_report()")?;
    let what = format!("hogsend_report() of {of}");
    report.figure(&what, seconds, "s", None);
    report.figure(&format!("its page of {of}"), bytes / 1e6, "MB", None);
    Ok(())
}

/// In the middle of many calls, and how long the text is.
fn call(client: &mut Client, query: &str) -> Result<(f64, f64)> {
    let mut times = Vec::new();
    let mut bytes = 0;
    for _ in 0..TURNS {
        let (took, row) = timed(|| client.query_one(query, &[]))?;
        bytes = row.get::<_, &str>(0).len();
        times.push(took);
    }
    Ok((median(&times) / 1e6, bytes as f64))
}

/// Buckets of which few are large and most are small, whose members came over eighty days and of whom each
/// fourth has left; each member has a timer, and each twentieth move is in the outbox.
fn stage(cluster: &Cluster, name: &str, extent: &Extent) -> Result<Client> {
    let (buckets, stays) = (extent.buckets, extent.members * 4 / 3);
    cluster.create_database(name)?;
    let mut client = cluster.connect(name)?;
    client.batch_execute(&format!(
        "CREATE EXTENSION hogsend;
         SET synchronous_commit = off;
         INSERT INTO buckets (id, kind) SELECT 'b' || n, 'manual' FROM generate_series(1, {buckets}) n;
         SELECT hogsend_subscribe('mailer'), hogsend_subscribe('crm', shards => 4);
         SET session_replication_role = replica;
         INSERT INTO contacts (user_id) SELECT 'user-' || n FROM generate_series(1, {stays}) n;
         INSERT INTO bucket_memberships (user_id, bucket_id, entry_count, status, entered_at, left_at, left_reason, source, announced, left_announced)
         SELECT 'user-' || n, b, 1, CASE WHEN has_left THEN 'left' ELSE 'active' END, at,
                CASE WHEN has_left THEN at + interval '5 days' END, CASE WHEN has_left THEN 'criteria' END, 'event', true, CASE WHEN has_left THEN true END
         FROM (SELECT n, 'b' || 1 + ({buckets} * pow(hashtext('b' || n) / 4294967296.0 + 0.5, 3))::bigint % {buckets} AS b,
                      n % 4 = 0 AS has_left, now() - interval '80 days' * (hashtext('t' || n) / 4294967296.0 + 0.5) AS at
               FROM generate_series(1, {stays}) n) AS s;
         INSERT INTO bucket_timers (user_id, bucket_id, due_at)
         SELECT user_id, bucket_id, entered_at + interval '90 days' FROM bucket_memberships WHERE status = 'active';
         INSERT INTO bucket_transitions (event, bucket_id, user_id, transition, entry_count, source, effective_at, recorded_at, idempotency_key)
         SELECT 'bucket:entered:' || bucket_id, bucket_id, user_id, 'entered', 1, 'reconcile', entered_at, entered_at + interval '20 milliseconds', 'k'
         FROM bucket_memberships WHERE hashtext(user_id) % 20 = 0 ORDER BY entered_at;
         RESET session_replication_role"
    ))?;
    client.batch_execute("VACUUM ANALYZE")?;
    client.query("SELECT * FROM hogsend_reconcile()", &[])?;
    Ok(client)
}
