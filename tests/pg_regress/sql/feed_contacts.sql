-- An attached table of users: its rows are contacts, and what is not theirs of a contact stays.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (id bigint PRIMARY KEY, email text, plan text, locale text, seen_at timestamptz);
INSERT INTO contacts (user_id, email, properties) VALUES ('1', 'old@example.com', '{"score": 7, "plan": "none"}');
SELECT hogsend_attach_contacts('users', user_id => 'id', email => 'email', properties => '{plan,locale}');
UPDATE feeds SET import = 'done';
SELECT hogsend_define_bucket('pro', hogsend_property('plan', 'eq', 'pro'));
CREATE VIEW seen AS SELECT user_id, email, properties, deleted_at FROM contacts ORDER BY user_id COLLATE "C";
CREATE VIEW told AS SELECT string_agg(transition || ' ' || user_id, ', ' ORDER BY id) AS told FROM bucket_transitions;
INSERT INTO users VALUES (1, 'ada@example.com', 'pro', 'de'), (2, NULL, 'free', NULL);
SELECT * FROM seen;
SELECT * FROM told;
-- A column that is NULL is no property; the contact's own stay.
UPDATE users SET plan = CASE id WHEN 1 THEN 'free' ELSE 'pro' END, locale = NULL;
SELECT * FROM seen;
SELECT * FROM told;
-- What the feed does not name, and what stays as it was, writes nothing.
CREATE TABLE before AS SELECT user_id, xmin::text AS mark, ctid AS place FROM contacts;
UPDATE users SET seen_at = now();
UPDATE users SET plan = plan, email = email WHERE id = 1;
SELECT count(*) AS unwritten FROM contacts c JOIN before b ON (b.user_id, b.mark, b.place) = (c.user_id, c.xmin::text, c.ctid);
-- A deleted row is a deleted contact, who leaves without a word; one that comes again is back without one.
DELETE FROM users WHERE id = 2;
SELECT * FROM seen;
SELECT bucket_id, user_id, status, left_reason FROM bucket_memberships ORDER BY user_id, entry_count;
SET hogsend.now = '2026-01-02 12:00+00';
INSERT INTO users VALUES (2, 'two@example.com', 'pro', 'en');
SELECT * FROM seen;
SELECT user_id FROM bucket_members ORDER BY 1;
SELECT * FROM told;
-- What others write to the contact stays, until the row says something else.
UPDATE contacts SET properties = properties || '{"plan": "gift", "score": 8}' WHERE user_id = '1';
UPDATE users SET seen_at = now();
SELECT * FROM seen;
UPDATE users SET locale = 'fr' WHERE id = 1;
SELECT * FROM seen;
SELECT * FROM feed_notes;
SELECT * FROM hogsend_verify('pro');
-- After it is detached nothing comes, and the contacts stay.
SELECT hogsend_detach('users');
DELETE FROM users;
SELECT * FROM seen;
