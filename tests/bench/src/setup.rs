//! Databases with buckets, and the plain table to compare with.

use anyhow::{Context, Result, ensure};
use hogsend_harness::Cluster;
use postgres::Client;

/// How many of the buckets, if there are any, have to do with event `buy`.
pub const CONCERNED: i64 = 3;

/// A database with `buckets` buckets: three that reference event `buy`, and the others an event
/// of their own each. They are defined before there is any data, so their backfills are empty.
pub fn database(cluster: &Cluster, name: &str, buckets: i64) -> Result<Client> {
    cluster.create_database(name)?;
    let mut client = cluster.connect(name)?;
    client
        .batch_execute("CREATE EXTENSION hogsend")
        .context("CREATE EXTENSION hogsend; `make install` installs it")?;
    if buckets > 0 {
        define(&mut client, buckets)?;
    }
    // Same columns, same indexes, no triggers.
    client.batch_execute("CREATE TABLE plain (LIKE user_events INCLUDING ALL)")?;
    Ok(client)
}

fn define(client: &mut Client, buckets: i64) -> Result<()> {
    // Everybody who is given three purchases is in all three from then on.
    client.batch_execute(&format!(
        "INSERT INTO buckets (id, criteria)
         SELECT 'buyers-' || n, hogsend_event('buy', within => interval '30 days', at_least => n)
         FROM generate_series(1, {CONCERNED}) n
         UNION ALL
         SELECT 'other-' || n, hogsend_event('other-' || n, within => interval '30 days', at_least => 2)
         FROM generate_series({CONCERNED} + 1, {buckets}) n"
    ))?;
    settle(client)
}

/// Reconciles until nothing remains to be done.
pub fn settle(client: &mut Client) -> Result<()> {
    for _ in 0..100_000 {
        let row = client.query_one("SELECT remaining FROM hogsend_reconcile()", &[])?;
        if !row.get::<_, bool>(0) {
            return Ok(());
        }
    }
    ensure!(false, "hogsend_reconcile does not come to an end");
    Ok(())
}

pub fn count(client: &mut Client, query: &str) -> Result<i64> {
    Ok(client
        .query_one(&format!("SELECT count(*) FROM {query}"), &[])?
        .get(0))
}

/// Removes what a part has made.
pub fn drop_databases(cluster: &Cluster) -> Result<()> {
    let mut client = cluster.connect("postgres")?;
    let query = "SELECT format('DROP DATABASE %I WITH (FORCE)', datname) FROM pg_database
                 WHERE NOT datistemplate AND datname <> current_database()";
    for row in client.query(query, &[])? {
        client.batch_execute(row.get(0))?;
    }
    Ok(())
}
