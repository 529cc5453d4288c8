-- What hogsend_health() says of the tables, each check in a function of its own. They are the user's
-- tables, and alterations that hogsend cannot work with are found before they are felt.

CREATE FUNCTION hogsend_check_columns(OUT ok boolean, OUT detail text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT count(*) = 0,
           coalesce(min(m.problem || ': ' || m.remedy) FILTER (WHERE m.n = 1), 'none')
           || CASE WHEN count(*) > 1 THEN format(' (%s more: SELECT * FROM hogsend_misfits())', count(*) - 1) ELSE '' END
    FROM (SELECT f.problem, f.remedy, row_number() OVER () AS n FROM @extschema@.hogsend_misfits() f) AS m
$$;
COMMENT ON FUNCTION hogsend_check_columns() IS 'What hogsend_health() says of columns that are missing, or of a type or collation that would be misread';

-- As hogsend_check_tables() will judge when the extension is updated or adopted, if its owner does it.
CREATE FUNCTION hogsend_check_owners(OUT ok boolean, OUT detail text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT count(*) = 0,
           coalesce(string_agg(format('%s belongs to %s', t.relation, t.owner), ', ' ORDER BY t.relation)
               || format('; an update will refuse that: ALTER TABLE (or VIEW) … OWNER TO %s', min(t.ours)), 'none')
    FROM (SELECT c.oid::regclass::text AS relation, quote_ident(o.rolname) AS owner, quote_ident(pg_get_userbyid(e.extowner)) AS ours
          FROM unnest(ARRAY[
              'buckets', 'contacts', 'user_events', 'bucket_memberships', 'bucket_timers', 'bucket_transitions',
              'bucket_consumers', 'bucket_positions', 'bucket_jobs', 'bucket_erasures', 'bucket_counts', 'bucket_refreshes', 'bucket_holdouts', 'bucket_totals',
              'user_queue', 'user_aliases', 'feeds', 'feed_notes', 'journeys', 'journey_runs', 'bucket_members', 'bucket_stats',
              'bucket_daily', 'bucket_forecast', 'bucket_lag', 'bucket_feeds', 'journey_stats', 'hogsend_instance', 'hogsend_clock']) AS w (name)
          JOIN pg_class c ON c.relname = w.name AND c.relnamespace = to_regnamespace('@extschema@')
          JOIN pg_roles o ON o.oid = c.relowner
          JOIN pg_extension e ON e.extname = 'hogsend'
          WHERE NOT o.rolsuper AND c.relowner <> e.extowner) AS t
$$;
COMMENT ON FUNCTION hogsend_check_owners() IS 'What hogsend_health() says of tables and views that belong to another role';

-- Milliseconds that were taken for seconds are in the year 57,000. No index goes by occurred_at alone, so
-- what can be had without reading the table is looked at: the latest thousand events, and what ANALYZE
-- saw last as the latest instant of its sample.
CREATE FUNCTION hogsend_check_future(OUT ok boolean, OUT detail text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $check$
DECLARE
    events CONSTANT regclass := '@extschema@.user_events';
    tomorrow timestamptz := @extschema@.hogsend_now() + interval '1 day';
    ahead bigint := 0;
    latest timestamptz;
    sampled timestamptz;
BEGIN
    -- A user's own partitioned table may have no index by number.
    IF EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'id'
               WHERE i.indrelid = events AND i.indpred IS NULL AND i.indkey[0] = a.attnum)
    THEN
        SELECT count(*), max(l.occurred_at) INTO ahead, latest
        FROM (SELECT e.occurred_at FROM @extschema@.user_events e ORDER BY e.id DESC LIMIT 1000) AS l
        WHERE l.occurred_at > tomorrow;
    END IF;
    SELECT max(s.bounds[cardinality(s.bounds)]) INTO sampled
    FROM (SELECT p.histogram_bounds::text::timestamptz[] AS bounds
          FROM pg_stats p JOIN pg_class c ON c.relname = p.tablename JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = p.schemaname
          WHERE c.oid = events AND p.attname = 'occurred_at') AS s;
    ok := ahead = 0 AND coalesce(sampled <= tomorrow, true);
    detail := CASE WHEN ok THEN 'none' ELSE concat_ws('; ',
        CASE WHEN ahead > 0 THEN format('%s of the latest 1000 are more than a day ahead, up to %s', ahead, latest) END,
        CASE WHEN sampled > tomorrow THEN format('ANALYZE saw one at %s', sampled) END,
        'they are inside every window until then: correct occurred_at where milliseconds were taken for seconds, then ANALYZE user_events') END;
END
$check$;
COMMENT ON FUNCTION hogsend_check_future() IS 'What hogsend_health() says of events more than a day in the future: it looks at the latest 1000 by id, and at what ANALYZE saw last';

-- A contact is made after the rows of its user's first statement, when a key that is checked at once has
-- refused them. A key of a partition that is part of the whole table's is altered with that.
CREATE FUNCTION hogsend_early_keys() RETURNS TABLE (problem text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('foreign key %I of %s refuses events of unknown users, whose contacts are made after them', k.conname, k.conrelid::regclass),
           format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE INITIALLY DEFERRED', k.conrelid::regclass, k.conname)
    FROM pg_constraint k
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = 'user_id' AND a.attnum = ANY (k.conkey)
    WHERE k.contype = 'f' AND NOT k.condeferred AND k.conparentid = 0
      -- From Postgres 18 on a key need not be enforced.
      AND (to_jsonb(k) ->> 'conenforced')::boolean IS DISTINCT FROM false
      AND k.confrelid = to_regclass('@extschema@.contacts')
      AND (k.conrelid = to_regclass('@extschema@.user_events')
           OR k.conrelid IN (SELECT t.relid FROM pg_partition_tree(to_regclass('@extschema@.user_events')) t))
    ORDER BY k.conrelid::regclass::text, k.conname
$$;
COMMENT ON FUNCTION hogsend_early_keys() IS 'Foreign keys from user_events to contacts that are checked before a contact is made, and how to defer them';

CREATE FUNCTION hogsend_check_keys(OUT ok boolean, OUT detail text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT count(*) = 0, coalesce(string_agg(k.problem || ': ' || k.remedy, '; '), 'none')
    FROM @extschema@.hogsend_early_keys() k
$$;
COMMENT ON FUNCTION hogsend_check_keys() IS 'What hogsend_health() says of foreign keys that are checked before a contact is made';

-- Of very many aliases a part is looked at, pages of the table that are drawn anew each time.
CREATE FUNCTION hogsend_check_aliases(most bigint, OUT ok boolean, OUT detail text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $check$
DECLARE
    aliases real := (SELECT sum(c.reltuples) FROM pg_partition_tree('@extschema@.user_aliases'::regclass) t
                     JOIN pg_class c ON c.oid = t.relid WHERE t.isleaf);
    part real := least(100, 100 * most / greatest(aliases, 1));
    found record;
BEGIN
    SELECT count(*) AS aliases, min(f.alias) AS alias,
           count(*) FILTER (WHERE f.is_known) AS known, count(*) FILTER (WHERE f.did) AS did, count(*) FILTER (WHERE f.chained) AS chained
    INTO found
    FROM (SELECT a.alias,
                 EXISTS (SELECT FROM @extschema@.contacts c WHERE c.user_id = a.alias) AS is_known,
                 -- Those are stored as they come, whoever did them; and of a new alias the clock fetches some.
                 a.open_until IS NULL AND EXISTS (SELECT FROM @extschema@.user_events e WHERE e.user_id = a.alias AND NOT starts_with(e.event, 'bucket:'))
                     AND NOT EXISTS (SELECT FROM @extschema@.user_queue q WHERE q.user_id = a.alias) AS did,
                 EXISTS (SELECT FROM @extschema@.user_aliases o WHERE o.alias = a.user_id) AS chained
          FROM @extschema@.user_aliases a TABLESAMPLE SYSTEM (part)) AS f
    WHERE f.is_known OR f.did OR f.chained;
    ok := found.aliases = 0;
    detail := CASE WHEN ok THEN 'none is a user of its own' ELSE concat_ws('; ',
        CASE WHEN found.known > 0 THEN format('%s with a contact', found.known) END,
        CASE WHEN found.did > 0 THEN format('%s with events', found.did) END,
        CASE WHEN found.chained > 0 THEN format('%s of somebody who is an alias', found.chained) END,
        format('such as %L: written while triggers were off, or by hand; DELETE its row of user_aliases and say hogsend_identify(alias, user_id) again, in one transaction', found.alias),
        CASE WHEN part < 100 THEN 'some of the aliases were looked at' END) END;
END
$check$;
COMMENT ON FUNCTION hogsend_check_aliases(bigint) IS 'What hogsend_health() says of aliases that have a contact or events nonetheless';
