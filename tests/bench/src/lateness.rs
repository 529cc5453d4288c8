//! How late `hogsend_run` is: from the instant of a flip to the commit of its transition.

use crate::Scale;
use crate::report::{Report, Target};
use crate::setup::{count, settle};
use crate::stats::{largest, median, percentile};
use anyhow::{Result, ensure};
use hogsend_harness::{Cluster, Options};
use postgres::Client;
use std::time::Duration;

/// Flips, evenly spread over so many seconds.
const SMALL: (i64, i64) = (800, 5);
const FULL: (i64, i64) = (10_000, 60);
/// Others have timers too, which are not due, so many for each flip.
const OTHERS: i64 = 9;
/// Seconds until the first flip: everything must be there by then.
const NOTICE: i64 = 4;

/// The same through pg_cron, over so many minutes; this takes its time, so only then.
const THROUGH_CRON: (i64, i64) = (3_600, 180);
/// Until pg_cron has begun: the rest of a minute, and a little.
const CRON_NOTICE: i64 = 70;
const DATABASE: &str = "lateness";

/// On a server of its own, which notes when transactions commit: what reconcile itself writes down is
/// when it looked.
pub fn measure(_: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let options = crate::options().set("track_commit_timestamp", "on");
    let (flips, seconds) = scale.choose(SMALL, FULL);
    let cluster = Cluster::start(options.clone())?;
    cluster.create_database(DATABASE)?;
    let mut client = cluster.connect(DATABASE)?;
    load(&mut client, flips, seconds, NOTICE)?;
    let for_time = NOTICE + seconds + 1;
    client.batch_execute(&format!("CALL hogsend_run('{for_time} seconds')"))?;
    tell(&mut client, flips, &format!("within {seconds} s"), report)?;
    drop(cluster);
    match scale {
        Scale::Small => Ok(()),
        Scale::Full => through_cron(options, report),
    }
}

/// As it runs in production: minute after minute, each run by another job than the one before.
fn through_cron(mut options: Options, report: &mut Report) -> Result<()> {
    let (flips, seconds) = THROUGH_CRON;
    options.cron = Options::with_cron(DATABASE).cron;
    let cluster = Cluster::start(options)?;
    cluster.create_database(DATABASE)?;
    let mut client = cluster.connect(DATABASE)?;
    client.batch_execute("CREATE EXTENSION pg_cron")?;
    load(&mut client, flips, seconds, CRON_NOTICE)?;
    client.batch_execute("SELECT hogsend_schedule()")?;
    std::thread::sleep(Duration::from_secs((CRON_NOTICE + seconds + 2) as u64));
    let what = format!("within {seconds} s through pg_cron");
    tell(&mut client, flips, &what, report)
}

fn tell(client: &mut Client, flips: i64, within: &str, report: &mut Report) -> Result<()> {
    let moved = count(client, "bucket_transitions")?;
    ensure!(moved == flips, "{moved} transitions instead of {flips}");

    let query = "SELECT extract(epoch FROM pg_xact_commit_timestamp(xid::xid) - effective_at)::float8 * 1000
                 FROM bucket_transitions";
    let late = client.query(query, &[])?;
    let late: Vec<f64> = late.iter().map(|row| row.get(0)).collect();
    let what = format!("lateness of {flips} flips {within}");
    report.figure(&format!("{what}, median"), median(&late), "ms", None);
    let target = Some(Target::AtMost(100.0));
    report.figure(&format!("{what}, p99"), percentile(&late, 99), "ms", target);
    report.figure(&format!("{what}, maximum"), largest(&late), "ms", None);
    Ok(())
}

/// One half lapses from one bucket, and the other half into another, at the instants at which their
/// events are 30 days old.
fn load(client: &mut Client, flips: i64, seconds: i64, notice: i64) -> Result<()> {
    let others = OTHERS * flips;
    client.batch_execute(&format!(
        "CREATE EXTENSION hogsend;
         INSERT INTO buckets (id, criteria) VALUES
             ('buyers', hogsend_event('buy', within => '30 days')),
             ('lapsed', hogsend_event('open', within => '30 days', never => true));
         SET hogsend.notify = off;
         INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'other-' || n, (ARRAY['buy', 'open'])[1 + n % 2], now() - interval '20 days' * n / {others}
         FROM generate_series(1, {others}) n"
    ))?;
    settle(client)?;
    client.batch_execute("VACUUM ANALYZE")?;
    client.batch_execute(&format!(
        "INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'user-' || n, (ARRAY['buy', 'open'])[1 + n % 2],
                clock_timestamp() - interval '30 days' + interval '{notice} seconds'
                    + interval '{seconds} seconds' * n / {flips}
         FROM generate_series(1, {flips}) n;
         TRUNCATE bucket_transitions;
         RESET hogsend.notify"
    ))?;
    Ok(())
}
