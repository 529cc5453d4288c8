-- A property column of any type makes a property, or the row is counted; the statement goes through.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TYPE mood AS ENUM ('ok', 'odd');
CREATE TYPE pair AS (a integer, b text);
CREATE DOMAIN short AS text CHECK (length(VALUE) < 9);
CREATE TABLE users (id integer PRIMARY KEY, j json, b jsonb, a text[], m mood, p pair, s short, r int4range, y bytea, d date, f float8, x xml, t timestamptz);
SELECT hogsend_attach_contacts('users', user_id => 'id', properties => '{j,b,a,m,p,s,r,y,d,f,x,t}');
INSERT INTO users VALUES
    (1, '{"k": [1, 2]}', '[1, {"k": null}]', '{a,NULL,"b c"}', 'odd', ROW (1, 'x'), 'short', '[1,5)', '\xdeadbeef', '2026-02-03', 'Infinity', '<a/>', '2026-01-01 12:00+02'),
    (2, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (3, '"text"', 'null', '{}', 'ok', ROW (NULL, NULL), '', 'empty', '', 'infinity', 'NaN', NULL, '-infinity');
SELECT user_id, jsonb_pretty(properties) AS properties FROM contacts ORDER BY user_id;
-- What json can hold and jsonb cannot.
INSERT INTO users (id, j) VALUES (4, '{"k": "\u0000"}'), (5, '{"k": 1, "k": 2}'), (6, '1e1000');
SELECT user_id, left(properties::text, 40) AS properties FROM contacts WHERE user_id > '3' ORDER BY user_id;
SELECT feed, skipped, failed, error FROM feed_notes;
