//! The journey of the runners that users copy: a thousand users through two waits, while runner and server are killed.
//! Every run ends, each of its steps has its effect exactly once, and nobody who has bought gets the second mail.

use anyhow::{Result, ensure};
use hogsend_client_tests::runner::{Address, Language, Runner, Start};
use hogsend_client_tests::{count, with_extension_in_schema};
use hogsend_harness::{Cluster, Options, TestDatabase};
use hogsend_model::random::Random;
use postgres::Client;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Over how many seconds they lapse.
const SPREAD: u32 = 10;
const PATIENCE: Duration = Duration::from_secs(180);

/// Each mail notes what was known of its user when it was written, in its own transaction, which holds the user.
fn prepare(database: &TestDatabase, users: u32) -> Result<()> {
    let name = &database.name;
    database.connect()?.batch_execute(&format!(
        "SELECT hogsend_define_bucket('lapsed', hogsend_all(hogsend_event('purchase'),
             hogsend_event('purchase', within => '60 days', never => true)));
         SELECT hogsend_define_journey('winback', starts_on => '{{bucket:entered:lapsed}}', exits_on => '{{account.closed}}');
         SELECT hogsend_subscribe('mails', journeys => '{{winback}}', transitions => '{{entered,left,dwell}}');
         CREATE TABLE public.sent_mail (
             idempotency_key text NOT NULL,
             user_id text NOT NULL,
             event text NOT NULL,
             has_bought boolean NOT NULL);
         CREATE FUNCTION public.note() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, hogsend AS $$
         BEGIN
             NEW.has_bought := EXISTS (SELECT FROM user_events e WHERE e.user_id = NEW.user_id AND e.event = 'purchase'
                                       AND e.occurred_at > now() - interval '1 day');
             RETURN NEW;
         END $$;
         CREATE TRIGGER note BEFORE INSERT ON public.sent_mail FOR EACH ROW EXECUTE FUNCTION public.note();
         CREATE ROLE {name} LOGIN;
         GRANT USAGE ON SCHEMA public TO {name};
         SELECT hogsend_grant('{name}', 'runner');
         GRANT INSERT ON sent_mail TO {name};
         INSERT INTO user_events (user_id, event, occurred_at)
         SELECT 'u' || n, 'purchase', now() - interval '60 days' + interval '3 seconds' + n % 100 * interval '{SPREAD} seconds' / 100
         FROM generate_series(1, {users}) n"
    ))?;
    Ok(())
}

/// Does something over and over until told to stop, over whatever happens to the server.
fn keep_on(
    database: &TestDatabase,
    stop: &AtomicBool,
    pause: Duration,
    mut statement: impl FnMut() -> String,
) {
    let mut client: Option<Client> = None;
    while !stop.load(Ordering::Relaxed) {
        match client.as_mut() {
            None => client = database.connect().ok(),
            Some(connected) => {
                if connected.batch_execute(&statement()).is_err() {
                    client = None;
                }
            }
        }
        std::thread::sleep(pause);
    }
}

fn start(database: &TestDatabase, language: Language) -> Result<Runner> {
    let how = Start {
        language,
        user: &database.name,
        address: Address::Url,
        poll_interval: 0.5,
    };
    Runner::start(database, how)
}

/// Waits until nobody is to lapse any more, every run has ended and everything was read.
fn all_ended(database: &TestDatabase) -> Result<Client> {
    let deadline = Instant::now() + PATIENCE;
    let mut client = database.connect()?;
    let live =
        "SELECT NOT EXISTS (SELECT FROM bucket_timers WHERE due_at < now() + interval '1 hour')
                AND NOT EXISTS (SELECT FROM journey_runs WHERE ended_at IS NULL)
                AND NOT EXISTS (SELECT FROM bucket_lag WHERE rows_behind > 0)";
    while !client.query_one(live, &[])?.get::<_, bool>(0) {
        if Instant::now() > deadline {
            let rows = client.query("SELECT concat_ws(' ', status, label, count(*)) FROM journey_runs GROUP BY status, label", &[])?;
            let runs: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
            anyhow::bail!("these do not end: {runs:?}");
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(client)
}

fn win_back(language: Language, name: &str, users: u32, kills: u32) -> Result<()> {
    let cluster = Cluster::start(Options::default().set("restart_after_crash", "on"))?;
    let database = with_extension_in_schema(&cluster, name)?;
    prepare(&database, users)?;
    let stop = AtomicBool::new(false);
    let mut runner = start(&database, language)?;
    let mut random = Random::new(users.into());
    std::thread::scope(|scope| -> Result<()> {
        let clock = scope.spawn(|| {
            keep_on(&database, &stop, Duration::from_millis(50), || {
                "SELECT hogsend_reconcile()".into()
            });
        });
        let mut buyers = Random::new(7);
        let (shop, stop_shop) = (&database, &stop);
        let buyer = scope.spawn(move || {
            // Some four of ten, while there are waits.
            let pause = Duration::from_millis(35_000 / u64::from(users));
            keep_on(shop, stop_shop, pause, || {
                let user = buyers.between(1, users.into());
                let event = if buyers.below(20) == 0 {
                    "account.closed"
                } else {
                    "purchase"
                };
                format!("INSERT INTO user_events (user_id, event) VALUES ('u{user}', '{event}')")
            });
        });
        let disturbed = (|| -> Result<()> {
            for kill in 0..kills {
                std::thread::sleep(Duration::from_millis(300 + random.below(700) as u64));
                if kill % 4 == 3 {
                    cluster.kill()?;
                    cluster.start_again()?;
                } else {
                    runner.kill()?;
                    runner = start(&database, language)?;
                }
            }
            Ok(())
        })();
        // Whoever has not lapsed yet does, and is led to the end.
        let ended = disturbed.and_then(|()| all_ended(&database));
        stop.store(true, Ordering::Relaxed);
        for thread in [clock, buyer] {
            thread.join().expect("a writer does not panic");
        }
        ended.map(drop)
    })?;
    let mut client = all_ended(&database)?;
    let none = |client: &mut Client, what: &str, query: &str| -> Result<()> {
        let found = count(client, query)?;
        ensure!(found == 0, "{what}: {found}");
        Ok(())
    };
    none(
        &mut client,
        "done twice",
        "SELECT FROM sent_mail GROUP BY idempotency_key HAVING count(*) > 1",
    )?;
    none(
        &mut client,
        "runs that failed",
        "SELECT FROM journey_runs WHERE status NOT IN ('completed', 'exited')",
    )?;
    // Who was told of a step has its effect; who left before it has none.
    none(
        &mut client,
        "runs without their first mail",
        "SELECT FROM journey_runs r WHERE r.labels ? 'first mail' AND NOT EXISTS (SELECT FROM sent_mail m
             WHERE m.user_id = r.user_id AND m.event = 'journey:started:winback')",
    )?;
    none(
        &mut client,
        "second mails to those who had bought",
        "SELECT FROM sent_mail WHERE event = 'journey:resumed:winback' AND has_bought",
    )?;
    let runs = count(&mut client, "SELECT FROM journey_runs")?;
    ensure!(runs > i64::from(users) / 4, "only {runs} runs");
    let second = count(
        &mut client,
        "SELECT FROM sent_mail WHERE event = 'journey:resumed:winback'",
    )?;
    let resumed = count(
        &mut client,
        "SELECT FROM bucket_transitions WHERE transition = 'resumed' AND label = 'first mail' AND NOT timed_out",
    )?;
    ensure!(
        second > 0 && resumed > 0,
        "{second} second mails, and {resumed} who bought after the first"
    );
    Ok(())
}

#[test]
fn a_thousand_by_the_runner_in_rust() -> Result<()> {
    win_back(Language::Rust, "winback_rust", 1000, 20)
}

#[test]
fn some_by_the_runner_in_python() -> Result<()> {
    win_back(Language::Python, "winback_python", 200, 6)
}

#[test]
fn some_by_the_runner_in_node() -> Result<()> {
    win_back(Language::Node, "winback_node", 200, 6)
}
