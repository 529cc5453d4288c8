//! hogsend_prune() and hogsend.retention: what they cost whoever writes or reconciles meanwhile, and
//! whether the outbox stops growing.
//!
//! Days go by: each brings as many transitions as the one before, and those of the day before are
//! pruned. The days are injected, the time that things take is real.

mod sessions;

use crate::Scale;
use crate::report::{Report, Turns};
use crate::setup::count;
use crate::stats::{median, percentile, timed};
use anyhow::{Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;
use sessions::{Clock, Writer};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Transitions a day.
const SMALL: i64 = 50_000;
const FULL: i64 = 1_000_000;

const DATABASE: &str = "prune";
const DAYS: usize = 6;
/// Statements of the writer while nothing is pruned.
const QUIET: usize = 3_000;

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let rows = scale.choose(SMALL, FULL);
    let mut outbox = Outbox::new(cluster, rows)?;
    outbox.prune_daily(report)?;
    outbox.retain(report)
}

/// Sets a session's present: noon of a day.
fn at(day: usize) -> String {
    format!(
        "SELECT set_config('hogsend.now',
             (timestamptz '2026-01-01 12:00+00' + interval '{day} days')::text, false)"
    )
}

struct Outbox<'c> {
    cluster: &'c Cluster,
    client: Client,
    /// Transitions a day.
    rows: i64,
    today: usize,
}

impl<'c> Outbox<'c> {
    fn new(cluster: &'c Cluster, rows: i64) -> Result<Self> {
        cluster.create_database(DATABASE)?;
        let mut client = cluster.connect(DATABASE)?;
        // It is vacuumed by hand, and not in the midst of a turn.
        client.batch_execute(
            "CREATE EXTENSION hogsend;
             INSERT INTO buckets (id, criteria) VALUES ('buyers', hogsend_event('buy'));
             ALTER TABLE bucket_transitions SET (autovacuum_enabled = off)",
        )?;
        let mut outbox = Outbox {
            cluster,
            client,
            rows,
            today: 0,
        };
        outbox.begin_day()?;
        Ok(outbox)
    }

    /// The next day, with its transitions, every day of the same users. A consumer has read them.
    fn begin_day(&mut self) -> Result<()> {
        self.today += 1;
        let (day, rows) = (self.today, self.rows);
        self.client.batch_execute(&at(day))?;
        self.client.batch_execute(&format!(
            "INSERT INTO bucket_transitions (event, bucket_id, user_id, transition, entry_count, source,
                                             effective_at, recorded_at, idempotency_key)
             SELECT 'bucket:entered:buyers', 'buyers', 'user-' || n, 'entered', {day}, 'event', noon, noon,
                    'bucket:buyers:user-' || n || ':entered:{day}'
             FROM generate_series(1, {rows}) n, CAST(current_setting('hogsend.now') AS timestamptz) noon;
             SELECT hogsend_unsubscribe('reader'), hogsend_subscribe('reader')"
        ))?;
        self.client.batch_execute("ANALYZE bucket_transitions")?;
        Ok(())
    }

    /// hogsend_prune() every day, while somebody writes.
    fn prune_daily(&mut self, report: &mut Report) -> Result<()> {
        let (mut medians, mut tails) = (Turns::default(), Turns::default());
        let (mut seconds, mut megabytes) = (Vec::new(), Vec::new());
        for _ in 0..DAYS {
            self.begin_day()?;
            let mut writer = Writer::new(self.cluster, self.today)?;
            let quiet = writer.write_while(|written| written < QUIET)?;
            let (busy, took) = self.prune_beside(&mut writer)?;
            medians.add(median(&busy), median(&quiet));
            tails.add(percentile(&busy, 99), percentile(&quiet, 99));
            seconds.push(took / 1e6);
            self.client.batch_execute("VACUUM bucket_transitions")?;
            megabytes.push(self.megabytes()?);
        }
        let (rows, control) = (self.rows, "the same, nothing pruned");
        let what = format!("one-row INSERT that joins, while {rows} are pruned");
        report.add(&format!("{what}, median"), control, medians);
        report.add(&format!("{what}, p99"), control, tails);
        let seconds = median(&seconds);
        report.note(format!(
            "hogsend_prune() of {rows} transitions, while somebody writes: {seconds:.1} s, {:.0} a second",
            rows as f64 / seconds
        ));
        report.note(format!(
            "bucket_transitions with its indexes, {rows} more each day and those of the day before pruned and vacuumed: {megabytes:.0?} MB"
        ));
        Ok(())
    }

    /// Prunes what is older than today: the latencies of the writer meanwhile, and how long it took.
    fn prune_beside(&mut self, writer: &mut Writer) -> Result<(Vec<f64>, f64)> {
        let is_done = AtomicBool::new(false);
        let client = &mut self.client;
        let (latencies, (took, row)) = thread::scope(|scope| -> Result<_> {
            let prune = scope.spawn(|| {
                let query = "SELECT transitions FROM hogsend_prune('12 hours')";
                let result = timed(|| client.query_one(query, &[]));
                is_done.store(true, Ordering::Relaxed);
                result
            });
            let latencies = writer.write_while(|_| !is_done.load(Ordering::Relaxed));
            let pruned = prune.join().expect("the thread returns its errors");
            Ok((latencies?, pruned?))
        })?;
        let pruned: i64 = row.get(0);
        ensure!(pruned >= self.rows, "{pruned} transitions were pruned");
        Ok((latencies, took))
    }

    fn megabytes(&mut self) -> Result<f64> {
        let query = "SELECT pg_total_relation_size('bucket_transitions') / 1e6::float8";
        Ok(self.client.query_one(query, &[])?.get(0))
    }

    /// hogsend.retention: reconcile when nothing is old, while it prunes, and after that.
    fn retain(&mut self, report: &mut Report) -> Result<()> {
        let (rows, control) = (self.rows, "the same, no retention");
        let mut clock = Clock::new(self.cluster)?;
        clock.set_day(self.today)?;
        let what = format!("reconcile, hogsend.retention, none of {rows} old");
        report.add(&what, control, clock.with_retention_and_without()?);

        let took = self.prune_by(&mut clock)?;
        let (limit, runs) = (Clock::LIMIT, took.len());
        report.note(format!(
            "reconcile removes {limit} old transitions in {:.1} ms (the first time {:.1} ms, the last of {runs} {:.1} ms)",
            median(&took) / 1e3,
            took[0] / 1e3,
            took[runs - 1] / 1e3,
        ));
        let what = format!("reconcile, hogsend.retention, {rows} just pruned");
        report.add(&what, control, clock.with_retention_and_without()?);

        // What somebody may still see remains, and VACUUM could not help.
        let mut reader = self.cluster.connect(DATABASE)?;
        reader.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT FROM buckets")?;
        self.prune_by(&mut clock)?;
        let what = format!("{what}, seen by an open transaction");
        report.add(&what, control, clock.with_retention_and_without()?);
        Ok(())
    }

    /// The next day, and so many runs of the clock that the day before is gone: how long each took.
    fn prune_by(&mut self, clock: &mut Clock) -> Result<Vec<f64>> {
        self.begin_day()?;
        clock.set_day(self.today)?;
        let mut left = count(&mut self.client, "bucket_transitions")? - self.rows;
        let mut took = Vec::new();
        while left > 0 {
            let (micros, pruned) = clock.prune(&mut self.client)?;
            let expected = left.min(i64::from(Clock::LIMIT));
            ensure!(pruned == expected, "{pruned} instead of {expected} pruned");
            left -= pruned;
            took.push(micros);
        }
        Ok(took)
    }
}
