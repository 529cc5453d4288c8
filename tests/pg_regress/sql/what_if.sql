-- Try it before you mean it: in a transaction everything can be seen, and ROLLBACK leaves no trace.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO buckets (id, criteria, dwell_after) VALUES ('active', hogsend_event('app.opened', within => '7 days'), '{5 days}');
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u1', 'app.opened', '2026-01-10 11:00+00'),
    ('u2', 'app.opened', '2026-01-05 11:00+00'),
    ('u3', 'app.opened', '2025-12-31 11:00+00'),
    ('u4', 'signup', '2026-01-10 11:00+00');
CREATE VIEW everything AS
    SELECT 'buckets' AS relation, to_jsonb(t) AS content FROM buckets t
    UNION ALL SELECT 'contacts', to_jsonb(t) FROM contacts t
    UNION ALL SELECT 'user_events', to_jsonb(t) FROM user_events t
    UNION ALL SELECT 'bucket_memberships', to_jsonb(t) FROM bucket_memberships t
    UNION ALL SELECT 'bucket_timers', to_jsonb(t) FROM bucket_timers t
    UNION ALL SELECT 'bucket_transitions', to_jsonb(t) FROM bucket_transitions t
    UNION ALL SELECT 'bucket_jobs', to_jsonb(t) FROM bucket_jobs t;
CREATE TABLE before AS TABLE everything;
CREATE VIEW trace AS
    (TABLE everything EXCEPT ALL TABLE before) UNION ALL (TABLE before EXCEPT ALL TABLE everything);

-- What if the window were three days?
BEGIN;
SELECT hogsend_define_bucket('active', hogsend_event('app.opened', within => '3 days'), dwell_after => '{5 days}');
SELECT hogsend_count('active');
SELECT user_id FROM bucket_members;
SELECT user_id, event, reason, source FROM bucket_transitions ORDER BY id DESC LIMIT 1;
SELECT mode, status, joined, "left" FROM bucket_jobs ORDER BY id DESC LIMIT 1;
-- Events are judged by it, too: four days ago is too long ago.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u4', 'app.opened', '2026-01-06 11:00+00');
SELECT hogsend_has('active', 'u4');
SELECT relation, count(*) FROM trace GROUP BY relation ORDER BY relation;
ROLLBACK;
SELECT * FROM trace;
-- In the same session the old definition is in force again: four days ago counts.
BEGIN;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u4', 'app.opened', '2026-01-06 11:00+00');
SELECT hogsend_has('active', 'u4'), hogsend_count('active');
ROLLBACK;
SELECT * FROM trace;

-- What if a week goes by, and u1 alone goes on using the app?
BEGIN;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-14 12:00+00');
SET LOCAL hogsend.now = '2026-01-17 12:00+00';
SELECT entered, "left", dwelled, remaining FROM hogsend_reconcile();
SELECT user_id, event, effective_at FROM bucket_transitions WHERE source = 'reconcile' ORDER BY id;
SELECT user_id FROM bucket_members;
SELECT active, left_24h, next_due FROM bucket_stats;
ROLLBACK;
SHOW hogsend.now;
SELECT * FROM trace;
SELECT entered, "left", dwelled, remaining FROM hogsend_reconcile();

-- What if there were another bucket, and this one were gone?
BEGIN;
SELECT hogsend_define_bucket('new', hogsend_event('signup'));
DELETE FROM buckets WHERE id = 'active';
SELECT bucket_id, user_id FROM bucket_members;
SELECT user_id, reason FROM bucket_transitions WHERE transition = 'left' ORDER BY user_id;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u5', 'signup', '2026-01-10 12:00+00'), ('u5', 'app.opened', '2026-01-10 12:00+00');
SELECT bucket_id, user_id FROM bucket_members ORDER BY user_id;
ROLLBACK;
SELECT * FROM trace;
-- The bucket that never was concerns nobody, and the one that was never gone does.
BEGIN;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u5', 'signup', '2026-01-10 12:00+00'), ('u5', 'app.opened', '2026-01-10 12:00+00');
SELECT bucket_id, user_id FROM bucket_members ORDER BY user_id;
ROLLBACK;

-- A savepoint is enough: what comes after it is as if nothing had been tried.
BEGIN;
SAVEPOINT what_if;
SELECT hogsend_define_bucket('active', hogsend_event('signup'));
SELECT user_id FROM bucket_members;
ROLLBACK TO SAVEPOINT what_if;
SELECT * FROM trace;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u4', 'app.opened', '2026-01-10 12:00+00'), ('u6', 'signup', '2026-01-10 12:00+00');
COMMIT;
SELECT user_id FROM bucket_members ORDER BY user_id;
SELECT user_id, event, source FROM bucket_transitions ORDER BY id;
