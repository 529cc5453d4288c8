//! Throw-away Postgres servers for the tests and the demo.
//!
//! ```no_run
//! use hogsend_harness::{Cluster, Options};
//! let cluster = Cluster::start(Options::default())?;
//! cluster.create_database("shop")?;
//! let mut client = cluster.connect("shop")?;
//! client.batch_execute("SELECT 1")?;
//! # anyhow::Ok(())
//! ```

mod cluster;
mod janitor;
mod listener;
mod memory;
mod options;
mod programs;
mod test_database;

pub use cluster::Cluster;
pub use listener::{Heard, Listener};
pub use memory::memory_of;
pub use options::{Cron, Options};
pub use programs::Programs;
pub use test_database::TestDatabase;
