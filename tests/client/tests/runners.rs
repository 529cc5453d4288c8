//! The journey runners that users copy, each against a real server: that every transition has its
//! effect exactly once and in order, whatever happens to the server, the runner or its handler.

use anyhow::Result;
use hogsend_client_tests::runner::{Address, Language, Runner, Start, wait_until};
use hogsend_client_tests::{cluster, count, with_extension_in_schema};
use hogsend_harness::{Cluster, Options, TestDatabase};
use postgres::Client;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// So seldom that whatever comes in time has come by a notification.
const HALF_A_MINUTE: f64 = 30.0;

/// A database with two buckets, the table that the runners write, and a role that may do what a
/// runner does and nothing else; it has the name of the database.
fn prepare<'c>(cluster: &'c Cluster, name: &str) -> Result<(TestDatabase<'c>, Client)> {
    let database = with_extension_in_schema(cluster, name)?;
    let mut client = database.connect()?;
    client.batch_execute(&format!(
        "INSERT INTO buckets (id, criteria) VALUES
             ('pro', hogsend_property('plan', 'eq', 'pro')),
             ('openers', hogsend_event('app.opened'));
         INSERT INTO contacts (user_id) SELECT 'u' || n FROM generate_series(0, 29) AS n;
         CREATE TABLE sent_mail (
             number bigint GENERATED ALWAYS AS IDENTITY,
             idempotency_key text NOT NULL,
             user_id text NOT NULL,
             event text NOT NULL);
         CREATE ROLE {name} LOGIN;
         GRANT USAGE ON SCHEMA public TO {name};
         SELECT hogsend_grant('{name}', 'runner');
         GRANT INSERT ON sent_mail TO {name}"
    ))?;
    Ok((database, client))
}

fn start(database: &TestDatabase, language: Language, poll_interval: f64) -> Result<Runner> {
    let how = Start {
        language,
        user: &database.name,
        address: Address::Url,
        poll_interval,
    };
    let mut runner = Runner::start(database, how)?;
    runner.wait_for("listening", 1)?;
    Ok(runner)
}

fn opened(users: &str) -> String {
    format!(
        "INSERT INTO user_events (user_id, event) SELECT u, 'app.opened' FROM unnest({users}) u"
    )
}

/// Waits until there are as many effects as transitions, and looks whether they are the same.
fn exactly_once_and_in_order(client: &mut Client) -> Result<()> {
    wait_until(
        client,
        "SELECT (SELECT count(*) FROM sent_mail) >= (SELECT count(*) FROM bucket_transitions)",
    )?;
    let differing = "SELECT idempotency_key FROM sent_mail EXCEPT ALL SELECT idempotency_key FROM bucket_transitions
         UNION ALL (SELECT idempotency_key FROM bucket_transitions EXCEPT ALL SELECT idempotency_key FROM sent_mail)";
    assert_eq!(count(client, differing)?, 0, "lost, or done twice");
    let astray = "SELECT FROM (
             SELECT t.id, lag(t.id) OVER (PARTITION BY t.user_id ORDER BY m.number) AS before
             FROM sent_mail m JOIN bucket_transitions t USING (idempotency_key)) AS pairs
         WHERE id < before";
    assert_eq!(count(client, astray)?, 0, "out of order for a user");
    Ok(())
}

fn ends_well(runner: &mut Runner) -> Result<()> {
    let status = runner.terminate()?;
    assert_eq!(status.code(), Some(0), "after SIGTERM: {status}");
    assert_eq!(runner.logged("stopped"), 1);
    Ok(())
}

fn acts_within_a_second_of_the_commit(language: Language, name: &str) -> Result<()> {
    let (database, mut client) = prepare(cluster(Options::default), name)?;
    let mut runner = start(&database, language, HALF_A_MINUTE)?;
    let mut latencies = Vec::new();
    for n in 0..15 {
        client.batch_execute(&opened(&format!("ARRAY['u{n}']")))?;
        let committed = Instant::now();
        wait_until(
            &mut client,
            &format!("SELECT count(*) > {n} FROM sent_mail"),
        )?;
        latencies.push(committed.elapsed());
        // Some arrive while it waits, and some while it is about to.
        std::thread::sleep(Duration::from_millis(n * 7 % 40));
    }
    latencies.sort();
    assert!(latencies[7] < Duration::from_secs(1), "{latencies:?}");
    assert!(latencies[14] < Duration::from_secs(10), "{latencies:?}");
    assert_eq!(runner.logged("failed"), 0);
    exactly_once_and_in_order(&mut client)?;
    ends_well(&mut runner)
}

fn looks_now_and_then_without_being_told(language: Language, name: &str) -> Result<()> {
    let (database, mut client) = prepare(cluster(Options::default), name)?;
    client.batch_execute("SET hogsend.notify = 'off'")?;
    let address = match language {
        // Its driver does not read them.
        Language::Rust => Address::Url,
        _ => Address::PgVariables,
    };
    let how = Start {
        language,
        user: name,
        address,
        poll_interval: 0.3,
    };
    let mut runner = Runner::start(&database, how)?;
    runner.wait_for("listening", 1)?;
    for n in 0..3 {
        client.batch_execute(&opened(&format!("ARRAY['u{n}']")))?;
        wait_until(
            &mut client,
            &format!("SELECT count(*) > {n} FROM sent_mail"),
        )?;
    }
    exactly_once_and_in_order(&mut client)?;
    ends_well(&mut runner)
}

fn reads_first_what_came_before_it_listened(language: Language, name: &str) -> Result<()> {
    let (database, mut client) = prepare(cluster(Options::default), name)?;
    client.batch_execute("SELECT hogsend_subscribe('mails')")?;
    client.batch_execute(
        "INSERT INTO user_events (user_id, event) SELECT 'v' || n, 'app.opened' FROM generate_series(1, 350) n",
    )?;
    let mut runner = start(&database, language, HALF_A_MINUTE)?;
    exactly_once_and_in_order(&mut client)?;
    runner.wait_for("done", 4)?;
    ends_well(&mut runner)
}

fn tries_again_what_fails(language: Language, name: &str) -> Result<()> {
    let (database, mut client) = prepare(cluster(Options::default), name)?;
    // A sequence counts what is rolled back, too.
    client.batch_execute(
        "CREATE SEQUENCE attempts;
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
         BEGIN
             RAISE 'attempt % failed', nextval('public.attempts');
         END $$;
         CREATE TRIGGER refuse BEFORE INSERT ON sent_mail
             FOR EACH ROW WHEN (new.user_id = 'u2') EXECUTE FUNCTION refuse()",
    )?;
    let mut runner = start(&database, language, HALF_A_MINUTE)?;
    client.batch_execute(&opened("ARRAY['u1', 'u2', 'u3']"))?;
    let began = Instant::now();
    wait_until(&mut client, "SELECT last_value >= 4 FROM attempts")?;
    // Pauses of at least 0.1, 0.2 and 0.4 seconds.
    assert!(
        began.elapsed() > Duration::from_millis(700),
        "it spins: {:?}",
        began.elapsed()
    );
    assert_eq!(
        count(&mut client, "SELECT FROM sent_mail")?,
        0,
        "an effect of a batch that failed"
    );
    runner.wait_for("attempt 4 failed", 1)?;
    client.batch_execute("DROP TRIGGER refuse ON sent_mail")?;
    exactly_once_and_in_order(&mut client)?;
    ends_well(&mut runner)
}

fn may_end_in_the_middle_of_a_batch(language: Language, name: &str) -> Result<()> {
    let (database, mut client) = prepare(cluster(Options::default), name)?;
    client.batch_execute(
        "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS $$
         BEGIN
             PERFORM pg_sleep(0.02);
             RETURN new;
         END $$;
         CREATE TRIGGER dawdle BEFORE INSERT ON sent_mail FOR EACH ROW EXECUTE FUNCTION dawdle()",
    )?;
    let busy = format!(
        "SELECT count(*) = 1 FROM pg_stat_activity WHERE usename = '{name}' AND query LIKE '%INTO sent_mail%'"
    );
    for (round, by_sigterm) in [(1, true), (2, false)] {
        let mut runner = start(&database, language, HALF_A_MINUTE)?;
        client.batch_execute(&format!(
            "INSERT INTO user_events (user_id, event) SELECT 'v{round}-' || n, 'app.opened' FROM generate_series(1, 100) n",
        ))?;
        wait_until(&mut client, &busy)?;
        std::thread::sleep(Duration::from_millis(300));
        if by_sigterm {
            ends_well(&mut runner)?;
        } else {
            runner.kill()?;
        }
        // All of the batch, or nothing.
        assert_eq!(count(&mut client, "SELECT FROM sent_mail")? % 100, 0);
    }
    client.batch_execute("DROP TRIGGER dawdle ON sent_mail")?;
    let _runner = start(&database, language, HALF_A_MINUTE)?;
    exactly_once_and_in_order(&mut client)
}

fn two_take_turns(language: Language, name: &str) -> Result<()> {
    let (database, mut client) = prepare(cluster(Options::default), name)?;
    let mut one = start(&database, language, 0.5)?;
    let mut two = start(&database, language, 0.5)?;
    for n in 0..60 {
        let plan = if n / 30 == 0 { "pro" } else { "free" };
        client.batch_execute(&format!(
            "UPDATE contacts SET properties = '{{\"plan\": \"{plan}\"}}' WHERE user_id = 'u{}'",
            n % 30
        ))?;
    }
    exactly_once_and_in_order(&mut client)?;
    assert_eq!(one.terminate()?.code(), Some(0));
    assert_eq!(two.terminate()?.code(), Some(0));
    Ok(())
}

/// Moves users in and out until told to stop, over whatever happens to the server. Those that stay
/// open for a while commit after others with higher numbers.
fn keep_moving(
    database: &TestDatabase,
    stop: &AtomicBool,
    users: std::ops::Range<u32>,
    open_for: f64,
) {
    let mut client = None;
    let mut user = users.clone().cycle();
    while !stop.load(Ordering::Relaxed) {
        let Some(connected) = client.as_mut() else {
            client = database.connect().ok();
            std::thread::sleep(Duration::from_millis(20));
            continue;
        };
        let moved = connected.batch_execute(&format!(
            "BEGIN;
             UPDATE contacts SET properties = jsonb_build_object('plan',
                 CASE properties->>'plan' WHEN 'pro' THEN 'free' ELSE 'pro' END)
             WHERE user_id = 'u{}';
             SELECT pg_sleep({open_for});
             COMMIT",
            user.next().unwrap_or_default()
        ));
        // Whether it has committed the outbox says, at the end.
        if moved.is_err() {
            client = None;
        }
    }
}

fn comes_through_restarts_of_the_server(language: Language, name: &str) -> Result<()> {
    let cluster = Cluster::start(Options::default())?;
    let (database, client) = prepare(&cluster, name)?;
    drop(client);
    let mut runner = start(&database, language, HALF_A_MINUTE)?;
    let stop = AtomicBool::new(false);
    std::thread::scope(|scope| -> Result<()> {
        let writers = [(0..20, 0.0), (20..25, 0.03), (25..30, 0.1)].map(|(users, open_for)| {
            let (database, stop) = (&database, &stop);
            scope.spawn(move || keep_moving(database, stop, users, open_for))
        });
        let pause = || std::thread::sleep(Duration::from_millis(1200));
        let disturbed = (|| {
            pause();
            cluster.restart()?;
            runner.wait_for("listening", 2)?;
            pause();
            cluster.kill()?;
            std::thread::sleep(Duration::from_millis(500));
            cluster.start_again()?;
            runner.wait_for("listening", 3)?;
            pause();
            Ok(())
        })();
        stop.store(true, Ordering::Relaxed);
        for writer in writers {
            writer.join().expect("a writer does not panic");
        }
        disturbed
    })?;
    let mut client = database.connect()?;
    assert!(count(&mut client, "SELECT FROM bucket_transitions")? > 100);
    exactly_once_and_in_order(&mut client)?;
    // It ends as well while there is no server.
    let failures = runner.logged("failed");
    assert!(failures >= 2);
    cluster.stop()?;
    runner.wait_for("failed", failures + 2)?;
    ends_well(&mut runner)
}

/// Each test for each runner.
macro_rules! for_each_runner {
    ($($test:ident),+ $(,)?) => {
        for_each_runner!(@ python, Language::Python, $($test),+);
        for_each_runner!(@ node, Language::Node, $($test),+);
        for_each_runner!(@ rust, Language::Rust, $($test),+);
    };
    (@ $runner:ident, $language:expr, $($test:ident),+) => {
        mod $runner {
            use super::*;
            $(#[test]
            fn $test() -> Result<()> {
                super::$test($language, concat!(stringify!($runner), "_", stringify!($test)))
            })+
        }
    };
}

for_each_runner!(
    acts_within_a_second_of_the_commit,
    looks_now_and_then_without_being_told,
    reads_first_what_came_before_it_listened,
    tries_again_what_fails,
    may_end_in_the_middle_of_a_batch,
    two_take_turns,
    comes_through_restarts_of_the_server,
);
