-- Who would join and who would leave by other criteria: what changing them then does, with all that the
-- bucket and its stays have to say about it.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO buckets (id, criteria, min_dwell, max_dwell) VALUES ('b', hogsend_event('buy', within => '7 days'), '2 days', '6 days');
INSERT INTO buckets (id, kind) VALUES ('manual', 'manual');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('old', 'buy', '2026-01-10 12:00+00'), ('timed.out', 'buy', '2026-01-10 12:00+00');
SET hogsend.now = '2026-01-13 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('stays', 'buy', '2026-01-13 12:00+00'), ('stays', 'open', '2026-01-13 12:00+00'),
    ('leaves', 'buy', '2026-01-13 12:00+00'),
    ('joins', 'open', '2026-01-13 12:00+00'),
    ('left', 'buy', '2026-01-06 13:00+00');
SET hogsend.now = '2026-01-16 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('timed.out', 'open', '2026-01-16 12:00+00'), ('old', 'open', '2026-01-16 12:00+00'), ('left', 'open', '2026-01-16 12:00+00');
SELECT entered, "left" FROM hogsend_reconcile(1);
SET hogsend.now = '2026-01-17 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('young', 'buy', '2026-01-17 12:00+00');
SET hogsend.now = '2026-01-18 12:00+00';
-- Due and not yet handled: 'old' has been in for longer than max_dwell. 'young' may not leave yet.
SELECT user_id, entry_count, status, left_reason, entered_at, max_dwell_at FROM bucket_memberships ORDER BY 1, 2;
SELECT * FROM hogsend_preview_change('b', hogsend_event('open', within => '7 days'));
BEGIN;
UPDATE buckets SET criteria = hogsend_event('open', within => '7 days') WHERE id = 'b';
SELECT user_id, entry_count, status, left_reason FROM bucket_memberships WHERE entered_at = '2026-01-18 12:00+00' OR left_at = '2026-01-18 12:00+00' ORDER BY 1, 2;
ROLLBACK;
-- Samples.
SELECT * FROM hogsend_preview_change('b', hogsend_event('open', within => '7 days'), sample => 1);
-- Other words for the same criteria are no change; who is due is the clock's.
SELECT * FROM hogsend_preview_change('b', '{"within": {"hours": 168}, "type": "event", "check": "exists", "eventName": "buy"}');
-- Nothing was written.
BEGIN READ ONLY;
SELECT joins, leaves FROM hogsend_preview_change('b', hogsend_event('open', within => '7 days'));
SELECT pg_current_xact_id_if_assigned() IS NULL AS nothing_written;
COMMIT;
-- Refusals.
SELECT * FROM hogsend_preview_change('nope', hogsend_event('open'));
SELECT * FROM hogsend_preview_change(NULL, hogsend_event('open'));
SELECT * FROM hogsend_preview_change('manual', hogsend_event('open'));
SELECT * FROM hogsend_preview_change('b', '{"type": "event"}');
SELECT * FROM hogsend_preview_change('b', NULL);
SELECT * FROM hogsend_preview_change('b', hogsend_event('open'), -1);
