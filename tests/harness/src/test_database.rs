//! A database for one test, and what the server said during it.

use crate::{Cluster, Listener};
use anyhow::Result;
use postgres::Client;

pub struct TestDatabase<'c> {
    pub cluster: &'c Cluster,
    pub name: String,
    log_start: u64,
}

impl<'c> TestDatabase<'c> {
    pub(crate) fn create(cluster: &'c Cluster, name: &str) -> Result<Self> {
        let log_start = cluster.log_length();
        cluster.create_database(name)?;
        Ok(TestDatabase {
            cluster,
            name: name.to_string(),
            log_start,
        })
    }

    pub fn connect(&self) -> Result<Client> {
        self.cluster.connect(&self.name)
    }

    pub fn connect_as(&self, user: &str) -> Result<Client> {
        self.cluster.connect_as(&self.name, user)
    }

    /// A connection of its own that listens on `channel`.
    pub fn listen(&self, channel: &str) -> Result<Listener> {
        Listener::new(self.connect()?, channel)
    }

    /// What the server has said since this database was made.
    pub fn log(&self) -> String {
        self.cluster.log_since(self.log_start)
    }
}

impl Drop for TestDatabase<'_> {
    /// A test that fails says what the server said meanwhile.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        let log = self.log();
        let lines: Vec<&str> = log.lines().collect();
        let tail = &lines[lines.len().saturating_sub(60)..];
        eprintln!(
            "--- server log during {} (last {} lines) ---\n{}\n---",
            self.name,
            tail.len(),
            tail.join("\n")
        );
    }
}
