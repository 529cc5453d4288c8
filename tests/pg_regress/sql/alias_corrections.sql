-- An UPDATE that gives an event to an alias gives it to the user.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('buyer', hogsend_event('bought'));
INSERT INTO user_events (user_id, event, idempotency_key) VALUES ('ada', 'seen', 'k1'), ('eve', 'bought', 'k2'), ('eve', 'bought', 'k1'), ('eve', 'seen', NULL);
INSERT INTO user_aliases (alias, user_id) VALUES ('visitor', 'ada');
SELECT event, user_id FROM bucket_transitions ORDER BY id;
UPDATE user_events SET user_id = 'visitor' WHERE user_id = 'eve' AND event = 'bought';
SELECT user_id, event, idempotency_key FROM user_events ORDER BY id;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
SELECT user_id FROM contacts ORDER BY user_id;
-- What got under an alias all the same, because triggers were off, goes to the user when it is next written.
SET session_replication_role = replica;
INSERT INTO user_events (user_id, event) VALUES ('visitor', 'read'), ('visitor', 'read');
SET session_replication_role = origin;
UPDATE user_events SET value = 1 WHERE user_id = 'visitor' AND id = (SELECT min(id) FROM user_events WHERE user_id = 'visitor');
SELECT user_id, event, value FROM user_events WHERE event = 'read' ORDER BY id;
DELETE FROM user_events WHERE user_id = 'visitor';
SELECT user_id, event FROM user_events ORDER BY id;
SELECT * FROM hogsend_verify('buyer');
DROP EXTENSION hogsend CASCADE;
