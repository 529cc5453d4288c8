//! Where the roots are: file systems in memory, seen by nobody else, and processes that end with this one.

use crate::sources::{made, project};
use anyhow::{Context, Result, bail, ensure};
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

/// What its first process does: makes the file system, says so, and waits until whoever started it is gone,
/// whose end of the pipe closes then, however it ends. With the first process all others end. It is a shell,
/// which buries the servers that were left to it.
const FIRST_PROCESS: &str =
    r#"mount -t tmpfs -o mode=755,size=12g roots "$1" && echo ready && cat && exit"#;

pub struct Workshop {
    /// Holds the pipe open.
    _held: Child,
    /// A process in it.
    process: u32,
    directory: PathBuf,
}

/// The one of this test run. Nobody ends it: its pipe closes when this process ends.
pub fn workshop() -> Result<&'static Workshop> {
    static WORKSHOP: OnceLock<Workshop> = OnceLock::new();
    if WORKSHOP.get().is_none() {
        let _ = WORKSHOP.set(Workshop::open()?);
    }
    WORKSHOP.get().context("there is no workshop")
}

impl Workshop {
    fn open() -> Result<Workshop> {
        let directory = made("roots");
        fs::create_dir_all(&directory)?;
        let mut held = as_root("unshare")
            .args([
                "--mount",
                "--pid",
                "--ipc",
                "--fork",
                "--mount-proc",
                "--kill-child",
            ])
            .args(["sh", "-c", FIRST_PROCESS, "sh"])
            .arg(&directory)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot run unshare")?;
        let mut said = String::new();
        let output = held.stdout.take().context("there is no pipe")?;
        BufReader::new(output).read_line(&mut said)?;
        ensure!(
            said == "ready\n",
            "no root can be made here: unshare or mount is refused. It takes root, or sudo, and a machine that lets root mount"
        );
        let process = descendant(held.id())?;
        Ok(Workshop {
            _held: held,
            process,
            directory,
        })
    }

    pub fn directory(&self) -> &Path {
        &self.directory
    }

    /// A command that runs in here.
    pub fn command(&self, program: &str) -> Command {
        let mut command = as_root("nsenter");
        command
            .args(["--mount", "--pid", "--ipc", "--target"])
            .arg(self.process.to_string())
            .arg("--")
            .arg(program)
            .current_dir(project())
            .stdin(Stdio::null());
        command
    }

    /// Runs a script of the shell in here, with arguments "$1", "$2" …; what it prints.
    pub fn run(&self, script: &str, arguments: &[&Path]) -> Result<String> {
        let mut command = self.command("sh");
        command.args(["-ec", script, "sh"]).args(arguments);
        let output = command.output().context("cannot run nsenter")?;
        if !output.status.success() {
            bail!(
                "{script}\nfailed:\n{}{}",
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(String::from_utf8(output.stdout)?)
    }
}

/// Only root may do what is done here.
fn as_root(program: &str) -> Command {
    let is_root = fs::metadata("/proc/self").is_ok_and(|of| {
        use std::os::unix::fs::MetadataExt;
        of.uid() == 0
    });
    if is_root {
        return Command::new(program);
    }
    let mut command = Command::new("sudo");
    command.arg(program);
    command
}

/// The last of a line of first children: behind sudo and unshare the shell, or what it waits for.
fn descendant(mut process: u32) -> Result<u32> {
    loop {
        let children = fs::read_to_string(format!("/proc/{process}/task/{process}/children"))?;
        match children.split_whitespace().next() {
            Some(child) => process = child.parse()?,
            None => return Ok(process),
        }
    }
}
