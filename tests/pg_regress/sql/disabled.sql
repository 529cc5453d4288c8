-- A disabled bucket keeps its members, evaluates nothing and emits nothing.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria, dwell_after) VALUES ('active', hogsend_event('app.opened', within => '7 days'), '{1 day}');
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u1', 'app.opened', '2026-01-01 12:00+00'), ('u2', 'app.opened', '2026-01-01 12:00+00');
UPDATE buckets SET enabled = false;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u3', 'app.opened', '2026-01-01 12:00+00');
DELETE FROM user_events WHERE user_id = 'u1';
SET hogsend.now = '2026-01-03 12:00+00';
SELECT entered, "left", dwelled, remaining FROM hogsend_reconcile();
SELECT user_id, status FROM bucket_memberships ORDER BY 1;
SELECT user_id, event FROM bucket_transitions ORDER BY id;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u4', 'app.opened', '2026-01-03 12:00+00');
-- Enabled again: looked at afresh. Who matches now joins silently, who does not leaves and is announced.
UPDATE buckets SET enabled = true;
SELECT user_id, status, source, left_reason FROM bucket_memberships ORDER BY 1;
SELECT user_id, event, reason, source FROM bucket_transitions ORDER BY id DESC LIMIT 1;
-- And the clock goes on.
SET hogsend.now = '2026-01-20 12:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
-- Disabled from the start.
INSERT INTO buckets (id, criteria, enabled) VALUES ('off', hogsend_event('app.opened'), false);
SELECT count(*) FROM bucket_memberships WHERE bucket_id = 'off';
UPDATE buckets SET enabled = true WHERE id = 'off';
SELECT user_id, source FROM bucket_memberships WHERE bucket_id = 'off' ORDER BY 1;
-- Deleted contacts leave a disabled bucket, too.
UPDATE buckets SET enabled = false WHERE id = 'off';
UPDATE contacts SET deleted_at = '2026-01-20 12:00+00' WHERE user_id = 'u2';
SELECT status, left_reason FROM bucket_memberships WHERE bucket_id = 'off' AND user_id = 'u2';
