-- Of whom neither a contact nor an event is left, nothing is left in the queue, and the clock makes nobody known.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('did', hogsend_event('e')),
    ('pro', hogsend_property('plan', 'eq', 'pro'));
INSERT INTO contacts (user_id) VALUES ('known');
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at, user_email, contact_properties)
SELECT u, 'e', '2026-01-01 11:00+00', u || '@example.com', '{"plan": "pro"}' FROM unnest(ARRAY['known', 's1', 's2', 's3', 's4']) u;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('s2', 'x', '2026-01-01 11:00+00'), ('s1', 'bucket:own', '2026-01-01 11:00+00');
-- Under later, one who has done something else stays.
DELETE FROM user_events WHERE event = 'e' AND user_id IN ('s1', 's2', 'known');
SELECT user_id, what, name, user_email FROM user_queue ORDER BY id;
-- Evaluated at once and with evaluation off, likewise.
RESET hogsend.evaluate;
DELETE FROM contacts WHERE user_id = 's3';
DELETE FROM user_events WHERE user_id = 's3';
SET hogsend.evaluate = off;
DELETE FROM user_events WHERE user_id = 's4';
RESET hogsend.evaluate;
SELECT user_id, what, name, user_email FROM user_queue ORDER BY id;
-- Who comes again does not find what they had said.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('s3', 'e', '2026-01-01 11:30+00');
SELECT entered, "left" FROM hogsend_reconcile();
SELECT user_id, email, properties FROM contacts ORDER BY 1;
-- After TRUNCATE there are contacts and nobody else.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('s5', 'e', '2026-01-01 11:00+00', '{"plan": "pro"}'), ('known', 'x', '2026-01-01 11:00+00', '{"seats": 1}');
RESET hogsend.evaluate;
TRUNCATE user_events;
SELECT user_id, what, name FROM user_queue ORDER BY id;
SELECT entered, "left" FROM hogsend_reconcile();
SELECT user_id, properties FROM contacts ORDER BY 1;
-- Who is deleted with their events left, and corrected to something that no bucket references, is known again.
DELETE FROM contacts;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('again', 'e', '2026-01-01 11:00+00');
DELETE FROM contacts WHERE user_id = 'again';
SET hogsend.evaluate = later;
UPDATE user_events SET event = 'x' WHERE user_id = 'again';
RESET hogsend.evaluate;
SELECT user_id, what, name FROM user_queue ORDER BY id;
SELECT entered, "left" FROM hogsend_reconcile();
SELECT user_id FROM contacts;
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
