-- A session whose strings take backslashes for escapes: the bodies of functions are read by whoever calls them,
-- in that session.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_hasty;
CREATE ROLE regress_hogsend_hasty;
CREATE EXTENSION hogsend;
DO $$ BEGIN EXECUTE format('ALTER ROLE regress_hogsend_hasty IN DATABASE %I SET statement_timeout = 5000', current_database()); END $$;
SELECT obstacle FROM hogsend_clock_obstacles('regress_hogsend_hasty');
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SELECT obstacle FROM hogsend_clock_obstacles('regress_hogsend_hasty');
DO $$ BEGIN EXECUTE format('ALTER ROLE regress_hogsend_hasty IN DATABASE %I SET statement_timeout = ''5.5s''', current_database()); END $$;
SELECT obstacle FROM hogsend_clock_obstacles('regress_hogsend_hasty');
RESET standard_conforming_strings;
-- So none has one, but in strings that say that they have.
SELECT p.proname
FROM pg_depend d
JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'hogsend'
JOIN pg_proc p ON p.oid = d.objid AND p.prolang IN (SELECT l.oid FROM pg_language l WHERE l.lanname IN ('sql', 'plpgsql'))
WHERE d.classid = 'pg_proc'::regclass AND strpos(regexp_replace(p.prosrc, $$E'[^']*'$$, '', 'g'), '\') > 0
ORDER BY 1;
DROP OWNED BY regress_hogsend_hasty;
DROP ROLE regress_hogsend_hasty;
