-- A deleted contact belongs nowhere, and that is no news to anybody.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria, min_dwell) VALUES
    ('active', hogsend_event('app.opened', within => '7 days'), '1 day'),
    ('pro', hogsend_property('plan', 'eq', 'pro'), NULL);
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('u1', 'app.opened', '2026-01-01 12:00+00', '{"plan": "pro"}'),
    ('u2', 'app.opened', '2026-01-01 12:00+00', '{"plan": "pro"}');
SELECT count(*) FROM bucket_transitions;
UPDATE contacts SET deleted_at = '2026-01-01 12:00+00' WHERE user_id = 'u1';
SELECT user_id, bucket_id, status, left_reason, left_at FROM bucket_memberships ORDER BY 1, 2;
SELECT user_id, bucket_id FROM bucket_timers ORDER BY 1, 2;
-- Events are stored, and that is all. A property leg is no different from an event leg.
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('u1', 'app.opened', '2026-01-01 12:00+00', '{"plan": "pro", "n": 1}');
UPDATE contacts SET properties = properties || '{"plan": "free"}' WHERE user_id = 'u1';
UPDATE contacts SET properties = properties || '{"plan": "pro"}' WHERE user_id = 'u1';
SELECT count(*) AS events FROM user_events WHERE user_id = 'u1';
SELECT (SELECT count(*) FROM bucket_transitions) AS transitions,
       (SELECT count(*) FROM bucket_members WHERE user_id = 'u1') AS memberships,
       (SELECT count(*) FROM bucket_timers WHERE user_id = 'u1') AS timers;
SELECT hogsend_matches('active', 'u1'), hogsend_matches('pro', 'u1');
SET hogsend.now = '2026-01-02 12:00+00';
-- Clearing deleted_at looks at them again, without announcing joins.
UPDATE contacts SET deleted_at = NULL WHERE user_id = 'u1';
SELECT user_id, bucket_id, entry_count, entered_at FROM bucket_memberships WHERE status = 'active' ORDER BY 1, 2;
SELECT count(*) FROM bucket_transitions;
-- From then on they are like everybody: a leave is news again.
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id = 'u1';
SELECT user_id, event, entry_count, reason FROM bucket_transitions WHERE id > 4;
-- Deleting the row does the same.
DELETE FROM contacts WHERE user_id = 'u2';
SELECT bucket_id, status, left_reason FROM bucket_memberships WHERE user_id = 'u2' ORDER BY 1;
SELECT count(*) FROM bucket_timers WHERE user_id = 'u2';
-- The next event makes a contact again, and the entry count goes on.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'app.opened', '2026-01-02 12:00+00');
SELECT user_id, event, entry_count FROM bucket_transitions WHERE id > 5;
-- Inserted as deleted.
INSERT INTO contacts (user_id, properties, deleted_at) VALUES ('u3', '{"plan": "pro"}', '2026-01-02 12:00+00');
SELECT count(*) FROM bucket_memberships WHERE user_id = 'u3';
-- Deleting and changing in one statement; and a whole table at once.
UPDATE contacts SET properties = '{"plan": "pro"}', deleted_at = '2026-01-02 12:00+00' WHERE user_id = 'u1';
DELETE FROM contacts;
SELECT user_id, bucket_id FROM bucket_members;
SELECT count(*) FROM bucket_memberships WHERE status = 'active';
SELECT count(*) FROM bucket_transitions;
