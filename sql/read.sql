-- Reading memberships.

COMMENT ON FUNCTION hogsend_tables_version() IS 'The version of hogsend that made the tables; NULL where they or their triggers are missing';
COMMENT ON FUNCTION hogsend_require_tables() IS 'Raises an error that says what to do when the tables are missing, of another version, or altered so that they would be misread';
COMMENT ON FUNCTION hogsend_misfits() IS 'Columns of our tables that are missing, or of a type or collation that would be misread, and what to do';
COMMENT ON FUNCTION hogsend_require_columns(text) IS 'Raises an error for the first of hogsend_misfits(), of one table or (NULL) of all; true otherwise';

CREATE FUNCTION hogsend_require_bucket(bucket_id text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $require$
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    IF NOT EXISTS (SELECT FROM @extschema@.buckets b WHERE b.id = $1) THEN
        RAISE EXCEPTION 'bucket % does not exist', coalesce('"' || bucket_id || '"', 'NULL')
            USING ERRCODE = '42704',
                  DETAIL = 'No row of table "buckets" has this id.',
                  HINT = 'SELECT id FROM buckets lists the buckets that are defined.';
    END IF;
END
$require$;
COMMENT ON FUNCTION hogsend_require_bucket(text) IS 'Raises an error unless the bucket is defined';

CREATE FUNCTION hogsend_has(bucket_id text, user_id text) RETURNS boolean
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $has$
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    IF EXISTS (SELECT FROM @extschema@.bucket_members m WHERE m.bucket_id = $1 AND m.user_id = $2) THEN
        RETURN true;
    END IF;
    PERFORM @extschema@.hogsend_require_bucket($1);
    -- Who was granted no look at the aliases, as earlier releases did not, asks for the ids of users alone.
    IF has_column_privilege('@extschema@.user_aliases', 'alias', 'SELECT') AND has_column_privilege('@extschema@.user_aliases', 'user_id', 'SELECT') THEN
        RETURN EXISTS (SELECT FROM @extschema@.user_aliases a
                       JOIN @extschema@.bucket_members m ON m.user_id = a.user_id AND m.bucket_id = $1 WHERE a.alias = $2);
    END IF;
    RETURN false;
END
$has$;
COMMENT ON FUNCTION hogsend_has(text, text) IS 'Whether the user is in the bucket now, by whichever of their ids';

CREATE FUNCTION hogsend_count(bucket_id text) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $count$
BEGIN
    PERFORM @extschema@.hogsend_require_bucket($1);
    RETURN (SELECT count(*) FROM @extschema@.bucket_members m WHERE m.bucket_id = $1);
END
$count$;
COMMENT ON FUNCTION hogsend_count(text) IS 'How many users are in the bucket now';

CREATE FUNCTION hogsend_members(bucket_id text, max integer DEFAULT 50, after text DEFAULT NULL)
RETURNS TABLE (user_id text, email text, entered_at timestamptz, entry_count integer)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $members$
BEGIN
    IF max IS NULL OR max < 1 THEN
        RAISE EXCEPTION 'max must be a positive number'
            USING ERRCODE = '22023', DETAIL = format('max is %s.', coalesce(max::text, 'NULL')),
                  HINT = 'Leave it out for 50; a call returns at most 100.';
    END IF;
    PERFORM @extschema@.hogsend_require_bucket($1);
    RETURN QUERY
        SELECT m.user_id::text, m.email::text, m.entered_at, m.entry_count
        FROM @extschema@.bucket_members m
        WHERE m.bucket_id = $1 AND ($3 IS NULL OR m.user_id > $3)
        ORDER BY m.user_id
        LIMIT least(max, 100);
END
$members$;
COMMENT ON FUNCTION hogsend_members(text, integer, text) IS 'A page of the bucket''s members by user id, after the user given; at most 100 a call';

CREATE FUNCTION hogsend_dependencies() RETURNS TABLE (bucket_id text, depends_on text, level integer)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $dependencies$
    WITH RECURSIVE named (bucket_id, depends_on) AS (
        SELECT b.id::text, n.id FROM @extschema@.buckets b CROSS JOIN unnest(b.depends_on) AS n (id)
    ), above (bucket_id, level) AS (
        SELECT DISTINCT n.depends_on, 0 FROM named n
        WHERE NOT EXISTS (SELECT FROM named m WHERE m.bucket_id = n.depends_on)
        UNION
        SELECT n.bucket_id, a.level + 1 FROM above a JOIN named n ON n.depends_on = a.bucket_id
        -- Only where the check was bypassed is there a circle.
        WHERE a.level < (SELECT count(*) FROM named)
    )
    SELECT n.bucket_id, n.depends_on, (SELECT max(a.level) FROM above a WHERE a.bucket_id = n.bucket_id)
    FROM named n
    ORDER BY 3, 1, 2
$dependencies$;
COMMENT ON FUNCTION hogsend_dependencies() IS 'Which buckets are about the members of which others: a row a pair; level: how many lie one below the other at most';

COMMENT ON FUNCTION hogsend_matches(text, text, timestamptz) IS 'Whether the user matches the bucket''s criteria at an instant, exactly, whatever the clock has done so far';
COMMENT ON FUNCTION hogsend_may_forget(text) IS 'Before when events may be deleted without changing who is in the bucket, now or later; -infinity, with the reason, where all may matter; infinity where none does';
COMMENT ON FUNCTION hogsend_explain(text, text, timestamptz) IS 'Why the user is in the bucket or not, and when that changes: the criteria node by node, at an instant, and what else bears on the membership now';
COMMENT ON FUNCTION hogsend_reconcile(integer) IS 'Does what the clock has made due, oldest first, and advances backfills; any number may run at once';
