-- What a session remembers of users is forgotten with what is rolled back: the contact that was seen, and
-- the stay that was there. Otherwise the event that comes next would seem to change nothing.
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
INSERT INTO buckets (id, criteria) VALUES ('b', hogsend_event('e'));
INSERT INTO contacts (user_id) VALUES ('known');

-- A savepoint: somebody new, of whom no bucket knows the event, and somebody who joins.
BEGIN;
SAVEPOINT s;
INSERT INTO user_events (user_id, event) VALUES ('new', 'unreferenced');
INSERT INTO user_events (user_id, event) VALUES ('new', 'unreferenced');
INSERT INTO user_events (user_id, event) VALUES ('known', 'e');
INSERT INTO user_events (user_id, event) VALUES ('known', 'e');
ROLLBACK TO s;
INSERT INTO user_events (user_id, event) VALUES ('new', 'unreferenced');
INSERT INTO user_events (user_id, event) VALUES ('known', 'e');
COMMIT;
SELECT user_id FROM contacts ORDER BY 1;
SELECT user_id FROM bucket_members;

-- A transaction.
BEGIN;
INSERT INTO user_events (user_id, event) VALUES ('other', 'unreferenced');
INSERT INTO user_events (user_id, event) VALUES ('other', 'unreferenced');
INSERT INTO user_events (user_id, event) VALUES ('new', 'e');
INSERT INTO user_events (user_id, event) VALUES ('new', 'e');
ROLLBACK;
INSERT INTO user_events (user_id, event) VALUES ('other', 'unreferenced');
INSERT INTO user_events (user_id, event) VALUES ('new', 'e');
SELECT user_id FROM contacts ORDER BY 1;
SELECT user_id FROM bucket_members ORDER BY 1;
SELECT * FROM hogsend_verify('b');
