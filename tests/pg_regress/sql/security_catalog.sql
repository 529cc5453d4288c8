-- Who may do what, all of it: each routine, with whose rights it runs, what it has in its search_path,
-- and the presets that give EXECUTE on it. Whoever adds one decides that here.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
CREATE VIEW ours AS
SELECT p.* FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'hogsend');
-- With the rights of hogsend's owner: triggers, because who may store an event may not see what follows
-- from it; delivery, because a runner sees the outbox only through its consumer; the clock and members by
-- hand, because state is changed by them and by nobody directly; and health and metrics, which tell no user's data.
-- What reads users' rows is not among them: it runs with the reader's rights.
SELECT o.oid::regprocedure AS definer FROM ours o WHERE o.prosecdef ORDER BY o.proname COLLATE "C", 1;
-- Without a search_path of its own: those that run no SQL, and those that may have no SET clause (they
-- commit, or are inlined), in which everything is qualified (tests/run-security.sh reads them).
SELECT o.oid::regprocedure AS unpinned FROM ours o
WHERE NOT 'search_path=pg_catalog, pg_temp' = ANY (coalesce(o.proconfig, '{}'))
ORDER BY o.proname COLLATE "C", 1;
-- What each preset gives.
SELECT g.object, string_agg(format('%s: %s', g.presets, g.privilege), '; ' ORDER BY g.privilege DESC) AS granted
FROM (
    SELECT p.object, p.privilege, string_agg(preset, ', ' ORDER BY n) AS presets
    FROM unnest(ARRAY['ingest', 'orm', 'runner', 'analyst', 'admin']) WITH ORDINALITY AS names (preset, n)
    CROSS JOIN hogsend_privileges(preset) p
    GROUP BY p.object, p.privilege
) AS g GROUP BY g.object ORDER BY g.object COLLATE "C";
-- In no preset: triggers, which nobody calls, and what needs the owner.
SELECT o.oid::regprocedure AS in_no_preset FROM ours o
WHERE NOT EXISTS (SELECT FROM hogsend_privileges('admin') p WHERE p.object = format('ROUTINE public.%s', o.oid::regprocedure))
ORDER BY o.proname COLLATE "C", 1;
-- Nothing at all is for PUBLIC, sequences included.
SELECT c.relname AS open_to_anybody FROM pg_class c, aclexplode(coalesce(c.relacl, acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::"char", c.relowner))) a
WHERE c.relnamespace = 'public'::regnamespace AND a.grantee = 0;
SELECT o.oid::regprocedure AS executable_by_anybody FROM ours o, aclexplode(coalesce(o.proacl, acldefault('f', o.proowner))) a
WHERE a.grantee = 0;
-- Views are read with the reader's rights.
SELECT c.relname, c.reloptions FROM pg_class c
WHERE c.relkind = 'v' AND c.relnamespace = 'public'::regnamespace AND c.relname LIKE 'bucket%' ORDER BY 1;
