//! People under two names, and tables of the user's that are attached.

use super::{EVERYTHING, Steps};

/// Who is said to be somebody else, and what comes in under the other name.
pub fn identities(steps: &mut Steps) {
    for said in [
        "INSERT INTO user_events (user_id, event, occurred_at, idempotency_key, contact_properties) VALUES ('{u}v1', 'buy', '{now}', 'seen', '{\"plan\": \"pro\"}')",
        "SELECT hogsend_add_member('manual', '{u}v1')",
        "INSERT INTO user_events (user_id, event, occurred_at) VALUES ('{u}v2', 'buy', '{now}')",
        "INSERT INTO user_events (user_id, event, occurred_at, idempotency_key) VALUES ('{u}1', 'buy', '{now}', 'seen')",
        "SELECT hogsend_identify('{u}v1', '{u}1')",
        "SELECT hogsend_identify('{u}1', '{u}v0')",
        "SELECT hogsend_identify('{u}v2', '{u}1')",
        // Late.
        "INSERT INTO user_events (user_id, event, occurred_at) VALUES ('{u}v1', 'buy', '{now}')",
        "INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('{u}v1', 'buy', '{now}', '{\"plan\": \"free\"}')",
        "INSERT INTO user_events (user_id, event, occurred_at, idempotency_key) VALUES ('{u}v1', 'buy', '{now}', 'seen')",
        "SELECT hogsend_ingest('{u}v1', 'buy', idempotency_key => 'seen')",
        "INSERT INTO contacts (user_id, properties) VALUES ('{u}v1', '{\"plan\": \"pro\"}')",
        "UPDATE user_events SET user_id = '{u}v1' WHERE user_id = '{u}m3' AND event = 'buy'",
        "SELECT hogsend_has('buyer', '{u}v1'), hogsend_matches('buyer', '{u}v1')",
        "SELECT hogsend_remove_member('manual', '{u}v1')",
        "SELECT * FROM hogsend_explain('buyer', '{u}v2')",
    ] {
        steps.add(20, said);
    }
    steps.add(
        1000,
        "INSERT INTO user_events (user_id, event, occurred_at) SELECT '{u}w' || n, 'buy', '{now}'::timestamptz FROM generate_series(1, 500) n",
    );
    steps.add(0, "SET hogsend.evaluate = later");
    steps.add(
        500,
        "INSERT INTO user_events (user_id, event, occurred_at) SELECT '{u}w' || n, 'buy', '{now}'::timestamptz FROM generate_series(1, 100) n",
    );
    steps.add(
        20,
        "INSERT INTO user_events (user_id, event, occurred_at, idempotency_key) VALUES ('{u}v1', 'buy', '{now}', 'seen')",
    );
    steps.add(0, "RESET hogsend.evaluate");
    steps.add(8000, "SELECT hogsend_reconcile()");
    steps.add(
        8000,
        "INSERT INTO buckets (id, kind, query) VALUES ('who-{u}', 'query', 'SELECT ''{u}1'' AS id')",
    );
    steps.add(20, "SELECT hogsend_matches('who-{u}', '{u}1')");
    steps.add(8000, "DELETE FROM buckets WHERE id = 'who-{u}'");
    // Events of an alias that something of the user's keeps where they are: the clock comes back to it.
    steps.add(
        0,
        "CREATE FUNCTION \"{u}keep\"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'; END $$;
         CREATE TRIGGER keep BEFORE UPDATE OF user_id ON user_events FOR EACH ROW EXECUTE FUNCTION \"{u}keep\"()",
    );
    steps.add(
        100,
        "INSERT INTO user_events (user_id, event, occurred_at) VALUES ('{u}v1', 'buy', '{now}')",
    );
    steps.add(0, "DROP TRIGGER keep ON user_events");
    steps.add(8000, "SELECT hogsend_reconcile()");
    steps.add(
        8000,
        "SELECT hogsend_identify(array_agg('{u}w' || n), array_agg('{u}m' || n + 10)) FROM generate_series(1, 500) n",
    );
    steps.add(
        4000,
        "INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
         SELECT '{u}w' || n, 'buy', '{now}'::timestamptz, '{\"plan\": \"pro\"}' FROM generate_series(1, 500) n",
    );
    steps.add(
        4000,
        "INSERT INTO contacts (user_id, properties) SELECT '{u}w' || n, '{\"plan\": \"free\"}' FROM generate_series(1, 500) n",
    );
    steps.add(0, "SET hogsend.evaluate = later");
    steps.add(
        2000,
        "INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
         SELECT '{u}w' || n, 'buy', '{now}'::timestamptz, '{\"plan\": \"pro\"}' FROM generate_series(1, 200) n",
    );
    steps.add(0, "RESET hogsend.evaluate");
    steps.add(8000, "SELECT hogsend_reconcile()");
    steps.add(
        8000,
        "UPDATE user_aliases SET open_until = '0' WHERE alias LIKE '{u}w%'",
    );
    steps.add(8000, "SELECT hogsend_reconcile()");
    steps.add(8000, "SELECT hogsend_reconcile()");
    steps.add(8000, "SELECT hogsend_adopt()");
}

/// A table of orders, one of people, and one whose key is an expression.
const TABLES: &str = "
    CREATE TABLE \"{u}orders\" (id bigint PRIMARY KEY, customer text, at timestamptz, amount numeric, paid boolean);
    CREATE TABLE \"{u}lines\" (a int, b int, customer text, at timestamptz, PRIMARY KEY (a, b));
    CREATE TABLE \"{u}people\" (id text PRIMARY KEY, mail text, plan text);
    INSERT INTO \"{u}orders\" SELECT n, '{u}m' || n, '{now}', 60, true FROM generate_series(1, 100) n;
    INSERT INTO \"{u}people\" SELECT '{u}p' || n, 'p@example.com', 'pro' FROM generate_series(1, 100) n";

pub fn tables(steps: &mut Steps) {
    let orders = "SELECT hogsend_attach_events('{u}orders', key => 'id', user_id => 'customer', event => $$'order'$$, occurred_at => 'at', value => '60 / amount', condition => 'paid')";
    steps.add(0, TABLES);
    steps.add(4000, orders);
    steps.add(
        4000,
        "SELECT hogsend_attach_events('{u}lines', key => $$a || ' ' || b$$, user_id => 'customer', event => $$'buy'$$, occurred_at => 'at')",
    );
    steps.add(
        4000,
        "SELECT hogsend_attach_contacts('{u}people', user_id => 'id', email => 'mail', properties => '{plan}')",
    );
    for (about, said) in [
        (
            20,
            "INSERT INTO \"{u}orders\" VALUES (1001, '{u}1', '{now}', 70, true)",
        ),
        (
            20,
            "INSERT INTO \"{u}orders\" VALUES (1002, NULL, '{now}', 70, true)",
        ),
        (
            20,
            "INSERT INTO \"{u}orders\" VALUES (1003, '{u}1', '{now}', 0, true)",
        ),
        (8000, "SELECT hogsend_reconcile()"),
        (
            200,
            "DO $$ BEGIN PERFORM hogsend_import_chunk('nothing', 10); EXCEPTION WHEN undefined_object THEN NULL; END $$",
        ),
        (
            20,
            "INSERT INTO \"{u}lines\" VALUES (1, 1, '{u}1', '{now}')",
        ),
        (
            4000,
            "INSERT INTO \"{u}lines\" SELECT 2, n, '{u}m' || n, '{now}' FROM generate_series(1, 500) n",
        ),
        (
            4000,
            "INSERT INTO \"{u}orders\" SELECT 2000 + n, '{u}m' || n, '{now}', 80, n > 10 FROM generate_series(1, 500) n",
        ),
        (
            4000,
            "INSERT INTO \"{u}orders\" SELECT 3000 + n, '{u}m' || n, '{now}', 80, true FROM generate_series(1, 500) n",
        ),
        (20, "UPDATE \"{u}orders\" SET amount = 90 WHERE id = 1001"),
        (20, "UPDATE \"{u}orders\" SET id = 1009 WHERE id = 1001"),
        (
            20,
            "UPDATE \"{u}orders\" SET customer = '{u}2' WHERE id = 1009",
        ),
        (
            4000,
            "UPDATE \"{u}orders\" SET paid = NOT paid WHERE id BETWEEN 2001 AND 2500",
        ),
        (
            4000,
            "DELETE FROM \"{u}orders\" WHERE id BETWEEN 2001 AND 2500",
        ),
        (
            20,
            "INSERT INTO \"{u}people\" VALUES ('{u}p', 'p@example.com', 'pro')",
        ),
        (
            20,
            "UPDATE \"{u}people\" SET plan = 'free' WHERE id = '{u}p'",
        ),
        (
            4000,
            "INSERT INTO \"{u}people\" SELECT '{u}o' || n, NULL, 'pro' FROM generate_series(1, 500) n",
        ),
        (
            4000,
            "UPDATE \"{u}people\" SET plan = 'free' WHERE id LIKE '{u}o%'",
        ),
        (4000, "DELETE FROM \"{u}people\" WHERE id LIKE '{u}o%'"),
        (EVERYTHING, "SELECT * FROM hogsend_verify_feed('{u}orders')"),
        (EVERYTHING, "SELECT * FROM hogsend_verify_feed('{u}people')"),
        (EVERYTHING, "CALL hogsend_import('{u}orders')"),
        (EVERYTHING, "CALL hogsend_import('{u}people')"),
        // As a job of the clock's.
        (0, "SET hogsend.inline_backfill = 0"),
        (8000, "SELECT hogsend_detach('{u}orders')"),
        (8000, orders),
        (
            20,
            "UPDATE \"{u}orders\" SET customer = customer WHERE id = 5",
        ),
        (20, "UPDATE \"{u}people\" SET mail = mail WHERE id = '{u}p'"),
        (8000, "SELECT hogsend_detach('{u}people')"),
        (
            8000,
            "SELECT hogsend_attach_contacts('{u}people', user_id => 'id', email => 'mail', properties => '{plan}')",
        ),
        (20, "UPDATE \"{u}people\" SET mail = mail WHERE id = '{u}p'"),
        (8000, "SELECT hogsend_reconcile()"),
        (8000, "SELECT hogsend_reconcile()"),
        (8000, "SELECT hogsend_reconcile()"),
        // user_events refuses whatever there is, and not one row of it.
        (8000, "SELECT hogsend_detach('{u}orders')"),
        (20, "INSERT INTO \"{u}orders\" VALUES (9000, '{u}1', '{now}', 70, true)"),
        (8000, orders),
        (0, "CREATE FUNCTION \"{u}refuse\"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '42501'; END $$;
             CREATE TRIGGER refuse BEFORE INSERT ON user_events FOR EACH ROW EXECUTE FUNCTION \"{u}refuse\"()"),
        (8000, "SELECT hogsend_reconcile()"),
        (8000, "SELECT hogsend_reconcile()"),
        (0, "DROP TRIGGER refuse ON user_events"),
        (8000, "SELECT hogsend_detach('{u}people')"),
        (
            8000,
            "SELECT hogsend_attach_contacts('{u}people', user_id => 'id', email => 'mail', properties => '{plan}')",
        ),
        (
            0,
            "ALTER TABLE \"{u}people\" FORCE ROW LEVEL SECURITY, ENABLE ROW LEVEL SECURITY",
        ),
        (8000, "SELECT hogsend_reconcile()"),
        (
            0,
            "ALTER TABLE \"{u}people\" NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY",
        ),
        (0, "RESET hogsend.inline_backfill"),
        (8000, "CALL hogsend_run('0')"),
        (8000, "TRUNCATE \"{u}lines\""),
        (
            8000,
            "SELECT hogsend_detach('{u}orders'), hogsend_detach('{u}lines'), hogsend_detach('{u}people')",
        ),
    ] {
        steps.add(about, said);
    }
}
