-- A query runs with the rights of who defined it, wherever it is run from, and of nobody else.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
DROP ROLE IF EXISTS regress_hogsend_alice, regress_hogsend_eve;
CREATE ROLE regress_hogsend_alice;
CREATE ROLE regress_hogsend_eve;
SELECT hogsend_grant('regress_hogsend_alice', 'admin'), hogsend_grant('regress_hogsend_eve', 'admin');
CREATE SCHEMA alice AUTHORIZATION regress_hogsend_alice;
CREATE SCHEMA eve AUTHORIZATION regress_hogsend_eve;
CREATE TABLE secrets (id text);
INSERT INTO secrets VALUES ('s1');
SET ROLE regress_hogsend_alice;
CREATE TABLE alice.users AS SELECT 'u1' AS id;
-- Not what she may not read.
INSERT INTO buckets (id, kind, query) VALUES ('secrets', 'query', 'SELECT id FROM secrets');
SET search_path = alice, public;
INSERT INTO buckets (id, kind, query) VALUES ('hers', 'query', 'SELECT id FROM users');
SELECT query_role, query_path FROM buckets;
-- Others run it as her, in whatever search_path, and cannot put a table of theirs before hers.
RESET ROLE;
SET ROLE regress_hogsend_eve;
SET search_path = eve, public;
CREATE TABLE eve.users AS SELECT 'e1' AS id;
CREATE TEMP TABLE users AS SELECT 'e2' AS id;
SELECT * FROM hogsend_refresh('hers');
SELECT user_id FROM bucket_members ORDER BY 1;
-- What she changes of it makes it hers: the query, and where its names are looked up.
UPDATE buckets SET description = 'of alice', refresh_every = '1 hour' WHERE id = 'hers';
SELECT query_role, query_path FROM buckets WHERE id = 'hers';
BEGIN;
UPDATE buckets SET query_path = 'eve, public' WHERE id = 'hers';
SELECT query_role, query_path FROM buckets WHERE id = 'hers';
SELECT * FROM hogsend_refresh('hers');
SELECT user_id FROM bucket_members ORDER BY 1;
ROLLBACK;
BEGIN;
UPDATE buckets SET query = 'SELECT session_user::text FROM users', query_path = query_path WHERE id = 'hers';
ROLLBACK;
BEGIN;
UPDATE buckets SET query = 'SELECT current_user::text' WHERE id = 'hers';
SELECT query_role FROM buckets WHERE id = 'hers';
SELECT * FROM hogsend_refresh('hers');
SELECT user_id FROM bucket_members ORDER BY 1;
ROLLBACK;
-- She cannot say that it is somebody else's.
INSERT INTO buckets (id, kind, query, query_role) VALUES ('hers too', 'query', 'VALUES (1)', 'regress_hogsend_alice');
INSERT INTO buckets (id, kind, query, query_role) VALUES ('e', 'query', 'VALUES (1)', 'regress_hogsend_alice');
INSERT INTO buckets (id, kind, query) VALUES ('e', 'query', 'VALUES (1)');
UPDATE buckets SET query_role = 'regress_hogsend_alice' WHERE id = 'e';
UPDATE buckets SET query_role = 'nobody at all' WHERE id = 'e';
INSERT INTO buckets (id, kind, query) VALUES ('hers', 'query', 'SELECT current_user::text')
ON CONFLICT (id) DO UPDATE SET query = EXCLUDED.query, query_role = 'regress_hogsend_alice' RETURNING query_role;
-- Nor by a path of hers in which nothing is what it seems.
CREATE FUNCTION eve.same(text, text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
CREATE OPERATOR eve.= (LEFTARG = text, RIGHTARG = text, FUNCTION = eve.same);
SET search_path = eve, pg_catalog, public;
UPDATE buckets SET query = 'SELECT pg_catalog.concat(current_user)' WHERE id OPERATOR(pg_catalog.=) 'hers';
SELECT query_role FROM buckets WHERE id OPERATOR(pg_catalog.=) 'hers';
RESET search_path;
RESET ROLE;
-- It is the role, whatever it is called by now; and not another that gets its name.
UPDATE buckets SET query = 'SELECT id FROM alice.users', query_role = 'regress_hogsend_alice' WHERE id = 'hers';
SELECT query_role FROM buckets WHERE id = 'hers';
ALTER ROLE regress_hogsend_alice RENAME TO regress_hogsend_alicia;
SELECT * FROM hogsend_refresh('hers');
SELECT user_id FROM bucket_members WHERE bucket_id = 'hers' ORDER BY 1;
DROP OWNED BY regress_hogsend_alicia;
DROP ROLE regress_hogsend_alicia;
CREATE ROLE regress_hogsend_alice;
SET client_min_messages = error;
SELECT * FROM hogsend_refresh('hers');
SET client_min_messages = warning;
-- Whose the tables are could write anything into them, so it runs as nobody whom the owner could not become.
ALTER TABLE buckets OWNER TO regress_hogsend_eve;
INSERT INTO buckets (id, kind, query) VALUES ('mine', 'query', 'VALUES (1)');
DROP OWNED BY regress_hogsend_eve CASCADE;
DROP ROLE regress_hogsend_eve;
DROP ROLE regress_hogsend_alice;
