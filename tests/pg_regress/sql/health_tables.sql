-- Tables that are missing or of another version: hogsend_health() answers, everything else refuses.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
SET hogsend.install = 'none';
CREATE EXTENSION hogsend;
RESET hogsend.install;
SELECT * FROM hogsend_health();
SELECT hogsend_count('a');
SELECT remaining FROM hogsend_reconcile();
SELECT hogsend_migrate();
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'outdated tables';
SELECT hogsend_tables_version() = extversion AS ours FROM pg_extension WHERE extname = 'hogsend';
-- Some are missing.
DROP TABLE bucket_jobs, bucket_timers CASCADE;
SELECT ok, detail FROM hogsend_health() WHERE "check" IN ('outdated tables', 'failed jobs');
SELECT hogsend_migrate();
-- As a dump of an older version brings them.
INSERT INTO buckets (id, kind) VALUES ('a', 'manual');
CREATE OR REPLACE TRIGGER hogsend_check BEFORE INSERT OR UPDATE ON buckets
    FOR EACH ROW EXECUTE FUNCTION hogsend_check_bucket('0.0.9');
SELECT hogsend_tables_version();
SELECT ok, replace(detail, extversion, '(installed)') FROM hogsend_health(), pg_extension WHERE "check" = 'outdated tables' AND extname = 'hogsend';
-- What a session has found right stays so; another one looks.
\c -
\set SHOW_CONTEXT never
\set VERBOSITY terse
SELECT hogsend_has('a', 'u1');
SELECT hogsend_subscribe('mailer');
SELECT hogsend_define_bucket('b', kind => 'manual');
SELECT remaining FROM hogsend_reconcile();
SELECT hogsend_matches('a', 'u1');
SELECT hogsend_add_member('a', 'u1');
CALL hogsend_run('0');
CALL hogsend_backfill('a');
SELECT * FROM hogsend_prune();
\set VERBOSITY default
DO $$
DECLARE
    fact text;
    hint text;
BEGIN
    PERFORM hogsend_count('a');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS fact = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RAISE WARNING '% (%) %', SQLERRM, regexp_replace(fact, 'version [0-9.]+ is', 'version (…) is'), hint;
END $$;
-- Adoption migrates.
SELECT hogsend_adopt();
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'outdated tables';
SELECT hogsend_count('a');
-- Without triggers nothing tells.
DROP TRIGGER hogsend_check ON buckets;
SELECT hogsend_tables_version();
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'outdated tables';
\c -
\set SHOW_CONTEXT never
SELECT hogsend_count('a');
SELECT hogsend_migrate();
SELECT hogsend_count('a');
-- Triggers that are there and do not fire, and a table that was put in the place of ours.
ALTER TABLE contacts DISABLE TRIGGER hogsend_update;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'outdated tables';
ALTER TABLE user_events RENAME TO user_events_past;
CREATE TABLE user_events (LIKE user_events_past INCLUDING ALL);
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'outdated tables';
SELECT hogsend_migrate();
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'outdated tables';
