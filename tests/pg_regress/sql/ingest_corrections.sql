-- Corrections and erasure of events: the users concerned are looked at again.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('buyer', hogsend_event('purchase', at_least => 2)),
    ('lapsed', hogsend_event('app.opened', never => true, within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u1', 'purchase', '2026-01-01 10:00+00'), ('u1', 'purchase', '2026-01-01 11:00+00'),
    ('u2', 'purchase', '2026-01-01 10:00+00'),
    ('u3', 'purchase', '2026-01-01 10:00+00'), ('u3', 'purchase', '2026-01-01 11:00+00'),
    ('u4', 'app.opened', '2026-01-01 10:00+00');
SELECT user_id, event, entry_count, reason, source FROM bucket_transitions ORDER BY user_id, id;
-- DELETE: one purchase was never made.
DELETE FROM user_events WHERE user_id = 'u1' AND occurred_at = '2026-01-01 10:00+00';
-- UPDATE of the user: it was somebody else's. Both are looked at.
UPDATE user_events SET user_id = 'u2' WHERE user_id = 'u3' AND occurred_at = '2026-01-01 11:00+00';
SELECT user_id, event, entry_count, reason, source, recorded_at FROM bucket_transitions WHERE id > 2 ORDER BY user_id, id;
-- UPDATE of the event's name: it was no purchase.
UPDATE user_events SET event = 'refund' WHERE user_id = 'u2' AND occurred_at = '2026-01-01 11:00+00';
SELECT hogsend_has('buyer', 'u2');
UPDATE user_events SET event = 'purchase' WHERE event = 'refund';
SELECT hogsend_has('buyer', 'u2');
-- UPDATE of the time: it was longer ago, so the user has lapsed by now.
UPDATE user_events SET occurred_at = '2025-12-01 10:00+00' WHERE user_id = 'u4';
SELECT hogsend_has('lapsed', 'u4');
-- And without the event the user is out of scope: somebody who never opened did not stop.
DELETE FROM user_events WHERE user_id = 'u4';
SELECT hogsend_has('lapsed', 'u4');
-- Somebody unknown becomes known by getting an event, not by losing one.
DELETE FROM contacts WHERE user_id = 'u3';
UPDATE user_events SET user_id = 'u6' WHERE user_id = 'u3';
SELECT user_id FROM contacts WHERE user_id IN ('u3', 'u6');
UPDATE user_events SET user_id = 'u3' WHERE user_id = 'u6';
SELECT user_id FROM contacts WHERE user_id IN ('u3', 'u6') ORDER BY user_id;
-- An UPDATE that changes nothing that criteria read.
UPDATE user_events SET source = 'import', properties = '{"a": 1}';
SELECT count(*) FROM bucket_transitions;
-- TRUNCATE concerns everybody: it queues a job for each bucket that reads events.
INSERT INTO buckets (id, criteria) VALUES ('trial', hogsend_property('plan', 'eq', 'trial'));
INSERT INTO contacts (user_id, properties) VALUES ('u5', '{"plan": "trial"}');
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
TRUNCATE user_events;
SELECT bucket_id, mode, status FROM bucket_jobs WHERE status IN ('pending', 'running') ORDER BY bucket_id;
-- One call may advance one job: go on while anything remains.
SELECT "left" FROM hogsend_reconcile() \gset first_
SELECT "left", remaining FROM hogsend_reconcile() \gset second_
SELECT :first_left + :second_left AS "left", :'second_remaining' AS remaining;
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
SELECT user_id, event, entry_count, reason, source FROM bucket_transitions ORDER BY id DESC LIMIT 1;
