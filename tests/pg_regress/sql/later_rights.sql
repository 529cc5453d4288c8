-- hogsend.evaluate = later for a role that may do no more than store events, in a restored copy, and above READ COMMITTED.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_app;
CREATE ROLE regress_hogsend_app;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('did', hogsend_event('e'));
SELECT hogsend_grant('regress_hogsend_app', 'ingest');
SET hogsend.evaluate = later;
SET ROLE regress_hogsend_app;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'e', '2026-01-01 11:00+00');
SELECT count(*) FROM user_queue;
RESET ROLE;
SELECT entered FROM hogsend_reconcile();
-- Nothing is taken from the queue while the copy is suspended, and nothing is lost.
SET session_replication_role = replica;
UPDATE buckets SET instance_id = gen_random_uuid();
RESET session_replication_role;
\c -
SET timezone = 'UTC';
SET client_min_messages = warning;
SET hogsend.now = '2026-01-01 12:00+00';
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('u2', 'e', '2026-01-01 11:00+00', '{"a": 1}');
SET client_min_messages = error;
SELECT entered FROM hogsend_reconcile();
SET client_min_messages = warning;
SELECT user_id FROM contacts ORDER BY 1;
SELECT hogsend_adopt();
SELECT entered, remaining FROM hogsend_reconcile();
SELECT user_id, event FROM bucket_transitions ORDER BY id;
SELECT user_id, properties FROM contacts ORDER BY 1;
-- With the whole transaction, or the savepoint, or not at all.
BEGIN ISOLATION LEVEL SERIALIZABLE;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u3', 'e', '2026-01-01 11:00+00');
SAVEPOINT s;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u4', 'e', '2026-01-01 11:00+00');
ROLLBACK TO s;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u5', 'e', '2026-01-01 11:00+00');
COMMIT;
BEGIN ISOLATION LEVEL REPEATABLE READ;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u6', 'e', '2026-01-01 11:00+00');
ROLLBACK;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT entered, remaining FROM hogsend_reconcile();
COMMIT;
SELECT user_id, event FROM bucket_transitions ORDER BY id;
-- A job that is open: who matched before joins without a word, whom a queued event made match does not.
INSERT INTO contacts (user_id) SELECT 'c' || n FROM generate_series(1, 3) n;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('c1', 'f', '2026-01-01 11:00+00');
SELECT entered, remaining FROM hogsend_reconcile();
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria) VALUES ('late', hogsend_event('f'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('c1', 'f', '2026-01-01 11:00+00'), ('c2', 'f', '2026-01-01 11:00+00');
SELECT entered, remaining FROM hogsend_reconcile();
SELECT user_id, source FROM bucket_memberships WHERE bucket_id = 'late' ORDER BY 1;
SELECT user_id, event FROM bucket_transitions WHERE bucket_id = 'late';
DROP OWNED BY regress_hogsend_app;
DROP ROLE regress_hogsend_app;
