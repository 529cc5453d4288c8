-- The last step of CREATE EXTENSION.

DO $finish$
BEGIN
    IF pg_catalog.getdatabaseencoding() OPERATOR(pg_catalog.<>) 'UTF8' THEN
        RAISE EXCEPTION 'hogsend needs a database with encoding UTF8'
            USING ERRCODE = '0A000',
                  DETAIL = pg_catalog.format('This database has encoding %s.', pg_catalog.getdatabaseencoding()),
                  HINT = 'CREATE DATABASE … ENCODING ''UTF8'' TEMPLATE template0.';
    END IF;
    -- pg_dump sets row_security to off: the dump that is being restored brings the tables.
    IF pg_catalog.current_setting('hogsend.install') OPERATOR(pg_catalog.=) 'all'
       AND pg_catalog.current_setting('row_security') OPERATOR(pg_catalog.=) 'on' THEN
        PERFORM @extschema@.hogsend_migrate();
        -- Tables that were here already are adopted, and everybody is looked at again, because
        -- nothing was evaluated while the extension was gone.
        PERFORM @extschema@.hogsend_adopt();
    END IF;
    -- A dump brings none.
    PERFORM @extschema@.hogsend_make_event_trigger();
END
$finish$;

-- Nothing is for PUBLIC. Roles get what they need by GRANT (see doc/roles.md).
DO $revoke$
DECLARE
    member pg_catalog.regprocedure;
BEGIN
    FOR member IN
        SELECT d.objid
        FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_extension e ON e.oid OPERATOR(pg_catalog.=) d.refobjid
        WHERE e.extname OPERATOR(pg_catalog.=) 'hogsend' AND d.deptype OPERATOR(pg_catalog.=) 'e'
          AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
          AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass
    LOOP
        EXECUTE pg_catalog.format('REVOKE ALL ON ROUTINE %s FROM PUBLIC', member);
    END LOOP;
END
$revoke$;
