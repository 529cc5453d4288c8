-- Whom the clock held off during a first backfill comes as soon as that is complete.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u1', 'app.opened', '2026-01-01 12:00+00'), ('u2', 'app.opened', '2026-01-01 12:00+00');
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria, dwell_after) VALUES ('active', hogsend_event('app.opened', within => '7 days'), '{1 hour}');
SELECT s.processed, s.joined, s.done FROM hogsend_backfill_chunk('active', 1) s;
SET hogsend.now = '2026-01-01 13:00+00';
-- The dwell of u1 is due. This comes upon it before the job, of which it then does the rest.
SELECT entered, dwelled, rearmed, backfilled, remaining FROM hogsend_reconcile();
SELECT * FROM hogsend_verify('active');
SELECT dwelled, remaining FROM hogsend_reconcile();
SELECT user_id, event, effective_at, recorded_at FROM bucket_transitions ORDER BY user_id;
