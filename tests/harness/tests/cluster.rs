//! The harness itself, on a server without the extension.

use anyhow::Result;
use hogsend_harness::{Cluster, Options};
use std::time::Duration;

#[test]
fn a_killed_server_recovers_what_was_committed() -> Result<()> {
    let cluster = Cluster::start(Options::default())?;
    cluster
        .connect("postgres")?
        .batch_execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")?;
    cluster.kill()?;
    assert!(cluster.connect("postgres").is_err());
    cluster.start_again()?;
    let row = cluster
        .connect("postgres")?
        .query_one("SELECT n FROM kept", &[])?;
    assert_eq!(row.get::<_, i32>(0), 1);
    cluster.restart()?;
    assert!(cluster.log_since(0).contains("automatic recovery"));
    Ok(())
}

#[test]
fn a_killed_session_takes_the_others_with_it() -> Result<()> {
    let cluster = Cluster::start(Options::default())?;
    let mut client = cluster.connect("postgres")?;
    let mut other = cluster.connect("postgres")?;
    let pid = client.query_one("SELECT pg_backend_pid()", &[])?.get(0);
    cluster.kill_session(pid)?;
    assert!(client.batch_execute("SELECT").is_err());
    assert!(other.batch_execute("SELECT").is_err());
    cluster.connect("postgres")?.batch_execute("SELECT")?;
    assert!(cluster.kill_session(std::process::id() as i32).is_err());
    Ok(())
}

#[test]
fn a_standby_shows_what_was_committed_and_can_only_be_read() -> Result<()> {
    let primary = Cluster::start(Options::default())?;
    let standby = primary.standby()?;
    primary
        .connect("postgres")?
        .batch_execute("CREATE TABLE kept (n int); INSERT INTO kept VALUES (1)")?;
    standby.catch_up(&primary)?;
    let mut client = standby.connect("postgres")?;
    let row = client.query_one("SELECT n FROM kept", &[])?;
    assert_eq!(row.get::<_, i32>(0), 1);
    assert!(client.batch_execute("INSERT INTO kept VALUES (2)").is_err());
    Ok(())
}

#[test]
fn a_listener_hears_what_was_committed_and_nothing_else() -> Result<()> {
    let cluster = Cluster::start(Options::default())?;
    let database = cluster.test_database("listening")?;
    let mut listener = database.listen("news")?;
    let mut client = database.connect()?;
    client.batch_execute("BEGIN; NOTIFY news, 'lost'; ROLLBACK; NOTIFY news, 'kept'")?;
    let heard = listener.drain()?;
    assert_eq!(heard.len(), 1);
    assert_eq!(heard[0].payload, "kept");
    assert!(listener.next(Duration::from_millis(50))?.is_none());
    Ok(())
}

#[test]
fn nothing_is_left_behind() -> Result<()> {
    let cluster = Cluster::start(Options::default())?;
    let base = cluster.scratch("");
    assert!(base.exists());
    drop(cluster);
    assert!(!base.exists());
    Ok(())
}
