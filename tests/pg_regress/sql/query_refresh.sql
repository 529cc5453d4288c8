-- Refreshes after the first: announced, in one pass, when the clock finds them due.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (id text PRIMARY KEY, plan text);
INSERT INTO users SELECT 'u' || n, 'pro' FROM generate_series(1, 3) n;
INSERT INTO buckets (id, kind, query, refresh_every) VALUES ('payers', 'query', $$SELECT id FROM users WHERE plan = 'pro'$$, '10 minutes');
SELECT entered, "left" FROM hogsend_reconcile();
-- Not before it is due.
INSERT INTO users VALUES ('u4', 'pro'), ('u5', 'pro');
UPDATE users SET plan = 'free' WHERE id IN ('u1', 'u2');
SET hogsend.now = '2026-01-01 12:09:59+00';
SELECT entered, "left" FROM hogsend_reconcile();
SET hogsend.now = '2026-01-01 12:10+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT user_id, event, reason, source, effective_at, recorded_at FROM bucket_transitions ORDER BY user_id;
SELECT user_id, status, left_reason, source FROM bucket_memberships ORDER BY user_id;
SELECT due_at, returned, entered, "left" FROM bucket_refreshes;
-- By hand at any time, which puts the next off.
SET hogsend.now = '2026-01-01 12:12+00';
UPDATE users SET plan = 'pro' WHERE id = 'u1';
SELECT * FROM hogsend_refresh('payers');
SELECT * FROM hogsend_refresh('payers');
SELECT user_id, event, entry_count, effective_at FROM bucket_transitions WHERE recorded_at = '2026-01-01 12:12+00';
SELECT due_at FROM bucket_refreshes;
-- It sees what its own transaction has done.
BEGIN;
DELETE FROM users WHERE id = 'u3';
SELECT * FROM hogsend_refresh('payers');
ROLLBACK;
SELECT hogsend_has('payers', 'u3');
-- A query that returns nobody has no members, and says so.
TRUNCATE users;
SELECT * FROM hogsend_refresh('payers');
SELECT count(*) FROM bucket_members;
SELECT user_id, event FROM bucket_transitions ORDER BY id DESC LIMIT 4;
-- Sooner, if that is asked for.
UPDATE buckets SET refresh_every = '1 minute';
SELECT due_at FROM bucket_refreshes;
-- A deleted bucket tells flows to exit, and nothing is kept of it.
INSERT INTO users VALUES ('u9', 'pro');
SELECT * FROM hogsend_refresh('payers');
DELETE FROM buckets;
SELECT user_id, event, reason FROM bucket_transitions ORDER BY id DESC LIMIT 1;
SELECT count(*) FROM bucket_refreshes;
