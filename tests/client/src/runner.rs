//! The journey runners of `tests/runners` as child processes.

use anyhow::{Context, Result, bail};
use hogsend_harness::TestDatabase;
use postgres::Client;
use std::fs::{self, File};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Long enough for a busy machine; what passes does not take it.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// How long the journey waits after its first mail, and after its second.
const WAITS: &str = "1 second,1 second";

#[derive(Clone, Copy, Debug)]
pub enum Language {
    Python,
    Node,
    Rust,
}

impl Language {
    /// As `tests/runners/prepare.sh` leaves it.
    fn command(self) -> Result<Command> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let target = std::env::var_os("CARGO_TARGET_DIR")
            .map_or_else(|| root.join("target"), |given| root.join(given));
        let prepared = target.join("runners");
        let mut words = match self {
            Language::Python => vec![
                prepared.join("python/bin/python"),
                root.join("tests/runners/python/runner.py"),
            ],
            // By the path of the link, beside which the modules are.
            Language::Node => vec![
                "node".into(),
                "--preserve-symlinks-main".into(),
                prepared.join("node/runner.mjs"),
            ],
            Language::Rust => vec![target.join("release/hogsend-runner")],
        };
        let program = words.remove(0);
        if program.is_absolute() && !program.exists() {
            bail!(
                "there is no {}; tests/runners/prepare.sh makes it",
                program.display()
            );
        }
        let mut command = Command::new(program);
        command.args(words);
        Ok(command)
    }
}

/// Where the runner is told to find its database.
#[derive(Clone, Copy, Debug)]
pub enum Address {
    Url,
    PgVariables,
}

/// How a runner is started.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    pub language: Language,
    /// The role it connects as.
    pub user: &'a str,
    pub address: Address,
    pub poll_interval: f64,
}

/// One that runs, until it is dropped at the latest.
pub struct Runner {
    child: Child,
    log: PathBuf,
}

impl Runner {
    pub fn start(database: &TestDatabase, how: Start) -> Result<Self> {
        let environment = database.cluster.environment(&database.name);
        let mut command = how.language.command()?;
        for (name, value) in &environment {
            command.env_remove(name);
            if matches!(how.address, Address::PgVariables) {
                command.env(name, value);
            }
        }
        command.env_remove("DATABASE_URL");
        match how.address {
            Address::PgVariables => command.env("PGUSER", how.user),
            Address::Url => {
                let [(_, directory), (_, port), _, (_, name)] = &environment;
                let user = how.user;
                let url = format!("postgresql:///{name}?host={directory}&port={port}&user={user}");
                command.env("DATABASE_URL", url)
            }
        };
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let log = database.cluster.scratch(&format!("runner-{number}.log"));
        let file = File::create(&log)?;
        let child = command
            .env("CONSUMER", "mails")
            .env("WAITS", WAITS)
            .env("POLL_INTERVAL", how.poll_interval.to_string())
            .stdin(Stdio::null())
            .stdout(file.try_clone()?)
            .stderr(file)
            .process_group(0)
            .spawn()
            .with_context(|| format!("cannot start the runner in {:?}", how.language))?;
        Ok(Runner { child, log })
    }

    /// What it has logged.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// How many of its log lines tell of this event.
    pub fn logged(&self, event: &str) -> usize {
        let log = self.log();
        log.lines()
            .filter(|line| line.contains("event") && line.contains(event))
            .count()
    }

    /// Waits until it has logged the event so often.
    pub fn wait_for(&mut self, event: &str, times: usize) -> Result<()> {
        let deadline = Instant::now() + PATIENCE;
        while self.logged(event) < times {
            if let Some(status) = self.child.try_wait()? {
                bail!("the runner ended by itself: {status}");
            }
            if Instant::now() > deadline {
                bail!("the runner did not log {event:?} {times} times");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// SIGTERM, and how it ends.
    pub fn terminate(&mut self) -> Result<ExitStatus> {
        // By a shell, which needs no unsafe call. It has not been waited for, so the number is its own.
        let kill = format!("kill -TERM {}", self.child.id());
        Command::new("/bin/sh").args(["-c", &kill]).status()?;
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait()? {
                return Ok(status);
            }
            if Instant::now() > deadline {
                bail!("the runner does not end");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
    }

    /// `kill -9`.
    pub fn kill(&mut self) -> Result<()> {
        self.child.kill()?;
        self.child.wait()?;
        Ok(())
    }
}

impl Drop for Runner {
    /// What it has logged is shown if the test fails.
    fn drop(&mut self) {
        let _ = self.kill();
        eprintln!("--- log of the runner ---\n{}---", self.log());
    }
}

/// Waits until the query, which returns one boolean, says true.
pub fn wait_until(client: &mut Client, query: &str) -> Result<()> {
    let deadline = Instant::now() + PATIENCE;
    while !client.query_one(query, &[])?.get::<_, bool>(0) {
        if Instant::now() > deadline {
            bail!("never true: {query}");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}
