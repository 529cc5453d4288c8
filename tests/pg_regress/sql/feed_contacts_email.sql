-- The e-mail address is the feed's if it names one, and written as the pipeline writes it; otherwise it stays.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (id integer PRIMARY KEY, email text, plan text);
CREATE TABLE profiles (id integer PRIMARY KEY, locale text);
SELECT hogsend_attach_contacts('users', user_id => 'id', email => 'email', properties => '{plan}');
SELECT hogsend_attach_contacts('profiles', user_id => 'id', properties => '{locale}');
INSERT INTO contacts (user_id, email) VALUES ('1', 'before@example.com'), ('2', 'before@example.com'), ('9', 'other@example.com');
INSERT INTO users VALUES (1, U&'\00A0 Ada@Example.COM\200B' || E'\t\n', 'pro'), (2, NULL, 'pro'), (3, U&'\3000 \2009', 'pro'), (4, '', 'pro');
INSERT INTO profiles VALUES (1, 'de'), (9, 'en');
SELECT user_id, email, length(email), properties FROM contacts ORDER BY 1;
UPDATE users SET email = 'NEW@example.com' WHERE id IN (1, 2);
UPDATE profiles SET locale = 'fr';
SELECT user_id, email, properties FROM contacts ORDER BY 1;
-- Only written in another way.
CREATE TABLE before AS SELECT user_id, xmin::text AS mark FROM contacts;
UPDATE users SET email = ' New@Example.com' WHERE id = 1;
SELECT count(*) AS unwritten FROM contacts c JOIN before b ON (b.user_id, b.mark) = (c.user_id, c.xmin::text);
UPDATE users SET email = NULL WHERE id = 1;
SELECT user_id, email, properties FROM contacts ORDER BY 1;
SELECT * FROM feed_notes;
