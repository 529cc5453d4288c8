-- In a restore the dump brings the tables: functions only.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
SET hogsend.install = 'none';
CREATE EXTENSION hogsend;
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') ORDER BY 1;
SELECT count(*) > 0 AS functions FROM pg_proc WHERE proname LIKE 'hogsend%';
-- Functions that know criteria only do not miss the tables.
SELECT hogsend_event('app.opened');
-- Those that need them say so, and what to call.
DO $$
BEGIN
    PERFORM hogsend_count('active');
EXCEPTION WHEN OTHERS THEN
    DECLARE
        hint text;
    BEGIN
        GET STACKED DIAGNOSTICS hint = PG_EXCEPTION_HINT;
        RAISE WARNING '% names hogsend_migrate(): %', SQLSTATE, SQLERRM || hint LIKE '%hogsend_migrate()%';
    END;
END $$;
SELECT hogsend_migrate();
SELECT count(*) FROM buckets;
-- Twice does no harm.
SELECT hogsend_migrate();
SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'hogsend%';
DROP EXTENSION hogsend CASCADE;
DROP TABLE buckets, contacts, user_events, bucket_memberships, bucket_timers, bucket_transitions,
    bucket_consumers, bucket_positions, bucket_jobs, bucket_erasures, bucket_counts, user_queue, user_aliases CASCADE;
RESET hogsend.install;
-- pg_dump sets this.
SET row_security = off;
CREATE EXTENSION hogsend;
SELECT c.relname FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v') ORDER BY 1;
