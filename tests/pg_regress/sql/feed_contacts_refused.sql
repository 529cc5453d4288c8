-- What others have put on contacts can refuse a contact, and not the statement on the table.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (id text PRIMARY KEY, email text, plan text);
SELECT hogsend_attach_contacts('users', user_id => 'id', email => 'email', properties => '{plan}');
UPDATE feeds SET import = 'done';
SELECT hogsend_define_bucket('pro', hogsend_property('plan', 'eq', 'pro'));
CREATE VIEW seen AS SELECT user_id, email, properties, deleted_at FROM contacts ORDER BY user_id COLLATE "C";
-- A condition: who meets it is written all the same.
ALTER TABLE contacts ADD CONSTRAINT real_plan CHECK (properties ->> 'plan' <> 'bad'), ADD CONSTRAINT kept CHECK (user_id <> 'kept' OR deleted_at IS NULL);
INSERT INTO users VALUES ('a', NULL, 'pro'), ('b', NULL, 'bad'), ('c', NULL, 'free'), ('kept', NULL, 'free');
SELECT * FROM seen;
UPDATE users SET plan = CASE id WHEN 'a' THEN 'bad' ELSE 'pro' END;
SELECT * FROM seen;
DELETE FROM users WHERE id IN ('b', 'kept');
SELECT * FROM seen;
SELECT feed, skipped, failed, error FROM feed_notes ORDER BY id;
SELECT transition, user_id FROM bucket_transitions ORDER BY id;
ALTER TABLE contacts DROP CONSTRAINT real_plan, DROP CONSTRAINT kept;
-- An index, and a trigger.
CREATE UNIQUE INDEX one_each ON contacts (email);
INSERT INTO users VALUES ('d', 'same@example.com'), ('e', 'same@example.com'), ('f', 'f@example.com');
DROP INDEX one_each;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not today'; END $$;
CREATE TRIGGER refuse BEFORE INSERT OR UPDATE ON contacts FOR EACH ROW WHEN (new.user_id = 'g') EXECUTE FUNCTION refuse();
INSERT INTO users VALUES ('g', 'g@example.com'), ('h', 'h@example.com');
SELECT user_id, email FROM seen WHERE user_id > 'c';
SELECT feed, skipped, failed, error FROM feed_notes ORDER BY id;
-- A user who is an alias has no contact; the row patches nobody.
INSERT INTO user_aliases (alias, user_id) VALUES ('visitor', 'a');
INSERT INTO users VALUES ('visitor', 'v@example.com', 'pro');
UPDATE users SET plan = 'free' WHERE id = 'visitor';
DELETE FROM users WHERE id = 'visitor';
SELECT user_id FROM contacts WHERE user_id = 'visitor';
SELECT sum(skipped) AS skipped FROM feed_notes;
-- One that says nothing of what it refuses.
CREATE RULE nobody AS ON INSERT TO contacts WHERE new.user_id = 'i' DO INSTEAD NOTHING;
INSERT INTO users VALUES ('i', NULL), ('j', NULL);
UPDATE users SET plan = 'free' WHERE id IN ('i', 'j');
SELECT user_id, properties FROM contacts WHERE user_id IN ('i', 'j');
SELECT feed, skipped, failed, error FROM feed_notes WHERE failed > 0 ORDER BY id DESC LIMIT 3;
