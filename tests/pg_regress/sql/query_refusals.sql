-- What is no query of a query bucket, and what such a bucket cannot have.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
\set VERBOSITY verbose
\set QUIET on
CREATE TABLE users (id text PRIMARY KEY, n numeric, at timestamptz, tags text[]);
CREATE TEMP TABLE passing (id text);
CREATE FUNCTION pg_temp.try(query text) RETURNS TABLE (state text, message text, detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO buckets (id, kind, query) VALUES ('q', 'query', query);
    DELETE FROM buckets;
    state := 'taken';
    RETURN NEXT;
EXCEPTION WHEN others THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END $$;
\pset format unaligned
\pset tuples_only on
\pset fieldsep '\n    '
SELECT * FROM pg_temp.try('');
SELECT * FROM pg_temp.try('  -- nothing ');
SELECT * FROM pg_temp.try(NULL);
SELECT * FROM pg_temp.try('SELCT 1');
SELECT * FROM pg_temp.try('SELECT id FROM nowhere');
SELECT * FROM pg_temp.try('SELECT id FROM users; SELECT id FROM users');
SELECT * FROM pg_temp.try('DELETE FROM users RETURNING id');
SELECT * FROM pg_temp.try('UPDATE users SET id = id');
SELECT * FROM pg_temp.try('CREATE TABLE t AS SELECT 1');
SELECT * FROM pg_temp.try('EXPLAIN SELECT 1');
SELECT * FROM pg_temp.try('DO $x$ BEGIN END $x$');
SELECT * FROM pg_temp.try('COMMIT');
SELECT * FROM pg_temp.try('WITH gone AS (DELETE FROM users RETURNING id) SELECT id FROM gone');
SELECT * FROM pg_temp.try('SELECT id FROM (WITH gone AS (DELETE FROM users RETURNING id) SELECT id FROM gone) g');
SELECT * FROM pg_temp.try('SELECT id INTO mine FROM users');
SELECT * FROM pg_temp.try('SELECT id INTO mine FROM users UNION SELECT id FROM users');
SELECT * FROM pg_temp.try('SELECT id FROM users FOR UPDATE');
SELECT * FROM pg_temp.try('SELECT id FROM (SELECT id FROM users FOR SHARE) u');
SELECT * FROM pg_temp.try('SELECT id FROM users WHERE id = $1');
SELECT * FROM pg_temp.try('SELECT id, n FROM users');
SELECT * FROM pg_temp.try('SELECT FROM users');
SELECT * FROM pg_temp.try('SELECT n FROM users');
SELECT * FROM pg_temp.try('SELECT at FROM users');
SELECT * FROM pg_temp.try('SELECT tags FROM users');
SELECT * FROM pg_temp.try('SELECT users FROM users');
SELECT * FROM pg_temp.try('SELECT id FROM passing');
SELECT * FROM pg_temp.try('SELECT id FROM pg_temp.passing');
SELECT * FROM pg_temp.try('SELECT id) q; DROP TABLE users; SELECT (1');
SELECT * FROM pg_temp.try('SELECT id FROM users /* to be continued');
-- What is one: with what ends it, and with comments.
SELECT * FROM pg_temp.try('SELECT id FROM users;');
SELECT * FROM pg_temp.try(E'/* first */ SELECT id FROM users ORDER BY id DESC LIMIT 10; -- last');
SELECT * FROM pg_temp.try('SELECT id FROM users -- and nothing else');
SELECT * FROM pg_temp.try('(SELECT id FROM users)');
SELECT * FROM pg_temp.try('WITH u AS (SELECT id FROM users) SELECT id FROM u');
SELECT * FROM pg_temp.try($$VALUES ('u1'), ('u2')$$);
SELECT * FROM pg_temp.try('TABLE passing');
SELECT * FROM pg_temp.try('SELECT id FROM users UNION ALL SELECT id FROM users');
SELECT * FROM pg_temp.try($$SELECT ''')'$$);
-- What does not go together.
\set ON_ERROR_STOP off
\set VERBOSITY default
INSERT INTO buckets (id, kind) VALUES ('q', 'query');
INSERT INTO buckets (id, kind, query, criteria) VALUES ('q', 'query', 'VALUES (1)', hogsend_event('a'));
INSERT INTO buckets (id, kind, query) VALUES ('q', 'manual', 'VALUES (1)');
INSERT INTO buckets (id, criteria, query) VALUES ('q', hogsend_event('a'), 'VALUES (1)');
INSERT INTO buckets (id, kind, refresh_every) VALUES ('q', 'manual', '1 hour');
INSERT INTO buckets (id, kind, query, refresh_every) VALUES ('q', 'query', 'VALUES (1)', '0');
INSERT INTO buckets (id, kind, query, refresh_every) VALUES ('q', 'query', 'VALUES (1)', '1 month');
SELECT hogsend_refresh(NULL);
SELECT hogsend_refresh('nope');
INSERT INTO buckets (id, kind) VALUES ('hand', 'manual');
SELECT hogsend_refresh('hand');
INSERT INTO buckets (id, kind, query, enabled) VALUES ('off', 'query', 'VALUES (1)', false);
SELECT hogsend_refresh('off');
SELECT hogsend_add_member('off', '1');
UPDATE buckets SET enabled = true WHERE id = 'off';
SELECT hogsend_add_member('off', '1');
SELECT * FROM hogsend_preview_change('off', hogsend_event('a'));
