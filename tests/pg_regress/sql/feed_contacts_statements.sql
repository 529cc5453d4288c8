-- Each kind of statement on the table.
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
CREATE VIEW seen AS SELECT string_agg(user_id || ' ' || coalesce(properties ->> 'plan', '-') || CASE WHEN deleted_at IS NULL THEN '' ELSE ' deleted' END, ', ' ORDER BY user_id::int) AS contacts FROM contacts;
COPY users FROM stdin;
1	pro
2	free
3	\N
\.
SELECT * FROM seen;
INSERT INTO users VALUES (2, 'pro'), (4, 'pro') ON CONFLICT (id) DO UPDATE SET plan = EXCLUDED.plan;
SELECT * FROM seen;
INSERT INTO users VALUES (2, 'none'), (5, 'free') ON CONFLICT DO NOTHING;
SELECT * FROM seen;
WITH gone AS (DELETE FROM users WHERE id IN (1, 3) RETURNING *), changed AS (UPDATE users SET plan = 'free' WHERE id = 4)
INSERT INTO users SELECT id + 100, plan FROM gone;
SELECT * FROM seen;
UPDATE users SET plan = 'pro' FROM (VALUES (5), (101)) AS v (id) WHERE users.id = v.id;
SELECT * FROM seen;
-- No row at all.
UPDATE users SET plan = 'pro' WHERE id = 77;
DELETE FROM users WHERE id = 77;
SELECT * FROM seen;
SELECT string_agg(transition || ' ' || user_id, ', ' ORDER BY id) FROM bucket_transitions;
-- What is rolled back was never there.
BEGIN;
INSERT INTO users VALUES (6, 'pro');
SAVEPOINT s;
UPDATE users SET plan = 'pro';
ROLLBACK TO s;
SELECT * FROM seen;
ROLLBACK;
SELECT * FROM seen;
TRUNCATE users;
SELECT * FROM seen;
SELECT count(*) FROM bucket_members;
SELECT string_agg(transition || ' ' || user_id, ', ' ORDER BY id) FROM bucket_transitions;
SELECT * FROM feed_notes;
