-- Properties by an expression: those that the row does not have any more go, and no others.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (id integer PRIMARY KEY, settings jsonb, points integer, shown boolean DEFAULT true);
SELECT hogsend_attach_contacts('users', user_id => 'id', properties => $$settings || jsonb_build_object('points', points)$$, condition => 'shown');
UPDATE feeds SET import = 'done';
SELECT hogsend_define_bucket('either', hogsend_any(hogsend_property('a', 'exists'), hogsend_property('b', 'exists')));
INSERT INTO contacts (user_id, properties) VALUES ('1', '{"own": 1, "a": "theirs"}');
INSERT INTO users VALUES (1, '{"a": 1}', 5), (2, '{"a": 1, "c": {"deep": true}}', 6);
SELECT user_id, properties FROM contacts ORDER BY 1;
-- One goes and another comes, in one step: nobody leaves on the way.
UPDATE users SET settings = settings - 'a' || '{"b": 2}', points = points + 1;
SELECT user_id, properties FROM contacts ORDER BY 1;
SELECT transition, user_id FROM bucket_transitions ORDER BY id;
UPDATE users SET settings = '{}' WHERE id = 2;
SELECT user_id, properties FROM contacts ORDER BY 1;
SELECT transition, user_id FROM bucket_transitions ORDER BY id;
-- The same in other words is the same; JSON's null is a value.
UPDATE users SET settings = '{"b": 2.0, "n": null}' WHERE id = 1;
SELECT user_id, properties FROM contacts ORDER BY 1;
-- What the expression does not yield for an hour is not there for an hour.
UPDATE users SET shown = false WHERE id = 1;
UPDATE users SET settings = '{}', shown = true WHERE id = 1;
SELECT user_id, properties, deleted_at FROM contacts ORDER BY 1;
SELECT * FROM feed_notes;
