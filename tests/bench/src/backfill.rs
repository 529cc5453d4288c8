//! Defining a bucket over data that is there already, against one hand-written statement that
//! writes the same rows into tables with the same indexes.

mod data;
mod shapes;

use crate::Scale;
use crate::memory::{Peak, Watch};
use crate::report::{Report, Target, Turns};
use crate::setup::count;
use crate::stats::{median, timed};
use anyhow::{Context, Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;
use shapes::{FILTERED, LIFETIME_SUMS, SHAPES, SUMS, Shape};

const TURNS: usize = 3;

/// The evaluation time, on both sides.
const NOW: &str = "2026-06-01 12:00+00";

/// How much data there is.
#[derive(Clone, Copy)]
pub struct Size {
    pub users: i64,
    pub events: i64,
}

const SMALL: Size = Size {
    users: 20_000,
    events: 200_000,
};
/// For filters: each event's row must be read, so that it matters sooner how many there are.
const MEDIUM: Size = Size {
    users: 100_000,
    events: 1_000_000,
};
const FULL: Size = Size {
    users: 1_000_000,
    events: 10_000_000,
};

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let size = scale.choose(SMALL, FULL);
    measure_all(cluster, size, &[(&SHAPES, 1.5)], report)
}

/// The same for criteria that count some of an event's occurrences only.
pub fn measure_filters(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let size = scale.choose(MEDIUM, FULL);
    measure_all(cluster, size, &[(&FILTERED, 1.7)], report)
}

/// The same for sums.
pub fn measure_sums(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let size = scale.choose(MEDIUM, FULL);
    let shapes: [(&[Shape], f64); 2] = [(&SUMS, 1.7), (&LIFETIME_SUMS, 2.0)];
    measure_all(cluster, size, &shapes, report)
}

/// Shapes over the same data, each with how many times the hand-written statement it may take.
fn measure_all(
    cluster: &Cluster,
    size: Size,
    shapes: &[(&[Shape], f64)],
    report: &mut Report,
) -> Result<()> {
    let mut client = data::load(cluster, size)?;
    for (shapes, target) in shapes {
        for shape in *shapes {
            measure_shape(cluster, &mut client, size, shape, *target, report)
                .with_context(|| format!("backfill, {}", shape.name))?;
        }
    }
    Ok(())
}

fn measure_shape(
    cluster: &Cluster,
    client: &mut Client,
    size: Size,
    shape: &Shape,
    target: f64,
    report: &mut Report,
) -> Result<()> {
    let (mut turns, mut without_since) = (Turns::default(), Turns::default());
    let mut peak = Peak::default();
    let mut members = 0;
    for _ in 0..TURNS {
        clear(client)?;
        let (measured, memory) = backfill(cluster, shape)?;
        peak = peak.max(memory);
        let (control, _) = timed(|| client.batch_execute(&shape.control()))?;
        turns.add(measured, control);
        members = compare(client, size)?;
        if let Some(statement) = shape.control_without_since() {
            client.batch_execute("TRUNCATE plain_memberships, plain_timers")?;
            let (control, _) = timed(|| client.batch_execute(&statement))?;
            without_since.add(measured, control);
        }
    }
    clear(client)?;

    let Size { users, events } = size;
    let what = format!("backfill, {users} users, {}", shape.name);
    let per_second = users as f64 / median(&turns.measured) * 1e6;
    let control = "hand-written INSERT … SELECT";
    report.add_with_target(&what, control, turns, Target::AtMost(target));
    if !without_since.measured.is_empty() {
        report.add(&what, "the same, not asking since when", without_since);
    }
    let limit = Some(Target::AtMost(256.0));
    report.figure(&format!("memory for {what}"), peak.own as f64, "MB", limit);
    report.note(format!(
        "{what}: {events} events, {members} members, {per_second:.0} users a second; memory is the \
         session's own (RssAnon) at its peak, which in the first tenth of the time was {} MB; with \
         what it has touched of the shared buffers (VmHWM) {} MB",
        peak.own_early, peak.resident
    ));
    Ok(())
}

/// Defines the bucket and times its job, on a connection of its own: the peak of its memory is the
/// job's.
fn backfill(cluster: &Cluster, shape: &Shape) -> Result<(f64, Peak)> {
    let mut client = cluster.connect("backfill")?;
    client.batch_execute(&format!(
        "SET hogsend.now = '{NOW}';
         SET hogsend.inline_backfill = 0;
         INSERT INTO buckets (id, criteria) VALUES ('b', {})",
        shape.criteria
    ))?;
    let pid = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
    let watch = Watch::start(pid);
    let (micros, ()) = timed(|| client.batch_execute("CALL hogsend_backfill('b')"))?;
    let peak = watch.finish()?;
    let done = count(&mut client, "bucket_jobs WHERE status = 'done'")?;
    ensure!(done == 1, "the job is not done");
    Ok((micros, peak))
}

/// Both sides must have written the same rows: members, since when, and timers, of which those of the
/// next minute may be early, because the end of a job lets the clock look at once. Returns how many
/// members there are.
fn compare(client: &mut Client, size: Size) -> Result<i64> {
    let soon = format!("timestamptz '{NOW}' + interval '1 minute'");
    let timers = format!("user_id, bucket_id, greatest(due_at, {soon}), silent, failures, error");
    for (table, columns) in [("memberships", "*"), ("timers", &timers)] {
        for (ours, theirs) in [("bucket", "plain"), ("plain", "bucket")] {
            let rows = count(
                client,
                &format!(
                    "(SELECT {columns} FROM {ours}_{table} EXCEPT SELECT {columns} FROM {theirs}_{table}) d"
                ),
            )?;
            ensure!(
                rows == 0,
                "{rows} rows of {ours}_{table} are not in {theirs}_{table}"
            );
        }
    }
    let members = count(client, "bucket_memberships")?;
    let share = members as f64 / size.users as f64;
    ensure!(
        (0.1..0.6).contains(&share),
        "{members} members are too few or too many to show anything"
    );
    Ok(members)
}

/// Takes everything back, without the triggers that would tell members of their bucket's end, and
/// sees to it that nothing remains to be written for what is over.
fn clear(client: &mut Client) -> Result<()> {
    client.batch_execute(
        "TRUNCATE bucket_memberships, bucket_timers, bucket_transitions, bucket_jobs,
                  plain_memberships, plain_timers;
         SET session_replication_role = replica;
         DELETE FROM buckets;
         RESET session_replication_role",
    )?;
    client.batch_execute("CHECKPOINT")?;
    Ok(())
}
