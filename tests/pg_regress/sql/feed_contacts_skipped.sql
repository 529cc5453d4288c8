-- Rows that are no contacts, and rows that cannot be read: the statement goes through, and they are counted.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (n integer PRIMARY KEY, id text UNIQUE, settings jsonb, divisor integer DEFAULT 1, shown boolean DEFAULT true);
SELECT hogsend_attach_contacts('users', user_id => 'id', properties => $$settings || jsonb_build_object('share', 100 / divisor)$$, condition => 'shown');
CREATE VIEW seen AS SELECT left(user_id, 10) AS user_id, properties, deleted_at FROM contacts ORDER BY user_id COLLATE "C";
CREATE VIEW noted AS SELECT feed, sum(skipped) AS skipped, sum(failed) AS failed, max(error) AS error FROM feed_notes GROUP BY feed;
-- Nobody, without a name, and too long for an index: skipped; a row that is not shown is nobody's business.
INSERT INTO users VALUES (1, NULL, '{}'), (2, '', '{}'), (3, repeat('x', 2001), '{}'), (4, repeat('y', 2000), '{}'), (5, 'good', '{"a": 1}');
INSERT INTO users VALUES (6, NULL, '{}', 1, false);
SELECT * FROM seen;
SELECT * FROM noted;
-- Properties that are no object, and an expression that fails.
INSERT INTO users VALUES (10, 'array', '[]'), (11, 'null', 'null'), (12, 'none', NULL), (14, 'fine', '{"a": 1}');
INSERT INTO users VALUES (13, 'zero', '{}', 0), (15, 'one', '{}', 1);
SELECT * FROM seen;
SELECT * FROM noted;
-- A contact whose row cannot be read any more, or says no object, stays as it was.
UPDATE users SET divisor = 0, settings = settings || '{"a": 2}' WHERE id IN ('good', 'fine');
UPDATE users SET settings = '[2]', divisor = 1 WHERE id = 'fine';
SELECT * FROM seen WHERE user_id IN ('good', 'fine');
SELECT * FROM noted;
-- And is deleted with it.
DELETE FROM users WHERE id IN ('good', 'fine');
SELECT * FROM seen WHERE user_id IN ('good', 'fine');
-- One that can be read again.
UPDATE users SET divisor = 2 WHERE id = 'zero';
UPDATE users SET settings = '{"b": 1}' WHERE id = 'array';
SELECT * FROM seen WHERE user_id IN ('array', 'zero');
-- Who loses the name is gone under it.
UPDATE users SET id = NULL WHERE id = 'zero';
UPDATE users SET id = NULL WHERE id = '';
UPDATE users SET id = '' WHERE id = 'array';
SELECT * FROM seen WHERE user_id IN ('array', 'zero');
SELECT * FROM noted;
TRUNCATE users;
SELECT * FROM seen WHERE deleted_at IS NULL;
