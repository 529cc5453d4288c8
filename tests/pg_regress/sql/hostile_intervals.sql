-- Intervals at the edge of what there is: the longest works, and one step more is refused with the reason.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u', 'x', '2026-01-01 12:00+00');
-- Windows.
INSERT INTO buckets (id, criteria) VALUES ('longest', hogsend_event('x', within => '106751991 days 4 hours 54.775807 seconds'));
INSERT INTO buckets (id, criteria) VALUES ('longer', hogsend_event('x', within => '106751991 days 4 hours 54.775808 seconds'));
INSERT INTO buckets (id, criteria) VALUES ('longer', hogsend_event('x', within => '2147483647 days'));
INSERT INTO buckets (id, criteria) VALUES ('shortest', hogsend_event('x', within => '0.000001 seconds'));
INSERT INTO buckets (id, criteria) VALUES ('shorter', hogsend_event('x', within => '0'));
INSERT INTO buckets (id, criteria) VALUES ('shorter', hogsend_event('x', within => '-1 day'));
INSERT INTO buckets (id, criteria) VALUES ('shorter', hogsend_event('x', within => '1 day -24 hours'));
INSERT INTO buckets (id, criteria) VALUES ('varying', hogsend_event('x', within => '178000000 years'));
INSERT INTO buckets (id, criteria) VALUES ('json', '{"type": "event", "eventName": "x", "check": "exists", "within": {"days": 1e400}}');
INSERT INTO buckets (id, criteria) VALUES ('json', '{"type": "event", "eventName": "x", "check": "exists", "within": {"days": 1e-400}}');
SELECT b.id, e.result, e.observed, e.flips_at FROM buckets b, hogsend_explain(b.id, 'u') e WHERE e.path = '$' ORDER BY b.id;
-- The bucket's own.
INSERT INTO buckets (id, criteria, min_dwell, max_dwell, entry_limit, entry_period, dwell_after, dwell_every)
VALUES ('far', hogsend_event('x'), '100000 days', '100000 days', 'once_per_period', '100000 days', '{100000 days}', '{100000 days}');
INSERT INTO buckets (id, criteria, max_dwell, entry_limit, entry_period, dwell_after, dwell_every)
VALUES ('near', hogsend_event('x'), '1 ms', 'once_per_period', '1 ms', '{1 ms}', '{1 ms}');
UPDATE buckets SET min_dwell = '100000 days 1 ms' WHERE id = 'near';
UPDATE buckets SET max_dwell = '2147483647 days' WHERE id = 'near';
UPDATE buckets SET max_dwell = '-2147483648 days' WHERE id = 'near';
UPDATE buckets SET max_dwell = '178000000 years' WHERE id = 'near';
UPDATE buckets SET max_dwell = '0.5 ms' WHERE id = 'near';
UPDATE buckets SET entry_period = '0' WHERE id = 'near';
UPDATE buckets SET dwell_after = '{1 ms,2147483647 days}' WHERE id = 'near';
UPDATE buckets SET dwell_every = '{1 ms,-1 ms}' WHERE id = 'near';
UPDATE buckets SET dwell_every = '{1 day,NULL}' WHERE id = 'near';
UPDATE buckets SET dwell_every = '{{1 day},{2 days}}' WHERE id = 'near';
SELECT b.id, m.max_dwell_at, t.due_at FROM buckets b JOIN bucket_memberships m ON m.bucket_id = b.id LEFT JOIN bucket_timers t ON t.bucket_id = b.id
WHERE b.id IN ('near', 'far') ORDER BY b.id;
SET hogsend.now = '2299-10-17 12:00+00';
SELECT entered, "left", dwelled, remaining FROM hogsend_reconcile();
SELECT event, dwell_count, effective_at FROM bucket_transitions ORDER BY id;
SELECT v.* FROM buckets b, hogsend_verify(b.id) v;
-- Calls.
SELECT * FROM hogsend_prune('178000000 years');
SELECT * FROM hogsend_prune('2147483647 days', '2147483647 days', true);
SELECT * FROM hogsend_prune('-1 day');
CALL hogsend_run('178000000 years');
CALL hogsend_run('-1 second');
