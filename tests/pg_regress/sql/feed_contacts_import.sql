-- As long as the import is under way a statement brings what it touches, and says nothing of what was there before.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (id integer PRIMARY KEY, plan text, locale text, seen integer, shown boolean DEFAULT true);
SET hogsend.inline_backfill = 0;
INSERT INTO users VALUES (1, 'pro', 'de'), (2, 'free', 'de'), (3, 'pro', 'de'), (5, 'pro', 'de');
INSERT INTO users VALUES (4, 'pro', 'en', 1, false);
INSERT INTO contacts (user_id) VALUES ('4'), ('5');
SELECT hogsend_attach_contacts('users', user_id => 'id', properties => '{plan,locale}', condition => 'shown');
UPDATE feeds SET import = 'running';
SELECT hogsend_define_bucket('pro', hogsend_property('plan', 'eq', 'pro'));
SELECT hogsend_define_bucket('german', hogsend_property('locale', 'eq', 'de'));
-- Nothing of it changes: all of it is history.
UPDATE users SET seen = 1 WHERE id IN (1, 4, 5);
SELECT user_id, properties, deleted_at FROM contacts ORDER BY 1;
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
SELECT transition, bucket_id, user_id FROM bucket_transitions ORDER BY id;
-- A change is none, of who is there; of who was not there it is history as well.
UPDATE users SET plan = CASE plan WHEN 'free' THEN 'pro' ELSE 'free' END WHERE id IN (1, 2);
INSERT INTO users VALUES (6, 'pro', 'de');
SELECT user_id, properties, deleted_at FROM contacts ORDER BY 1;
SELECT transition, bucket_id, user_id FROM bucket_transitions ORDER BY bucket_id, user_id, id;
SELECT * FROM feed_notes;
