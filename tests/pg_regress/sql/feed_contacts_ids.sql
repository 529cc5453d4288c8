-- A row that gets another id is somebody else: the contact under the old one is deleted.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (id integer PRIMARY KEY, plan text);
SELECT hogsend_attach_contacts('users', user_id => 'id', properties => '{plan}');
UPDATE feeds SET import = 'done';
SELECT hogsend_define_bucket('pro', hogsend_property('plan', 'eq', 'pro'));
INSERT INTO users VALUES (3, 'pro'), (2, 'free'), (1, 'pro');
UPDATE users SET id = 10 WHERE id = 1;
SELECT user_id, properties, deleted_at FROM contacts ORDER BY user_id::int;
-- All of them at once: each contact is what the row with its id says.
UPDATE users SET id = id + 1 WHERE id < 10;
SELECT user_id, properties, deleted_at FROM contacts ORDER BY user_id::int;
SELECT transition, user_id FROM bucket_transitions ORDER BY id;
SELECT user_id FROM bucket_members ORDER BY user_id::int;
SELECT * FROM hogsend_verify('pro');
SELECT * FROM feed_notes;
