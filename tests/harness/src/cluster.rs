//! One throw-away server: made, started, stopped, killed, removed.

use crate::{Options, Programs, TestDatabase, janitor::Janitor};
use anyhow::{Context, Result, bail};
use postgres::{Client, NoTls};
use std::fs::{self, File, OpenOptions};
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Every cluster has a socket directory to itself, so all may use one number.
const PORT: u16 = 5432;
const SUPERUSER: &str = "postgres";
const PATIENCE: Duration = Duration::from_secs(60);

pub struct Cluster {
    programs: Programs,
    base: PathBuf,
    server: Mutex<Option<Child>>,
    janitor: Janitor,
    keep: bool,
    /// What the server has in its environment beside what every one has.
    environment: Vec<(String, String)>,
}

impl Cluster {
    /// Makes a cluster and starts it. `HOGSEND_KEEP=1` in the environment
    /// leaves its directory (data and log) behind for a look.
    pub fn start(options: Options) -> Result<Self> {
        let programs = Programs::find()?;
        if options.cron.is_some() && !programs.has_library("pg_cron") {
            bail!("this server has no pg_cron; on Debian: apt-get install postgresql-<major>-cron");
        }
        let mut cluster = Cluster::prepare(programs)?;
        cluster.environment = options.environment.clone();
        cluster.initialise(&options)?;
        cluster.launch()?;
        Ok(cluster)
    }

    /// A streaming standby of this server, made from a base backup. It can be read from.
    pub fn standby(&self) -> Result<Cluster> {
        self.back_up(&["--write-recovery-conf"])
    }

    /// A server of its own that goes on from where this one is now: a restored base backup.
    pub fn copy(&self) -> Result<Cluster> {
        self.back_up(&[])
    }

    fn back_up(&self, options: &[&str]) -> Result<Cluster> {
        let copy = Cluster::prepare(self.programs.clone())?;
        let mut backup = self.programs.server("pg_basebackup", &copy.base);
        backup
            .args(["--checkpoint=fast", "--no-sync"])
            .args(options)
            .arg(format!("--host={}", self.socket_dir()))
            .arg(format!("--port={PORT}"))
            .arg(format!("--username={SUPERUSER}"))
            .arg("-D")
            .arg(copy.data_dir());
        succeed("pg_basebackup", &mut backup)?;
        copy.configure(&format!(
            "unix_socket_directories = '{}'\n",
            copy.socket_dir()
        ))?;
        copy.launch()?;
        Ok(copy)
    }

    /// What pg_upgrade makes of this server, which it stops: another one over the same rows.
    pub fn upgraded(&self) -> Result<Cluster> {
        let upgraded = Cluster::prepare(self.programs.clone())?;
        upgraded.initialise(&Options::default())?;
        self.stop()?;
        let mut upgrade = self.programs.server("pg_upgrade", &upgraded.base);
        upgrade
            .arg("--old-bindir")
            .arg(self.programs.bin_dir())
            .arg("--old-datadir")
            .arg(self.data_dir())
            .arg("--new-datadir")
            .arg(upgraded.data_dir())
            .arg(format!("--socketdir={}", upgraded.socket_dir()))
            .arg(format!("--username={SUPERUSER}"));
        succeed("pg_upgrade", &mut upgrade)?;
        upgraded.launch()?;
        Ok(upgraded)
    }

    /// Waits until this standby shows all that `primary` has committed.
    pub fn catch_up(&self, primary: &Cluster) -> Result<()> {
        let written: String = primary
            .connect(SUPERUSER)?
            .query_one("SELECT pg_current_wal_insert_lsn()::text", &[])?
            .get(0);
        let replayed = format!("SELECT pg_last_wal_replay_lsn() >= '{written}'::pg_lsn");
        let mut client = self.connect(SUPERUSER)?;
        let deadline = Instant::now() + PATIENCE;
        while !client.query_one(&replayed, &[])?.get::<_, bool>(0) {
            if Instant::now() > deadline {
                bail!("the standby does not catch up");
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        Ok(())
    }

    /// A directory with somebody to clean it up; no server in it yet.
    fn prepare(programs: Programs) -> Result<Self> {
        let base = new_directory()?;
        programs.give_to_server(&base)?;
        let keep = std::env::var_os("HOGSEND_KEEP").is_some_and(|v| v != "0" && !v.is_empty());
        let janitor = Janitor::watch(&base, keep)?;
        Ok(Cluster {
            programs,
            base,
            server: Mutex::new(None),
            janitor,
            keep,
            environment: Vec::new(),
        })
    }

    fn initialise(&self, options: &Options) -> Result<()> {
        let mut initdb = self.programs.server("initdb", &self.base);
        initdb
            .args(["--no-sync", "--auth=trust", "--encoding=UTF8"])
            .arg(format!("--username={SUPERUSER}"))
            .arg(format!("--locale={}", options.locale))
            .arg("-D")
            .arg(self.data_dir());
        succeed("initdb", &mut initdb)?;
        let configuration = options.configuration(&self.socket_dir());
        self.configure(&format!("{configuration}port = {PORT}\n"))
    }

    /// Adds to the server's configuration; later settings win.
    fn configure(&self, settings: &str) -> Result<()> {
        OpenOptions::new()
            .append(true)
            .open(self.data_dir().join("postgresql.conf"))?
            .write_all(format!("\n{settings}").as_bytes())?;
        Ok(())
    }

    /// Starts the server and waits until it answers.
    fn launch(&self) -> Result<()> {
        let begun = Instant::now();
        let deadline = begun + PATIENCE;
        // After a kill -9 the old backends may still be about to notice; until
        // the last has gone a new server refuses to use their shared memory.
        loop {
            let before = self.log_length();
            let log = OpenOptions::new()
                .create(true)
                .append(true)
                .open(self.log_path())?;
            let child = self
                .programs
                .server("postgres", &self.base)
                .arg("-D")
                .arg(self.data_dir())
                .envs(self.environment.iter().cloned())
                .stdin(Stdio::null())
                .stdout(log.try_clone()?)
                .stderr(log)
                .process_group(0)
                .spawn()
                .context("cannot start postgres")?;
            *self.server.lock().unwrap() = Some(child);
            match self.wait_until_ready(deadline) {
                Ok(()) => return Ok(()),
                Err(error) => {
                    let said = self.log_since(before);
                    let busy = said.contains("is still in use");
                    if !busy || Instant::now() > deadline {
                        return Err(error.context(format!("server log:\n{said}")));
                    }
                    if begun.elapsed() > PATIENCE / 6 {
                        self.kill_orphans()?;
                    }
                    std::thread::sleep(Duration::from_millis(100));
                }
            }
        }
    }

    /// One that never waits does not notice that its server is gone before its statement is at its end.
    fn kill_orphans(&self) -> Result<()> {
        for entry in fs::read_dir("/proc")? {
            let entry = entry?;
            let pid = entry
                .file_name()
                .to_str()
                .and_then(|name| name.parse().ok());
            let is_ours =
                fs::read_link(entry.path().join("cwd")).is_ok_and(|cwd| cwd == self.data_dir());
            if let (Some(pid), true) = (pid, is_ours) {
                // SAFETY: a plain system call, on a process that was just seen to work in this server's directory.
                unsafe { libc::kill(pid, libc::SIGKILL) };
            }
        }
        Ok(())
    }

    fn wait_until_ready(&self, deadline: Instant) -> Result<()> {
        loop {
            if let Some(child) = self.server.lock().unwrap().as_mut()
                && let Some(status) = child.try_wait()?
            {
                bail!("the server ended while starting: {status}");
            }
            match self.connect(SUPERUSER) {
                Ok(_) => return Ok(()),
                Err(error) if Instant::now() > deadline => {
                    return Err(error.context("the server does not answer"));
                }
                Err(_) => std::thread::sleep(Duration::from_millis(50)),
            }
        }
    }

    /// As the superuser.
    pub fn connect(&self, database: &str) -> Result<Client> {
        self.connect_as(database, SUPERUSER)
    }

    pub fn connect_as(&self, database: &str, user: &str) -> Result<Client> {
        postgres::Config::new()
            .host(&self.socket_dir())
            .port(PORT)
            .user(user)
            .dbname(database)
            .application_name("hogsend-test")
            .connect(NoTls)
            .with_context(|| format!("cannot connect to database {database} as {user}"))
    }

    pub fn create_database(&self, name: &str) -> Result<()> {
        let quoted = name.replace('"', "\"\"");
        // From template0, so that nothing of another test can be in it.
        self.connect(SUPERUSER)?
            .batch_execute(&format!("CREATE DATABASE \"{quoted}\" TEMPLATE template0"))
            .with_context(|| format!("cannot create database {name}"))
    }

    /// A new database for one test, under a name of its own.
    pub fn test_database(&self, name: &str) -> Result<TestDatabase<'_>> {
        TestDatabase::create(self, name)
    }

    /// An orderly stop: sessions are disconnected, a checkpoint is made.
    pub fn stop(&self) -> Result<()> {
        let Some(mut child) = self.server.lock().unwrap().take() else {
            return Ok(());
        };
        signal(&child, libc::SIGINT);
        if wait(&mut child, PATIENCE)? {
            return Ok(());
        }
        signal(&child, libc::SIGQUIT);
        if !wait(&mut child, PATIENCE)? {
            bail!("the server does not stop");
        }
        Ok(())
    }

    /// `kill -9` of the postmaster: what the machine's out-of-memory killer or a
    /// crash does. Its backends end as soon as they notice.
    pub fn kill(&self) -> Result<()> {
        if let Some(mut child) = self.server.lock().unwrap().take() {
            child.kill()?;
            child.wait()?;
        }
        Ok(())
    }

    /// `kill -9` of one session, given by its `pg_backend_pid()`. The server then ends all others,
    /// recovers as after a crash and goes on by itself; returns once it answers again.
    pub fn kill_session(&self, pid: i32) -> Result<()> {
        let of_ours = fs::read_link(format!("/proc/{pid}/cwd"))
            .with_context(|| format!("there is no process {pid}"))?;
        if of_ours != self.data_dir() {
            bail!("process {pid} is not a session of this server");
        }
        let before = self.log_length();
        // SAFETY: a plain system call, on a process that was just seen to be a session of ours.
        unsafe { libc::kill(pid, libc::SIGKILL) };
        let deadline = Instant::now() + PATIENCE;
        while !self
            .log_since(before)
            .contains("ready to accept connections")
        {
            if Instant::now() > deadline {
                bail!("the server does not recover");
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        self.wait_until_ready(deadline)
    }

    /// Starts again after `stop` or `kill`; a crashed server recovers first.
    pub fn start_again(&self) -> Result<()> {
        self.launch()
    }

    pub fn restart(&self) -> Result<()> {
        self.stop()?;
        self.launch()
    }

    pub fn programs(&self) -> &Programs {
        &self.programs
    }

    /// What a client program needs in its environment.
    pub fn environment(&self, database: &str) -> [(&'static str, String); 4] {
        [
            ("PGHOST", self.socket_dir()),
            ("PGPORT", PORT.to_string()),
            ("PGUSER", SUPERUSER.to_string()),
            ("PGDATABASE", database.to_string()),
        ]
    }

    /// A place for a test's files; removed with the cluster.
    pub fn scratch(&self, name: &str) -> PathBuf {
        self.base.join(name)
    }

    pub fn log_length(&self) -> u64 {
        fs::metadata(self.log_path()).map_or(0, |m| m.len())
    }

    /// What the server logged after its log was `start` bytes long.
    pub fn log_since(&self, start: u64) -> String {
        let mut bytes = Vec::new();
        if let Ok(mut log) = File::open(self.log_path()) {
            let _ = log.seek(SeekFrom::Start(start));
            let _ = log.read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn data_dir(&self) -> PathBuf {
        self.base.join("data")
    }

    fn log_path(&self) -> PathBuf {
        self.base.join("log")
    }

    fn socket_dir(&self) -> String {
        self.base.to_string_lossy().into_owned()
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = self.stop() {
            eprintln!("hogsend-harness: {error:#}");
        }
        self.janitor.finish();
        if self.keep {
            eprintln!("hogsend-harness: kept {}", self.base.display());
        }
    }
}

fn succeed(name: &str, command: &mut Command) -> Result<()> {
    let output = command
        .output()
        .with_context(|| format!("cannot run {name}"))?;
    if !output.status.success() {
        bail!(
            "{name} failed:\n{}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}

fn signal(child: &Child, number: i32) {
    // SAFETY: a plain system call. The child has not been waited for, so its
    // number cannot have been given to another process.
    unsafe { libc::kill(child.id() as i32, number) };
}

fn wait(child: &mut Child, patience: Duration) -> Result<bool> {
    let deadline = Instant::now() + patience;
    while Instant::now() < deadline {
        if child.try_wait()?.is_some() {
            return Ok(true);
        }
        std::thread::sleep(Duration::from_millis(20));
    }
    Ok(false)
}

/// Under /tmp whatever TMPDIR says: a socket's path has 107 bytes at most.
fn new_directory() -> Result<PathBuf> {
    static COUNTER: AtomicU32 = AtomicU32::new(0);
    loop {
        let number = COUNTER.fetch_add(1, Ordering::Relaxed);
        let path = Path::new("/tmp").join(format!("hogsend-{}-{number}", std::process::id()));
        match fs::create_dir(&path) {
            Ok(()) => return Ok(path),
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(error).context("cannot make a directory under /tmp"),
        }
    }
}
