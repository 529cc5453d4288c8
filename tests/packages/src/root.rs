//! A root: a Debian of its own, in which what runs sees nothing else of this machine.

use crate::sources::{made, project};
use crate::workshop::{Workshop, workshop};
use anyhow::{Context, Result, bail, ensure};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// The Debian that the packages are for, and its PostgreSQL.
pub const CODENAME: &str = "bookworm";
pub const SERVER: &str = "15";

/// Debian's essential packages and apt, from wherever this machine gets its own, and nothing more. Whoever is
/// asked whether to continue has said yes. Nothing has to survive the machine, so nothing is synced.
const BARE: &str = r#"
sources() {
    apt-get indextargets --format '$(ORIGIN)|$(CODENAME)|$(CREATED_BY)|deb $(REPO_URI) $(RELEASE) $(COMPONENT)' |
        awk -F'|' -v codename="$2" '$1 == "Debian" && index($2, codename) == 1 && $3 == "Packages" { print $4 }' | sort -u
}
[ -n "$(sources "$@")" ] || apt-get update -q >&2
sources "$@" >"$1.list"
[ -s "$1.list" ] || { echo "this machine gets no Debian $2 from anywhere: apt-get update, or another machine" >&2; exit 1; }
apt-config dump | sed -n '/^Acquire::http.*::Proxy/p' >"$1.conf"
echo 'APT::Get::Assume-Yes "true";' >>"$1.conf"
mmdebstrap --quiet --mode=root --variant=apt --format=directory --aptopt="$1.conf" \
    --dpkgopt=force-unsafe-io "$2" "$1" - <"$1.list"
"#;

pub struct Root {
    workshop: &'static Workshop,
    directory: PathBuf,
}

impl Root {
    /// With nothing but Debian's essential packages and apt.
    pub fn bare() -> Result<Root> {
        static BASE: OnceLock<Root> = OnceLock::new();
        Root::copy_of(&BASE, "bare", |root| {
            let directory = root.directory.as_path();
            root.workshop.run(BARE, &[directory, Path::new(CODENAME)])?;
            Ok(())
        })
    }

    /// With PostgreSQL, as Debian has it. The server does not run yet.
    pub fn with_server() -> Result<Root> {
        static BASE: OnceLock<Root> = OnceLock::new();
        Root::copy_of(&BASE, "with-server", |root| {
            let bare = Root::bare()?;
            root.workshop
                .run(r#"cp -ax "$1" "$2""#, &[&bare.directory, &root.directory])?;
            root.open()?;
            root.run(&format!(
                "apt-get update -q; apt-get install -q postgresql-{SERVER}"
            ))?;
            root.run("service postgresql stop")?;
            Ok(())
        })
    }

    /// A copy of what is made once.
    fn copy_of(
        base: &'static OnceLock<Root>,
        name: &str,
        make: impl FnOnce(&Root) -> Result<()>,
    ) -> Result<Root> {
        if base.get().is_none() {
            let root = Root::named(name)?;
            make(&root)?;
            let _ = base.set(root);
        }
        let base = base.get().context("there is nothing to copy")?;
        static NUMBER: AtomicU32 = AtomicU32::new(0);
        let root = Root::named(&format!(
            "{name}-{}",
            NUMBER.fetch_add(1, Ordering::Relaxed)
        ))?;
        root.workshop
            .run(r#"cp -ax "$1" "$2""#, &[&base.directory, &root.directory])?;
        root.open()?;
        Ok(root)
    }

    fn named(name: &str) -> Result<Root> {
        let workshop = workshop()?;
        let directory = workshop.directory().join(name);
        Ok(Root {
            workshop,
            directory,
        })
    }

    /// What a running system has beside its files.
    fn open(&self) -> Result<()> {
        let script = r#"
            mount -t proc proc "$1/proc"
            mkdir -p "$1/dev/shm"
            mount -t tmpfs shm "$1/dev/shm"
            cp /etc/resolv.conf "$1/etc/resolv.conf"
        "#;
        self.workshop.run(script, &[&self.directory])?;
        Ok(())
    }

    /// A shell in it that runs a script, as root and with an environment that says nothing.
    fn shell(&self, script: &str, environment: &[(String, String)]) -> Command {
        let mut command = self.workshop.command("chroot");
        command.arg(&self.directory).args([
            "env",
            "-i",
            "HOME=/root",
            "DEBIAN_FRONTEND=noninteractive",
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ]);
        command.args(
            environment
                .iter()
                .map(|(name, value)| format!("{name}={value}")),
        );
        command.args(["bash", "-euo", "pipefail", "-c", script]);
        command
    }

    /// Runs a script of the shell; what it prints, on whichever of its outputs. An error if it fails.
    pub fn run(&self, script: &str) -> Result<String> {
        self.run_with(script, &[], "")
    }

    /// The same with more in its environment, and with something typed.
    pub fn run_with(
        &self,
        script: &str,
        environment: &[(String, String)],
        typed: &str,
    ) -> Result<String> {
        let mut child = self
            .shell(&format!("exec 2>&1\ncd /\n{script}"), environment)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .context("cannot run nsenter")?;
        let mut input = child.stdin.take().context("there is no pipe")?;
        let typed = typed.to_string();
        let typing = std::thread::spawn(move || input.write_all(typed.as_bytes()));
        let output = child.wait_with_output()?;
        // What does not read to the end of it has said enough by failing, or does not want it.
        let _ = typing.join();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if !output.status.success() {
            bail!(
                "{script}\nfailed ({}):\n{said}{}",
                output.status,
                String::from_utf8_lossy(&output.stderr)
            );
        }
        Ok(said)
    }

    /// What PostgreSQL's superuser gets for SQL in a database, without headings.
    pub fn sql(&self, database: &str, sql: &str) -> Result<String> {
        let psql = format!("su postgres -c 'psql -XAtq -v ON_ERROR_STOP=1 {database}'");
        Ok(self.run_with(&psql, &[], sql)?.trim_end().to_string())
    }

    /// Copies a file or a directory of this machine into it.
    pub fn put(&self, from: &Path, to: &str) -> Result<()> {
        ensure!(from.exists(), "there is no {}", from.display());
        let to = self.directory.join(to.trim_start_matches('/'));
        self.workshop.run(
            r#"mkdir -p "$(dirname "$2")"; cp -a "$1" "$2""#,
            &[from, &to],
        )?;
        Ok(())
    }

    /// Copies a file out of it, to a place beside the packages.
    pub fn take(&self, from: &str, to: &str) -> Result<PathBuf> {
        let from = self.directory.join(from.trim_start_matches('/'));
        let to = made(to).join(from.file_name().context("no name")?);
        self.workshop
            .run(r#"mkdir -p "$(dirname "$2")"; cp "$1" "$2""#, &[&from, &to])?;
        Ok(to)
    }

    /// Lets a directory of this machine be seen in it.
    pub fn show(&self, directory: &Path, at: &str) -> Result<()> {
        let at = self.directory.join(at.trim_start_matches('/'));
        self.workshop.run(
            r#"mkdir -p "$2"; mount --bind "$1" "$2""#,
            &[directory, &at],
        )?;
        Ok(())
    }

    /// Copies a file of the project into it, or for "." all of them: what git knows or would add.
    pub fn put_sources(&self, what: &str, to: &str) -> Result<()> {
        if what != "." {
            let name = Path::new(what)
                .file_name()
                .context("no name")?
                .to_string_lossy();
            let to = if to.ends_with('/') {
                format!("{to}{name}")
            } else {
                to.to_string()
            };
            return self.put(&project().join(what), &to);
        }
        let to = self.directory.join(to.trim_start_matches('/'));
        let script = r#"mkdir -p "$2"; cd "$1"
            git -c safe.directory="$1" ls-files --cached --others --exclude-standard -z | tar -c --null -T - | tar -x -C "$2""#;
        self.workshop.run(script, &[&project(), &to])?;
        Ok(())
    }
}

/// What runs in it ends, and what was mounted in it goes.
impl Drop for Root {
    fn drop(&mut self) {
        let script = r#"
            for process in /proc/[0-9]*; do
                [ "$(readlink "$process/root")" != "$1" ] || kill -9 "${process#/proc/}" || :
            done
            awk -v root="$1/" 'index($2, root) == 1 { print $2 }' /proc/mounts | tac | xargs -r umount -l
            rm -rf --one-file-system "$1"
        "#;
        if let Err(error) = self.workshop.run(script, &[&self.directory]) {
            eprintln!("hogsend-packages: {error:#}");
        }
    }
}
