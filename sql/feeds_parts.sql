-- Feeds: partitions that come and go. A statement fires the triggers of the table that it names, so every
-- partition has those of the table that it belongs to.

-- A feed's table is the one that its reader reads; a table with its triggers that is neither that one nor a
-- part of it was a partition once. Triggers are told apart by what they fire for, whatever they are called.
CREATE FUNCTION hogsend_feed_gaps() RETURNS TABLE (feed text, relation regclass, operation text, trigger name)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH made AS MATERIALIZED (
        SELECT convert_from(substr(t.tgargs, 1, length(t.tgargs) - 1), 'UTF8') AS feed, t.tgrelid, t.tgname, c.relispartition,
               CASE t.tgtype WHEN 4 THEN 'insert' WHEN 16 THEN 'update' WHEN 8 THEN 'delete' WHEN 34 THEN 'truncate' END AS operation
        FROM pg_depend d
        JOIN pg_trigger t ON t.oid = d.objid AND t.tgnargs = 1
        JOIN pg_class c ON c.oid = t.tgrelid
        WHERE d.classid = 'pg_trigger'::regclass AND d.refclassid = 'pg_proc'::regclass
          AND d.refobjid = to_regproc('@extschema@.hogsend_mirror')
    ), root AS MATERIALIZED (
        SELECT m.feed, m.tgrelid
        FROM (SELECT DISTINCT o.feed, o.tgrelid FROM made o WHERE NOT o.relispartition) AS m
        CROSS JOIN LATERAL @extschema@.hogsend_feed_reader(m.feed, m.tgrelid) r
    ), part AS MATERIALIZED (
        SELECT r.feed, c.oid FROM root r
        CROSS JOIN LATERAL (SELECT r.tgrelid AS relid UNION SELECT p.relid FROM pg_partition_tree(r.tgrelid) p) AS p
        JOIN pg_class c ON c.oid = p.relid AND c.relkind IN ('r', 'p')
    )
    SELECT p.feed, p.oid::regclass, o.operation, NULL::name
    FROM part p CROSS JOIN unnest(ARRAY['insert', 'update', 'delete', 'truncate']) AS o (operation)
    WHERE NOT EXISTS (SELECT FROM made m WHERE m.feed = p.feed AND m.tgrelid = p.oid AND m.operation = o.operation)
    UNION ALL
    SELECT m.feed, m.tgrelid::regclass, m.operation, m.tgname
    FROM made m
    WHERE EXISTS (SELECT FROM root r WHERE r.feed = m.feed) AND NOT EXISTS (SELECT FROM part p WHERE p.feed = m.feed AND p.oid = m.tgrelid)
    ORDER BY 1, 2, 3
$$;
COMMENT ON FUNCTION hogsend_feed_gaps() IS 'Triggers that partitions of attached tables lack; with a name: triggers of tables that are partitions no more';

CREATE FUNCTION hogsend_make_feed_trigger(feed text, relation regclass, operation text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $trigger$
BEGIN
    EXECUTE format('CREATE TRIGGER %I %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION %s.hogsend_mirror(%L)',
        @extschema@.hogsend_feed_name(feed, 'hogsend_' || operation || '_'),
        CASE operation WHEN 'truncate' THEN 'BEFORE ' ELSE 'AFTER ' END || upper(operation), relation,
        CASE operation
            WHEN 'insert' THEN 'REFERENCING NEW TABLE AS hogsend_new'
            WHEN 'update' THEN 'REFERENCING OLD TABLE AS hogsend_old NEW TABLE AS hogsend_new'
            WHEN 'delete' THEN 'REFERENCING OLD TABLE AS hogsend_old' ELSE '' END,
        '@extschema@', feed);
END
$trigger$;
COMMENT ON FUNCTION hogsend_make_feed_trigger(text, regclass, text) IS 'Creates one of the triggers of a feed';

-- With definer rights, because whoever makes a partition need have no right on anything of hogsend. It
-- gives a table nothing but what the table that it is a part of has already. It waits for nobody so long that
-- somebody else could be found to be in a deadlock with it.
CREATE FUNCTION hogsend_complete_feeds() RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET lock_timeout = '100ms'
AS $complete$
DECLARE
    gap record;
    done integer := 0;
BEGIN
    FOR gap IN SELECT g.* FROM @extschema@.hogsend_feed_gaps() g LOOP
        BEGIN
            IF gap.trigger IS NULL THEN
                PERFORM @extschema@.hogsend_make_feed_trigger(gap.feed, gap.relation, gap.operation);
            ELSE
                EXECUTE format('DROP TRIGGER %I ON %s', gap.trigger, gap.relation);
            END IF;
            done := done + 1;
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'the triggers of feed "%" on % are not as they should be', gap.feed, gap.relation
                USING DETAIL = SQLERRM || '.', HINT = 'The clock tries again once a minute; SELECT * FROM hogsend_feed_gaps() shows what it will do.';
        END;
    END LOOP;
    RETURN done;
END
$complete$;
COMMENT ON FUNCTION hogsend_complete_feeds() IS 'Gives partitions of attached tables the triggers that they lack, and takes them from what is no partition any more';

-- Nothing is attached most of the time, and most commands are about something else. A dump that is being
-- restored, for which pg_dump sets row_security to off, brings the triggers itself.
CREATE FUNCTION hogsend_on_partitions() RETURNS event_trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $parts$
BEGIN
    IF current_setting('row_security') = 'on'
       AND EXISTS (SELECT FROM pg_depend d
               WHERE d.classid = 'pg_trigger'::regclass AND d.refclassid = 'pg_proc'::regclass
                 AND d.refobjid = to_regproc('@extschema@.hogsend_mirror'))
       AND EXISTS (SELECT FROM pg_event_trigger_ddl_commands() c JOIN pg_class r ON r.oid = c.objid
                   WHERE c.classid = 'pg_class'::regclass AND (r.relkind = 'p' OR r.relispartition))
    THEN
        PERFORM @extschema@.hogsend_complete_feeds();
    END IF;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'partitions of attached tables were not looked at' USING DETAIL = SQLERRM || '.', HINT = 'The clock does it once a minute.';
END
$parts$;
COMMENT ON FUNCTION hogsend_on_partitions() IS 'Gives new partitions of attached tables their triggers; a warning is all that it can cost';

-- A member of the extension, made by its script or, if it is not there, by hogsend_migrate(). Only a
-- superuser may have one; without it the clock does the same once a minute.
CREATE FUNCTION hogsend_make_event_trigger() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $make$
BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger t WHERE t.evtname = 'hogsend_on_partitions')
       OR NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
        RETURN;
    END IF;
    CREATE EVENT TRIGGER hogsend_on_partitions ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE')
        EXECUTE FUNCTION @extschema@.hogsend_on_partitions();
    COMMENT ON EVENT TRIGGER hogsend_on_partitions IS 'Gives new partitions of attached tables their triggers';
    IF NOT EXISTS (SELECT FROM pg_depend d JOIN pg_event_trigger t ON t.oid = d.objid AND t.evtname = 'hogsend_on_partitions'
                   WHERE d.classid = 'pg_event_trigger'::regclass AND d.deptype = 'e') THEN
        ALTER EXTENSION hogsend ADD EVENT TRIGGER hogsend_on_partitions;
    END IF;
END
$make$;
COMMENT ON FUNCTION hogsend_make_event_trigger() IS 'Creates the event trigger that looks after new partitions (called by hogsend_migrate)';
