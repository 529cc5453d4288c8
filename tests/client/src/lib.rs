//! What the client tests share; the tests themselves are in `tests/`.

pub mod carried;
pub mod catalog;
pub mod criteria;
pub mod delivery;
pub mod errors;
pub mod random;
pub mod runner;
pub mod server_log;
pub mod specimen;
pub mod stage;

use anyhow::{Context, Result};
use hogsend_harness::{Cluster, Options, TestDatabase};
use postgres::Client;
use postgres::error::SqlState;
use std::sync::OnceLock;

/// The server of this test binary; its tests share it, each with a database of
/// its own. The first caller's options count, so a binary uses one function.
pub fn cluster(options: fn() -> Options) -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| match Cluster::start(options()) {
        Ok(cluster) => cluster,
        Err(error) => panic!("cannot start a server: {error:#}"),
    })
}

/// A new database with the extension in it.
pub fn with_extension<'c>(cluster: &'c Cluster, name: &str) -> Result<TestDatabase<'c>> {
    let database = cluster.test_database(name)?;
    database
        .connect()?
        .batch_execute("CREATE EXTENSION hogsend")
        .context("CREATE EXTENSION hogsend; `make install` installs it")?;
    Ok(database)
}

/// What a user is shown of an error.
#[derive(Debug)]
pub struct Shown {
    pub code: SqlState,
    pub message: String,
    pub hint: String,
}

/// The error that `sql` must end in.
pub fn error_of(client: &mut Client, sql: &str) -> Shown {
    let Err(error) = client.batch_execute(sql) else {
        panic!("no error from: {sql}");
    };
    let Some(error) = error.as_db_error() else {
        panic!("not an error of the server's: {error}");
    };
    Shown {
        code: error.code().clone(),
        message: error.message().into(),
        hint: error.hint().unwrap_or_default().into(),
    }
}

pub fn count(client: &mut Client, query: &str) -> Result<i64> {
    let row = client.query_one(&format!("SELECT count(*) FROM ({query}) AS q"), &[])?;
    Ok(row.get(0))
}

/// Handles all that is due now.
pub fn reconcile(client: &mut Client) -> Result<()> {
    for _ in 0..1000 {
        let row = client.query_one("SELECT remaining FROM hogsend_reconcile()", &[])?;
        if !row.get::<_, bool>(0) {
            return Ok(());
        }
    }
    anyhow::bail!("reconcile does not come to an end")
}
