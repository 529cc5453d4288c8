//! Cleans up after a test process that could not do it itself.
//!
//! A cluster shared by a test binary sits in a static, which Rust never drops,
//! and a test process may be killed. So each cluster has a small shell of its
//! own that waits for the end of a pipe whose other end only we hold. However
//! we end, the kernel closes the pipe, and the shell stops the server.

use anyhow::{Context, Result};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

/// The pid file may be stale and its number somebody else's by now, so a pid is
/// signalled only while its working directory is our data directory, which is
/// where a postmaster sits.
const SCRIPT: &str = r#"
trap '' INT TERM HUP
read -r _ || :
is_ours() { [ -n "$pid" ] && [ "$(readlink "/proc/$pid/cwd")" = "$1/data" ]; }
pid=$(head -n 1 "$1/data/postmaster.pid" 2>/dev/null)
is_ours "$1" && kill -INT "$pid"
tries=0
while is_ours "$1" && [ $tries -lt 300 ]; do
    tries=$((tries + 1))
    [ $tries -eq 200 ] && kill -QUIT "$pid"
    sleep 0.1
done
[ "$2" = keep ] || rm -rf "$1"
"#;

pub(crate) struct Janitor {
    shell: Child,
}

impl Janitor {
    pub(crate) fn watch(base: &Path, keep: bool) -> Result<Self> {
        let shell = Command::new("/bin/sh")
            .arg("-c")
            .arg(SCRIPT)
            .arg("hogsend-janitor")
            .arg(base)
            .arg(if keep { "keep" } else { "remove" })
            .stdin(Stdio::piped())
            // Not ours: whoever reads our output would wait for its end.
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            // Out of reach of the terminal's Ctrl-C.
            .process_group(0)
            .current_dir("/")
            .spawn()
            .context("cannot start the janitor's shell")?;
        Ok(Janitor { shell })
    }

    /// Lets it do its work and waits for that.
    pub(crate) fn finish(&mut self) {
        drop(self.shell.stdin.take());
        let _ = self.shell.wait();
    }
}
