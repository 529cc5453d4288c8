-- Feeds: attaching tables of the user's, and detaching them.
--
-- What is attached is told by the triggers, which are dumped, renamed and dropped with the table; table
-- "feeds" keeps what was said of it and how far its import came.

-- Triggers of a feed, by its name, which is their argument.
CREATE FUNCTION hogsend_feed_triggers(feed text) RETURNS TABLE (relation regclass, trigger name, is_root boolean)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT t.tgrelid::regclass, t.tgname, NOT c.relispartition
    FROM pg_depend d
    JOIN pg_trigger t ON t.oid = d.objid
    JOIN pg_class c ON c.oid = t.tgrelid
    WHERE d.classid = 'pg_trigger'::regclass AND d.refclassid = 'pg_proc'::regclass
      AND d.refobjid = to_regproc('@extschema@.hogsend_mirror')
      AND t.tgargs = convert_to($1, getdatabaseencoding()) || decode('00', 'hex')
$$;
COMMENT ON FUNCTION hogsend_feed_triggers(text) IS 'The triggers of a feed: four on its table and on each partition of it';

CREATE FUNCTION hogsend_feed_relation(feed text) RETURNS regclass
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- A partition that was detached while nobody looked has the triggers still, and no reader; which is asked only
    -- where there are several, because an import asks before each part.
    SELECT t.relation FROM (SELECT DISTINCT g.relation, g.is_root FROM @extschema@.hogsend_feed_triggers($1) g) AS t
    ORDER BY t.is_root DESC,
             CASE WHEN count(*) OVER () > 1 THEN EXISTS (SELECT FROM @extschema@.hogsend_feed_reader($1, t.relation) r) END DESC,
             t.relation::oid LIMIT 1
$$;
COMMENT ON FUNCTION hogsend_feed_relation(text) IS 'The table that is attached under a name; NULL: none, or it is gone';

-- Partitions, too: a statement fires the triggers of the table that it names, and no others.
CREATE FUNCTION hogsend_make_feed_triggers(feed text, relation regclass) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET client_min_messages = warning
AS $triggers$
DECLARE
    part regclass;
    operation text;
BEGIN
    FOR part IN
        SELECT c.oid FROM (SELECT relation AS oid UNION SELECT t.relid FROM pg_partition_tree(relation) t) AS p
        JOIN pg_class c ON c.oid = p.oid AND c.relkind IN ('r', 'p')
    LOOP
        FOREACH operation IN ARRAY ARRAY['insert', 'update', 'delete', 'truncate'] LOOP
            PERFORM @extschema@.hogsend_make_feed_trigger(feed, part, operation);
        END LOOP;
    END LOOP;
END
$triggers$;
COMMENT ON FUNCTION hogsend_make_feed_triggers(text, regclass) IS 'Creates the triggers of a feed on its table and all its partitions';

-- What the role that attaches writes down; the table is nobody's to write but through this.
CREATE FUNCTION hogsend_note_feed(feed text, kind text, fields jsonb, on_delete text, owned text[], search_path text, attached_by text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $note$
DECLARE
    alike text := (SELECT min(o.name) FROM @extschema@.feeds o WHERE starts_with(o.name, $1 || ':') OR starts_with($1, o.name || ':'));
BEGIN
    IF alike IS NOT NULL THEN
        RAISE EXCEPTION 'the name "%" of a feed is too much like "%"', $1, alike
            USING ERRCODE = '22023', DETAIL = 'Rows of both could have one idempotency key, which is made of the name, a colon and the row''s key.',
                  HINT = 'Give a name that does not go on from another feed''s with a colon.';
    END IF;
    INSERT INTO @extschema@.feeds AS f (name, kind, fields, on_delete, owned, search_path, attached_by, attached_at, import)
    VALUES ($1, $2, $3, $4, $5, $6, $7, @extschema@.hogsend_now(), 'pending')
    ON CONFLICT (name) DO UPDATE
    SET kind = $2, fields = $3, on_delete = $4, owned = $5, search_path = $6, attached_by = $7, attached_at = @extschema@.hogsend_now(), import = 'pending',
        part = NULL, file = NULL, block = NULL, blocks = NULL, rows_total = NULL, moved_at = NULL, rows_imported = 0, rows_skipped = 0, rows_failed = 0, error = NULL, error_at = NULL, imported_at = NULL;
    -- Who asks has the preset admin, and owns the table or not. Looked at when nobody else can be at it any more.
    IF EXISTS (SELECT FROM @extschema@.hogsend_feed_triggers($1) t) THEN
        RAISE EXCEPTION 'the feed "%" is attached', $1
            USING ERRCODE = '55000', DETAIL = format('%s has its triggers.', @extschema@.hogsend_feed_relation($1)), HINT = 'hogsend_detach() ends it.';
    END IF;
END
$note$;
COMMENT ON FUNCTION hogsend_note_feed(text, text, jsonb, text, text[], text, text) IS 'Writes down what a table was attached as (called by hogsend_attach_events and hogsend_attach_contacts)';

CREATE FUNCTION hogsend_require_source(relation regclass) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $require$
DECLARE
    source record;
    flaw text;
    remedy text := 'Attach an ordinary or partitioned table.';
BEGIN
    SELECT c.*, n.nspname INTO source FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;
    IF relation IS NULL OR source.oid IS NULL THEN
        RAISE EXCEPTION 'relation must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'A table was to be attached, and none was named.', HINT = remedy;
    END IF;
    IF source.relkind NOT IN ('r', 'p') THEN
        flaw := CASE source.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view' WHEN 'f' THEN 'a foreign table' ELSE 'no table' END;
        remedy := CASE WHEN source.relkind IN ('v', 'm') THEN 'Attach the tables that it reads: rows are mirrored where they are written.' ELSE remedy END;
    ELSIF source.relpersistence = 't' THEN
        flaw := 'a temporary table';
    ELSIF source.relnamespace = to_regnamespace('@extschema@') AND EXISTS (
        SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = source.oid AND p.pronamespace = source.relnamespace AND starts_with(p.proname, 'hogsend_') AND p.proname <> 'hogsend_mirror')
        OR source.relnamespace = to_regnamespace('@extschema@') AND source.relname IN (
            SELECT m.relation FROM (VALUES ('bucket_memberships'), ('bucket_timers'), ('bucket_transitions'), ('bucket_consumers'), ('bucket_positions'),
                ('bucket_jobs'), ('bucket_erasures'), ('bucket_counts'), ('bucket_refreshes'), ('bucket_holdouts'), ('bucket_totals'), ('user_queue'), ('user_aliases'),
                ('feeds'), ('feed_notes'), ('journeys'), ('journey_runs'), ('hogsend_instance'), ('hogsend_clock')) AS m (relation))
    THEN
        flaw := 'a table of hogsend';
        remedy := 'Attach a table of yours.';
    ELSIF source.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) THEN
        flaw := 'a table of Postgres';
    ELSIF source.relispartition THEN
        flaw := 'a partition';
        remedy := format('Attach %s, and all its partitions are.', (SELECT t FROM pg_partition_root(relation) t));
    ELSIF EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = relation OR i.inhparent = relation AND source.relkind <> 'p') THEN
        flaw := 'a part of an inheritance';
        remedy := 'Its rows have no common key. Attach a table of its own, or a partitioned one.';
    ELSIF NOT pg_has_role(source.relowner, 'USAGE') THEN
        RAISE EXCEPTION 'must be owner of table %', relation
            USING ERRCODE = '42501', DETAIL = format('It belongs to %s, and what is said of its rows is read with the rights of that role.', quote_ident(pg_get_userbyid(source.relowner))),
                  HINT = 'SET ROLE to its owner, who needs the preset ''admin''.';
    ELSIF NOT has_schema_privilege(source.relowner, source.relnamespace, 'CREATE') OR NOT has_schema_privilege(source.relnamespace, 'CREATE') THEN
        RAISE EXCEPTION 'permission denied for schema %', quote_ident(source.nspname)
            USING ERRCODE = '42501', DETAIL = 'The function that reads the rows is made beside the table, and belongs to its owner.',
                  HINT = format('GRANT CREATE ON SCHEMA %I TO %I.', source.nspname, pg_get_userbyid(source.relowner));
    END IF;
    IF flaw IS NOT NULL THEN
        RAISE EXCEPTION '% cannot be attached', relation USING ERRCODE = '42809', DETAIL = format('It is %s.', flaw), HINT = remedy;
    END IF;
END
$require$;
COMMENT ON FUNCTION hogsend_require_source(regclass) IS 'Raises an error unless the table is one that can be attached, by whoever asks';

COMMENT ON FUNCTION hogsend_repeated_key(text, oid) IS 'A key that several rows of an attached table have, read with the rights of its owner; NULL: none';

-- Both kinds. It runs with the rights of whoever attaches; the path is theirs, for the expressions alone.
CREATE FUNCTION hogsend_attach(kind text, relation regclass, feed text, fields jsonb, on_delete text, path text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $attach$
DECLARE
    said jsonb := fields;
    owned text[];
    missing text;
    of_key text := btrim(fields ->> CASE kind WHEN 'events' THEN 'key' ELSE 'user_id' END);
    repeated text;
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    PERFORM @extschema@.hogsend_require_source(relation);
    feed := coalesce(feed, (SELECT c.relname FROM pg_class c WHERE c.oid = relation));
    IF feed = '' OR octet_length(feed) > 200 THEN
        RAISE EXCEPTION 'the name of a feed has between 1 and 200 bytes'
            USING ERRCODE = '22023', DETAIL = format('It has %s.', octet_length(feed)), HINT = 'Leave it out to have the table''s.';
    END IF;
    IF EXISTS (SELECT FROM @extschema@.hogsend_feed_triggers(feed) t) THEN
        RAISE EXCEPTION 'the feed "%" exists already', feed
            USING ERRCODE = '42710', DETAIL = format('%s is attached under this name.', @extschema@.hogsend_feed_relation(feed)),
                  HINT = format('SELECT hogsend_detach(%L) first, which leaves what came of it; or give another name.', feed);
    END IF;
    missing := (SELECT string_agg(format('"%s"', f.field), ', ' ORDER BY f."position") FROM @extschema@.hogsend_feed_fields(kind) f
                WHERE f.field IN ('key', 'user_id', 'event', 'occurred_at') AND fields ->> f.field IS NULL);
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'argument % must not be NULL', missing
            USING ERRCODE = '22004', DETAIL = format('hogsend_attach_%s() was called without.', kind), HINT = 'Give an SQL expression over the columns of the table.';
    END IF;
    -- Writers wait from here on, and what they have written by now is seen by the import.
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', relation);
    owned := @extschema@.hogsend_feed_list(relation, fields ->> 'properties');
    IF owned IS NOT NULL THEN
        fields := fields || jsonb_build_object('properties', @extschema@.hogsend_feed_object(owned));
    END IF;
    PERFORM @extschema@.hogsend_make_reader(feed, kind, relation, fields, path);
    PERFORM @extschema@.hogsend_note_feed(feed, kind, said, on_delete, owned, path, current_user::text);
    -- Of an expression over a key nobody knows that it differs wherever the key does.
    IF NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND quote_ident(a.attname) = of_key) THEN
        repeated := @extschema@.hogsend_repeated_key(feed, relation);
        IF repeated IS NOT NULL THEN
            RAISE EXCEPTION 'the key of the feed is not unique'
                USING ERRCODE = '22023', DETAIL = format('Several rows of %s have the key %s.', relation, quote_literal(repeated)),
                      HINT = 'Give an expression that no two rows have in common, with a separator between its parts.';
        END IF;
    END IF;
    PERFORM @extschema@.hogsend_make_feed_triggers(feed, relation);
    PERFORM @extschema@.hogsend_begin_import(feed);
END
$attach$;
COMMENT ON FUNCTION hogsend_attach(text, regclass, text, jsonb, text, text) IS 'Attaches a table (called by hogsend_attach_events and hogsend_attach_contacts)';

-- These two have no SET clause, because the expressions mean what they mean where the call is made.
CREATE FUNCTION hogsend_attach_events(
    relation regclass, key text, user_id text, event text, occurred_at text, value text DEFAULT NULL,
    properties text DEFAULT NULL, condition text DEFAULT NULL, name text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
AS $attach$
BEGIN
    PERFORM @extschema@.hogsend_attach('events', relation, name, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'key', key, 'user_id', user_id, 'event', event, 'occurred_at', occurred_at, 'value', value, 'properties', properties, 'condition', condition)),
        'mark', pg_catalog.current_setting('search_path'));
END
$attach$;
COMMENT ON FUNCTION hogsend_attach_events(regclass, text, text, text, text, text, text, text, text)
    IS 'Mirrors a table into user_events from now on, and imports what it has, silently; each argument is an SQL expression over a row, properties a list of columns or such an expression';

CREATE FUNCTION hogsend_attach_contacts(
    relation regclass, user_id text, email text DEFAULT NULL, properties text DEFAULT NULL, condition text DEFAULT NULL,
    on_delete text DEFAULT 'mark', name text DEFAULT NULL
) RETURNS void
LANGUAGE plpgsql
AS $attach$
BEGIN
    IF on_delete IS NULL OR NOT on_delete OPERATOR(pg_catalog.=) ANY (ARRAY['mark', 'forget']) THEN
        RAISE EXCEPTION 'on_delete must be ''mark'' or ''forget'''
            USING ERRCODE = '22023', DETAIL = pg_catalog.format('It is %s.', pg_catalog.quote_nullable(on_delete)),
                  HINT = 'mark: the contact of a row that is deleted is marked as deleted; forget: everything about the user is erased.';
    END IF;
    PERFORM @extschema@.hogsend_attach('contacts', relation, name, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'user_id', user_id, 'email', email, 'properties', properties, 'condition', condition)),
        on_delete, pg_catalog.current_setting('search_path'));
END
$attach$;
COMMENT ON FUNCTION hogsend_attach_contacts(regclass, text, text, text, text, text, text)
    IS 'Mirrors a table into contacts from now on, and imports what it has, silently; it owns the e-mail address and the properties that it names, and no others';

CREATE FUNCTION hogsend_detach(feed text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $detach$
DECLARE
    source regclass := @extschema@.hogsend_feed_relation(feed);
    made record;
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    -- Whoever deletes the row of it has detached nothing.
    IF source IS NULL THEN
        PERFORM @extschema@.hogsend_require_feed(feed);
    ELSE
        IF NOT pg_has_role((SELECT c.relowner FROM pg_class c WHERE c.oid = source), 'USAGE') THEN
            RAISE EXCEPTION 'must be owner of table %', source
                USING ERRCODE = '42501', DETAIL = format('Feed "%s" is a trigger of it.', feed), HINT = 'SET ROLE to its owner.';
        END IF;
        EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', source);
        FOR made IN SELECT t.relation, t.trigger FROM @extschema@.hogsend_feed_triggers(feed) t LOOP
            EXECUTE format('DROP TRIGGER %I ON %s', made.trigger, made.relation);
        END LOOP;
        FOR made IN SELECT r.reader, r.function FROM @extschema@.hogsend_feed_reader(feed, source) r LOOP
            EXECUTE format('DROP VIEW %s', made.reader);
            EXECUTE format('DROP FUNCTION %s', made.function);
        END LOOP;
    END IF;
    PERFORM @extschema@.hogsend_drop_feed(feed);
END
$detach$;
COMMENT ON FUNCTION hogsend_detach(text) IS 'Ends mirroring a table that was attached under the name; what came of it stays';

-- What hogsend_detach() takes down. A feed whose table is gone is nobody's, and admin may forget it.
CREATE FUNCTION hogsend_drop_feed(feed text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $drop$
BEGIN
    IF EXISTS (SELECT FROM @extschema@.hogsend_feed_triggers($1) t) THEN
        RAISE EXCEPTION 'the feed "%" is attached', $1
            USING ERRCODE = '55000', DETAIL = format('%s has its triggers.', @extschema@.hogsend_feed_relation($1)), HINT = 'hogsend_detach() ends it.';
    END IF;
    DELETE FROM @extschema@.feed_notes n WHERE n.feed = $1;
    DELETE FROM @extschema@.feeds f WHERE f.name = $1;
END
$drop$;
COMMENT ON FUNCTION hogsend_drop_feed(text) IS 'Forgets a feed that is not attached any more (called by hogsend_detach)';

CREATE FUNCTION hogsend_require_feed(feed text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $require$
BEGIN
    IF NOT EXISTS (SELECT FROM @extschema@.feeds f WHERE f.name = $1) THEN
        RAISE EXCEPTION 'nothing is attached under the name %', coalesce('"' || feed || '"', 'NULL')
            USING ERRCODE = '42704', DETAIL = 'No row of table "feeds" has it.', HINT = 'SELECT name FROM bucket_feeds lists what is attached.';
    END IF;
END
$require$;
COMMENT ON FUNCTION hogsend_require_feed(text) IS 'Raises an error unless something is attached under the name';

-- Of views with that name the one of the table's owner: nobody else can say what the rows mean. The columns
-- are those that it needs, as its function takes them.
CREATE FUNCTION hogsend_feed_reader(feed text, relation regclass) RETURNS TABLE (reader regclass, function regprocedure, columns name[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT v.oid::regclass, p.oid::regprocedure,
           ARRAY(SELECT a.attname FROM pg_attribute a
                 WHERE a.attrelid = $2 AND a.attnum IN (
                     SELECT d.refobjsubid FROM pg_depend d
                     WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                       AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $2 AND d.refobjsubid > 0)
                 ORDER BY a.attnum)
    FROM pg_class v
    JOIN pg_class c ON c.oid = $2 AND c.relowner = v.relowner
    JOIN pg_rewrite w ON w.ev_class = v.oid
    JOIN pg_proc p ON p.proname = v.relname AND p.pronamespace = v.relnamespace AND p.proowner = v.relowner
    WHERE v.relname = @extschema@.hogsend_feed_name($1, 'hogsend_feed_') AND v.relkind = 'v'
      AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                    AND d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid)
      AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                    AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $2)
    ORDER BY v.oid LIMIT 1
$$;
COMMENT ON FUNCTION hogsend_feed_reader(text, regclass) IS 'The view and the function that read a feed; none if they are gone, or belong to another role than the table';
