//! The statements of a sequence, from its seed.

use hogsend_model::Random;

/// Made once in each database, before all sequences. Users and events are numbers, so that the columns can
/// be given nearly any type.
pub const BASE: &str = "
    SET client_min_messages = error;
    CREATE EXTENSION hogsend;
    SET hogsend.notify = off;
    SET hogsend.now = '2026-01-10 12:00+00';
    CREATE DOMAIN fuzz_key AS text CHECK (VALUE <> '');
    CREATE DOMAIN fuzz_deep AS fuzz_key;
    CREATE COLLATION fuzz_ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
    CREATE FUNCTION fuzz_keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
    CREATE FUNCTION fuzz_pass() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN coalesce(NEW, OLD); END';
    INSERT INTO contacts (user_id, properties) VALUES ('1', '{\"plan\": \"pro\"}'), ('2', '{}'), ('3', '{}');
    INSERT INTO user_events (user_id, event, occurred_at) VALUES
        ('1', '100', '2026-01-09 12:00+00'), ('1', '200', '2026-01-08 12:00+00'), ('2', '200', '2026-01-08 12:00+00'),
        ('2', '200', '2026-01-09 12:00+00'), ('4', '100', '2025-12-01 12:00+00');
    SELECT hogsend_define_bucket('active', hogsend_event('100', within => '7 days'));
    SELECT hogsend_define_bucket('often', hogsend_event('200', at_least => 2));
    SELECT hogsend_define_bucket('pro', hogsend_property('plan', 'eq', 'pro'));
    SET hogsend.test_totals = 1;
    SELECT hogsend_define_bucket('kept', hogsend_event('200', filter => hogsend_property('fuzz', 'neq', 1), at_least => 2));
    SELECT hogsend_define_bucket('manual', kind => 'manual');
    SELECT hogsend_define_journey('flow', '{200,bucket:entered:active}', '{300}'), hogsend_define_journey('often', '{100}', entry_limit => 'once');
    INSERT INTO user_events (user_id, event, occurred_at) VALUES ('5', '200', '2026-01-09 12:00+00'), ('6', '100', '2026-01-09 12:00+00');
    SELECT hogsend_wait_for(r.id, '100', '2 days', 'wait') FROM journey_runs r WHERE r.user_id = '5';
    SELECT hogsend_sleep(r.id, '1 hour', 'sleep') FROM journey_runs r WHERE r.user_id = '6';
    SELECT hogsend_subscribe('fuzz', transitions => '{entered,left}', journeys => '{flow,often}');
    CREATE TABLE fuzz_orders (id bigint PRIMARY KEY, customer text, kind text, at timestamptz, amount numeric);
    CREATE TABLE fuzz_people (id text PRIMARY KEY, plan text, mail text);
    INSERT INTO fuzz_orders VALUES (1, '1', '200', '2026-01-09 12:00+00', 10), (2, '5', '100', '2026-01-09 12:00+00', 20);
    INSERT INTO fuzz_people VALUES ('1', 'pro', 'a@example.com'), ('5', 'free', NULL);
    SELECT hogsend_attach_events('fuzz_orders', key => 'id', user_id => 'customer', event => 'kind', occurred_at => 'at', value => 'amount');
    SELECT hogsend_attach_contacts('fuzz_people', user_id => 'id', email => 'mail', properties => '{plan}');";

/// What is attached.
pub const ATTACHED: [&str; 2] = ["fuzz_orders", "fuzz_people"];

/// A bucket and who belongs into it, said in SQL over whatever the tables have become.
pub const MEANINGS: [(&str, &str); 4] = [
    (
        "active",
        "SELECT c.user_id::text FROM contacts c WHERE c.deleted_at IS NULL AND EXISTS (
             SELECT FROM user_events e WHERE e.user_id::text COLLATE \"C\" = c.user_id::text COLLATE \"C\"
             AND e.event::text COLLATE \"C\" = '100' AND e.occurred_at >= '2026-01-03 12:00+00'::timestamptz)",
    ),
    (
        "often",
        "SELECT c.user_id::text FROM contacts c WHERE c.deleted_at IS NULL AND 2 <= (
             SELECT count(*) FROM user_events e WHERE e.user_id::text COLLATE \"C\" = c.user_id::text COLLATE \"C\"
             AND e.event::text COLLATE \"C\" = '200' AND e.occurred_at IS NOT NULL)",
    ),
    (
        "kept",
        "SELECT c.user_id::text FROM contacts c WHERE c.deleted_at IS NULL AND 2 <= (
             SELECT count(*) FROM user_events e WHERE e.user_id::text COLLATE \"C\" = c.user_id::text COLLATE \"C\"
             AND e.event::text COLLATE \"C\" = '200' AND e.occurred_at IS NOT NULL)",
    ),
    (
        "pro",
        "SELECT c.user_id::text FROM contacts c WHERE c.deleted_at IS NULL AND c.properties ->> 'plan' = 'pro'",
    ),
];

const COLUMNS: [(&str, &[&str]); 16] = [
    (
        "user_events",
        &[
            "user_id",
            "event",
            "occurred_at",
            "contact_properties",
            "user_email",
            "properties",
            "id",
            "value",
        ],
    ),
    (
        "contacts",
        &[
            "user_id",
            "properties",
            "deleted_at",
            "email",
            "updated_at",
            "created_at",
        ],
    ),
    (ATTACHED[0], &["id", "customer", "kind", "at", "amount"]),
    (
        "buckets",
        &[
            "id",
            "criteria",
            "kind",
            "enabled",
            "entry_limit",
            "min_dwell",
            "dwell_after",
            "criteria_hash",
        ],
    ),
    (
        "bucket_memberships",
        &[
            "user_id",
            "bucket_id",
            "entry_count",
            "status",
            "entered_at",
            "left_at",
            "left_reason",
            "dwell_counts",
            "max_dwell_at",
        ],
    ),
    (
        "bucket_timers",
        &[
            "user_id",
            "bucket_id",
            "due_at",
            "silent",
            "failures",
            "error",
        ],
    ),
    (
        "bucket_transitions",
        &[
            "id",
            "user_id",
            "bucket_id",
            "transition",
            "entry_count",
            "reason",
            "event",
            "xid",
            "effective_at",
            "journey_id",
            "run_id",
            "event_properties",
        ],
    ),
    (
        "bucket_jobs",
        &["id", "bucket_id", "mode", "status", "reached", "total"],
    ),
    (
        "bucket_positions",
        &["consumer", "shard", "passed", "mark", "batch"],
    ),
    (
        "bucket_totals",
        &[
            "user_id", "series", "n", "total", "least", "most", "first_at", "last_at",
        ],
    ),
    ("user_aliases", &["alias", "user_id", "identified_at"]),
    (
        "journey_runs",
        &[
            "id",
            "user_id",
            "journey_id",
            "status",
            "step",
            "since",
            "ended_at",
            "wait_event",
            "wait_until",
            "labels",
            "state",
        ],
    ),
    (
        "journeys",
        &[
            "id",
            "starts_on",
            "exits_on",
            "waits_for",
            "entry_limit",
            "enabled",
        ],
    ),
    (ATTACHED[1], &["id", "plan", "mail"]),
    (
        "feeds",
        &[
            "name",
            "kind",
            "fields",
            "owned",
            "import",
            "file",
            "rows_failed",
            "search_path",
        ],
    ),
    ("feed_notes", &["id", "feed", "failed", "error"]),
];

const TYPES: [&str; 23] = [
    "text",
    "text",
    "varchar",
    "varchar(20)",
    "char(10)",
    "name",
    "fuzz_key",
    "fuzz_deep",
    "text COLLATE fuzz_ci",
    "text COLLATE \"C\"",
    "bigint",
    "integer",
    "smallint",
    "numeric",
    "boolean",
    "timestamp",
    "timestamptz",
    "timestamptz(3)",
    "date",
    "jsonb",
    "json",
    "interval",
    "bytea",
];

const MOVED: &str = "SET TABLESPACE fuzz_space";

/// The indexes of a table go where it goes. Postgres leaves them, and a sequence is rolled back: they would
/// keep entries of rows that were only in the table's other file, and point at other rows once their places
/// are taken. That is so in Postgres without hogsend, too; an assertion of the server's finds it.
const INDEXES_MOVED: &str = "DO $$ DECLARE i regclass; BEGIN FOR i IN SELECT indexrelid FROM pg_index WHERE indrelid = '@'::regclass
    LOOP EXECUTE format('ALTER INDEX %s SET TABLESPACE fuzz_space', i); END LOOP; END $$";

/// Our views stand in the way of most alterations, and users drop them.
const WITHOUT_VIEWS: &str = "DROP VIEW IF EXISTS bucket_members, bucket_stats, bucket_daily, bucket_forecast, bucket_lag, bucket_feeds, journey_stats, hogsend_feed_fuzz_orders, hogsend_feed_fuzz_people CASCADE; ";

pub fn sequence(seed: u64) -> Vec<String> {
    let mut random = Random::new(seed);
    let mut statements = Vec::new();
    if random.one_in(4) {
        statements.push("SET LOCAL hogsend.test_no_direct = on".to_owned());
    }
    for _ in 0..random.between(4, 12) {
        let statement = match random.below(6) {
            0 | 1 => alteration(&mut random),
            2 => of_attached(&mut random),
            _ => ordinary(&mut random),
        };
        statements.push(statement);
    }
    statements
}

fn alteration(random: &mut Random) -> String {
    // What evaluation reads most is altered most.
    let (table, columns) = COLUMNS[random.below(COLUMNS.len()).min(random.below(COLUMNS.len()))];
    let column = random.pick(columns);
    let other = random.pick(columns);
    let of_type = random.pick(&TYPES);
    match random.below(27) {
        0..=7 => {
            let bare = of_type.split(" COLLATE").next().unwrap_or(of_type);
            let using = random.pick(&[format!("{column}::text::{bare}"), format!("{column}::{bare}")]);
            let default = random.pick(&["", "ALTER COLUMN @ DROP DEFAULT, ", "ALTER COLUMN @ DROP NOT NULL, "]).replace('@', column);
            format!("{WITHOUT_VIEWS}ALTER TABLE {table} {default}ALTER COLUMN {column} TYPE {of_type} USING {using}")
        }
        8 => format!("ALTER TABLE {table} RENAME COLUMN {column} TO fuzz_renamed"),
        9 => format!("{WITHOUT_VIEWS}ALTER TABLE {table} RENAME COLUMN {column} TO fuzz_a; ALTER TABLE {table} RENAME COLUMN {other} TO {column}; ALTER TABLE {table} RENAME COLUMN fuzz_a TO {other}"),
        10 => format!("ALTER TABLE {table} DROP COLUMN {column} CASCADE"),
        11 => format!("ALTER TABLE {table} DROP COLUMN {column} CASCADE; ALTER TABLE {table} ADD COLUMN {column} {of_type}"),
        12 => format!("ALTER TABLE {table} DROP COLUMN {column} CASCADE; ALTER TABLE {table} ADD COLUMN {column} text GENERATED ALWAYS AS ('1') STORED"),
        13 => format!("ALTER TABLE {table} ADD COLUMN fuzz_{} {of_type}", random.below(3)),
        14 => format!("CREATE INDEX ON {table} ({column}, {other} DESC)"),
        15 => format!("CREATE INDEX ON {table} ({column} COLLATE fuzz_ci)"),
        16 => format!("ALTER TABLE {table} DROP CONSTRAINT {table}_pkey CASCADE"),
        17 => format!("DO $$ DECLARE i regclass; BEGIN FOR i IN SELECT indexrelid FROM pg_index WHERE indrelid = '{table}'::regclass AND NOT indisprimary LOOP EXECUTE 'DROP INDEX ' || i; END LOOP; END $$"),
        18 => format!("CREATE TRIGGER fuzz BEFORE {} ON {table} FOR EACH ROW EXECUTE FUNCTION {}()", random.pick(&["INSERT", "UPDATE", "DELETE"]), random.pick(&["fuzz_keep", "fuzz_pass"])),
        19 => format!("ALTER TABLE {table} DISABLE TRIGGER {}", random.pick(&["ALL", "hogsend_insert", "hogsend_update", "hogsend_delete"])),
        20 => format!("CREATE RULE fuzz AS ON {} TO {table} DO {} NOTHING", random.pick(&["INSERT", "UPDATE", "DELETE"]), random.pick(&["INSTEAD", "ALSO"])),
        21 => format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY, OWNER TO fuzz_owner"),
        22 => match random.pick(&["SET UNLOGGED", "SET TABLESPACE fuzz_space", "SET (fillfactor = 40)", "REPLICA IDENTITY FULL", "SET WITHOUT CLUSTER"]) {
            MOVED => format!("ALTER TABLE {table} {MOVED}; {}", INDEXES_MOVED.replace('@', table)),
            other => format!("ALTER TABLE {table} {other}"),
        },
        23 => format!("CREATE TABLE fuzz_child () INHERITS ({table}); INSERT INTO fuzz_child SELECT * FROM ONLY {table} LIMIT 2"),
        24 => format!("ALTER TABLE {table} RENAME TO fuzz_moved; CREATE VIEW {table} AS SELECT * FROM fuzz_moved"),
        25 => format!("ALTER TABLE {table} RENAME TO fuzz_moved; CREATE TABLE {table} (LIKE fuzz_moved INCLUDING ALL); INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM fuzz_moved"),
        _ => "ALTER TABLE user_events RENAME TO fuzz_events;
              CREATE TABLE user_events (LIKE fuzz_events INCLUDING DEFAULTS INCLUDING IDENTITY) PARTITION BY HASH (user_id);
              CREATE TABLE fuzz_p0 PARTITION OF user_events FOR VALUES WITH (MODULUS 2, REMAINDER 0);
              CREATE TABLE fuzz_p1 (fuzz_gone int, LIKE fuzz_events INCLUDING ALL); ALTER TABLE fuzz_p1 DROP COLUMN fuzz_gone;
              ALTER TABLE user_events ATTACH PARTITION fuzz_p1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
              INSERT INTO user_events OVERRIDING SYSTEM VALUE SELECT * FROM fuzz_events".to_owned(),
    }
}

fn ordinary(random: &mut Random) -> String {
    let user = random.between(1, 6);
    let event = random.pick(&["100", "200", "300"]);
    let bucket = random.pick(&["active", "often", "pro", "manual"]);
    let at = format!("'2026-01-{:02} 12:00+00'", random.between(1, 10));
    let plan = random.pick(&["pro", "free"]);
    match random.below(29) {
        0..=6 => format!("INSERT INTO user_events (user_id, event, occurred_at) VALUES ('{user}', '{event}', {at})"),
        7 => format!("INSERT INTO user_events (user_id, event) SELECT '1', '{event}' FROM generate_series(1, {})", random.between(0, 70)),
        8 => format!("INSERT INTO user_events (user_id, event, contact_properties, user_email) VALUES ('{user}', '{event}', '{{\"plan\": \"{plan}\"}}', 'a@example.com')"),
        9 => format!("INSERT INTO fuzz_p1 (user_id, event, occurred_at) VALUES ('{user}', '{event}', {at})"),
        10 => format!("DELETE FROM user_events WHERE user_id = '{user}'"),
        11 => format!("UPDATE user_events SET event = '{event}' WHERE user_id = '{user}'"),
        12 => format!("INSERT INTO contacts (user_id, properties) VALUES ('{user}', '{{\"plan\": \"{plan}\"}}') ON CONFLICT DO NOTHING"),
        13 => format!("UPDATE contacts SET properties = '{{\"plan\": \"{plan}\"}}' WHERE user_id = '{user}'"),
        14 => format!("UPDATE contacts SET deleted_at = {} WHERE user_id = '{user}'", random.pick(&["now()", "NULL"])),
        15 => format!("{} contacts", random.pick(&["DELETE FROM", "TRUNCATE"])),
        16 => "SELECT * FROM hogsend_reconcile()".to_owned(),
        17 => format!("SELECT hogsend_ingest('{user}', '{event}', occurred_at => {at}, idempotency_key => 'k{user}')"),
        18 => format!("SELECT hogsend_forget_user('{user}')"),
        19 => format!("SELECT * FROM hogsend_verify('{bucket}')"),
        20 => random.pick(&["SELECT * FROM hogsend_poll('fuzz')", "SELECT * FROM hogsend_members('active')", "SELECT * FROM hogsend_health()", "SELECT hogsend_migrate()", "SELECT * FROM bucket_stats"]).to_owned(),
        21 => format!("SELECT hogsend_define_bucket('{bucket}2', hogsend_event('{event}', within => '{} days'))", random.between(2, 9)),
        22 => format!("SELECT * FROM hogsend_explain('{bucket}', '{user}')"),
        23 => format!("SELECT hogsend_{}_member('manual', '{user}')", random.pick(&["add", "remove"])),
        24 => format!("UPDATE buckets SET enabled = {} WHERE id = 'often'", random.pick(&["false", "true"])),
        25 => {
            let run = format!("FROM (SELECT id FROM journey_runs WHERE user_id::text = '{user}' ORDER BY id DESC LIMIT 1) r");
            let call = random.pick(&["sleep(r.id, '1 hour', 'a')", "sleep_until(r.id, '2026-01-01 12:00+00', 'a')", "wait_for(r.id, '200', '1 day', 'b')", "wait_for(r.id, 'bucket:left:active', '1 day', 'b')",
                                     "checkpoint(r.id, 'c', '{}')", "complete(r.id)", "fail(r.id, 'e')"]);
            format!("SELECT hogsend_{call} {run}")
        }
        26 => "SELECT hogsend_explain_run(id) FROM journey_runs LIMIT 3".to_owned(),
        27 => random.pick(&["DELETE FROM journeys WHERE id = 'often'", "TRUNCATE journeys", "DELETE FROM journey_runs", "TRUNCATE journey_runs", "UPDATE journeys SET enabled = false",
                            "SELECT hogsend_define_journey('flow', '{100}')", "SELECT * FROM journey_stats", "SELECT hogsend_ack('fuzz', max(batch)) FROM hogsend_poll('fuzz')"]).to_owned(),
        // What health says to do.
        _ => "DO $$ DECLARE r text; BEGIN FOR r IN SELECT remedy FROM hogsend_misfits() LOOP
                  BEGIN EXECUTE split_part(r, ';', 1); EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END $$".to_owned(),
    }
}

/// What is done to tables that are attached, and to their feeds.
fn of_attached(random: &mut Random) -> String {
    let (id, user) = (random.between(1, 9), random.between(1, 6));
    let kind = random.pick(&["'100'", "'200'", "NULL", "'bucket:100'"]);
    let at = format!("'2026-01-{:02} 12:00+00'", random.between(1, 10));
    let plan = random.pick(&["'pro'", "'free'", "NULL"]);
    let table = random.pick(&ATTACHED);
    match random.below(16) {
        0..=3 => format!(
            "INSERT INTO fuzz_orders (id, customer, kind, at, amount) SELECT {id} + n, '{user}', {kind}, {at}, n FROM generate_series(0, {}) n ON CONFLICT DO NOTHING",
            random.below(3)
        ),
        4 => format!("UPDATE fuzz_orders SET customer = '{user}', kind = {kind} WHERE id = '{id}'"),
        5 => format!(
            "UPDATE fuzz_orders SET id = '{}' WHERE id = '{id}'",
            id + 20
        ),
        6 => format!("DELETE FROM fuzz_orders WHERE customer = '{user}'"),
        7 | 8 => format!(
            "INSERT INTO fuzz_people (id, plan) VALUES ('{user}', {plan}) ON CONFLICT (id) DO UPDATE SET plan = excluded.plan, mail = 'b@example.com'"
        ),
        9 => format!("UPDATE fuzz_people SET plan = {plan} WHERE id <> '{user}'"),
        10 => format!(
            "WITH gone AS (DELETE FROM fuzz_people WHERE id = '{user}' RETURNING id) INSERT INTO fuzz_people (id, plan) SELECT id, {plan} FROM gone"
        ),
        11 => format!("TRUNCATE {table}"),
        12 => format!("SELECT * FROM hogsend_verify_feed('{table}')"),
        13 => format!("SELECT hogsend_detach('{table}')"),
        14 => format!(
            "SELECT hogsend_attach_events('fuzz_orders', key => 'id', user_id => 'customer', event => 'kind', occurred_at => 'at', condition => 'amount > 0', name => '{}')",
            random.pick(&["fuzz_orders", "fuzz"])
        ),
        _ => "SELECT * FROM bucket_feeds".to_owned(),
    }
}
