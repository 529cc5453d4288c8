//! A server whose environment asks Rust programs for stack traces: no error of ours has one.

use anyhow::{Result, ensure};
use hogsend_client_tests::with_extension;
use hogsend_harness::{Cluster, Options};

/// A statement each for the ways of an error: refused in Rust, in Rust for SQL, by Postgres below us, by
/// a trigger of the user's below us, and cancelled below us; and what its DETAIL is.
const FAILING: [(&str, &str); 6] = [
    ("SELECT hogsend_reconcile(0)", "max_users is 0."),
    (
        "INSERT INTO buckets (id, criteria) VALUES ('b', '{}')",
        "At $ of the criteria.",
    ),
    (
        "INSERT INTO user_events (user_id, event, contact_properties) VALUES ('u', 'e', '[]')",
        "That of an event of user \"u\" is something else.",
    ),
    (
        "INSERT INTO user_events (user_id, event) VALUES ('nobody', 'app.opened')",
        "Key (user_id)=(nobody) is refused.",
    ),
    (
        "SET statement_timeout = '50ms';
         INSERT INTO user_events (user_id, event) VALUES ('slow', 'app.opened')",
        "",
    ),
    (
        "LOAD 'hogsend'; SET hogsend.now = 'tea time'",
        "It is no timestamp: invalid input syntax for type timestamp with time zone: \"tea time\".",
    ),
];

fn nothing_is_told(options: Options) -> Result<()> {
    let cluster = Cluster::start(
        options
            .set_environment("RUST_BACKTRACE", "full")
            .set_environment("RUST_LIB_BACKTRACE", "1"),
    )?;
    let database = with_extension(&cluster, "stacks")?;
    database.connect()?.batch_execute(
        "INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened'));
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             IF NEW.user_id = 'slow' THEN PERFORM pg_sleep(60); END IF;
             IF NEW.user_id <> 'nobody' THEN RETURN NEW; END IF;
             RAISE EXCEPTION 'refused' USING DETAIL = 'Key (user_id)=(nobody) is refused.';
         END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON bucket_transitions FOR EACH ROW EXECUTE FUNCTION refuse();",
    )?;
    let before = cluster.log_length();
    for (statement, detail) in FAILING {
        let mut client = database.connect()?;
        let Err(error) = client.batch_execute(statement) else {
            panic!("no error from: {statement}");
        };
        let error = error.as_db_error().expect("an error of the server's");
        assert_eq!(error.detail().unwrap_or_default(), detail, "{statement}");
    }
    let log = cluster.log_since(before);
    ensure!(log.contains("canceling statement due to statement timeout"));
    ensure!(!log.contains("pgrx") && !log.contains(".rs:"), "{log}");
    Ok(())
}

#[test]
fn no_error_has_a_stack_in_it() -> Result<()> {
    nothing_is_told(Options::default())
}

#[test]
fn nor_where_the_postmaster_loads_the_extension() -> Result<()> {
    nothing_is_told(Options::default().set("shared_preload_libraries", "hogsend"))
}
