-- Feeds: the reader of a table, a function and a view that say what each of its rows means.
--
-- The reader is made when a table is attached, with the rights and in the search_path of whoever attaches
-- it, in the schema of the table, and belongs to the table's owner, with whose rights it runs. Postgres
-- parses it once: nobody can change later what its names mean, it follows renames, it is dumped with the
-- rest, and a column that it needs cannot be dropped without it.

CREATE FUNCTION hogsend_feed_name(feed text, prefix text) RETURNS name
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- A name that would be cut off could be that of another feed.
    SELECT (prefix || CASE WHEN octet_length(feed) <= 63 - octet_length(prefix) THEN feed ELSE md5(feed) END)::name
$$;
COMMENT ON FUNCTION hogsend_feed_name(text, text) IS 'What an object of a feed is called: its reader, and its triggers';

CREATE FUNCTION hogsend_feed_fields(kind text) RETURNS TABLE (field text, type text, "position" integer, "column" text)
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT f.field, f.type, f.n, f."column"
    FROM (VALUES ('events', 'key', 'text', 1, 'key'), ('events', 'user_id', 'text', 2, 'user_id'), ('events', 'event', 'text', 3, 'event'),
                 ('events', 'occurred_at', 'timestamptz', 4, 'occurred_at'), ('events', 'value', 'numeric', 5, 'value'),
                 ('events', 'properties', 'jsonb', 6, 'properties'), ('events', 'condition', 'bool', 7, 'kept'),
                 ('contacts', 'user_id', 'text', 1, 'key'), ('contacts', 'email', 'text', 2, 'email'),
                 ('contacts', 'properties', 'jsonb', 3, 'properties'), ('contacts', 'condition', 'bool', 4, 'kept')) AS f (kind, field, type, n, "column")
    WHERE f.kind = $1
$$;
COMMENT ON FUNCTION hogsend_feed_fields(text) IS 'What a reader of a kind of feed returns, and of which argument it is made';

-- Runs a statement in which an expression of the user's stands. What is looked up in the path is that
-- statement alone, and nothing of ours: it was made before.
CREATE FUNCTION hogsend_run_in_path(path text, statement text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $run$
BEGIN
    PERFORM set_config('search_path', concat_ws(', ', nullif(path, ''), 'pg_temp'), true);
    EXECUTE statement;
END
$run$;
COMMENT ON FUNCTION hogsend_run_in_path(text, text) IS 'Runs a statement with the rights and in the search_path of whoever attaches a table';

-- The line break ends a comment.
CREATE FUNCTION hogsend_feed_probe(relation regclass, field text, expression text, type text, path text, OUT columns smallint[], OUT is_whole boolean)
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $probe$
DECLARE
    place text := (SELECT quote_ident(n.nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation);
    called text := (SELECT quote_ident(c.relname) FROM pg_class c WHERE c.oid = relation);
    probe text := format('%s.%I', place, 'hogsend_probe_' || md5(random()::text));
    made regprocedure;
    tree text;
    flaw text;
    said text;
    code text;
BEGIN
    BEGIN
        PERFORM @extschema@.hogsend_run_in_path(path,
            format(E'CREATE FUNCTION %s() RETURNS TABLE (it %s) LANGUAGE sql STABLE BEGIN ATOMIC SELECT CAST((%s\n) AS %s) FROM %s.%s AS %s; END',
                   probe, 'pg_catalog.' || type, expression, 'pg_catalog.' || type, place, called, called));
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS said = MESSAGE_TEXT, code = RETURNED_SQLSTATE;
        -- What is no fault of the expression.
        IF code = '42501' OR left(code, 2) IN ('25', '40', '53', '54', '55', '57', '58', 'XX') THEN
            RAISE;
        END IF;
        RAISE EXCEPTION 'argument "%" of the feed cannot be read', field
            USING ERRCODE = '22023', DETAIL = format('%s: %s.', expression, said),
                  HINT = format('Give an SQL expression over the columns of %s that can be cast to %s.', relation, type)
                      || CASE field WHEN 'event' THEN ' A name that is the same for all rows stands in quotes of its own: $$''order.placed''$$.' ELSE '' END;
    END;
    made := (probe || '()')::regprocedure;
    tree := (SELECT p.prosqlbody::text FROM pg_proc p WHERE p.oid = made);
    columns := ARRAY(SELECT d.refobjsubid FROM pg_depend d
                     WHERE d.classid = 'pg_proc'::regclass AND d.objid = made AND d.refclassid = 'pg_class'::regclass
                       AND d.refobjid = relation AND d.refobjsubid > 0 ORDER BY 1);
    -- A variable of number 0 is the row itself.
    is_whole := tree ~ ':varattno 0 ';
    flaw := CASE
        WHEN regexp_count(tree, '[{]QUERY ') <> 1 OR tree ~ ':(hasSubLinks|hasModifyingCTE|hasForUpdate) true' THEN 'asks for more than the row at hand'
        WHEN tree ~ ':hasAggs true' THEN 'has an aggregate'
        WHEN tree ~ ':hasWindowFuncs true' THEN 'has a window function'
        WHEN tree ~ ':hasTargetSRFs true' THEN 'returns a set'
        WHEN tree ~ '[{]SQLVALUEFUNCTION ' OR tree ~ (':funcid ' || 'pg_catalog.now()'::regprocedure::oid || ' ') THEN 'depends on when, or by whom, it is asked'
        WHEN tree ~ ':varattno -' THEN 'reads a system column'
        WHEN EXISTS (SELECT FROM regexp_matches(tree, ':(?:funcid|opfuncid) ([0-9]+)', 'g') AS f (ids)
                     JOIN pg_proc p ON p.oid = f.ids[1]::oid WHERE p.provolatile = 'v') THEN 'is volatile'
        END;
    EXECUTE format('DROP FUNCTION %s()', probe);
    IF flaw IS NOT NULL THEN
        RAISE EXCEPTION 'argument "%" of the feed %', field, flaw
            USING ERRCODE = '22023', DETAIL = format('It is %s. A row must mean the same whenever it is read.', expression),
                  HINT = format('Give an expression over the columns of %s alone, without subqueries, sets and the present time.', relation);
    END IF;
END
$probe$;
COMMENT ON FUNCTION hogsend_feed_probe(regclass, text, text, text, text) IS 'Which columns of a table an expression reads; raises an error unless it says the same of a row each time';

-- A list of columns, as it stands in an argument "properties"; NULL: it is an expression.
CREATE FUNCTION hogsend_feed_list(relation regclass, properties text) RETURNS text[]
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $list$
DECLARE
    names text[];
    missing text;
BEGIN
    IF properties IS NULL OR ltrim(properties) NOT LIKE '{%' THEN
        RETURN NULL;
    END IF;
    BEGIN
        names := properties::text[];
    EXCEPTION WHEN invalid_text_representation THEN
        RAISE EXCEPTION 'argument "properties" of the feed is no list of columns'
            USING ERRCODE = '22023', DETAIL = format('It is %s.', properties), HINT = 'Give ''{plan,locale}'', or an expression that yields jsonb.';
    END;
    missing := (SELECT string_agg(quote_ident(coalesce(n, 'NULL')), ', ') FROM unnest(names) AS n
                WHERE NOT EXISTS (SELECT FROM pg_attribute a
                                  WHERE a.attrelid = relation AND a.attname = n AND a.attnum > 0 AND NOT a.attisdropped));
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'argument "properties" of the feed names columns that % does not have', relation
            USING ERRCODE = '42703', DETAIL = format('There is no column %s.', missing), HINT = 'Names are taken as they are written, upper and lower case included.';
    END IF;
    RETURN names;
END
$list$;
COMMENT ON FUNCTION hogsend_feed_list(regclass, text) IS 'The columns that an argument "properties" lists; NULL when it is an expression';

-- Each of these columns that is not NULL, under its name: what a contact does not have is not there.
CREATE FUNCTION hogsend_feed_object(columns text[]) RETURNS text
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce('pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('
               || string_agg(format('%L, %I', c, c), ', ' ORDER BY n) || '))', '''{}''::pg_catalog.jsonb')
    FROM unnest(columns) WITH ORDINALITY AS u (c, n)
$$;
COMMENT ON FUNCTION hogsend_feed_object(text[]) IS 'The expression that makes an object of columns';

-- Makes the reader: a function of the columns that the expressions need, in their order, and a view that
-- calls it for each row. The function is no function of the row, because Postgres alters no table whose
-- row type an expression depends on; and its arguments have names, because of one without a name pg_dump writes
-- down what cannot be read. The view is what depends on the columns, follows their renaming, and
-- shows what a row means. The fields are expressions by the names of arguments.
CREATE FUNCTION hogsend_make_reader(feed text, kind text, relation regclass, fields jsonb, path text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $make$
DECLARE
    source record;
    of_key smallint[];
    needed smallint[] := '{}';
    field record;
    probed record;
    outputs text;
    expressions text;
    types text;
    parameters text;
    inputs text;
    columns text;
    reader text;
    gone record;
    made regprocedure;
BEGIN
    SELECT c.oid, c.relowner, quote_ident(n.nspname) AS place, quote_ident(c.relname) AS called INTO source
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;
    FOR field IN
        SELECT f.field, f.type, f."position", fields ->> f.field AS expression
        FROM @extschema@.hogsend_feed_fields(kind) f WHERE fields ->> f.field IS NOT NULL ORDER BY f."position"
    LOOP
        probed := @extschema@.hogsend_feed_probe(relation, field.field, field.expression, field.type, path);
        IF field."position" = 1 THEN
            of_key := probed.columns;
        END IF;
        IF probed.is_whole THEN
            needed := ARRAY(SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped);
        END IF;
        needed := needed || probed.columns;
    END LOOP;
    PERFORM @extschema@.hogsend_require_key(relation, of_key, fields ->> (SELECT f.field FROM @extschema@.hogsend_feed_fields(kind) f WHERE f."position" = 1));

    SELECT string_agg(format('%I pg_catalog.%s', f."column", f.type), ', ' ORDER BY f."position"),
           string_agg(format(E'CAST((%s\n) AS pg_catalog.%s)',
               coalesce(fields ->> f.field, CASE f.field WHEN 'condition' THEN 'true' ELSE 'NULL' END), f.type), ', ' ORDER BY f."position")
    INTO outputs, expressions
    FROM @extschema@.hogsend_feed_fields(kind) f;
    SELECT string_agg(a.type, ', ' ORDER BY a.attnum), string_agg(format('hogsend_%s %s', a.n, a.type), ', ' ORDER BY a.attnum),
           string_agg(format('hogsend_%s AS %I', a.n, a.attname), ', ' ORDER BY a.attnum),
           string_agg(format('%s.%I', source.called, a.attname), ', ' ORDER BY a.attnum)
    INTO types, parameters, inputs, columns
    FROM (SELECT a.attnum, a.attname, format('%I.%I', n.nspname, t.typname) AS type, row_number() OVER (ORDER BY a.attnum) AS n
          FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace n ON n.oid = t.typnamespace
          WHERE a.attrelid = relation AND a.attnum = ANY (needed)) AS a;
    reader := format('%s.%I', source.place, @extschema@.hogsend_feed_name(feed, 'hogsend_feed_'));
    -- With an extension that was dropped the triggers went, and not the reader.
    FOR gone IN SELECT r.reader, r.function FROM @extschema@.hogsend_feed_reader(feed, relation) r LOOP
        EXECUTE format('DROP VIEW %s', gone.reader);
        IF NOT EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = gone.function) THEN
            EXECUTE format('DROP FUNCTION %s', gone.function);
        END IF;
    END LOOP;
    -- With a table that was dropped its view went, and not the function.
    FOR gone IN
        SELECT p.oid::regprocedure AS function FROM pg_proc p JOIN pg_class c ON c.oid = relation AND c.relnamespace = p.pronamespace AND c.relowner = p.proowner
        WHERE p.proname = @extschema@.hogsend_feed_name(feed, 'hogsend_feed_')
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid)
    LOOP
        EXECUTE format('DROP FUNCTION %s', gone.function);
    END LOOP;
    PERFORM @extschema@.hogsend_run_in_path(path,
        format('CREATE FUNCTION %s(%s) RETURNS TABLE (%s) LANGUAGE sql STABLE BEGIN ATOMIC SELECT %s FROM (SELECT %s) AS %s; END',
               reader, coalesce(parameters, ''), outputs, expressions, coalesce(inputs, ''), source.called));
    EXECUTE format('CREATE VIEW %s AS SELECT f.* FROM %s.%s AS %s CROSS JOIN LATERAL %s(%s) AS f',
                   reader, source.place, source.called, source.called, reader, coalesce(columns, ''));
    made := format('%s(%s)', reader, coalesce(types, ''))::regprocedure;
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', made);
    EXECUTE format('COMMENT ON FUNCTION %s IS %L', made, format('What a row of %s means to hogsend (feed %s)', relation, feed));
    EXECUTE format('COMMENT ON VIEW %s IS %L', reader, format('What the rows of %s mean to hogsend (feed %s)', relation, feed));
    IF source.relowner <> (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) THEN
        EXECUTE format('ALTER FUNCTION %s OWNER TO %I', made, pg_get_userbyid(source.relowner));
        EXECUTE format('ALTER VIEW %s OWNER TO %I', reader, pg_get_userbyid(source.relowner));
    END IF;
END
$make$;
COMMENT ON FUNCTION hogsend_make_reader(text, text, regclass, jsonb, text) IS 'Makes the function and the view that say what a row of an attached table means';

-- A unique index of those columns, or of some of them, keeps the rows of one key to one.
CREATE FUNCTION hogsend_require_key(relation regclass, columns smallint[], expression text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $require$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_index i
        WHERE i.indrelid = relation AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL
          AND NOT EXISTS (
              SELECT FROM pg_depend d
              WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refclassid = 'pg_class'::regclass
                AND d.refobjid = relation AND d.refobjsubid > 0 AND NOT d.refobjsubid = ANY (columns))
          AND NOT EXISTS (
              SELECT FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (number, n)
              WHERE k.n <= i.indnkeyatts AND k.number > 0 AND NOT k.number = ANY (columns)))
    THEN
        RAISE EXCEPTION 'the key of the feed is not unique'
            USING ERRCODE = '22023',
                  DETAIL = format('%s has no unique index whose columns are all in %s.', relation, expression),
                  HINT = 'Give the primary key, or an expression over all of its columns; or CREATE UNIQUE INDEX first.';
    END IF;
END
$require$;
COMMENT ON FUNCTION hogsend_require_key(regclass, smallint[], text) IS 'Raises an error unless a unique index is about columns of a key';
