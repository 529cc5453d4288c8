-- A row that is deleted and inserted again by one statement was changed: nobody leaves, enters or is erased by that.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('buyers', hogsend_event('e', at_least => 1)), ('pro', hogsend_property('plan', 'eq', 'pro'));
CREATE TABLE o (id integer PRIMARY KEY, who text, a numeric, at timestamptz DEFAULT '2026-01-09 12:00+00');
CREATE TABLE p (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, id text NOT NULL UNIQUE, plan text);
SELECT hogsend_attach_events('o', key => 'id', user_id => 'who', event => $$'e'$$, occurred_at => 'at', value => 'a');
SELECT hogsend_attach_contacts('p', user_id => 'id', properties => '{plan}', on_delete => 'forget');
INSERT INTO o VALUES (1, 'u1', 1), (2, 'u2', 2), (3, 'u3', 3);
INSERT INTO p (id, plan) VALUES ('u1', 'pro'), ('u2', 'free'), ('u3', 'pro');
SELECT event, user_id FROM bucket_transitions ORDER BY id;
TRUNCATE bucket_transitions;
-- Events, and contacts that would be erased: what says the same, and what says something else.
WITH gone AS (DELETE FROM o WHERE id < 3 RETURNING *) INSERT INTO o SELECT id, who, a * 10, at FROM gone;
WITH gone AS (DELETE FROM p RETURNING *) INSERT INTO p (id, plan) SELECT id, 'pro' FROM gone WHERE id <> 'u3';
SELECT user_id, value, idempotency_key FROM user_events ORDER BY idempotency_key;
SELECT user_id, properties, deleted_at FROM contacts ORDER BY user_id;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
TRUNCATE bucket_transitions;
-- The other way round, and both in the WITH; in a function, whose plans are kept.
CREATE FUNCTION replace_them() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    WITH gone AS (DELETE FROM o WHERE id = 1 RETURNING *), come AS (INSERT INTO o SELECT * FROM gone) UPDATE o SET a = a WHERE id = 3;
    WITH gone AS (DELETE FROM p RETURNING *), come AS (INSERT INTO p (id, plan) SELECT id, plan FROM gone) DELETE FROM o WHERE id = 3;
END $$;
\c -
SET client_min_messages = warning;
SET timezone = 'UTC';
SET hogsend.now = '2026-01-10 12:00+00';
PREPARE replace AS WITH gone AS (DELETE FROM p RETURNING *) INSERT INTO p (id, plan) SELECT id, plan FROM gone;
EXECUTE replace;
EXECUTE replace;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
\c -
SET client_min_messages = warning;
SET timezone = 'UTC';
SET hogsend.now = '2026-01-10 12:00+00';
SELECT replace_them() FROM generate_series(1, 2);
SELECT user_id, value, idempotency_key FROM user_events ORDER BY idempotency_key;
SELECT user_id, properties, deleted_at FROM contacts ORDER BY user_id;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
-- Who is gone is gone.
DELETE FROM p WHERE id = 'u1';
SELECT user_id FROM contacts;
SELECT user_id FROM user_events;
SELECT f, v.* FROM unnest('{o,p}'::text[]) f, hogsend_verify_feed(f) v;
DROP EXTENSION hogsend CASCADE;
DROP FUNCTION replace_them;
DROP TABLE o, p CASCADE;
