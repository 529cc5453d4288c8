//! Runs a command beside a throw-away server: `hogsend-cluster run -- psql`.
//! The command finds the server by PGHOST, PGPORT, PGUSER and PGDATABASE.

use anyhow::{Context, Result, bail};
use hogsend_harness::{Cluster, Options};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode};

const USAGE: &str = "\
usage: hogsend-cluster run [OPTION]... -- COMMAND [ARGUMENT]...
  --database NAME     make this database and let PGDATABASE name it
  --cron              preload pg_cron, living in that database
  --fsync             with fsync, as in production
  --set NAME=VALUE    a server setting; may be repeated
  --show-log          print the tail of the server's log if the command fails";

struct Arguments {
    database: String,
    cron: bool,
    fsync: bool,
    show_log: bool,
    settings: Vec<(String, String)>,
    command: Vec<String>,
}

fn parse(mut words: impl Iterator<Item = String>) -> Result<Arguments> {
    let mut arguments = Arguments {
        database: "postgres".into(),
        cron: false,
        fsync: false,
        show_log: false,
        settings: Vec::new(),
        command: Vec::new(),
    };
    if words.next().as_deref() != Some("run") {
        bail!("{USAGE}");
    }
    while let Some(word) = words.next() {
        match word.as_str() {
            "--" => break,
            "--cron" => arguments.cron = true,
            "--fsync" => arguments.fsync = true,
            "--show-log" => arguments.show_log = true,
            "--database" => arguments.database = words.next().context(USAGE)?,
            "--set" => {
                let setting = words.next().context(USAGE)?;
                let (name, value) = setting.split_once('=').context(USAGE)?;
                arguments.settings.push((name.into(), value.into()));
            }
            _ => bail!("unknown option {word}\n{USAGE}"),
        }
    }
    arguments.command = words.collect();
    if arguments.command.is_empty() {
        bail!("{USAGE}");
    }
    Ok(arguments)
}

fn run() -> Result<u8> {
    let arguments = parse(std::env::args().skip(1))?;
    let mut options = if arguments.cron {
        Options::with_cron(&arguments.database)
    } else {
        Options::default()
    };
    options.fsync = arguments.fsync;
    options.settings = arguments.settings;
    let cluster = Cluster::start(options)?;
    if arguments.database != "postgres" {
        cluster.create_database(&arguments.database)?;
    }
    let status = Command::new(&arguments.command[0])
        .args(&arguments.command[1..])
        .envs(cluster.environment(&arguments.database))
        .env("HOGSEND_BINDIR", cluster.programs().bin_dir())
        .status()
        .with_context(|| format!("cannot run {}", arguments.command[0]))?;
    if !status.success() && arguments.show_log {
        let log = cluster.log_since(0);
        let lines: Vec<&str> = log.lines().collect();
        let tail = &lines[lines.len().saturating_sub(40)..];
        eprintln!("--- end of the server's log ---\n{}", tail.join("\n"));
    }
    // As a shell has it: 128 and the signal's number.
    let code = status
        .code()
        .unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
    Ok(code as u8)
}

fn main() -> ExitCode {
    match run() {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("hogsend-cluster: {error:#}");
            ExitCode::from(2)
        }
    }
}
