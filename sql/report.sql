-- A page for people: what there is and how it goes, in one file for a browser.
--
-- All of it runs with the caller's rights, by the tables and views that the preset 'analyst' reads, so
-- that row-level security holds. The number of statements does not depend on the number of buckets.

-- What is added up there is counted a bucket once, and the days of those buckets alone are listed that
-- have a row with charts: the busiest, as long as somebody is or was in them.
CREATE FUNCTION hogsend_report_buckets(bucket_id text, charts integer) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
-- Compiling the expressions of such a plan takes longer than running it.
SET jit = off
AS $buckets$
DECLARE
    today date := @extschema@.hogsend_now()::date;
    result json;
BEGIN
    -- Planned anew for these arguments: a plan for all would add up every bucket to show one. And run to its
    -- end at once, so that parallel workers may help.
    EXECUTE $query$
    WITH stats AS MATERIALIZED (
        SELECT o.*, o.place <= 20 OR o.place <= $2 AND (o.active > 0 OR o.left_total > 0) AS has_charts
        FROM (SELECT s.*, row_number() OVER (ORDER BY s.entered_24h + s.left_24h DESC, s.active DESC, s.bucket_id) AS place
              FROM @extschema@.bucket_stats s
              WHERE $1 IS NULL OR s.bucket_id = $1) AS o
    ), daily AS MATERIALIZED (
        SELECT d.bucket_id, $3 - d.day AS ago, d.entered, d."left", d.entered_silently, d.left_silently
        FROM @extschema@.bucket_daily d
        WHERE d.day > $3 - 60 AND d.day <= $3 AND ($1 IS NULL OR d.bucket_id = $1)
    ), due AS MATERIALIZED (
        -- What is overdue is due today.
        SELECT t.bucket_id, greatest(t.due_at::date - $3, 0) AS day, count(*) AS looks
        FROM @extschema@.bucket_timers t
        WHERE t.due_at < ($3 + 7)::timestamptz AND t.bucket_id <> '*' AND ($1 IS NULL OR t.bucket_id = $1)
        GROUP BY t.bucket_id, greatest(t.due_at::date - $3, 0)
    ), days AS (
        SELECT d.bucket_id, json_agg(json_build_array(d.ago, d.entered, d."left", d.entered_silently, d.left_silently) ORDER BY d.ago) AS days
        FROM daily d JOIN stats s USING (bucket_id)
        WHERE s.has_charts
        GROUP BY d.bucket_id
    ), ahead AS (
        SELECT g.bucket_id, json_agg(coalesce(d.looks, 0) ORDER BY g.day) AS forecast
        FROM (SELECT b.bucket_id, n AS day FROM (SELECT DISTINCT u.bucket_id FROM due u) AS b
              JOIN stats s ON s.bucket_id = b.bucket_id AND s.has_charts
              CROSS JOIN generate_series(0, 6) AS n) AS g
        LEFT JOIN due d ON d.bucket_id = g.bucket_id AND d.day = g.day
        GROUP BY g.bucket_id
    )
    SELECT json_build_object(
        'buckets', (
            SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
                'id', s.bucket_id, 'name', s.name, 'kind', s.kind, 'enabled', s.enabled,
                'active', s.active, 'entered', s.entered_24h, 'left', s.left_24h,
                'entered_silently', s.entered_silently_24h, 'left_silently', s.left_silently_24h, 'left_total', s.left_total,
                'average_stay', extract(epoch FROM s.average_stay),
                'lateness', CASE WHEN s.lateness_p50 IS NOT NULL
                                 THEN json_build_array(extract(epoch FROM s.lateness_p50), extract(epoch FROM s.lateness_p99)) END,
                'next_due', to_char(s.next_due, 'YYYY-MM-DD HH24:MI'), 'job', left(s.job, 300),
                'refreshed_at', to_char(s.refreshed_at, 'YYYY-MM-DD HH24:MI'), 'next_refresh', to_char(s.next_refresh, 'YYYY-MM-DD HH24:MI'),
                'refresh_took', extract(epoch FROM s.refresh_took), 'refresh_error', left(s.refresh_error, 300),
                'days', CASE WHEN s.has_charts THEN coalesce(d.days, '[]'::json) END, 'forecast', coalesce(a.forecast, '[]'::json)))
                ORDER BY s.place), '[]'::json)
            FROM stats s LEFT JOIN days d USING (bucket_id) LEFT JOIN ahead a USING (bucket_id)),
        'defined', (SELECT count(*) FROM stats s),
        'enabled', (SELECT count(*) FROM stats s WHERE s.enabled),
        'days', (
            SELECT coalesce(json_agg(json_build_array(d.ago, d.entered, d."left", d.entered_silently, d.left_silently) ORDER BY d.ago), '[]'::json)
            FROM (SELECT y.ago, sum(y.entered)::bigint AS entered, sum(y."left")::bigint AS "left",
                         sum(y.entered_silently)::bigint AS entered_silently, sum(y.left_silently)::bigint AS left_silently
                  FROM daily y JOIN stats s USING (bucket_id) GROUP BY y.ago) AS d),
        'forecast', (
            SELECT json_agg(coalesce(u.looks, 0) ORDER BY n)
            FROM generate_series(0, 6) AS n
            LEFT JOIN (SELECT d.day, sum(d.looks)::bigint AS looks FROM due d JOIN stats s USING (bucket_id) GROUP BY d.day) AS u ON u.day = n))
    $query$ INTO result USING bucket_id, charts, today;
    RETURN result;
END
$buckets$;
COMMENT ON FUNCTION hogsend_report_buckets(text, integer) IS 'What hogsend_report() tells of the buckets, or of one: the busiest first, so many of them with their days';

CREATE FUNCTION hogsend_report_delivery(bucket_id text) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT json_build_object(
        'consumers', (
            SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
                'name', l.consumer, 'shard', l.shard, 'shards', c.shards, 'buckets', c.buckets, 'behind', l.rows_behind,
                'age', extract(epoch FROM l.age), 'batch_is_out', l.batch_is_out, 'lapsed', l.lapsed,
                'last_batch', to_char(l.last_batch, 'YYYY-MM-DD HH24:MI:SS'), 'last_ack', to_char(l.last_ack, 'YYYY-MM-DD HH24:MI:SS')))
                ORDER BY l.consumer, l.shard), '[]'::json)
            FROM @extschema@.bucket_lag l JOIN @extschema@.bucket_consumers c ON c.name = l.consumer
            WHERE $1 IS NULL OR c.buckets IS NULL OR $1 = ANY (c.buckets)),
        'feeds', (
            SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
                'name', f.name, 'kind', f.kind, 'relation', f.relation::text, 'import', f.import, 'imported', f.rows_imported,
                'to_import', f.rows_to_import, 'skipped', f.rows_skipped, 'failed', f.rows_failed, 'error', left(f.error, 300),
                'is_whole', f.is_whole)) ORDER BY f.name), '[]'::json)
            FROM @extschema@.bucket_feeds f WHERE $1 IS NULL),
        'jobs', (
            SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
                'bucket', j.bucket_id, 'mode', j.mode, 'status', j.status, 'total', j.total, 'processed', j.processed,
                'joined', j.joined, 'left', j."left", 'moved_at', to_char(j.moved_at, 'YYYY-MM-DD HH24:MI:SS'), 'error', left(j.error, 300)))
                ORDER BY j.status = 'failed' DESC, j.id), '[]'::json)
            FROM (SELECT o.* FROM @extschema@.bucket_jobs o
                  WHERE o.status <> 'done' AND ($1 IS NULL OR o.bucket_id = $1)
                  ORDER BY o.status = 'failed' DESC, o.id LIMIT 100) AS j))
$$;
COMMENT ON FUNCTION hogsend_report_delivery(text) IS 'What hogsend_report() tells of consumers, attached tables and open jobs';

CREATE FUNCTION hogsend_report_journeys() RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
        'journey', j.id, 'name', j.name, 'enabled', j.enabled, 'is_taken', s.journey_id IS NOT NULL, 'label', s.label,
        'waiting', coalesce(s.waiting + s.active, 0), 'reached', coalesce(s.reached, 0), 'timed_out', coalesce(s.timed_out, 0),
        'exited', coalesce(s.exited, 0), 'median', extract(epoch FROM s.median_time))) ORDER BY j.id, s.label NULLS FIRST), '[]'::json)
    FROM @extschema@.journeys j LEFT JOIN @extschema@.journey_stats s ON s.journey_id = j.id
$$;
COMMENT ON FUNCTION hogsend_report_journeys() IS 'What hogsend_report() tells of journeys: their steps and who is at each';

-- The transitions of one bucket have no index of their own, so that the latest of all are looked at.
CREATE FUNCTION hogsend_report_bucket(bucket_id text) RETURNS json
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp SET intervalstyle = 'postgres'
AS $$
    SELECT json_strip_nulls(json_build_object(
        'description', b.description, 'criteria', jsonb_pretty(b.criteria), 'query', b.query,
        'rules', (
            SELECT coalesce(json_agg(json_build_array(r.what, r.how) ORDER BY r.place), '[]'::json)
            FROM (VALUES
                (1, 'Entry limit', CASE WHEN b.entry_limit <> 'unlimited' THEN b.entry_limit || coalesce(', ' || b.entry_period::text, '') END),
                (2, 'At least in', b.min_dwell::text),
                (3, 'At most in', b.max_dwell::text),
                (4, 'Dwells after', nullif(array_to_string(b.dwell_after, ', '), '')),
                (5, 'Dwells every', nullif(array_to_string(b.dwell_every, ', '), '')),
                (6, 'Announces nothing before', to_char(b.quiet_before, 'YYYY-MM-DD HH24:MI:SS')),
                (7, 'Refreshed every', CASE WHEN b.kind = 'query' THEN coalesce(b.refresh_every, interval '5 minutes')::text END),
                (8, 'Query runs as', b.query_role)) AS r (place, what, how)
            WHERE r.how IS NOT NULL),
        'journeys', (
            SELECT coalesce(json_agg(j.id ORDER BY j.id), '[]'::json) FROM @extschema@.journeys j
            WHERE EXISTS (SELECT FROM unnest(j.starts_on || j.exits_on || j.waits_for) AS e (event)
                          WHERE e.event LIKE 'bucket:%' AND split_part(e.event, ':', 3) = $1)),
        'looked_at', 200000,
        'transitions', (
            SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
                'at', to_char(t.effective_at, 'YYYY-MM-DD HH24:MI:SS'), 'user', t.user_id, 'transition', t.transition,
                'entry', t.entry_count, 'reason', t.reason, 'source', t.source,
                'dwell', t.dwell_label, 'dwell_count', t.dwell_count)) ORDER BY t.id DESC), '[]'::json)
            FROM (SELECT l.* FROM (SELECT n.* FROM @extschema@.bucket_transitions n ORDER BY n.id DESC LIMIT 200000) AS l
                  WHERE l.bucket_id = $1 ORDER BY l.id DESC LIMIT 25) AS t),
        'members', (
            SELECT coalesce(json_agg(json_build_object(
                'user', m.user_id, 'since', to_char(m.entered_at, 'YYYY-MM-DD HH24:MI'), 'entry', m.entry_count, 'why', why.rows)
                ORDER BY m.user_id), '[]'::json)
            FROM (SELECT v.user_id, v.entered_at, v.entry_count
                  FROM (SELECT i.user_id FROM (SELECT s.user_id FROM @extschema@.bucket_memberships s
                                               WHERE s.bucket_id = $1 AND s.status = 'active' LIMIT 1000000) AS i
                        ORDER BY md5(i.user_id) LIMIT 20) AS drawn
                  JOIN @extschema@.bucket_members v ON v.bucket_id = $1 AND v.user_id = drawn.user_id
                  ORDER BY md5(v.user_id) LIMIT 5) AS m
            CROSS JOIN LATERAL (
                SELECT json_agg(json_strip_nulls(json_build_object(
                    'path', e.path, 'condition', e.condition, 'result', e.result, 'observed', e.observed,
                    'flips_at', to_char(e.flips_at, 'YYYY-MM-DD HH24:MI:SS'))) ORDER BY e.place) AS rows
                FROM @extschema@.hogsend_explain($1, m.user_id) WITH ORDINALITY AS e (path, condition, result, observed, flips_at, place)) AS why)))
    FROM @extschema@.buckets b WHERE b.id = $1
$$;
COMMENT ON FUNCTION hogsend_report_bucket(text) IS 'What hogsend_report() tells of one bucket alone: definition, latest transitions, some members and why';

-- About how many rows a table has, where the server has counted: a partitioned one as its parts.
CREATE FUNCTION hogsend_estimated_rows(relation regclass) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT sum(c.reltuples)::bigint
    FROM pg_class c
    WHERE c.oid IN (SELECT $1 UNION SELECT t.relid FROM pg_partition_tree($1) t WHERE t.isleaf)
      AND c.relkind IN ('r', 'i') AND c.reltuples >= 0
$$;
COMMENT ON FUNCTION hogsend_estimated_rows(regclass) IS 'About how many rows a table has, as VACUUM and ANALYZE left it; NULL where neither has been';

CREATE FUNCTION hogsend_report_facts(bucket_id text DEFAULT NULL) RETURNS json
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp SET jit = off
AS $facts$
DECLARE
    present timestamptz := @extschema@.hogsend_now();
BEGIN
    IF bucket_id IS NULL THEN
        PERFORM @extschema@.hogsend_require_tables();
    ELSE
        PERFORM @extschema@.hogsend_require_bucket(bucket_id);
    END IF;
    RETURN (
        SELECT json_object_agg(fact.key, fact.value)
        FROM (
            SELECT o.key, o.value FROM json_each(@extschema@.hogsend_report_buckets($1, 300)) o
            UNION ALL
            SELECT o.key, o.value FROM json_each(@extschema@.hogsend_report_delivery($1)) o
            UNION ALL
            SELECT o.key, o.value FROM json_each(json_strip_nulls(json_build_object(
                'database', current_database(), 'role', current_user,
                'version', (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'hogsend'),
                'at', to_char(present, 'YYYY-MM-DD HH24:MI'), 'zone', current_setting('TimeZone'),
                'today', present::date - date '2000-01-01',
                'contacts', @extschema@.hogsend_estimated_rows('@extschema@.contacts'),
                'events', @extschema@.hogsend_estimated_rows('@extschema@.user_events'),
                'checks', (SELECT json_agg(json_build_object('name', h."check", 'ok', h.ok, 'detail', h.detail) ORDER BY h.place)
                           FROM @extschema@.hogsend_health() WITH ORDINALITY AS h ("check", ok, detail, place))))) o
            UNION ALL
            SELECT 'journeys', @extschema@.hogsend_report_journeys() WHERE $1 IS NULL
            UNION ALL
            SELECT 'one', @extschema@.hogsend_report_bucket($1) WHERE $1 IS NOT NULL
        ) AS fact);
END
$facts$;
COMMENT ON FUNCTION hogsend_report_facts(text) IS 'All that hogsend_report() shows, as JSON';

COMMENT ON FUNCTION hogsend_report_page(text) IS 'The page that hogsend_report() returns, of what hogsend_report_facts() told';

CREATE FUNCTION hogsend_report(bucket_id text DEFAULT NULL) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_report_page(@extschema@.hogsend_report_facts($1)::text) $$;
COMMENT ON FUNCTION hogsend_report(text) IS 'A page for a browser, in one file that needs nothing else: all buckets, or one with its criteria, members and why; with the rights of the caller';
