//! What the client tests share; the tests themselves are in `tests/`.

pub mod carried;
pub mod catalog;
pub mod delivery;
pub mod errors;
pub mod pages;
pub mod plans;
pub mod reference;
pub mod runner;
pub mod server_log;
pub mod specimen;
pub mod stage;
pub mod users;

use anyhow::{Context, Result, ensure};
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

/// The same in a schema of its own, as the README says: the database's search_path names it last.
pub fn with_extension_in_schema<'c>(cluster: &'c Cluster, name: &str) -> Result<TestDatabase<'c>> {
    let database = cluster.test_database(name)?;
    database.connect()?.batch_execute(&format!(
        "CREATE SCHEMA hogsend;
         CREATE EXTENSION hogsend SCHEMA hogsend;
         ALTER DATABASE {name} SET search_path = public, hogsend"
    ))?;
    Ok(database)
}

/// A database as an earlier release makes it.
pub fn with_release<'c>(
    cluster: &'c Cluster,
    name: &str,
    release: &str,
) -> Result<TestDatabase<'c>> {
    let database = cluster.test_database(name)?;
    database
        .connect()?
        .batch_execute(&format!("CREATE EXTENSION hogsend VERSION '{release}'"))
        .context("tests/install-releases.sh installs the scripts of earlier releases")?;
    Ok(database)
}

/// The earlier releases, oldest first: those whose install script is kept in sql/releases/. The version that is
/// worked on has none there.
pub fn releases() -> Result<Vec<String>> {
    let mut releases = Vec::new();
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/../../sql/releases"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        let version = name
            .strip_prefix("hogsend--")
            .and_then(|rest| rest.strip_suffix(".sql"));
        releases.extend(version.filter(|v| !v.contains("--")).map(str::to_owned));
    }
    releases.sort_by_key(|version| version_numbers(version));
    ensure!(
        releases.len() >= 2,
        "the install scripts of {releases:?} are all there are"
    );
    Ok(releases)
}

pub fn version_numbers(version: &str) -> Vec<u32> {
    version.split('.').filter_map(|n| n.parse().ok()).collect()
}

/// A name for what belongs to the test of one release: it goes into the names of databases and roles.
pub fn named(what: &str, release: &str) -> String {
    format!("{what}_{}", release.replace('.', "_"))
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
