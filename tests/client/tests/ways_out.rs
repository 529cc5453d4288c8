//! Errors at every place of ours: whatever way out a statement takes, the session is as it was.
//!
//! `hogsend.test_fail` raises an error at the first place that is passed, at the second, and so on, until
//! a statement passes fewer.

use anyhow::{Context, Result, bail, ensure};
use hogsend_client_tests::server_log::{LINE_PREFIX, alarms};
use hogsend_client_tests::{cluster, with_extension};
use hogsend_harness::{Cluster, Options, TestDatabase};
use postgres::Client;
use postgres::error::SqlState;

/// Cancelled, an error of Postgres's own functions, and errors that are raised in Rust.
const KINDS: [&str; 7] = ["cancel", "C", "57014", "40001", "40P01", "23505", "P0001"];

const STATEMENTS: [&str; 8] = [
    "SELECT hogsend_reconcile()",
    "SELECT hogsend_backfill_chunk('large', 100)",
    "SELECT hogsend_define_bucket('new', hogsend_event('app.opened'))",
    "SELECT hogsend_add_member('vip', 'u7')",
    "INSERT INTO user_events (user_id, event) VALUES ('u1', 'app.opened'), ('stranger', 'app.opened')",
    "INSERT INTO user_events (user_id, event, contact_properties) VALUES ('u3', 'bought', '{\"plan\": \"pro\"}')",
    "UPDATE contacts SET properties = '{\"plan\": \"free\"}' WHERE user_id IN ('u2', 'u4')",
    "SELECT hogsend_verify('active')",
];

/// More than any of them passes.
const MOST: usize = 400;

/// All of a session that an error could leave otherwise than it was.
const STATE: &str = "SELECT concat_ws(' | ', current_user, session_user, current_setting('role'),
    current_setting('search_path'), current_setting('enable_seqscan'),
    current_setting('enable_bitmapscan'), current_setting('jit'), current_setting('transaction_isolation'))";

fn server() -> &'static Cluster {
    cluster(|| Options::default().set("log_line_prefix", LINE_PREFIX))
}

fn database(name: &str) -> Result<TestDatabase<'static>> {
    let database = with_extension(server(), name)?;
    let role = format!("{name}_admin");
    database.connect()?.batch_execute(&format!(
        "DROP ROLE IF EXISTS {role};
         CREATE ROLE {role};
         SELECT hogsend_grant('{role}', 'admin');
         SET hogsend.now = '2026-01-01 12:00+00';
         INSERT INTO buckets (id, criteria, dwell_after) VALUES
             ('active', hogsend_event('app.opened', within => '7 days'), '{{1 day}}'),
             ('paying', hogsend_property('plan', 'eq', 'pro'), '{{}}');
         INSERT INTO buckets (id, kind) VALUES ('vip', 'manual');
         INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
         SELECT 'u' || n, 'app.opened', hogsend_now(), '{{\"plan\": \"pro\"}}' FROM generate_series(1, 6) n;
         SET hogsend.inline_backfill = 0;
         INSERT INTO buckets (id, criteria) VALUES ('large', hogsend_event('app.opened'));"
    ))?;
    Ok(database)
}

/// A session of the superuser, who may ask for errors, that acts as the role with the preset.
fn session(database: &TestDatabase, name: &str) -> Result<Client> {
    let mut client = database.connect()?;
    client.batch_execute(&format!(
        "LOAD 'hogsend'; SET hogsend.now = '2026-01-09 12:00+00'; SET ROLE {name}_admin"
    ))?;
    Ok(client)
}

fn state(client: &mut Client) -> Result<String> {
    Ok(client.query_one(STATE, &[])?.get(0))
}

fn arm(client: &mut Client, name: &str, failure: &str) -> Result<()> {
    client.batch_execute(&format!(
        "RESET ROLE; SET hogsend.test_fail = '{failure}'; SET ROLE {name}_admin"
    ))?;
    Ok(())
}

/// Whether a place failed, and the error where it came out.
type Tried = Result<Option<String>>;

/// Tries a statement with an error at each of its places; `attempt` runs it and looks after it.
fn at_all_places(
    client: &mut Client,
    name: &str,
    kind: &str,
    statement: &str,
    attempt: fn(&mut Client, &str) -> Tried,
) -> Result<usize> {
    for place in 1..MOST {
        arm(client, name, &format!("{kind} {place}"))?;
        let before = state(client)?;
        let what = || format!("{kind} at place {place} of {statement}");
        let error = attempt(client, statement).with_context(what)?;
        ensure!(
            state(client).with_context(what)? == before,
            "{}: {} was {before}",
            what(),
            state(client)?
        );
        if error.is_none() && passes_fewer(client, name, kind, place, statement)? {
            return Ok(place - 1);
        }
    }
    bail!("{statement} passes more than {MOST} places")
}

/// Whether a statement that ended without an error has passed fewer places than that, or has dealt with
/// the error itself: then no later statement meets it.
fn passes_fewer(
    client: &mut Client,
    name: &str,
    kind: &str,
    place: usize,
    statement: &str,
) -> Result<bool> {
    arm(client, name, &format!("{kind} {place}"))?;
    client.batch_execute("BEGIN")?;
    let outcome = client.batch_execute(statement);
    let left = match outcome {
        Ok(()) => client
            .batch_execute("SELECT hogsend_matches('active', 'u1')")
            .is_err(),
        Err(_) => false,
    };
    client.batch_execute("ROLLBACK")?;
    arm(client, name, "")?;
    Ok(left)
}

fn failed(outcome: std::result::Result<(), postgres::Error>) -> Tried {
    match outcome {
        Ok(()) => Ok(None),
        Err(error) => match error.as_db_error() {
            Some(error) => Ok(Some(error.message().to_owned())),
            None => Err(error.into()),
        },
    }
}

/// In a block, with a savepoint around it: both can be gone back to.
fn in_a_block(client: &mut Client, statement: &str) -> Tried {
    client.batch_execute("BEGIN; CREATE TEMP TABLE mark AS SELECT 1 AS n; SAVEPOINT s")?;
    let before = state(client)?;
    let outcome = failed(client.batch_execute(statement))?;
    if outcome.is_some() {
        client.batch_execute("ROLLBACK TO s")?;
    }
    ensure!(state(client)? == before, "not as it was at the savepoint");
    client.batch_execute("SELECT n FROM mark; SELECT count(*) FROM bucket_members; ROLLBACK")?;
    Ok(outcome)
}

/// In a block of PL/pgSQL that catches everything, within another that does not.
fn caught(client: &mut Client, statement: &str) -> Tried {
    let before = state(client)?;
    let call = statement.replace('\'', "''");
    client.batch_execute("BEGIN")?;
    let outcome = failed(client.batch_execute(&format!(
        "SET LOCAL test.seen = '';
         DO $$
         DECLARE seen text;
         BEGIN
             BEGIN
                 EXECUTE '{call}';
             EXCEPTION WHEN query_canceled OR OTHERS THEN
                 seen := SQLERRM;
                 PERFORM count(*) FROM bucket_members;
             END;
             PERFORM set_config('test.seen', coalesce(seen, ''), true),
                     set_config('test.state', ({STATE}), true);
         END $$"
    )))?;
    ensure!(outcome.is_none(), "an error was not caught: {outcome:?}");
    let row = client.query_one(
        "SELECT current_setting('test.state'), nullif(current_setting('test.seen'), '')",
        &[],
    )?;
    client.batch_execute("ROLLBACK")?;
    let after: String = row.get(0);
    ensure!(after == before, "{after} in the handler, was {before}");
    Ok(row.get(1))
}

fn every_way(name: &str, attempt: fn(&mut Client, &str) -> Tried) -> Result<()> {
    let database = database(name)?;
    let mut client = session(&database, name)?;
    let before = server().log_length();
    for statement in STATEMENTS {
        for kind in KINDS {
            let places = at_all_places(&mut client, name, kind, statement, attempt)?;
            ensure!(places > 0, "{statement} passes no place");
        }
    }
    let log = server().log_since(before);
    let alarms = alarms(&log);
    ensure!(alarms.is_empty(), "{alarms:#?}");
    client.batch_execute(&format!("RESET ROLE; DROP OWNED BY {name}_admin"))?;
    Ok(())
}

#[test]
fn a_block_goes_back_to_its_savepoint() -> Result<()> {
    every_way("ways_block", in_a_block)
}

#[test]
fn whoever_catches_an_error_is_who_they_were() -> Result<()> {
    every_way("ways_caught", caught)
}

/// Outside of a block nothing is left that somebody would have to roll back.
#[test]
fn a_statement_of_its_own_leaves_no_transaction() -> Result<()> {
    let name = "ways_alone";
    let database = database(name)?;
    let mut client = session(&database, name)?;
    for statement in [
        "SELECT hogsend_reconcile()",
        "CALL hogsend_backfill('large')",
    ] {
        for place in 1..60 {
            arm(&mut client, name, &format!("cancel {place}"))?;
            let before = state(&mut client)?;
            failed(client.batch_execute(statement))?;
            ensure!(
                state(&mut client)? == before,
                "place {place} of {statement}"
            );
            // A savepoint can only be made where somebody has begun a transaction.
            let error = client.batch_execute("SAVEPOINT s").unwrap_err();
            ensure!(
                error.code() == Some(&SqlState::NO_ACTIVE_SQL_TRANSACTION),
                "a transaction is left at place {place} of {statement}: {error}"
            );
            // What is no longer due would not be looked at again.
            arm(&mut client, name, "")?;
            client.batch_execute(
                "RESET ROLE;
                 UPDATE bucket_timers SET due_at = '2026-01-02 12:00+00', failures = 0;
                 UPDATE bucket_jobs SET status = 'pending', reached = NULL, processed = 0",
            )?;
        }
    }
    Ok(())
}

/// What a session knows of the definitions is not older than it seems, when it was interrupted while it
/// read them.
#[test]
fn definitions_are_read_again_after_an_error() -> Result<()> {
    let name = "ways_definitions";
    let database = database(name)?;
    let mut client = session(&database, name)?;
    let mut other = database.connect()?;
    let insert = "INSERT INTO user_events (user_id, event, occurred_at)
                  VALUES ('u1', 'app.opened', '2026-01-09 12:00+00')";
    for place in 1..40 {
        arm(&mut client, name, "")?;
        client.batch_execute(insert)?;
        let bucket = format!("new{place}");
        other.batch_execute(&format!(
            "INSERT INTO buckets (id, criteria) VALUES ('{bucket}',
                 hogsend_event('app.opened', at_least => 2, within => '1 minute'))"
        ))?;
        arm(&mut client, name, &format!("cancel {place}"))?;
        failed(client.batch_execute(insert))?;
        arm(&mut client, name, "")?;
        client.batch_execute(&format!("{insert}; {insert}"))?;
        let is_member = "SELECT EXISTS (SELECT FROM bucket_members WHERE bucket_id = $1)";
        ensure!(
            client.query_one(is_member, &[&bucket])?.get::<_, bool>(0),
            "the bucket defined before place {place} failed is not known"
        );
    }
    Ok(())
}
