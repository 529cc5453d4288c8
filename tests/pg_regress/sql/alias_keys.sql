-- An event that the user has already comes in once, under whichever id: the late one is dropped, and what it says of the contact too.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('twice', hogsend_event('bought', at_least => 2));
INSERT INTO user_events (user_id, event, idempotency_key, value) VALUES ('ada', 'bought', 'k1', 1);
INSERT INTO user_aliases (alias, user_id) VALUES ('visitor', 'ada'), ('phone', 'ada');
-- The user has it.
INSERT INTO user_events (user_id, event, idempotency_key, contact_properties) VALUES ('visitor', 'bought', 'k1', '{"plan": "pro"}');
SELECT user_id, idempotency_key, value FROM user_events ORDER BY id;
SELECT user_id, properties FROM contacts;
SELECT event, user_id FROM bucket_transitions;
-- Two names in one statement, and the user among them: the user's own stays, else the first.
INSERT INTO user_events (user_id, event, idempotency_key, value) VALUES
    ('visitor', 'looked', 'k2', 1), ('ada', 'looked', 'k2', 2), ('phone', 'looked', 'k2', 3),
    ('phone', 'looked', 'k3', 4), ('visitor', 'looked', 'k3', 5), ('visitor', 'looked', NULL, 6), ('phone', 'looked', NULL, 7);
SELECT user_id, idempotency_key, value FROM user_events WHERE event = 'looked' ORDER BY id;
-- Very many, half of them again, in pieces.
INSERT INTO user_events (user_id, event, idempotency_key)
SELECT CASE n % 2 WHEN 0 THEN 'visitor' ELSE 'phone' END, 'many', 'm' || n / 2 FROM generate_series(2, 5001) n;
SELECT user_id, count(*), count(DISTINCT idempotency_key) FROM user_events WHERE event = 'many' GROUP BY 1;
-- hogsend_ingest says so.
SELECT hogsend_ingest('visitor', 'bought', idempotency_key => 'k1') AS again, hogsend_ingest('visitor', 'bought', idempotency_key => 'k9') AS stored,
    hogsend_ingest('phone', 'bought', idempotency_key => 'k9') AS again;
SELECT event, user_id FROM bucket_transitions;
-- ON CONFLICT as it may be written by hand.
INSERT INTO user_events (user_id, event, idempotency_key) VALUES ('visitor', 'bought', 'k1'), ('visitor', 'bought', 'k10') ON CONFLICT DO NOTHING;
INSERT INTO user_events (user_id, event, idempotency_key) VALUES ('visitor', 'bought', 'k10')
    ON CONFLICT (user_id, idempotency_key) DO UPDATE SET event = excluded.event;
SELECT user_id, event, count(*) FROM user_events WHERE event = 'bought' GROUP BY 1, 2;
SELECT * FROM hogsend_verify('twice');
DROP EXTENSION hogsend CASCADE;
