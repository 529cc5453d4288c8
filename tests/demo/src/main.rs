//! `make demo`: eighteen months of a real shop, one simulated day at a time.

mod buckets;
mod feed;
mod report;
mod watch;

use anyhow::{Context, Result, ensure};
use buckets::BUCKETS;
use hogsend_harness::{Cluster, Options};
use postgres::Client;
use report::Checks;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

/// How long the clock runs on after the last purchase: long enough for everyone
/// to lapse and to dwell there.
const QUIET_DAYS: i32 = 100;

fn main() -> ExitCode {
    match run() {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<bool> {
    let started = Instant::now();
    println!("demo: starting a throw-away Postgres");
    let cluster = Cluster::start(Options::default())?;
    let database = cluster.test_database("demo")?;
    database
        .connect()?
        .batch_execute(
            "CREATE SCHEMA hogsend;
             CREATE EXTENSION hogsend SCHEMA hogsend;
             ALTER DATABASE demo SET search_path = public, hogsend",
        )
        .context("CREATE EXTENSION hogsend; `make install` installs it")?;
    let mut client = database.connect()?;
    buckets::define(&mut client)?;
    let feed = feed::load(&mut client)?;
    println!(
        "demo: {} buckets defined before any data; replaying {} purchases of {} customers, \
         {} to {}, and {QUIET_DAYS} days more",
        BUCKETS.len(),
        feed.purchases,
        feed.customers,
        feed.first_day,
        feed.last_day
    );

    let watcher = watch::start(database.connect()?)?;
    let mut checks = Checks::default();
    let mut page = None;
    let days = feed::days(&mut client, &feed, QUIET_DAYS)?;
    for (index, day) in days.iter().enumerate() {
        if *day.date <= *feed.last_day {
            feed::purchases_of(&mut client, day)?;
        }
        reconcile(&mut client, &day.end)?;
        let last = index + 1 == days.len();
        if day.ends_month || last {
            checks.check(&mut client, &day.end)?;
        }
        watch::end_of_day(&mut client, &day.date, last)?;
        if *day.date == *feed.last_day {
            page = Some(Page::of(&mut client)?);
        }
    }
    let heard = watcher.finish()?;
    let good = report::print(&mut client, &checks, heard)?;
    if let Some(page) = page {
        page.write()?;
    }
    println!("demo: {:.1} s", started.elapsed().as_secs_f64());
    Ok(good)
}

/// What hogsend_report() returns, and how long that took.
struct Page {
    html: String,
    took: Duration,
}

impl Page {
    /// Of the shop as it is now. Eighteen months went by too fast for autovacuum, which would have been there.
    fn of(client: &mut Client) -> Result<Page> {
        client.batch_execute("VACUUM ANALYZE")?;
        let asked = Instant::now();
        let html = client.query_one("SELECT hogsend_report()", &[])?.get(0);
        let took = asked.elapsed();
        Ok(Page { html, took })
    }

    /// Where it is opened in a browser.
    fn write(&self) -> Result<()> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or("target".into(), PathBuf::from);
        let file = root.canonicalize()?.join(target).join("demo.html");
        fs::write(&file, &self.html).with_context(|| format!("writing {}", file.display()))?;
        println!(
            "hogsend_report() of the last day with a purchase, {} kB in {} ms, is in {}",
            self.html.len() / 1000,
            self.took.as_millis(),
            file.display()
        );
        Ok(())
    }
}

/// What a cron job does in production: whatever is due at this instant.
fn reconcile(client: &mut Client, now: &str) -> Result<()> {
    client.batch_execute(&format!("SET hogsend.now = '{now}'"))?;
    for _ in 0..1000 {
        let row = client.query_one("SELECT remaining FROM hogsend_reconcile()", &[])?;
        if !row.get::<_, bool>(0) {
            return Ok(());
        }
    }
    ensure!(false, "reconcile at {now} does not come to an end");
    Ok(())
}
