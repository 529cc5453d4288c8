-- Who was queued by a session that is silent is looked at in silence, whoever looks.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO buckets (id, criteria, dwell_after) VALUES ('active', hogsend_event('opened', within => '10 days'), '{1 day}');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'opened', '2026-01-10 00:00+00');
SET hogsend.evaluate = off;
SET hogsend.announce = off;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'opened', '2026-01-09 00:00+00');
DELETE FROM user_events WHERE user_id = 'u1';
SET hogsend.announce = on;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u3', 'opened', '2026-01-09 00:00+00');
RESET hogsend.evaluate;
SELECT user_id, bucket_id, silent, muted FROM bucket_timers WHERE bucket_id = '*' ORDER BY 1;
SELECT entered, "left" FROM hogsend_reconcile();
SELECT user_id, status, source, announced, left_announced FROM bucket_memberships ORDER BY 1;
SELECT user_id, transition, source FROM bucket_transitions ORDER BY id;
-- Once looked at, they are as everybody else.
SET hogsend.now = '2026-01-11 12:00+00';
SELECT dwelled FROM hogsend_reconcile();
SELECT user_id, transition, source FROM bucket_transitions ORDER BY user_id, id;
