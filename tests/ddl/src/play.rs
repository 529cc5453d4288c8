//! Playing sequences, and what must be true during and after each.

use anyhow::{Context, Result};
use hogsend_client_tests::server_log::{LINE_PREFIX, alarms};
use hogsend_harness::{Cluster, Options};
use postgres::{Client, SimpleQueryMessage};
use std::collections::BTreeSet;
use std::sync::OnceLock;

use crate::statements::{ATTACHED, BASE, MEANINGS, sequence};

/// The server of this test binary.
pub fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let options = Options::default()
            .set("synchronous_commit", "off")
            .set("log_line_prefix", LINE_PREFIX);
        match Cluster::start(options) {
            Ok(cluster) => cluster,
            Err(error) => panic!("cannot start a server: {error:#}"),
        }
    })
}

/// What is done otherwise in a database of its own, to see that it is found.
#[derive(Default)]
pub struct Planted {
    /// Run in the database before the first sequence.
    pub fault: &'static str,
    /// Whatever hogsend_verify() shows is overlooked.
    pub is_blind: bool,
}

/// What many sequences came to.
#[derive(Default, Debug)]
pub struct Account {
    pub failure: Option<String>,
    pub statements: usize,
    pub errors: usize,
    /// Buckets that could be held against their meaning; and of those, whose members were others.
    pub compared: usize,
    pub shown: usize,
}

/// Plays the sequences of `seeds` until one fails.
pub fn play_all(name: &str, seeds: std::ops::Range<u64>, planted: &Planted) -> Result<Account> {
    let mut client = database(name)?;
    client.batch_execute(planted.fault)?;
    let mut account = Account::default();
    // The other tests have databases of their own on the server; it speaks for itself without one.
    let origins = [format!("] {name} "), "]  ".into(), "TRAP: ".into()];
    for seed in seeds {
        let statements = sequence(seed);
        let told = std::env::var_os("SEED").is_some();
        let before = cluster().log_length();
        let mut outcome = play(&mut client, &statements, planted, told, &mut account);
        // What a server with assertions finds, it says there, and what it does not find, too.
        let log = cluster().log_since(before);
        let alarms: Vec<&str> = alarms(&log)
            .into_iter()
            .filter(|line| origins.iter().any(|origin| line.contains(origin)))
            .collect();
        if outcome.is_ok() && !alarms.is_empty() {
            outcome = Err(anyhow::anyhow!("the server's log has an alarm"));
        }
        if let Err(error) = outcome {
            let (script, alarms) = (statements.join(";\n"), alarms.join("\n"));
            account.failure = Some(format!("sequence {seed}: {error:#}\n{alarms}\n{script};"));
            break;
        }
    }
    Ok(account)
}

fn database(name: &str) -> Result<Client> {
    let mut client = cluster().connect("postgres")?;
    let tablespace = "SET allow_in_place_tablespaces = on; SET client_min_messages = error";
    let _ = client.batch_execute(tablespace);
    let _ = client.batch_execute("CREATE ROLE fuzz_owner");
    let _ = client.batch_execute("CREATE TABLESPACE fuzz_space LOCATION ''");
    cluster().create_database(name)?;
    let mut client = cluster().connect(name)?;
    client.batch_execute(BASE).context("making the base")?;
    Ok(client)
}

fn play(
    client: &mut Client,
    statements: &[String],
    planted: &Planted,
    told: bool,
    account: &mut Account,
) -> Result<()> {
    client.batch_execute("BEGIN; SET LOCAL statement_timeout = '20s'")?;
    for statement in statements {
        account.statements += 1;
        match attempt(client, statement)? {
            Ok(_) if told => eprintln!("ok: {statement}"),
            Err(error) => {
                account.errors += 1;
                if told {
                    eprintln!("{error}: {statement}");
                }
                must_fail_by_itself(client, statement, &error)?;
            }
            Ok(_) => {}
        }
    }
    for _ in 0..3 {
        let _ = attempt(client, "SELECT * FROM hogsend_reconcile()")?;
    }
    for (bucket, meaning) in MEANINGS {
        compare(client, bucket, meaning, planted, account)?;
    }
    client.batch_execute("ROLLBACK")?;
    Ok(())
}

/// Runs a statement in a savepoint. An error that no statement may end with is one here.
fn attempt(
    client: &mut Client,
    statement: &str,
) -> Result<Result<Vec<SimpleQueryMessage>, String>> {
    client.batch_execute("SAVEPOINT fuzz")?;
    match client.simple_query(statement) {
        Ok(rows) => {
            client.batch_execute("RELEASE fuzz")?;
            Ok(Ok(rows))
        }
        Err(error) => {
            let Some(db) = error.as_db_error() else {
                return Err(error).context(format!("the session is lost at: {statement}"));
            };
            let (code, message) = (db.code().code(), db.message());
            let is_ordinary = !code.starts_with("XX")
                && !["panic", "unwrap", "SPI returned"]
                    .iter()
                    .any(|word| message.contains(word))
                && code != "57014";
            anyhow::ensure!(is_ordinary, "{code} {message}\nat: {statement}");
            let told = format!("{code} {message}");
            client.batch_execute("ROLLBACK TO fuzz")?;
            Ok(Err(told))
        }
    }
}

/// A statement on a table of the user's fails for what Postgres makes of it, and not for what is made of its
/// rows.
fn must_fail_by_itself(client: &mut Client, statement: &str, error: &str) -> Result<()> {
    let writes = ["INSERT INTO", "UPDATE", "DELETE FROM"].iter().any(|verb| {
        ATTACHED
            .iter()
            .any(|t| statement.starts_with(&format!("{verb} {t} ")))
    });
    if !writes {
        return Ok(());
    }
    let without = format!("SET LOCAL session_replication_role = replica; {statement}");
    let alone = attempt(client, &without)?;
    client.batch_execute("SET LOCAL session_replication_role = origin")?;
    anyhow::ensure!(alone.is_err(), "{error}\nat: {statement}");
    Ok(())
}

/// Members are those whom the bucket means, or hogsend_verify() says that they are not, or why it
/// cannot say.
fn compare(
    client: &mut Client,
    bucket: &str,
    meaning: &str,
    planted: &Planted,
    account: &mut Account,
) -> Result<()> {
    let stored = format!(
        "SELECT m.user_id::text FROM bucket_memberships m
         WHERE m.bucket_id::text COLLATE \"C\" = '{bucket}' AND m.status::text COLLATE \"C\" = 'active'"
    );
    // Of a bucket that is disabled, or whose job is not done, nothing is promised.
    let promised = format!(
        "SELECT b.id::text FROM buckets b WHERE b.id::text COLLATE \"C\" = '{bucket}' AND b.enabled::text = 'true'
         AND NOT EXISTS (SELECT FROM bucket_jobs j WHERE j.status::text COLLATE \"C\" <> 'done')"
    );
    let (Ok(meant), Ok(stored), Ok(promised)) = (
        attempt(client, meaning)?,
        attempt(client, &stored)?,
        attempt(client, &promised)?,
    ) else {
        return Ok(());
    };
    if first_column(&promised).is_empty() {
        return Ok(());
    }
    let (meant, stored) = (first_column(&meant), first_column(&stored));
    account.compared += 1;
    if meant == stored {
        return Ok(());
    }
    let verify = format!("SELECT * FROM hogsend_verify('{bucket}')");
    let shows = match attempt(client, &verify)? {
        Err(_) => true,
        Ok(rows) => !first_column(&rows).is_empty(),
    };
    anyhow::ensure!(
        shows && !planted.is_blind,
        "bucket {bucket} has {stored:?}, means {meant:?}, and hogsend_verify() finds nothing"
    );
    account.shown += 1;
    Ok(())
}

fn first_column(messages: &[SimpleQueryMessage]) -> BTreeSet<String> {
    let row = |message: &SimpleQueryMessage| match message {
        SimpleQueryMessage::Row(row) => row.get(0).map(str::to_owned),
        _ => None,
    };
    messages.iter().filter_map(row).collect()
}
