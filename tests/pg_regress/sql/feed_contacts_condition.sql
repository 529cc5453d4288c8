-- A condition says which rows are contacts: one that turns false deletes the contact, one that turns true brings it back.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (id text PRIMARY KEY, plan text, removed_at timestamptz, active boolean);
SELECT hogsend_attach_contacts('users', user_id => 'id', properties => '{plan}', condition => 'removed_at IS NULL AND active');
UPDATE feeds SET import = 'done';
SELECT hogsend_define_bucket('pro', hogsend_property('plan', 'eq', 'pro'));
CREATE VIEW seen AS SELECT user_id, properties, deleted_at FROM contacts ORDER BY user_id COLLATE "C";
INSERT INTO contacts (user_id, properties) VALUES ('known', '{"plan": "pro"}');
-- Neither false nor NULL is true. Who is known and comes as a row that is none is deleted.
INSERT INTO users VALUES ('yes', 'pro', NULL, true), ('no', 'pro', NULL, false), ('null', 'pro', NULL, NULL), ('known', 'pro', now(), true);
SELECT * FROM seen;
SELECT transition, user_id FROM bucket_transitions ORDER BY id;
-- A soft deletion, and what happens to a row meanwhile.
UPDATE users SET removed_at = '2026-01-01' WHERE id = 'yes';
SELECT * FROM seen;
UPDATE users SET plan = 'free' WHERE id = 'yes';
SELECT * FROM seen;
UPDATE users SET removed_at = NULL, plan = 'pro' WHERE id = 'yes';
UPDATE users SET active = true WHERE id = 'no';
SELECT * FROM seen;
SELECT transition, user_id FROM bucket_transitions ORDER BY id;
-- The row of a deleted contact goes.
UPDATE users SET active = false WHERE id = 'yes';
SET hogsend.now = '2026-01-02 12:00+00';
DELETE FROM users WHERE id IN ('yes', 'no');
SELECT * FROM seen;
SELECT * FROM feed_notes;
