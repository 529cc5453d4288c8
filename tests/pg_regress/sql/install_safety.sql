-- Nothing is for PUBLIC, and definer rights cannot be turned against their owner.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SELECT p.oid::regprocedure AS executable_by_anybody
FROM pg_proc p
WHERE p.proname LIKE 'hogsend%' AND has_function_privilege('public', p.oid, 'EXECUTE')
ORDER BY 1;
SELECT c.relname AS open_to_anybody
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
  AND has_table_privilege('public', c.oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
ORDER BY 1;
SELECT c.relname AS open_to_anybody
FROM pg_class c, aclexplode(c.relacl) AS granted
WHERE c.relnamespace = 'public'::regnamespace AND granted.grantee = 0
ORDER BY 1;
-- A pinned search_path ends in pg_temp; without that, temporary objects would come first.
SELECT p.oid::regprocedure AS unpinned
FROM pg_proc p
WHERE p.proname LIKE 'hogsend%' AND p.prosecdef
  AND NOT coalesce(array_to_string(p.proconfig, ';') ~ 'search_path=[^;]*pg_temp(;|$)', false)
ORDER BY 1;
-- There are such functions, so the last query said something.
SELECT count(*) > 0 AS any_definer_functions
FROM pg_proc p
WHERE p.proname LIKE 'hogsend%' AND p.prosecdef;
