-- A windowed "exists" becomes false by the clock alone, to the microsecond.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened', within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 12:00+00');
SELECT user_id, bucket_id, due_at FROM bucket_timers;
-- Exactly 7 days old is inside.
SET hogsend.now = '2026-01-08 12:00+00';
SELECT hogsend_matches('active', 'u1');
SELECT entered, "left", rearmed, remaining FROM hogsend_reconcile();
-- One microsecond more is not.
SET hogsend.now = '2026-01-08 12:00:00.000001+00';
SELECT hogsend_matches('active', 'u1');
SELECT entered, "left", rearmed, remaining FROM hogsend_reconcile();
SELECT event, reason, source, effective_at, recorded_at FROM bucket_transitions ORDER BY id DESC LIMIT 1;
SELECT count(*) FROM bucket_timers;
-- Timers are lazy: an event that moves the flip away writes nothing.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'app.opened', '2026-01-08 12:00+00');
SELECT xmin AS before FROM bucket_timers WHERE user_id = 'u2' \gset
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'app.opened', '2026-01-10 12:00+00');
SELECT due_at, xmin::text = :'before' AS untouched FROM bucket_timers WHERE user_id = 'u2';
SELECT xmin::text = :'before' AS untouched FROM bucket_memberships WHERE user_id = 'u2';
-- When it comes due, nothing flips and it is armed again.
SET hogsend.now = '2026-01-16 12:00+00';
SELECT entered, "left", rearmed, remaining FROM hogsend_reconcile();
SELECT due_at FROM bucket_timers WHERE user_id = 'u2';
-- A clock that is days late: the leave is dated by the flip.
SET hogsend.now = '2026-01-25 12:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT user_id, event, effective_at, recorded_at FROM bucket_transitions ORDER BY id DESC LIMIT 1;
SELECT user_id, left_at, left_reason FROM bucket_memberships WHERE user_id = 'u2';
-- Once only.
SELECT entered, "left", dwelled, rearmed, remaining FROM hogsend_reconcile();
