-- \d+ and \df+ tell what everything is for.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SELECT p.oid::regprocedure AS uncommented
FROM pg_proc p
WHERE p.proname LIKE 'hogsend%' AND obj_description(p.oid, 'pg_proc') IS NULL
ORDER BY 1;
SELECT c.relname AS uncommented
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
  AND obj_description(c.oid, 'pg_class') IS NULL
ORDER BY 1;
SELECT c.relname || '.' || a.attname AS uncommented
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'v')
  AND a.attnum > 0 AND NOT a.attisdropped
  AND col_description(c.oid, a.attnum) IS NULL
ORDER BY 1;
SELECT t.tgrelid::regclass || '.' || t.tgname AS uncommented
FROM pg_trigger t
WHERE NOT t.tgisinternal AND obj_description(t.oid, 'pg_trigger') IS NULL
ORDER BY 1;
SELECT extname AS uncommented
FROM pg_extension e
WHERE extname = 'hogsend' AND obj_description(e.oid, 'pg_extension') IS NULL;
