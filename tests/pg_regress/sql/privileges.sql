-- An application needs INSERT on user_events and nothing else.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_app;
DROP ROLE IF EXISTS regress_hogsend_stranger;
CREATE ROLE regress_hogsend_app;
CREATE ROLE regress_hogsend_stranger;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('active', hogsend_event('app.opened', within => '7 days')),
    ('pro', hogsend_property('plan', 'eq', 'pro'));
GRANT USAGE ON SCHEMA public TO regress_hogsend_app;
GRANT INSERT ON user_events TO regress_hogsend_app;
SET ROLE regress_hogsend_app;
INSERT INTO user_events (user_id, event, occurred_at, user_email, contact_properties)
VALUES ('u1', 'app.opened', '2026-01-01 12:00+00', 'u1@example.com', '{"plan": "pro"}');
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key) VALUES ('u2', 'app.opened', '2026-01-01 12:00+00', 'k') ON CONFLICT DO NOTHING;
COPY user_events (user_id, event, occurred_at) FROM stdin;
u3	app.opened	2026-01-01 12:00+00
\.
-- It sees nothing, and changes nothing else.
SELECT * FROM user_events;
SELECT * FROM contacts;
SELECT * FROM bucket_transitions;
SELECT * FROM bucket_members;
UPDATE buckets SET enabled = false;
DELETE FROM user_events;
SELECT hogsend_count('active');
SELECT * FROM hogsend_reconcile();
SELECT hogsend_forget_user('u1');
SELECT hogsend_ingest('u1', 'app.opened');
SELECT hogsend_event('app.opened');
CALL hogsend_run('0');
RESET ROLE;
SELECT user_id, event FROM bucket_transitions ORDER BY user_id, event;
SELECT user_id, email, properties FROM contacts ORDER BY 1;
-- With EXECUTE on it, hogsend_ingest needs no more rights on tables.
GRANT EXECUTE ON FUNCTION hogsend_ingest TO regress_hogsend_app;
SET ROLE regress_hogsend_app;
SELECT hogsend_ingest('u4', 'app.opened', occurred_at => '2026-01-01 12:00+00', idempotency_key => 'k');
SELECT hogsend_ingest('u4', 'app.opened', occurred_at => '2026-01-01 12:00+00', idempotency_key => 'k');
-- Nor can it make the trigger do something else: by a search_path, or by objects of its own.
CREATE TEMP TABLE contacts (user_id text, properties jsonb, deleted_at timestamptz);
CREATE TEMP TABLE buckets (id text);
CREATE FUNCTION pg_temp.jsonb_typeof(jsonb) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'as %', current_user; END $$;
SET search_path = pg_temp, public;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('u5', 'app.opened', '2026-01-01 12:00+00', '{"plan": "pro"}');
RESET search_path;
DROP TABLE pg_temp.contacts, pg_temp.buckets;
-- The trigger functions cannot be borrowed for a table of one's own.
CREATE TEMP TABLE bait (user_id text, event text);
CREATE TRIGGER t AFTER INSERT ON bait REFERENCING NEW TABLE AS hogsend_new FOR EACH STATEMENT EXECUTE FUNCTION hogsend_on_user_events();
RESET ROLE;
SELECT user_id, event FROM bucket_transitions WHERE user_id IN ('u4', 'u5') ORDER BY user_id, event;
-- A role with nothing.
SET ROLE regress_hogsend_stranger;
INSERT INTO user_events (user_id, event) VALUES ('u9', 'app.opened');
INSERT INTO buckets (id) VALUES ('mine');
SELECT hogsend_has('active', 'u1');
SELECT * FROM hogsend_instance;
RESET ROLE;
SELECT count(*) FROM contacts WHERE user_id = 'u9';
DROP OWNED BY regress_hogsend_app;
DROP ROLE regress_hogsend_app;
DROP ROLE regress_hogsend_stranger;
