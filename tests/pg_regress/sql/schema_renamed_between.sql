-- The schema gets another name between two statements of a session: what the first has looked up is forgotten,
-- and the second, which asks what the first did not, asks there.
SET client_min_messages = warning;
CREATE SCHEMA segments;
CREATE EXTENSION hogsend SCHEMA segments;
SET search_path = segments;
INSERT INTO buckets (id, criteria) VALUES ('b', hogsend_event('e'));
INSERT INTO user_events (user_id, event) VALUES ('u1', 'e');
ALTER SCHEMA segments RENAME TO audiences;
SET search_path = audiences;
INSERT INTO user_events (user_id, event) SELECT 'u' || n, 'e' FROM generate_series(2, 4) n;
UPDATE user_events SET event = 'f' WHERE user_id = 'u1';
SELECT user_id FROM bucket_members ORDER BY 1;
SELECT * FROM hogsend_verify('b');
