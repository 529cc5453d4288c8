//! Where the server's programs are, and how to run them: Postgres refuses to
//! run as root, so as root everything of the server's runs as another user.

use anyhow::{Context, Result, bail};
use std::ffi::CString;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Used when we are root. The server packages of every distribution make it.
const SERVER_USER: &str = "postgres";

#[derive(Clone, Debug)]
pub struct Programs {
    bin: PathBuf,
    library: PathBuf,
    /// The user and group to become; none when we are an ordinary user.
    server_ids: Option<(u32, u32)>,
}

impl Programs {
    /// By `PG_CONFIG` (a path), else by `PG` (a major version, Debian's
    /// layout), else whatever `pg_config` the PATH has.
    pub fn find() -> Result<Self> {
        let pg_config = match (std::env::var("PG_CONFIG"), std::env::var("PG")) {
            (Ok(path), _) if !path.is_empty() => path,
            (_, Ok(major)) if !major.is_empty() => {
                format!("/usr/lib/postgresql/{major}/bin/pg_config")
            }
            _ => "pg_config".into(),
        };
        Ok(Programs {
            bin: ask(&pg_config, "--bindir")?,
            library: ask(&pg_config, "--pkglibdir")?,
            server_ids: server_ids()?,
        })
    }

    pub fn bin_dir(&self) -> &Path {
        &self.bin
    }

    pub fn has_library(&self, name: &str) -> bool {
        self.library.join(format!("{name}.so")).exists()
    }

    /// A program of the server's for use as a client (psql, pg_dump …): as the
    /// user we are.
    pub fn client(&self, program: &str) -> Command {
        Command::new(self.bin.join(program))
    }

    /// A program that refuses to be run by root, in `directory`, with nothing
    /// of our environment that would change what the server does.
    pub fn server(&self, program: &str, directory: &Path) -> Command {
        let mut command = Command::new(self.bin.join(program));
        command.current_dir(directory).env("LC_ALL", "C");
        // Rust code in the server would put a stack trace into every DETAIL.
        command.env_remove("RUST_BACKTRACE");
        command.env_remove("RUST_LIB_BACKTRACE");
        for (name, _) in std::env::vars_os() {
            if name.to_string_lossy().starts_with("PG") {
                command.env_remove(name);
            }
        }
        if let Some((uid, gid)) = self.server_ids {
            // As root the standard library also drops the other groups.
            command.uid(uid).gid(gid);
        }
        command
    }

    /// Makes `path` the server user's, and nobody else's but root's.
    pub(crate) fn give_to_server(&self, path: &Path) -> Result<()> {
        use std::os::unix::fs::{PermissionsExt, chown};
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o700))?;
        if let Some((uid, gid)) = self.server_ids {
            chown(path, Some(uid), Some(gid))?;
        }
        Ok(())
    }
}

fn ask(pg_config: &str, option: &str) -> Result<PathBuf> {
    let output = Command::new(pg_config)
        .arg(option)
        .output()
        .with_context(|| format!("cannot run {pg_config}; `make setup` installs the server"))?;
    if !output.status.success() {
        bail!("{pg_config} {option} failed");
    }
    Ok(PathBuf::from(String::from_utf8(output.stdout)?.trim()))
}

fn server_ids() -> Result<Option<(u32, u32)>> {
    // SAFETY: geteuid cannot fail and takes nothing.
    if unsafe { libc::geteuid() } != 0 {
        return Ok(None);
    }
    let name = CString::new(SERVER_USER)?;
    // SAFETY: `name` is a valid C string; the entry is read at once, before
    // another call could overwrite it, and no other code here asks for users.
    let entry = unsafe { libc::getpwnam(name.as_ptr()).as_ref() };
    match entry {
        Some(entry) => Ok(Some((entry.pw_uid, entry.pw_gid))),
        None => bail!(
            "running as root, and there is no user {SERVER_USER} to run the server as; \
             `make setup` installs the server, which makes it"
        ),
    }
}
