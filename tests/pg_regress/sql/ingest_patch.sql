-- An event may carry what it tells about the contact.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('pro', hogsend_property('plan', 'eq', 'pro')),
    ('big', hogsend_all(hogsend_property('seats', 'gte', 10), hogsend_event('signup')));
-- The patch counts in the very statement that brings it.
INSERT INTO user_events (user_id, event, occurred_at, user_email, contact_properties)
VALUES ('u1', 'signup', '2026-01-01 12:00+00', '  Ada@Example.COM ', '{"plan": "pro", "seats": 3, "address": {"city": "Oslo", "zip": "0150"}}');
SELECT user_id, email, properties FROM contacts;
SELECT event, user_id, effective_at FROM bucket_transitions ORDER BY id;
-- Top-level keys replace; others stay; without an address the old one stays.
INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
VALUES ('u1', 'anything', '2026-01-01 12:00+00', '{"seats": 12, "address": {"city": "Rome"}}');
SELECT email, properties FROM contacts;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
-- A new address replaces the old.
INSERT INTO user_events (user_id, event, occurred_at, user_email) VALUES ('u1', 'anything', '2026-01-01 12:00+00', 'ADA@new.example');
SELECT email FROM contacts;
-- Within a statement the rows apply in their order, and only the last state is judged.
INSERT INTO user_events (user_id, event, occurred_at, user_email, contact_properties) VALUES
    ('u2', 'a', '2026-01-01 12:00+00', 'first@example.com', '{"plan": "pro", "kept": 1}'),
    ('u2', 'b', '2026-01-01 12:00+00', NULL, '{"plan": "free"}'),
    ('u2', 'c', '2026-01-01 12:00+00', 'last@example.com', NULL);
SELECT email, properties FROM contacts WHERE user_id = 'u2';
SELECT count(*) FROM bucket_transitions WHERE user_id = 'u2';
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('u2', 'a', '2026-01-01 12:00+00', '{"plan": "free", "seats": 1}'),
    ('u2', 'b', '2026-01-01 12:00+00', '{"plan": "pro"}');
SELECT event FROM bucket_transitions WHERE user_id = 'u2';
-- null is a value: the key is there, and not trial any more.
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('u2', 'a', '2026-01-01 12:00+00', '{"plan": null}');
SELECT properties FROM contacts WHERE user_id = 'u2';
SELECT event, reason FROM bucket_transitions WHERE user_id = 'u2' ORDER BY id;
-- The event's own properties are never read.
INSERT INTO user_events (user_id, event, occurred_at, properties) VALUES ('u2', 'a', '2026-01-01 12:00+00', '{"plan": "pro"}');
SELECT hogsend_has('pro', 'u2');
-- Numbers keep all their digits.
INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
VALUES ('u3', 'a', '2026-01-01 12:00+00', '{"seats": 12345678901234567890123.1, "huge": 1e400}');
SELECT properties -> 'seats' AS seats, length((properties -> 'huge')::text) AS huge_digits FROM contacts WHERE user_id = 'u3';
-- JSON null is what a client writes that has none: it is none, whatever else the row brings.
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('u4', 'a', '2026-01-01 12:00+00', 'null');
INSERT INTO user_events (user_id, event, occurred_at, user_email, contact_properties) VALUES
    ('u4', 'a', '2026-01-01 12:00+00', 'u4@example.com', 'null'), ('u4', 'a', '2026-01-01 12:00+00', NULL, '{"plan": "pro"}'),
    ('u4', 'a', '2026-01-01 12:00+00', NULL, 'null');
SELECT hogsend_ingest('u4', 'a', occurred_at => '2026-01-01 12:00+00', contact_properties => 'null');
UPDATE user_events SET contact_properties = 'null' WHERE user_id = 'u4';
SELECT email, properties FROM contacts WHERE user_id = 'u4';
SELECT event FROM bucket_transitions WHERE user_id = 'u4';
-- A patch that is no object is refused where it is given.
\set VERBOSITY terse
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('u5', 'a', '[1]');
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('u5', 'a', '[null]');
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('u5', 'a', '"null"');
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('u5', 'a', 'false');
SELECT count(*) FROM contacts;
