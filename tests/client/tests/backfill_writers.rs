//! Backfills while writers change the same users: whoever matched before joins in silence, whoever
//! a statement makes match is announced once, and nobody is missed or told twice.

use anyhow::{Context, Result, bail};
use hogsend_client_tests::{cluster, count, with_extension};
use hogsend_harness::{Options, TestDatabase};
use hogsend_model::Random;
use postgres::Client;
use postgres::error::SqlState;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

const USERS: usize = 20_000;
const WRITERS: usize = 8;
/// Writer n uses level n, counted round.
const LEVELS: [&str; 3] = ["read committed", "repeatable read", "serializable"];
/// How often the run without the lock may be lucky before we doubt the test.
const BROKEN_ROUNDS: usize = 10;

/// Whatever the writers do makes a user match a bucket at most once and stop matching it at most once,
/// in that order, in whatever order they do it. So what must have been announced follows from the
/// truth before and after.
const BUCKETS: &str = "
    INSERT INTO buckets (id, criteria) VALUES
        ('recent', hogsend_event('buy', within => '7 days')),
        ('few', hogsend_event('buy', within => '90 days', at_most => 3)),
        ('pro', hogsend_all(hogsend_property('plan', 'eq', 'pro'), hogsend_event('buy', within => '7 days'))),
        ('lapsed', hogsend_event('open', never => true, within => '7 days')),
        ('picked', hogsend_event('buy', within => '7 days', filter => hogsend_property('$value', 'not_exists')))";

/// Who belongs where, in plain SQL.
const TRUTH: &str = "
    WITH facts AS (
        SELECT c.user_id, c.properties ->> 'plan' AS plan,
               count(*) FILTER (WHERE event = 'buy' AND occurred_at >= now - interval '90 days') AS buys,
               count(*) FILTER (WHERE event = 'buy' AND occurred_at >= now - interval '7 days') AS late_buys,
               count(*) FILTER (WHERE event = 'buy') AS all_buys,
               count(*) FILTER (WHERE event = 'open' AND occurred_at >= now - interval '7 days') AS late_opens,
               count(*) FILTER (WHERE event = 'open') AS all_opens
        FROM contacts c LEFT JOIN user_events e USING (user_id)
        CROSS JOIN (SELECT timestamptz '2026-03-01 12:00+00' AS now) n
        GROUP BY 1, 2)
    SELECT 'recent' AS bucket_id, user_id FROM facts WHERE late_buys > 0
    UNION ALL SELECT 'picked', user_id FROM facts WHERE late_buys > 0
    UNION ALL SELECT 'few', user_id FROM facts WHERE all_buys > 0 AND buys <= 3
    UNION ALL SELECT 'pro', user_id FROM facts WHERE plan = 'pro' AND late_buys > 0
    UNION ALL SELECT 'lapsed', user_id FROM facts WHERE all_opens > 0 AND late_opens = 0";

/// What is wrong, by what was so before (tables `was` and `buyers`) and what is so now.
fn faults(client: &mut Client) -> Result<Vec<String>> {
    client.batch_execute(&format!(
        "CREATE TEMP TABLE is_now AS {TRUTH}; ANALYZE is_now"
    ))?;
    let rows = client.query(
        "WITH pairs AS (
             SELECT b.id AS bucket_id, c.user_id FROM buckets b CROSS JOIN contacts c
         ), told AS (
             SELECT bucket_id, user_id, count(*) FILTER (WHERE transition = 'entered') AS entered,
                    count(*) FILTER (WHERE transition = 'left') AS ended
             FROM bucket_transitions GROUP BY 1, 2
         ), stays AS (
             SELECT bucket_id, user_id, count(*) FILTER (WHERE status = 'active') AS active,
                    count(*) FILTER (WHERE status = 'left') AS ended
             FROM bucket_memberships GROUP BY 1, 2
         ), first_buys AS (
             SELECT DISTINCT user_id FROM user_events
             WHERE event = 'buy' AND user_id NOT IN (SELECT user_id FROM buyers)
         ), seen AS (
             SELECT bucket_id, user_id, w.user_id IS NOT NULL AS matched, i.user_id IS NOT NULL AS matches,
                    f.user_id IS NOT NULL AS bought_first,
                    coalesce(t.entered, 0) AS entered, coalesce(t.ended, 0) AS ended,
                    coalesce(s.active, 0) AS active, coalesce(s.ended, 0) AS stays_ended
             FROM pairs
             LEFT JOIN was w USING (bucket_id, user_id) LEFT JOIN is_now i USING (bucket_id, user_id)
             LEFT JOIN told t USING (bucket_id, user_id) LEFT JOIN stays s USING (bucket_id, user_id)
             LEFT JOIN first_buys f USING (user_id))
         SELECT format('%s', s) FROM seen s
         -- A member exactly if the criteria hold.
         WHERE active <> matches::int
         -- Announced exactly if a statement made the user match: for good, or by a first purchase of
         -- many. Who matched before joined in silence, or never did.
            OR entered <> (NOT matched AND (matches OR bucket_id = 'few' AND bought_first))::int
         -- Every end of a stay is announced.
            OR ended <> stays_ended OR ended > 1 OR (matches AND ended > 0)
         UNION ALL
         SELECT concat(b.id, v) FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v",
        &[],
    )?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

/// One statement of a writer.
fn statement(random: &mut Random) -> String {
    // Some users are new.
    let mut user = || random.below(USERS + USERS / 10);
    let (one, other, third) = (user(), user(), user());
    let insert = |rows: &[String]| {
        format!(
            "INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES {}",
            rows.join(", ")
        )
    };
    let row = |user: usize, event: &str, age: &str, patch: &str| {
        format!(
            "('u{user:05}', '{event}', timestamptz '2026-03-01 12:00+00' - interval '{age}', {patch})"
        )
    };
    match random.below(7) {
        0 => insert(&[row(one, "buy", "1 hour", "NULL")]),
        1 => insert(&[row(one, "buy", "30 days", "NULL")]),
        2 => format!(
            "UPDATE contacts SET properties = '{{\"plan\": \"pro\"}}' WHERE user_id = 'u{one:05}'"
        ),
        3 => insert(&[row(one, "buy", "2 hours", r#"'{"plan": "pro"}'"#)]),
        // Those of an even number lapse, the others come back.
        4 => insert(&[row(one & !1, "open", "20 days", "NULL")]),
        5 => insert(&[row(one | 1, "open", "1 day", "NULL")]),
        _ => {
            let mut users = vec![one, other, third];
            users.sort_unstable();
            users.dedup();
            let rows: Vec<String> = users
                .iter()
                .map(|u| row(*u, "buy", "3 hours", "NULL"))
                .collect();
            insert(&rows)
        }
    }
}

struct Run {
    database: TestDatabase<'static>,
    settings: String,
    seed: u64,
    statements: AtomicUsize,
}

impl Run {
    fn new(name: &str, settings: &str, seed: u64) -> Result<Run> {
        let database = with_extension(cluster(Options::default), name)?;
        let settings = format!(
            "SET hogsend.now = '2026-03-01 12:00+00'; SET client_min_messages = warning;
             SET hogsend.inline_backfill = 0; {settings}"
        );
        Ok(Run {
            database,
            settings,
            seed,
            statements: AtomicUsize::new(0),
        })
    }

    fn connect(&self) -> Result<Client> {
        let mut client = self.database.connect()?;
        client.batch_execute(&self.settings)?;
        Ok(client)
    }

    fn prepare(&self) -> Result<()> {
        let mut client = self.connect()?;
        client.batch_execute(&format!(
            "INSERT INTO contacts (user_id, properties)
             SELECT 'u' || to_char(n, 'FM00000'),
                    jsonb_build_object('plan', CASE WHEN hashint4(n) % 3 = 0 THEN 'pro' ELSE 'free' END)
             FROM generate_series(0, {USERS} - 1) n;
             INSERT INTO user_events (user_id, event, occurred_at)
             SELECT user_id, CASE WHEN hashtext(user_id || k) % 3 = 0 THEN 'open' ELSE 'buy' END,
                    timestamptz '2026-03-01 12:00+00' - (abs(hashtext(k || user_id)) % 480) * interval '1 hour'
             FROM contacts CROSS JOIN generate_series(1, 5) k
             WHERE hashtext(user_id || k || 'there') % 2 = 0;
             CREATE TABLE was AS {TRUTH};
             CREATE TABLE buyers AS SELECT DISTINCT user_id FROM user_events WHERE event = 'buy';
             ANALYZE contacts, user_events;
             {BUCKETS}"
        ))?;
        Ok(())
    }

    /// Fills the buckets by two sessions at once while the writers write; they stop once all is filled.
    fn fill(&self) -> Result<()> {
        let filled = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let writers: Vec<_> = (0..WRITERS)
                .map(|writer| {
                    let filled = &filled;
                    scope.spawn(move || self.write(writer, filled))
                })
                .collect();
            let calls = scope.spawn(|| self.call());
            let clock = self.reconcile();
            let calls = calls.join().expect("panicked");
            filled.store(true, Ordering::Relaxed);
            for writer in writers {
                writer.join().expect("panicked")?;
            }
            clock.and(calls)
        })?;
        Ok(())
    }

    fn write(&self, writer: usize, filled: &AtomicBool) -> Result<()> {
        let mut client = self.connect()?;
        let level = LEVELS[writer % LEVELS.len()];
        client.batch_execute(&format!("SET default_transaction_isolation = '{level}'"))?;
        let mut random = Random::new(self.seed * 100 + writer as u64);
        while !filled.load(Ordering::Relaxed) {
            let statement = statement(&mut random);
            while let Err(error) = client.batch_execute(&statement) {
                if error.code() != Some(&SqlState::T_R_SERIALIZATION_FAILURE) {
                    return Err(error).context(statement);
                }
            }
            self.statements.fetch_add(1, Ordering::Relaxed);
        }
        Ok(())
    }

    /// The newest job first, so that the two meet in the middle. In one large chunk after the other,
    /// which keep many writers waiting, or in small ones, between which many come.
    fn call(&self) -> Result<()> {
        let mut client = self.connect()?;
        for bucket in ["lapsed", "few"] {
            client.batch_execute(&format!("CALL hogsend_backfill('{bucket}')"))?;
        }
        for bucket in ["pro", "recent"] {
            let chunk = format!("SELECT FROM hogsend_backfill_chunk('{bucket}', 100)");
            while !client.query(&chunk, &[])?.is_empty() {}
        }
        Ok(())
    }

    fn reconcile(&self) -> Result<()> {
        let mut client = self.connect()?;
        for _ in 0..10_000 {
            client.batch_execute("SELECT hogsend_reconcile(100)")?;
            if count(
                &mut client,
                "SELECT FROM bucket_jobs WHERE status <> 'done'",
            )? == 0
            {
                return Ok(());
            }
        }
        bail!("the jobs do not come to an end")
    }

    fn run(&self) -> Result<Vec<String>> {
        self.prepare()?;
        self.fill()?;
        let mut client = self.connect()?;
        let faults = faults(&mut client)?;
        let row = client.query_one(
            "SELECT (SELECT sum(joined)::bigint FROM bucket_jobs),
                    count(*) FILTER (WHERE transition = 'entered'), count(*) FILTER (WHERE transition = 'left')
             FROM bucket_transitions",
            &[],
        )?;
        let seen: [i64; 3] = [row.get(0), row.get(1), row.get(2)];
        println!(
            "{} statements; joined by jobs, announced, left: {seen:?}",
            self.statements.load(Ordering::Relaxed)
        );
        assert!(seen.iter().all(|seen| *seen > 20), "too little happened");
        Ok(faults)
    }
}

#[test]
fn backfills_and_writers_together_miss_nobody() -> Result<()> {
    let faults = Run::new("writers", "", 1)?.run()?;
    assert!(
        faults.is_empty(),
        "{} faults, such as {:?}",
        faults.len(),
        &faults[..faults.len().min(5)]
    );
    Ok(())
}

/// The test above proves something only if it notices when it is broken.
#[test]
fn without_the_lock_it_is_noticed() -> Result<()> {
    for round in 1..=BROKEN_ROUNDS {
        let name = format!("writers_no_lock{round}");
        let found = Run::new(&name, "SET hogsend.test_no_lock = on", round as u64)?.run();
        let first = match &found {
            Ok(faults) => faults.first().cloned(),
            Err(error) => Some(format!("{error:#}")),
        };
        if let Some(first) = first {
            let faults = found.map_or(0, |faults| faults.len());
            println!("noticed in round {round}: {faults} faults, such as {first}");
            return Ok(());
        }
    }
    panic!("{BROKEN_ROUNDS} rounds without a lock, and nothing noticed");
}
