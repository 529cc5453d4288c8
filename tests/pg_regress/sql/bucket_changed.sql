-- A changed criteria: those who now match join silently, those who no longer do leave and emit.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('b', hogsend_event('app.opened', within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('u1', 'app.opened', '2026-01-20 12:00+00', '{"plan": "pro"}'),
    ('u2', 'app.opened', '2026-01-20 12:00+00', '{"plan": "free"}'),
    ('u3', 'app.opened', '2026-01-01 12:00+00', '{"plan": "pro"}');
SELECT user_id FROM bucket_members ORDER BY 1;
-- Spelled otherwise it is the same: nothing happens.
UPDATE buckets SET criteria = '{"within": "168 hours", "check": "exists", "eventName": "app.opened", "type": "event"}';
SELECT mode FROM bucket_jobs ORDER BY id;
UPDATE buckets SET criteria = hogsend_property('plan', 'eq', 'pro');
SELECT user_id, entry_count, status, source, left_reason FROM bucket_memberships ORDER BY 1;
SELECT user_id, event, reason, source FROM bucket_transitions ORDER BY user_id, id;
SELECT mode, status, joined, "left" FROM bucket_jobs ORDER BY id;
-- The old windows are no longer anybody's business.
SET hogsend.now = '2026-03-01 12:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
-- Back again: the entry count goes on.
UPDATE buckets SET criteria = hogsend_event('app.opened');
SELECT user_id, entry_count, status, source FROM bucket_memberships WHERE user_id = 'u2' ORDER BY 2;
-- A name or a description is no change of the criteria.
UPDATE buckets SET name = 'Openers', description = 'whoever opened';
SELECT count(*) FROM bucket_jobs;
-- Deleting the bucket tells flows to exit.
DELETE FROM buckets;
SELECT user_id, event, reason FROM bucket_transitions WHERE reason = 'bucketDeleted' ORDER BY 1;
SELECT count(*) FROM bucket_timers;
