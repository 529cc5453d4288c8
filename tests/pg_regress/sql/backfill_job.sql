-- Beyond hogsend.inline_backfill candidates a definition only creates a job, which the clock carries
-- on in chunks and CALL hogsend_backfill() runs to the end.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event, occurred_at)
SELECT 'u' || to_char(n, 'FM000'), CASE WHEN n % 4 = 0 THEN 'signup' ELSE 'app.opened' END,
       timestamptz '2026-01-20 12:00+00' - n * interval '1 hour'
FROM generate_series(1, 400) n;
RESET hogsend.evaluate;
SELECT rearmed, remaining FROM hogsend_reconcile();
SET hogsend.inline_backfill = 299;
SET client_min_messages = notice;
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened', within => '7 days'));
SET client_min_messages = warning;
SELECT hogsend_count('active');
SELECT mode, status, total, processed FROM bucket_jobs;
-- Three hundred candidates are no more than three hundred.
SET hogsend.inline_backfill = 300;
INSERT INTO buckets (id, criteria) VALUES ('lapsed', hogsend_event('app.opened', never => true, within => '7 days'));
SELECT hogsend_count('lapsed');
-- The clock looks at so and so many contacts a time, in the order of their ids.
SELECT entered, backfilled, remaining FROM hogsend_reconcile(50);
SELECT mode, status, total, processed, reached, joined, "left" FROM bucket_jobs WHERE bucket_id = 'active';
SELECT hogsend_count('active');
SELECT entered, backfilled, remaining FROM hogsend_reconcile(100);
SELECT status, total, processed, reached, joined FROM bucket_jobs WHERE bucket_id = 'active';
-- To the end. What there is to say of the time it took differs from run to run.
CALL hogsend_backfill('active');
SELECT status, total, processed, joined, "left", started_at, finished_at FROM bucket_jobs WHERE bucket_id = 'active';
SELECT hogsend_count('active'), count(*) FROM user_events
WHERE event = 'app.opened' AND occurred_at >= '2026-01-13 12:00+00';
SELECT source, count(*), count(dwell_anchor_at) FROM bucket_memberships WHERE bucket_id = 'active' GROUP BY 1;
SELECT count(*) AS announced FROM bucket_transitions;
-- Again is nothing.
CALL hogsend_backfill('active');
SELECT * FROM hogsend_verify('active');
SELECT * FROM hogsend_verify('lapsed');
-- Wrong calls.
CALL hogsend_backfill('nope');
CALL hogsend_backfill(NULL);
-- A bucket that is deleted with its job open leaves nothing to do.
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria) VALUES ('short', hogsend_event('signup'));
DELETE FROM buckets WHERE id = 'short';
SELECT entered, remaining FROM hogsend_reconcile();
SELECT status, joined FROM bucket_jobs WHERE bucket_id = 'short';
-- How many are to be looked at is a number of them.
SELECT * FROM hogsend_backfill_chunk('b', 0);
SELECT * FROM hogsend_backfill_chunk('b', -5);
SELECT * FROM hogsend_backfill_chunk('b', NULL);
SELECT * FROM hogsend_backfill_chunk(NULL, 5);
