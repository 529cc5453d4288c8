//! The runner in Rust (tests/runners), as its users run it: how many steps a second it takes users through, in
//! batches of a hundred.

use super::{begin, database};
use crate::Scale;
use crate::report::{Report, Target};
use crate::setup::{count, settle};
use anyhow::{Context, Result, bail, ensure};
use hogsend_harness::Cluster;
use std::env;
use std::io::{BufRead, BufReader, Lines};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Instant;

const SMALL: i64 = 10_000;
const FULL: i64 = 100_000;

pub fn measure(cluster: &Cluster, scale: Scale, report: &mut Report) -> Result<()> {
    let users = scale.choose(SMALL, FULL);
    let mut client = database(cluster, "journey_runner")?;
    // Whoever is in the bucket before it is there is in it without a word, and the runner has nothing but steps.
    client.batch_execute(&format!(
        "INSERT INTO user_events (user_id, event) SELECT 'user-' || n, 'seen' FROM generate_series(1, {users}) n;
         SELECT hogsend_define_bucket('lapsed', hogsend_event('seen'));
         SELECT hogsend_define_journey('winback', starts_on => '{{begin}}');
         DELETE FROM journeys WHERE id = 'trip';
         SELECT hogsend_subscribe('bench', journeys => '{{winback}}');
         CREATE TABLE sent_mail (idempotency_key text PRIMARY KEY, user_id text NOT NULL, event text NOT NULL);
         ALTER DATABASE journey_runner SET synchronous_commit = off"
    ))?;
    settle(&mut client)?;
    begin(&mut client, users)?;
    client.batch_execute("VACUUM ANALYZE")?;
    let mut runner = Runner::start(cluster, "journey_runner")?;
    let (mut steps, mut seconds) = (0.0, 0.0);
    for (phase, does) in PHASES.iter().enumerate() {
        if phase > 0 {
            // Everybody's wait is over by the time that the last has come to it.
            settle(&mut client)?;
        }
        let (done, took) = runner.work_off(users)?;
        let what = format!("steps of {users} users, {does}");
        report.figure(&what, done / took, "steps a second", None);
        steps += done;
        seconds += took;
    }
    let completed = count(&mut client, "journey_runs WHERE status = 'completed'")?;
    let mails = count(&mut client, "sent_mail")?;
    ensure!(
        (completed, mails) == (users, 2 * users),
        "{completed} of {users} have come to the end, {mails} mails"
    );
    let what = format!("steps of {users} users, all, batches of 100");
    let target = Some(Target::AtLeast(5_000.0));
    report.figure(&what, steps / seconds, "steps a second", target);
    Ok(())
}

/// What the journey does at its steps, of which each user takes one after the other.
const PHASES: [&str; 3] = [
    "the first: a wait and a mail",
    "the second: a wait, a question and a mail",
    "the last: it completes",
];

/// A runner as a process of its own, until it is dropped.
struct Runner {
    child: Child,
    log: Lines<BufReader<ChildStderr>>,
}

impl Runner {
    fn start(cluster: &Cluster, database: &str) -> Result<Self> {
        let beside = env::current_exe()?.with_file_name("hogsend-runner");
        ensure!(
            beside.exists(),
            "there is no {}; cargo build --release -p hogsend-runner makes it",
            beside.display()
        );
        let [(_, directory), (_, port), (_, user), (_, name)] = &cluster.environment(database);
        let url = format!("postgresql:///{name}?host={directory}&port={port}&user={user}");
        let mut child = Command::new(beside)
            .env("DATABASE_URL", url)
            .env("CONSUMER", "bench")
            .env("WAITS", "1 millisecond,1 millisecond")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot start the runner")?;
        let log = child.stderr.take().context("the runner has no log")?;
        Ok(Runner {
            child,
            log: BufReader::new(log).lines(),
        })
    }

    /// Waits until it has done so many steps, which are there. The first batch is not counted, because nobody knows
    /// when it began: returns how many were, and how many seconds they took.
    fn work_off(&mut self, steps: i64) -> Result<(f64, f64)> {
        let mut first: Option<(Instant, i64)> = None;
        let mut done = 0;
        for line in &mut self.log {
            let line = line?;
            ensure!(!line.starts_with("event=failed"), "the runner says: {line}");
            let Some((_, rows)) = line.split_once(" rows=") else {
                continue;
            };
            done += rows.parse::<i64>()?;
            let (since, before) = *first.get_or_insert((Instant::now(), done));
            if done >= steps {
                let took = since.elapsed().as_secs_f64();
                return Ok(((done - before) as f64, took));
            }
        }
        bail!("the runner ended after {done} of {steps} steps")
    }
}

impl Drop for Runner {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
