-- A leave of a stay that is too young is deferred, not dropped.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria, min_dwell) VALUES ('pro', hogsend_property('plan', 'eq', 'pro'), '1 day');
INSERT INTO contacts (user_id, properties) VALUES ('u1', '{"plan": "pro"}'), ('u2', '{"plan": "pro"}'), ('u3', '{"plan": "pro"}');
SELECT count(*) FROM bucket_timers;
SET hogsend.now = '2026-01-01 13:00+00';
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id IN ('u1', 'u2');
SELECT user_id FROM bucket_members ORDER BY 1;
SELECT user_id, due_at FROM bucket_timers ORDER BY 1;
-- u2 comes back in time: there is nothing to leave.
SET hogsend.now = '2026-01-01 14:00+00';
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'u2';
SET hogsend.now = '2026-01-02 11:59:59.999999+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SET hogsend.now = '2026-01-02 12:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT user_id, event, reason, source, effective_at FROM bucket_transitions WHERE transition = 'left' ORDER BY id;
-- An old stay ends at once.
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id = 'u3';
SELECT user_id, event, source, effective_at FROM bucket_transitions WHERE transition = 'left' ORDER BY id DESC LIMIT 1;
-- A late clock: dated by entered_at + min_dwell.
INSERT INTO contacts (user_id, properties) VALUES ('u4', '{"plan": "pro"}');
UPDATE contacts SET properties = '{}' WHERE user_id = 'u4';
SET hogsend.now = '2026-01-20 12:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT user_id, effective_at, recorded_at FROM bucket_transitions WHERE transition = 'left' ORDER BY id DESC LIMIT 1;
-- A change that matters brings the leave without the clock, once the deferral is due.
INSERT INTO contacts (user_id, properties) VALUES ('u5', '{"plan": "pro"}');
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id = 'u5';
SET hogsend.now = '2026-01-22 12:00+00';
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'u5';
UPDATE contacts SET properties = '{"plan": "basic"}' WHERE user_id = 'u5';
SELECT user_id, source FROM bucket_transitions WHERE transition = 'left' ORDER BY id DESC LIMIT 1;
-- Windows too: the flip comes before the earliest leave.
INSERT INTO buckets (id, criteria, min_dwell) VALUES ('seen', hogsend_event('app.opened', within => '1 hour'), '3 hours');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('w1', 'app.opened', '2026-01-22 12:00+00');
SELECT due_at FROM bucket_timers WHERE user_id = 'w1';
SET hogsend.now = '2026-01-22 15:00+00';
SELECT "left" FROM hogsend_reconcile();
SELECT effective_at FROM bucket_transitions WHERE user_id = 'w1' AND transition = 'left';
