//! Many sessions at once for a minute: no error but a conflict, everybody where they belong
//! afterwards, and nothing in the server's log.
//!
//! `LOAD_SECONDS=600` and `LOAD_SESSIONS=100` for more of it.

use anyhow::Result;
use hogsend_client_tests::server_log::alarms;
use hogsend_client_tests::{cluster, with_extension};
use hogsend_load::sessions::Load;
use hogsend_load::{checks, number, options};
use std::io::Write;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How often a load without the lock may be lucky before we doubt the test.
const LUCKY_ROUNDS: usize = 20;

#[test]
fn mixed_work_ends_in_nothing_but_conflicts() -> Result<()> {
    let seconds = number("LOAD_SECONDS", 60);
    let load = Load::new("mixed", number("LOAD_SESSIONS", 64), "")?;
    let errors = load.work(Duration::from_secs(seconds))?;
    let statements = load.statements.load(Ordering::Relaxed);
    let conflicts = load.conflicts.load(Ordering::Relaxed);
    // Not by println!, which is shown only if the test fails.
    writeln!(
        std::io::stderr(),
        "load: {} sessions, {seconds} s, {statements} statements, {conflicts} conflicts",
        load.sessions
    )?;
    let first = &errors[..errors.len().min(10)];
    assert!(errors.is_empty(), "{} errors: {first:#?}", errors.len());

    let faults = checks::faults(&mut load.database.connect()?)?;
    let first = &faults[..faults.len().min(10)];
    assert!(faults.is_empty(), "{} faults: {first:#?}", faults.len());
    let log = load.database.log();
    assert!(alarms(&log).is_empty(), "{:#?}", alarms(&log));
    assert!(
        statements > load.sessions * 10,
        "too little happened: {statements} statements"
    );
    Ok(())
}

/// The test above proves something only if it notices when it is broken.
#[test]
fn without_the_lock_it_is_noticed() -> Result<()> {
    let load = Load::new("no_lock", 16, "SET hogsend.test_no_lock = on")?;
    for round in 1..=LUCKY_ROUNDS {
        let errors = load.work(Duration::from_secs(1))?;
        let faults = checks::faults(&mut load.database.connect()?)?;
        if let Some(first) = faults.first().or(errors.first()) {
            println!(
                "noticed in round {round}: {} faults, {} errors, such as {first}",
                faults.len(),
                errors.len()
            );
            return Ok(());
        }
    }
    panic!("{LUCKY_ROUNDS} rounds without a lock, and nothing noticed");
}

/// A leak is a WARNING in the log, of which no client need hear; and an internal error is seen there
/// whoever swallows it.
#[test]
fn the_log_is_read() -> Result<()> {
    let database = with_extension(cluster(options), "the_log")?;
    let mut client = database.connect()?;
    client.batch_execute("DO $$ BEGIN RAISE WARNING 'all is well'; END $$")?;
    assert!(alarms(&database.log()).is_empty());
    client.batch_execute(
        "DO $$ BEGIN RAISE WARNING 'relcache reference leak: relation \"contacts\" not closed'; END $$",
    )?;
    assert_eq!(alarms(&database.log()).len(), 1);
    let internal = "DO $$ BEGIN RAISE 'out of the blue' USING ERRCODE = 'XX000'; END $$";
    assert!(client.batch_execute(internal).is_err());
    assert_eq!(alarms(&database.log()).len(), 2);
    Ok(())
}
