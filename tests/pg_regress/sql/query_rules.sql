-- The rules of other buckets hold for query buckets: entry limit, min_dwell, max_dwell, dwell.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (id text);
INSERT INTO buckets (id, kind, query, entry_limit) VALUES ('once', 'query', 'SELECT id FROM users', 'once');
INSERT INTO buckets (id, kind, query, min_dwell) VALUES ('min', 'query', 'SELECT id FROM users', '1 hour');
INSERT INTO buckets (id, kind, query, max_dwell, dwell_after) VALUES ('max', 'query', 'SELECT id FROM users', '1 hour', '{30 minutes}');
SELECT entered FROM hogsend_reconcile();
INSERT INTO users VALUES ('u1');
SET hogsend.now = '2026-01-01 12:05+00';
SELECT entered FROM hogsend_reconcile();
DELETE FROM users;
SET hogsend.now = '2026-01-01 12:10+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT bucket_id FROM bucket_members ORDER BY 1;
-- The entry limit.
INSERT INTO users VALUES ('u1');
SET hogsend.now = '2026-01-01 12:15+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT bucket_id, event, entry_count, recorded_at FROM bucket_transitions ORDER BY bucket_id, id;
-- A leave that min_dwell defers comes when it may.
DELETE FROM users;
SELECT * FROM hogsend_refresh('min');
SELECT due_at FROM bucket_refreshes WHERE bucket_id = 'min';
SELECT * FROM hogsend_verify('min');
UPDATE buckets SET refresh_every = '1 day' WHERE id = 'min';
SELECT * FROM hogsend_refresh('min');
SELECT due_at FROM bucket_refreshes WHERE bucket_id = 'min';
SET hogsend.now = '2026-01-01 13:05+00';
SELECT * FROM hogsend_refresh('min');
INSERT INTO users VALUES ('u1');
-- Dwell and max_dwell. The clock brings nobody back whom the query has returned all the time.
SET hogsend.now = '2026-01-02 12:00+00';
SELECT * FROM hogsend_refresh('max');
SELECT user_id, entered_at FROM bucket_members WHERE bucket_id = 'max';
SET hogsend.now = '2026-01-02 12:30+00';
SELECT dwelled FROM hogsend_reconcile();
SET hogsend.now = '2026-01-02 13:00+00';
SELECT FROM hogsend_reconcile();
SELECT event, reason, effective_at FROM bucket_transitions WHERE bucket_id = 'max' ORDER BY id DESC LIMIT 2;
SELECT * FROM hogsend_refresh('max');
SELECT user_id, bucket_id FROM bucket_holdouts;
SELECT * FROM hogsend_verify('max');
SET hogsend.now = '2026-01-02 14:00+00';
SELECT * FROM hogsend_refresh('max');
DELETE FROM users;
SELECT * FROM hogsend_refresh('max');
SELECT user_id, bucket_id FROM bucket_holdouts;
INSERT INTO users VALUES ('u1');
SELECT * FROM hogsend_refresh('max');
SET hogsend.now = '2026-01-02 14:30+00';
SELECT dwelled FROM hogsend_reconcile();
-- Absent between two refreshes only is nobody's to know.
SET hogsend.now = '2026-01-02 15:00+00';
SELECT FROM hogsend_reconcile();
DELETE FROM users;
SELECT * FROM hogsend_refresh('max');
INSERT INTO users VALUES ('u1');
SELECT * FROM hogsend_refresh('max');
SELECT event, entry_count, reason FROM bucket_transitions WHERE bucket_id = 'max' ORDER BY id DESC LIMIT 4;
-- Erasure leaves nothing.
SET hogsend.now = '2026-01-02 16:00+00';
SELECT FROM hogsend_reconcile();
SELECT count(*) FROM bucket_holdouts;
SELECT hogsend_forget_user('u1') > 0 AS erased;
SELECT count(*) FROM bucket_holdouts;
