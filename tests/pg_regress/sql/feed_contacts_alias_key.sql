-- A row whose key becomes another name of the same person is there still: nobody is deleted by that.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
SELECT hogsend_define_bucket('pro', hogsend_property('plan', 'eq', 'pro'));
CREATE TABLE users (id text PRIMARY KEY, plan text, is_active boolean NOT NULL DEFAULT true);
INSERT INTO users VALUES ('ada', 'pro'), ('bob', 'pro'), ('cid', 'pro'), ('dan', 'free');
SELECT hogsend_attach_contacts('users', user_id => 'id', properties => '{plan}', condition => 'is_active');
SELECT hogsend_identify('ada-phone', 'ada'), hogsend_identify('ada-visitor', 'ada'), hogsend_identify('bob-phone', 'bob');
CREATE VIEW people AS SELECT user_id, properties ->> 'plan' AS plan, deleted_at IS NOT NULL AS deleted, hogsend_has('pro', user_id) AS pro FROM contacts ORDER BY user_id;
UPDATE users SET id = 'ada-phone' WHERE id = 'ada';
SELECT * FROM people;
-- To yet another name, and back.
UPDATE users SET id = 'ada-visitor', plan = 'free' WHERE id = 'ada-phone';
SELECT * FROM people WHERE user_id = 'ada';
UPDATE users SET id = 'ada' WHERE id = 'ada-visitor';
SELECT * FROM people WHERE user_id = 'ada';
-- In one statement with others, of whom one goes, and one becomes another person's other name.
UPDATE users SET id = CASE id WHEN 'ada' THEN 'ada-phone' WHEN 'bob' THEN 'bob-phone' WHEN 'cid' THEN 'ada-visitor' ELSE id END,
    is_active = id <> 'bob';
SELECT * FROM people;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
SELECT * FROM hogsend_verify_feed('users');
SELECT * FROM hogsend_verify('pro');
-- Whoever is to be erased with the row is not, either.
SELECT hogsend_detach('users');
DELETE FROM users;
INSERT INTO users VALUES ('eve', 'pro'), ('fay', 'pro');
SELECT hogsend_attach_contacts('users', user_id => 'id', properties => '{plan}', on_delete => 'forget');
SELECT hogsend_identify('eve-phone', 'eve');
UPDATE users SET id = 'eve-phone' WHERE id = 'eve';
SELECT user_id, pro FROM people WHERE user_id IN ('eve', 'fay');
DELETE FROM users WHERE id = 'fay';
SELECT user_id, pro FROM people WHERE user_id IN ('eve', 'fay');
DROP EXTENSION hogsend CASCADE;
