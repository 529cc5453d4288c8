-- Under evaluate = later only what passes some filter is left to the clock, which decides by the events as
-- they are then.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('big', '{"type": "event", "eventName": "bought", "check": "exists",
              "where": {"type": "property", "property": "$value", "operator": "gt", "value": 50}}'),
    ('shoes', '{"type": "event", "eventName": "bought", "check": "exists",
                "where": {"type": "property", "property": "category", "operator": "eq", "value": "shoes"}}');
INSERT INTO contacts (user_id) SELECT 'u' || n FROM generate_series(1, 5) n;
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, value, properties) VALUES
    ('u1', 'bought', 60, '{}'), ('u2', 'bought', 40, '{"category": "hats"}'), ('u3', 'bought', 40, '{"category": "shoes"}'),
    ('u4', 'bought', 70, '{}'), ('u5', 'bought', 80, '{}'), ('new', 'bought', 1, '{}');
SELECT user_id, what, name FROM user_queue ORDER BY id;
-- What is corrected and what is gone before the clock looks.
UPDATE user_events SET value = 10 WHERE user_id = 'u4';
DELETE FROM user_events WHERE user_id = 'u5';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
UPDATE user_events SET value = 51 WHERE user_id = 'u2';
UPDATE user_events SET properties = '{}' WHERE user_id = 'u3';
DELETE FROM user_events WHERE user_id = 'u1';
SELECT user_id, what, name FROM user_queue ORDER BY id;
SELECT entered, "left" FROM hogsend_reconcile();
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
SELECT user_id FROM contacts WHERE user_id = 'new';
