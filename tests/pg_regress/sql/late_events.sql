-- Late and back-dated events are judged by occurred_at.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('active', hogsend_event('app.opened', within => '7 days')),
    ('lapsed', hogsend_event('app.opened', never => true, within => '7 days')),
    ('pair', hogsend_event('app.opened', within => '7 days', at_least => 2));
-- Too long ago: this user has lapsed already.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-10 12:00+00');
-- Three days ago: active since then, and until seven days after it.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'app.opened', '2026-01-17 12:00+00');
SELECT user_id, event, effective_at, recorded_at FROM bucket_transitions ORDER BY user_id;
SELECT user_id, bucket_id, due_at FROM bucket_timers ORDER BY 1, 2;
-- An older event after a newer one changes nothing about the newer.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'app.opened', '2025-01-01 12:00+00');
SELECT bucket_id, due_at FROM bucket_timers WHERE user_id = 'u2' ORDER BY 1;
-- A pair whose second half comes late: it holds until the older of the two leaves the window.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'app.opened', '2026-01-14 12:00+00');
SELECT bucket_id, due_at FROM bucket_timers WHERE user_id = 'u2' ORDER BY 1;
SET hogsend.now = '2026-01-22 12:00+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT event, effective_at FROM bucket_transitions WHERE user_id = 'u2' ORDER BY id DESC LIMIT 1;
-- A late event that would have kept somebody in brings them back in.
SET hogsend.now = '2026-01-25 12:00+00';
SELECT entered, "left" FROM hogsend_reconcile();
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'app.opened', '2026-01-23 12:00+00');
SELECT string_agg(bucket_id, ' ' ORDER BY bucket_id) AS buckets FROM bucket_members WHERE user_id = 'u2';
-- An event of the future is inside every window until it is over: there is no upper bound.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u3', 'app.opened', '2026-06-01 12:00+00');
SELECT event, effective_at FROM bucket_transitions WHERE user_id = 'u3';
SELECT bucket_id, due_at FROM bucket_timers WHERE user_id = 'u3' ORDER BY 1;
-- The ends of the calendar.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u4', 'app.opened', 'infinity'), ('u5', 'app.opened', '-infinity');
SELECT user_id, bucket_id FROM bucket_members WHERE user_id IN ('u4', 'u5') ORDER BY 1, 2;
