-- What an event under somebody's other id says of the contact it says of that user's.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('pro', hogsend_property('plan', 'eq', 'pro')), ('paid', hogsend_all(hogsend_property('plan', 'eq', 'pro'), hogsend_event('bought')));
INSERT INTO contacts (user_id, email, properties) VALUES ('ada', 'ada@example.com', '{"plan": "free", "seats": 1}');
INSERT INTO user_aliases (alias, user_id) VALUES ('visitor', 'ada'), ('phone', 'bob');
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('visitor', 'bought', '{"plan": "pro"}');
SELECT user_id, email, properties FROM contacts;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
-- Of several names in one statement the last says what holds; who is not known yet becomes known by it.
INSERT INTO user_events (user_id, event, user_email, contact_properties) VALUES
    ('ada', 'a', NULL, '{"seats": 2, "city": "Oslo"}'), ('visitor', 'a', ' New@Example.com ', '{"seats": 3}'), ('ada', 'a', NULL, '{"city": "Rome"}'),
    ('phone', 'bought', 'bob@example.com', '{"plan": "pro"}'), ('eve', 'a', NULL, '{"plan": "pro"}');
SELECT user_id, email, properties FROM contacts ORDER BY user_id;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
SELECT user_id, event, count(*) FROM user_events GROUP BY 1, 2 ORDER BY 1, 2;
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
DROP EXTENSION hogsend CASCADE;
