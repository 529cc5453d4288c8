//! Plans hold: a statement of ours touches rows in proportion to those that it is about, however many
//! there are, also where its plan was made by statistics that were taken while the tables were empty.
//!
//! Every statement in the sources must come up here, and every function of ours that is written in
//! SQL, so that a new one cannot escape it: whoever adds one adds a step that needs it.

use anyhow::{Result, ensure};
use hogsend_client_tests::plans::{self, EXPLAIN_ALL, Touched};
use hogsend_client_tests::with_extension;
use hogsend_harness::{Cluster, Options, TestDatabase};
use postgres::Client;
use std::collections::{BTreeMap, BTreeSet};

/// What a statement may touch, beside so many times what it is about.
const FEW: u64 = 60;
const ROWS_EACH: u64 = 8;
const PAGES_EACH: u64 = 40;

/// Statements that are about more than they return and than a pass: how much; and why.
const ABOUT: [(&str, u64, &str); 16] = [
    (
        "stays::MEMBERS_WITHOUT_CONTACT",
        EVERYTHING,
        "passes once over all stays, in passes",
    ),
    (
        "define::TRUNCATED",
        EVERYTHING,
        "finds everybody's stays in what is no more",
    ),
    ("candidates::COUNT_CONTACTS", ALL, "counts them, once a job"),
    (
        "candidates::COUNT_WITH_EVENTS",
        ALL,
        "counts them, where that is asked in SQL",
    ),
    (
        "verify::GONE",
        ALL,
        "hogsend_verify() holds all that is there against all that should be",
    ),
    (
        "verify::TORN",
        4000,
        "looks at all stays of one bucket, which those that have ended are in no index by",
    ),
    (
        "corrections::REQUEUE",
        2500,
        "looks once a correction at whatever is due in the time that the clock was ahead",
    ),
    (
        "events::RECENT",
        1000,
        "reads so many of the last events, as its own limit says",
    ),
    (
        "outbox::LAPSE",
        2500,
        "asks who has not read all that was told, before it is gone",
    ),
    (
        "stays::ACTIVE_IN_STRETCH",
        10,
        "reads a stretch of the index, also those who have just left",
    ),
    (
        "reconcile::DUE",
        10,
        "passes over timers that are no more, as long as no vacuum has taken them out of the index",
    ),
    ("reconcile::OLDEST", 10, "passes over the same"),
    (
        "facts::BY_RANK",
        100,
        "passes over those before the hundredth",
    ),
    (
        "facts::stretch::OF_STRETCH",
        2500,
        "reads a stretch of the index",
    ),
    (
        "reconcile::DROP_ORPHANS",
        1000,
        "looks at a pass of the oldest",
    ),
    ("retention::PRUNE", 10_000, "removes so many"),
];
/// Users in all, at most.
const ALL: u64 = 25_000;
/// Rows in all, at most.
const EVERYTHING: u64 = 250_000;

fn options() -> Options {
    Options::default().set("autovacuum", "off")
}

/// The present. In an hour more the events of the users of a step leave their windows.
const NOW: &str = "2026-01-20 12:00+00";

const DEFINITIONS: &str = "
    INSERT INTO buckets (id, criteria, dwell_after, dwell_every) VALUES
        ('buyer', hogsend_event('buy', within => '2 days'), '{1 hour}', '{2 hours}'),
        ('often', hogsend_event('buy', within => '30 days', at_least => 3), '{}', '{}'),
        ('deep', hogsend_event('buy', at_least => 100), '{}', '{}'),
        ('pro', hogsend_property('plan', 'eq', 'pro'), '{}', '{}'),
        ('quiet', hogsend_all(hogsend_property('plan', 'eq', 'pro'), hogsend_event('buy', never => true, within => '1 day')), '{}', '{}');
    INSERT INTO buckets (id, kind) VALUES ('manual', 'manual');
    SELECT hogsend_subscribe('runner');
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF concat(NEW.bucket_id, ' ', to_jsonb(NEW) ->> 'user_id', to_jsonb(NEW) ->> 'status') = current_setting('test.fails', true) THEN
            RAISE EXCEPTION 'no';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION fail();
    CREATE TRIGGER fail BEFORE UPDATE ON bucket_jobs FOR EACH ROW EXECUTE FUNCTION fail();";

/// The jobs that a correction of the clock begins would come before all that follow.
const END_JOBS: &str = "UPDATE bucket_jobs SET status = 'done' WHERE status <> 'done'";

/// 10,000 users with twenty rows each in the tables that grow with them.
const FILL: &str = "
    SET session_replication_role = replica;
    INSERT INTO contacts (user_id, properties)
        SELECT 'f' || to_char(n, 'FM00000'), '{\"plan\": \"free\"}' FROM generate_series(1, 10000) n;
    INSERT INTO user_events (user_id, event, occurred_at)
        SELECT c.user_id, CASE k % 4 WHEN 0 THEN 'buy' ELSE 'other-' || k END, '2025-06-01'::timestamptz + k * interval '1 hour'
        FROM contacts c CROSS JOIN generate_series(1, 20) k;
    INSERT INTO bucket_memberships (user_id, bucket_id, entry_count, status, entered_at, left_at, left_reason, source)
        SELECT c.user_id, 'filled-' || k, e, CASE e WHEN 1 THEN 'left' ELSE 'active' END, '2025-06-01',
               CASE e WHEN 1 THEN '2025-06-02'::timestamptz END, CASE e WHEN 1 THEN 'criteria' END, 'event'
        FROM contacts c CROSS JOIN generate_series(1, 10) k CROSS JOIN generate_series(1, 2) e;
    INSERT INTO bucket_timers (user_id, bucket_id, due_at)
        SELECT c.user_id, 'filled-' || k, '2027-01-01' FROM contacts c CROSS JOIN generate_series(1, 20) k;
    INSERT INTO bucket_transitions (event, bucket_id, user_id, transition, entry_count, source, effective_at, recorded_at, idempotency_key)
        SELECT 'bucket:entered:filled-' || k, 'filled-' || k, c.user_id, 'entered', 1, 'event', '2025-06-01', '2025-06-01', 'key'
        FROM contacts c CROSS JOIN generate_series(1, 20) k;
    INSERT INTO bucket_jobs (bucket_id, mode, status) SELECT 'filled-' || k, 'backfill', 'done' FROM generate_series(1, 20000) k;
    CHECKPOINT";

/// A statement, by what it is about: so many users, or pairs, or rows that are due.
struct Step {
    about: u64,
    sql: String,
}

/// The ways in, one after the other, for users whose ids begin with `u`.
fn steps(u: &str, direct: bool) -> Vec<Step> {
    let mut steps = Vec::new();
    let mut add = |about: u64, sql: &str| {
        steps.push(Step {
            about,
            sql: sql.replace("{u}", u).replace("{now}", NOW),
        });
    };
    add(0, "SET hogsend.now = '{now}'");
    if !direct {
        add(0, "SET hogsend.test_no_direct = on");
    }
    // One user.
    let buy =
        "INSERT INTO user_events (user_id, event, occurred_at) VALUES ('{u}1', 'buy', '{now}')";
    add(1, buy);
    add(1, buy);
    add(
        3,
        &format!("{buy}, ('{{u}}1', 'buy', '{{now}}'), ('{{u}}1', 'buy', '{{now}}')"),
    );
    add(
        1,
        "INSERT INTO user_events (user_id, event) VALUES ('{u}2', 'nothing')",
    );
    add(
        1,
        "INSERT INTO user_events (user_id, event, contact_properties) VALUES ('{u}2', 'nothing', '{\"plan\": \"pro\"}')",
    );
    add(
        1,
        "UPDATE contacts SET properties = '{\"plan\": \"free\"}' WHERE user_id = '{u}2'",
    );
    add(
        1,
        "UPDATE contacts SET properties = '{\"plan\": \"pro\"}' WHERE user_id = '{u}2'",
    );
    add(
        1,
        "UPDATE contacts SET deleted_at = now() WHERE user_id = '{u}2'",
    );
    add(
        1,
        "UPDATE contacts SET deleted_at = NULL WHERE user_id = '{u}2'",
    );
    add(
        1,
        "SELECT hogsend_ingest('{u}3', 'buy', idempotency_key => 'k')",
    );
    add(
        100,
        "INSERT INTO user_events (user_id, event, occurred_at) SELECT '{u}3', 'buy', '{now}' FROM generate_series(1, 120)",
    );
    add(
        1,
        "UPDATE user_events SET occurred_at = occurred_at - interval '1 day' WHERE user_id = '{u}1' AND event = 'buy'",
    );
    add(
        1,
        "DELETE FROM user_events WHERE user_id = '{u}1' AND event = 'buy'",
    );
    // Many.
    let many = "SELECT '{u}m' || n, 'buy', '{now}'::timestamptz FROM generate_series(1, 1000) n";
    add(
        1000,
        &format!("INSERT INTO user_events (user_id, event, occurred_at) {many}"),
    );
    add(
        1000,
        &format!("INSERT INTO user_events (user_id, event, occurred_at) {many}"),
    );
    add(
        1000,
        "INSERT INTO user_events (user_id, event, contact_properties)
               SELECT '{u}m' || n, 'buy', '{\"plan\": \"pro\"}' FROM generate_series(501, 1500) n",
    );
    add(
        1000,
        "INSERT INTO contacts (user_id, properties) SELECT '{u}c' || n, '{\"plan\": \"pro\"}' FROM generate_series(1, 1000) n",
    );
    add(
        1000,
        "UPDATE contacts SET properties = '{\"plan\": \"free\"}' WHERE user_id LIKE '{u}c%'",
    );
    add(
        1000,
        "UPDATE contacts SET deleted_at = now() WHERE user_id LIKE '{u}c%'",
    );
    add(
        1000,
        "UPDATE contacts SET deleted_at = NULL WHERE user_id LIKE '{u}c%'",
    );
    add(1000, "DELETE FROM contacts WHERE user_id LIKE '{u}c%'");
    add(
        1000,
        "UPDATE user_events SET event = 'sell' WHERE user_id IN (SELECT '{u}m' || n FROM generate_series(1, 200) n)",
    );
    add(
        1000,
        "DELETE FROM user_events WHERE user_id IN (SELECT '{u}m' || n FROM generate_series(201, 400) n)",
    );
    add(
        100,
        "INSERT INTO user_events (user_id, event, occurred_at) SELECT '{u}3', 'sell', '{now}' FROM generate_series(1, 120)",
    );
    add(2, "DELETE FROM bucket_timers WHERE user_id = '{u}m420'");
    add(15000, "SELECT * FROM hogsend_verify('buyer')");
    // By hand.
    add(
        1,
        "SELECT hogsend_add_member('manual', '{u}1'), hogsend_remove_member('manual', '{u}1')",
    );
    add(
        1000,
        "SELECT hogsend_add_member('manual', array_agg('{u}m' || n)) FROM generate_series(1, 1000) n",
    );
    add(
        1000,
        "SELECT hogsend_remove_member('manual', array_agg('{u}m' || n)) FROM generate_series(1, 1000) n",
    );
    // The clock.
    add(0, "SET hogsend.evaluate = off");
    add(
        500,
        "INSERT INTO user_events (user_id, event, occurred_at) SELECT '{u}q' || n, 'buy', '{now}'::timestamptz FROM generate_series(1, 500) n",
    );
    add(0, "RESET hogsend.evaluate");
    add(4000, "SELECT hogsend_reconcile()");
    add(0, "SET hogsend.evaluate = off");
    add(
        1,
        "INSERT INTO user_events (user_id, event, occurred_at) VALUES ('{u}q1', 'buy', '{now}')",
    );
    add(0, "RESET hogsend.evaluate");
    add(1, "SELECT hogsend_reconcile()");
    add(1, "SELECT hogsend_reconcile()");
    add(0, "SET hogsend.now = '2026-01-20 15:00+00'");
    add(4000, "SELECT hogsend_reconcile()");
    add(
        1,
        "INSERT INTO bucket_timers (user_id, bucket_id, due_at) VALUES ('nobody', 'buyer', '{now}')",
    );
    add(10, "SELECT hogsend_reconcile()");
    // Or one would review a bucket that many have just left, and pass over those in the index.
    add(0, END_JOBS);
    add(0, "SET hogsend.now = '2026-01-24 15:00+00'");
    add(0, "SET test.fails = 'buyer {u}m450left'");
    add(6000, "SELECT hogsend_reconcile(1000)");
    add(6000, "SELECT hogsend_reconcile()");
    add(0, "RESET test.fails");
    add(0, "SET hogsend.now = '{now}'");
    // The clock was ahead: everybody is to be looked at again.
    add(0, END_JOBS);
    add(4000, "SELECT hogsend_reconcile()");
    add(0, END_JOBS);
    // Definitions.
    add(
        15000,
        "INSERT INTO buckets (id, criteria) VALUES ('rare', hogsend_event('sell', within => '30 days'))",
    );
    add(
        15000,
        "UPDATE buckets SET criteria = hogsend_event('sell', within => '20 days') WHERE id = 'rare'",
    );
    add(
        15000,
        "UPDATE buckets SET max_dwell = '10 days' WHERE id = 'rare'",
    );
    add(300, "DELETE FROM buckets WHERE id = 'rare'");
    add(0, "SET hogsend.inline_backfill = 0");
    add(
        10,
        "SELECT hogsend_define_bucket('later', hogsend_all(hogsend_event('buy', within => '30 days'), hogsend_property('plan', 'eq', 'pro')))",
    );
    add(
        1,
        "INSERT INTO user_events (user_id, event, occurred_at) VALUES ('{u}m1400', 'buy', '{now}')",
    );
    add(
        500,
        "INSERT INTO user_events (user_id, event, occurred_at) SELECT '{u}m' || n, 'buy', '{now}'::timestamptz FROM generate_series(1001, 1500) n",
    );
    add(
        1,
        "SELECT count(*) FROM hogsend_explain('later', '{u}m1400')",
    );
    add(500, "SELECT hogsend_backfill_chunk('later', 500)");
    add(15000, "SELECT hogsend_reconcile(1000)");
    // With one user: of more it would try each half, and pass over what it has taken back.
    add(0, "SET test.fails = 'later running'");
    add(10, "SELECT hogsend_reconcile(1)");
    add(0, "SET test.fails = 'later {u}m701active'");
    add(15000, "CALL hogsend_backfill('later')");
    add(0, "RESET test.fails");
    add(0, "RESET hogsend.inline_backfill");
    add(3000, "DELETE FROM buckets WHERE id = 'later'");
    // Reading.
    add(
        1,
        "SELECT hogsend_has('buyer', '{u}1'), hogsend_matches('deep', '{u}3'), hogsend_matches('pro', '{u}m1400')",
    );
    add(50, "SELECT * FROM hogsend_members('pro')");
    add(1, "SELECT * FROM hogsend_explain('often', '{u}m1')");
    add(15000, "SELECT * FROM hogsend_verify('buyer')");
    add(
        15000,
        "SELECT hogsend_preview(hogsend_event('buy', within => '30 days', at_least => 100))",
    );
    add(
        15000,
        "SELECT hogsend_preview_change('pro', hogsend_property('plan', 'eq', 'free'))",
    );
    add(3000, "SELECT hogsend_count('pro')");
    // Delivery.
    add(
        100,
        "SELECT hogsend_ack('runner', (SELECT max(batch) FROM hogsend_poll('runner')))",
    );
    add(1, "SELECT hogsend_subscribe('{u}', shards => 2)");
    add(
        1,
        "SELECT hogsend_poll('{u}'), hogsend_poll('{u}', shard => 1)",
    );
    add(1, "SELECT hogsend_unsubscribe('{u}')");
    add(1, "SELECT hogsend_unsubscribe('runner')");
    add(0, "SET hogsend.now = '2026-02-24 15:00+00'");
    add(0, "SET hogsend.retention = 1000");
    add(10000, "SELECT hogsend_reconcile()");
    // Or the next would stop before them.
    add(
        0,
        "DELETE FROM bucket_transitions WHERE recorded_at > '2026-02-01'",
    );
    // Nothing is left above what is gone.
    add(10, "SELECT hogsend_reconcile(1)");
    add(0, "RESET hogsend.retention");
    add(0, "SET hogsend.now = '{now}'");
    // Passes over what was just deleted.
    add(10, "SELECT hogsend_subscribe('runner')");
    add_queue(&mut add);
    add_query(&mut add);
    // Who goes.
    add(100, "SELECT hogsend_forget_user('{u}3')");
    add(1, "SELECT hogsend_ingest('{u}3', 'buy')");
    // Or nobody would be told of as where nobody was erased.
    add(0, "TRUNCATE bucket_erasures");
    steps
}

/// What is left to the clock.
fn add_queue(add: &mut impl FnMut(u64, &str)) {
    add(0, END_JOBS);
    add(4000, "SELECT hogsend_reconcile()");
    add(0, END_JOBS);
    add(0, "SET hogsend.evaluate = later");
    add(
        1,
        "INSERT INTO user_events (user_id, event, contact_properties) VALUES ('{u}q2', 'nothing', '{\"plan\": \"pro\"}')",
    );
    add(
        500,
        "INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
         SELECT '{u}m' || n, 'buy', '{now}'::timestamptz, '{\"plan\": \"pro\"}' FROM generate_series(7, 506) n",
    );
    // Of somebody who is gone when the clock comes.
    add(
        1,
        "UPDATE contacts SET properties = '{\"plan\": \"free\"}' WHERE user_id = '{u}m910'",
    );
    add(
        0,
        "SET session_replication_role = replica; DELETE FROM contacts WHERE user_id = '{u}m910'; RESET session_replication_role",
    );
    add(
        1,
        "UPDATE contacts SET properties = '{\"plan\": \"pro\"}' WHERE user_id = '{u}1'",
    );
    add(15000, "SELECT * FROM hogsend_verify('pro')");
    add(0, "RESET hogsend.evaluate");
    // Patches that have waited are overtaken.
    add(
        1,
        "UPDATE contacts SET properties = '{\"plan\": \"free\"}' WHERE user_id = '{u}q2'",
    );
    add(
        100,
        "INSERT INTO user_events (user_id, event) SELECT '{u}m' || n, 'nothing' FROM generate_series(7, 106) n",
    );
    add(0, "SET test.fails = 'pro {u}m450active'");
    add(2500, "SELECT hogsend_reconcile()");
    add(0, "RESET test.fails");
    add(
        1,
        "INSERT INTO contacts (user_id, email) VALUES ('{u}e', ' {u}@EXAMPLE.com ')",
    );
}

/// A bucket that follows a query: somebody times out, and then the query returns nobody any more.
fn add_query(add: &mut impl FnMut(u64, &str)) {
    add(
        0,
        "CREATE TABLE asked_{u} AS SELECT '{u}m' || n AS id FROM generate_series(1001, 1500) n",
    );
    add(
        1,
        "INSERT INTO buckets (id, kind, query, max_dwell) VALUES ('asked', 'query', 'SELECT id FROM asked_{u}', '1 hour')",
    );
    add(1000, "SELECT * FROM hogsend_refresh('asked')");
    add(
        1,
        "UPDATE buckets SET refresh_every = '12 hours' WHERE id = 'asked'",
    );
    add(0, "SET hogsend.now = '2026-01-20 14:00+00'");
    add(4000, "SELECT hogsend_reconcile()");
    add(1000, "SELECT * FROM hogsend_refresh('asked')");
    add(0, "DELETE FROM asked_{u}");
    add(1000, "SELECT * FROM hogsend_refresh('asked')");
    add(0, "DROP TABLE asked_{u}");
    add(1, "SELECT * FROM hogsend_refresh('asked')");
    add(1000, "DELETE FROM buckets WHERE id = 'asked'");
    add(0, "SET hogsend.now = '{now}'");
}

/// What has to come last, because every table that is emptied has its plans made anew.
fn last_steps() -> Vec<Step> {
    let few = "DELETE FROM bucket_memberships WHERE user_id LIKE 'f%' AND user_id > 'f00100'";
    let fewer = [few.to_owned()].into_iter();
    // How few contacts there are decides whether each is asked for an event that nobody knows.
    let unheard = "BEGIN; TRUNCATE contacts;
        INSERT INTO contacts (user_id) SELECT 'f' || to_char(n, 'FM00000') FROM generate_series(1, 100) n;
        INSERT INTO buckets (id, criteria) VALUES ('unheard', hogsend_event('unheard')); ROLLBACK";
    let fewer = fewer.chain([unheard.to_owned()]);
    let empty = ["user_events", "contacts", "buckets", "bucket_transitions"]
        .map(|table| format!("BEGIN; TRUNCATE {table}; ROLLBACK"));
    let about = EVERYTHING;
    let step = |sql| Step { about, sql };
    fewer.chain(empty).map(step).collect()
}

/// Runs the steps; for each the statements that it came to.
fn run(
    database: &TestDatabase,
    client: &mut Client,
    steps: &[Step],
) -> Result<Vec<(u64, String, Touched)>> {
    let mut all = Vec::new();
    for step in steps {
        let start = database.cluster.log_length();
        client.batch_execute(&step.sql)?;
        let log = database.cluster.log_since(start);
        let touched = plans::of_log(&log)?.into_iter();
        all.extend(touched.map(|touched| (step.about, step.sql.clone(), touched)));
    }
    Ok(all)
}

/// The statements that touched more than they may, by where they are written.
fn faults(
    all: &[(u64, String, Touched)],
    names: &BTreeMap<String, (String, usize)>,
) -> Vec<String> {
    let mut faults = BTreeMap::new();
    for (about, step, touched) in all {
        if *about == 0 || touched.text == *step {
            continue;
        }
        let place = plans::place_of(&touched.text);
        let name = place
            .and_then(|place| names.get(place))
            .map(|n| n.0.as_str());
        let known = ABOUT
            .iter()
            .find(|(known, ..)| name.is_some_and(|name| name.ends_with(known)));
        // A pass, or a stretch, is one statement's part of what the step is about; and a statement of
        // ours that is not about a set is about what it returns.
        let is_about_a_set = ["ANY ($", "unnest("]
            .iter()
            .any(|set| touched.text.contains(set));
        let wanted = touched.wanted.max(match (name, known) {
            (_, Some((_, about, _))) => *about,
            (None, None) => *about,
            (Some(_), None) if is_about_a_set => (*about).min(2500),
            (Some(_), None) => 1,
        });
        if touched.rows > FEW + ROWS_EACH * wanted || touched.pages > FEW + PAGES_EACH * wanted {
            let what = name.unwrap_or(&touched.text).to_owned();
            let fault = format!(
                "{what}: {} rows and {} pages for {wanted}, in {step}",
                touched.rows, touched.pages
            );
            faults.entry(what).or_insert(fault);
        }
    }
    faults.into_values().collect()
}

fn filled(cluster: &'static Cluster, name: &str) -> Result<(TestDatabase<'static>, Client)> {
    let database = with_extension(cluster, name)?;
    let mut client = database.connect()?;
    client.batch_execute("ANALYZE")?;
    client.batch_execute(&format!(
        "{EXPLAIN_ALL} SET hogsend.test_places = on; SET client_min_messages = error"
    ))?;
    client.batch_execute(DEFINITIONS)?;
    Ok((database, client))
}

#[test]
fn plans_hold() -> Result<()> {
    let cluster = hogsend_client_tests::cluster(options);
    let (database, mut client) = filled(cluster, "plans")?;
    let names = plans::written()?;
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut problems = Vec::new();
    // Plans are made and kept while there is next to nothing.
    for direct in [true, false] {
        run(
            &database,
            &mut client,
            &steps(if direct { "a" } else { "b" }, direct),
        )?;
    }
    client.batch_execute("RESET hogsend.test_no_direct")?;
    database.connect()?.batch_execute(FILL)?;
    for (session, prefix) in [("kept", "g"), ("new", "v")] {
        for direct in [true, false] {
            if session == "new" {
                client = database.connect()?;
                client.batch_execute(&format!(
                    "{EXPLAIN_ALL} SET hogsend.test_places = on; SET client_min_messages = error"
                ))?;
            }
            let prefix = format!("{prefix}{}", u8::from(direct));
            let mut steps = steps(&prefix, direct);
            if session == "new" && !direct {
                steps.extend(last_steps());
            }
            let all = run(&database, &mut client, &steps)?;
            for (_, _, touched) in &all {
                if let Some(place) = plans::place_of(&touched.text) {
                    seen.entry(place.to_owned())
                        .or_default()
                        .insert(touched.text.clone());
                }
            }
            let faults = faults(&all, &names).into_iter();
            problems
                .extend(faults.map(|fault| format!("{session} plan, direct {direct}: {fault}")));
            client.batch_execute("RESET hogsend.test_no_direct")?;
        }
    }
    for (place, (name, ways)) in &names {
        let seen = seen.get(place).map_or(0, BTreeSet::len);
        if seen < *ways {
            problems.push(format!(
                "{name} ({place}) came up in {seen} of {ways} ways: add a step that needs it"
            ));
        }
    }
    ensure!(problems.is_empty(), "{}", problems.join("\n"));
    Ok(())
}
