-- Who stopped joins by the clock: they send no event that could say so.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('lapsed', hogsend_event('app.opened', never => true, within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u1', 'app.opened', '2026-01-01 12:00+00'),
    ('u2', 'signup', '2026-01-01 12:00+00');
SELECT user_id, due_at FROM bucket_timers ORDER BY 1;
SET hogsend.now = '2026-01-08 12:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SET hogsend.now = '2026-01-08 13:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT user_id, event, source, effective_at, recorded_at FROM bucket_transitions;
SELECT user_id, source, entered_at FROM bucket_memberships;
-- u2 never opened the app, so did not stop.
SELECT hogsend_matches('lapsed', 'u2'), hogsend_matches('lapsed', 'nobody');
-- Back again: the event ends it, and arms the next time.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-08 12:30+00');
SELECT user_id, event, reason, source, effective_at FROM bucket_transitions ORDER BY id DESC LIMIT 1;
SELECT user_id, due_at FROM bucket_timers;
-- And again.
SET hogsend.now = '2026-02-01 12:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT entry_count, status, entered_at FROM bucket_memberships ORDER BY 1;
