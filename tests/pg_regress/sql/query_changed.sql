-- A changed query, a disabled bucket, another kind: who matches joins silently, who no longer does leaves and is announced.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (id text, plan text);
INSERT INTO users VALUES ('u1', 'pro'), ('u2', 'pro'), ('u3', 'free');
SELECT hogsend_define_bucket('q', kind => 'query', query => $$SELECT id FROM users WHERE plan = 'pro'$$);
SELECT * FROM hogsend_refresh('q');
SELECT hogsend_define_bucket('q', kind => 'query', query => $$SELECT id FROM users WHERE plan = 'pro'$$);
SELECT hogsend_define_bucket('q', kind => 'query', query => $$SELECT id FROM users WHERE plan = 'pro'$$, refresh_every => '300 seconds');
SELECT hogsend_define_bucket('q', kind => 'query', query => $$SELECT id FROM users WHERE plan <> 'pro' OR id = 'u1'$$);
SELECT mode FROM bucket_refreshes;
SELECT entered, "left" FROM hogsend_reconcile();
SELECT user_id, event, reason, source FROM bucket_transitions ORDER BY id;
SELECT user_id, source FROM bucket_memberships WHERE status = 'active' ORDER BY 1;
-- Disabled: neither by the clock nor by hand; enabled again: silently.
UPDATE buckets SET enabled = false;
INSERT INTO users VALUES ('u4', 'free');
DELETE FROM users WHERE id = 'u3';
SET hogsend.now = '2026-01-01 13:00+00';
SELECT entered, "left" FROM hogsend_reconcile();
UPDATE buckets SET enabled = true;
SELECT entered, "left" FROM hogsend_reconcile();
SELECT user_id, event, reason, source FROM bucket_transitions WHERE recorded_at >= '2026-01-01 13:00+00' ORDER BY id;
-- A contact that was deleted comes back silently.
UPDATE contacts SET deleted_at = '2026-01-01 13:00+00' WHERE user_id = 'u4';
SELECT * FROM hogsend_refresh('q');
UPDATE contacts SET deleted_at = NULL WHERE user_id = 'u4';
SELECT * FROM hogsend_refresh('q');
SELECT count(*) AS announced FROM bucket_transitions WHERE user_id = 'u4';
-- To criteria, and back.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u9', 'app.opened', '2026-01-01 13:00+00');
UPDATE buckets SET kind = 'dynamic', query = NULL, criteria = hogsend_event('app.opened');
SELECT kind, query, refresh_every, query_path, query_role FROM buckets;
SELECT count(*) FROM bucket_refreshes;
SELECT user_id FROM bucket_members ORDER BY 1;
UPDATE buckets SET kind = 'query', criteria = NULL, query = 'SELECT id FROM users';
SELECT * FROM hogsend_refresh('q');
SELECT user_id FROM bucket_members ORDER BY 1;
SELECT user_id, event, reason FROM bucket_transitions ORDER BY id DESC LIMIT 3;
SELECT * FROM hogsend_verify('q');
INSERT INTO users VALUES ('u8', 'free');
DELETE FROM users WHERE id = 'u1';
SELECT * FROM hogsend_verify('q');
