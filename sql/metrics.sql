-- How hogsend is doing, for programs: a text as OpenMetrics has it, for whoever scrapes.
--
-- It is asked every few seconds, so that nothing is read whose size grows with members, events or
-- transitions. What cannot be counted in that time is estimated from what VACUUM and ANALYZE left, or
-- counted up to a bound, and the HELP of each metric says which.

-- A label's value. Backslashes are made by their numbers, because a setting says what they mean in a text.
CREATE FUNCTION hogsend_metric_label(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT '"' || replace(replace(replace($1, chr(92), chr(92) || chr(92)), '"', chr(92) || '"'), chr(10), chr(92) || 'n') || '"'
$$;
COMMENT ON FUNCTION hogsend_metric_label(text) IS 'A text as a label''s value in OpenMetrics';

-- The samples are lines, each a suffix of the name, labels and a number. Without samples there is no metric.
CREATE FUNCTION hogsend_metric(name text, type text, help text, samples text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE WHEN cardinality($4) > 0 THEN
        format('# TYPE %s %s', $1, $2) || chr(10)
        || coalesce('# UNIT ' || $1 || ' ' || substring($1 FROM '_(seconds|bytes|ratio)$') || chr(10), '')
        || format('# HELP %s %s', $1, $3) || chr(10)
        || $1 || array_to_string($4, chr(10) || $1) || chr(10)
    ELSE '' END
$$;
COMMENT ON FUNCTION hogsend_metric(text, text, text, text[]) IS 'A metric with its samples, as OpenMetrics has it';

-- A number that may be missing, as the only sample.
CREATE FUNCTION hogsend_metric_sample(number numeric) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT CASE WHEN $1 IS NULL THEN '{}'::text[] ELSE ARRAY[' ' || $1] END $$;
COMMENT ON FUNCTION hogsend_metric_sample(numeric) IS 'The samples of a metric without labels; none where nothing is known';

-- How long ago that was; nothing is later than now, and nothing earlier than can be subtracted.
CREATE FUNCTION hogsend_metric_age(present timestamptz, instant timestamptz) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$ SELECT trim_scale(extract(epoch FROM $1 - least(greatest($2, '2000-01-01 00:00+00'::timestamptz), $1))) $$;
COMMENT ON FUNCTION hogsend_metric_age(timestamptz, timestamptz) IS 'So many seconds ago, not less than none';

-- Of few stays the members are counted. Of many the server has an idea from ANALYZE: which buckets are the
-- most common among the stays.
CREATE FUNCTION hogsend_metrics_members() RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $members$
DECLARE
    most CONSTANT integer := 100000;
    counted text[];
    active bigint;
    buckets text[];
BEGIN
    SELECT array_agg(format('{kind=%s,enabled="%s"} %s', @extschema@.hogsend_metric_label(b.kind), b.enabled::text, b.number) ORDER BY b.kind, b.enabled)
    INTO buckets
    FROM (SELECT d.kind, d.enabled, count(*) AS number FROM @extschema@.buckets d GROUP BY d.kind, d.enabled) AS b;

    SELECT array_agg('{bucket="' || replace(replace(replace(m.bucket_id, chr(92), chr(92) || chr(92)), '"', chr(92) || '"'), chr(10), chr(92) || 'n') || '"} ' || m.members
                     ORDER BY m.bucket_id), sum(m.members)
    INTO counted, active
    FROM (SELECT s.bucket_id, count(*) AS members
          FROM (SELECT a.bucket_id FROM @extschema@.bucket_memberships a WHERE a.status = 'active' LIMIT most + 1) AS s
          GROUP BY s.bucket_id) AS m;
    IF active > most THEN
        active := coalesce(@extschema@.hogsend_estimated_rows(to_regclass('@extschema@.bucket_memberships_members')),
                           @extschema@.hogsend_estimated_rows('@extschema@.bucket_memberships'));
        SELECT array_agg('{bucket=' || @extschema@.hogsend_metric_label(v.bucket) || '} ' || round((v.share * active)::numeric) ORDER BY v.bucket)
        INTO counted
        FROM pg_stats p
        JOIN pg_class c ON c.relname = p.tablename
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = p.schemaname
        CROSS JOIN LATERAL unnest(p.most_common_vals::text::text[], p.most_common_freqs) AS v (bucket, share)
        WHERE c.oid = '@extschema@.bucket_memberships'::regclass AND p.attname = 'bucket_id'
          AND p.inherited = (c.relkind = 'p');
        RETURN @extschema@.hogsend_metric('hogsend_buckets', 'gauge', 'Buckets that are defined, counted.', buckets)
            || @extschema@.hogsend_metric('hogsend_members', 'gauge', 'Members of all buckets, estimated: as VACUUM or ANALYZE saw last.', @extschema@.hogsend_metric_sample(active))
            || @extschema@.hogsend_metric('hogsend_bucket_members', 'gauge',
                   'Members of a bucket, estimated: from the stays, ended ones among them, that ANALYZE saw last, and of the largest buckets alone.', counted);
    END IF;
    RETURN @extschema@.hogsend_metric('hogsend_buckets', 'gauge', 'Buckets that are defined, counted.', buckets)
        || @extschema@.hogsend_metric('hogsend_members', 'gauge', 'Members of all buckets, counted.', @extschema@.hogsend_metric_sample(coalesce(active, 0)))
        || @extschema@.hogsend_metric('hogsend_bucket_members', 'gauge', 'Members of a bucket, counted; none of one without any.', counted);
END
$members$;
COMMENT ON FUNCTION hogsend_metrics_members() IS 'What hogsend_metrics() says of buckets and their members';

-- The latest transitions, which the key finds.
CREATE FUNCTION hogsend_metrics_moves(present timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $moves$
DECLARE
    most CONSTANT integer := 10000;
    bounds CONSTANT numeric[] := '{0.1,0.5,1,5,15,60,300,1800,3600}';
    found record;
BEGIN
    WITH latest AS MATERIALIZED (
        SELECT t.bucket_id, t.journey_id, t.transition, t.source, t.recorded_at,
               CASE WHEN isfinite(t.effective_at) THEN greatest(extract(epoch FROM t.recorded_at - t.effective_at), 0) END AS late
        FROM (SELECT n.* FROM @extschema@.bucket_transitions n ORDER BY n.id DESC LIMIT most) AS t
        WHERE t.recorded_at > present - interval '15 minutes'
    ), late AS MATERIALIZED (
        SELECT l.late FROM latest l WHERE l.source = 'reconcile' AND l.late IS NOT NULL
    )
    SELECT (SELECT array_agg('{' || CASE WHEN m.bucket_id IS NULL THEN 'journey' ELSE 'bucket' END || '="'
                             || replace(replace(replace(coalesce(m.bucket_id, m.journey_id, ''), chr(92), chr(92) || chr(92)), '"', chr(92) || '"'), chr(10), chr(92) || 'n')
                             || '",transition="' || m.transition || '"} ' || m.moves ORDER BY m.bucket_id, m.journey_id, m.transition)
            FROM (SELECT l.bucket_id, l.journey_id, l.transition, count(*) AS moves FROM latest l GROUP BY l.bucket_id, l.journey_id, l.transition) AS m) AS moves,
           (SELECT CASE WHEN count(*) < most THEN 900 ELSE @extschema@.hogsend_metric_age(present, min(l.recorded_at)) END FROM latest l) AS seconds,
           (SELECT array_agg(format('_bucket{le="%s"} %s', b.bound, (SELECT count(*) FROM late l WHERE l.late <= b.bound)) ORDER BY b.bound)
                   || ARRAY[format('_bucket{le="+Inf"} %s', (SELECT count(*) FROM late)),
                            format('_gcount %s', (SELECT count(*) FROM late)),
                            format('_gsum %s', (SELECT trim_scale(coalesce(sum(l.late), 0)) FROM late l))]
            FROM unnest(bounds) AS b (bound)) AS lateness
    INTO found;
    RETURN @extschema@.hogsend_metric('hogsend_transitions', 'counter',
               'Transitions so far, kept: numbers of the outbox that were given, some perhaps to what was rolled back.',
               (SELECT array_agg('_total ' || coalesce(pg_sequence_last_value(pg_get_serial_sequence('@extschema@.bucket_transitions', 'id')::regclass), 0))))
        || @extschema@.hogsend_metric('hogsend_recent_transitions', 'gauge',
               'Transitions of buckets and steps of journeys in the last 15 minutes, counted: among the latest 10000.', found.moves)
        || @extschema@.hogsend_metric('hogsend_recent_seconds', 'gauge',
               'How far back the latest 10000 transitions go, 15 minutes at most.', @extschema@.hogsend_metric_sample(found.seconds))
        || @extschema@.hogsend_metric('hogsend_lateness_seconds', 'gaugehistogram',
               'From the instant at which the clock had to move somebody to when that was recorded, of the last 15 minutes, counted: among the latest 10000.',
               found.lateness);
END
$moves$;
COMMENT ON FUNCTION hogsend_metrics_moves(timestamptz) IS 'What hogsend_metrics() says of transitions and how late they came';

-- How far a consumer is behind at most: transitions that it did not ask for are counted as well.
CREATE FUNCTION hogsend_metrics_consumers(present timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $consumers$
DECLARE
    found record;
BEGIN
    WITH positions AS MATERIALIZED (
        SELECT '{consumer=' || @extschema@.hogsend_metric_label(p.consumer) || ',shard="' || p.shard || '"} ' AS labels, p.lapsed_at IS NOT NULL AS lapsed,
               greatest(coalesce((SELECT max(t.id) FROM @extschema@.bucket_transitions t), 0) - p.mark, 0) AS behind,
               coalesce(@extschema@.hogsend_metric_age(present, (SELECT t.recorded_at FROM @extschema@.bucket_transitions t WHERE t.id > p.mark ORDER BY t.id LIMIT 1)), 0) AS age
        FROM @extschema@.bucket_positions p
    )
    SELECT array_agg(p.labels || p.behind ORDER BY p.labels) AS behind, array_agg(p.labels || p.age ORDER BY p.labels) AS age,
           array_agg(p.labels || p.lapsed::integer ORDER BY p.labels) AS lapsed
    INTO found FROM positions p;
    RETURN @extschema@.hogsend_metric('hogsend_consumer_behind', 'gauge',
               'Transitions after the consumer''s position, at most: by their numbers, whichever it asked for.', found.behind)
        || @extschema@.hogsend_metric('hogsend_consumer_age_seconds', 'gauge',
               'How old the first transition after the consumer''s position is, whether it asked for it or not.', found.age)
        || @extschema@.hogsend_metric('hogsend_consumer_lapsed', 'gauge', 'Whether transitions were removed that the consumer had not read.', found.lapsed);
END
$consumers$;
COMMENT ON FUNCTION hogsend_metrics_consumers(timestamptz) IS 'What hogsend_metrics() says of consumers';

-- What waits to be done, and what went wrong.
CREATE FUNCTION hogsend_metrics_work(present timestamptz) RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $work$
DECLARE
    most CONSTANT integer := 10000;
    due record;
    queued record;
    jobs record;
    queries record;
    feeds record;
BEGIN
    SELECT count(*) AS number, min(t.due_at) AS oldest INTO due
    FROM (SELECT d.due_at FROM @extschema@.bucket_timers d WHERE d.due_at <= present ORDER BY d.due_at LIMIT most) AS t;
    SELECT count(*) AS number, min(t.queued_at) AS oldest, count(*) FILTER (WHERE t.failures > 0) AS failed INTO queued
    FROM (SELECT q.queued_at, q.failures FROM @extschema@.user_queue q ORDER BY q.id LIMIT most) AS t;
    SELECT count(*) FILTER (WHERE j.status = 'failed') AS failed,
           ARRAY[format('{status="failed"} %s', count(*) FILTER (WHERE j.status = 'failed')),
                 format('{status="pending"} %s', count(*) FILTER (WHERE j.status = 'pending')),
                 format('{status="running"} %s', count(*) FILTER (WHERE j.status = 'running'))] AS number,
           CASE WHEN bool_or(j.status IN ('pending', 'running'))
                THEN @extschema@.hogsend_metric_age(present, max(greatest(j.moved_at, j.finished_at))) ELSE 0 END AS rested
    INTO jobs FROM @extschema@.bucket_jobs j WHERE j.status <> 'done';
    SELECT count(*) FILTER (WHERE r.error IS NOT NULL) AS failing, @extschema@.hogsend_metric_age(present, min(r.due_at)) AS late
    INTO queries
    FROM @extschema@.bucket_refreshes r JOIN @extschema@.buckets b ON b.id = r.bucket_id AND b.kind = 'query' AND b.enabled;
    SELECT array_agg(f.labels || f.to_import ORDER BY f.labels) AS to_import, array_agg('_total' || f.labels || f.failed ORDER BY f.labels) AS failed
    INTO feeds
    FROM (SELECT '{feed=' || @extschema@.hogsend_metric_label(a.name) || '} ' AS labels,
                 CASE WHEN a.import = 'done' THEN 0 ELSE greatest(coalesce(a.rows_total, 0) - a.rows_imported, 0) END AS to_import,
                 a.rows_failed + coalesce((SELECT sum(n.failed) FROM @extschema@.feed_notes n WHERE n.feed = a.name), 0) AS failed
          FROM @extschema@.feeds a) AS f;
    RETURN @extschema@.hogsend_metric('hogsend_clock_age_seconds', 'gauge', 'Since the clock last did its work, to ten seconds; missing until it has.',
               @extschema@.hogsend_metric_sample((SELECT @extschema@.hogsend_metric_age(present, c.reconciled_at) FROM @extschema@.hogsend_clock c)))
        || @extschema@.hogsend_metric('hogsend_timers_due', 'gauge', 'Timers that are due, counted: 10000 at most.', @extschema@.hogsend_metric_sample(due.number))
        || @extschema@.hogsend_metric('hogsend_oldest_timer_seconds', 'gauge', 'For how long the oldest timer has been due.',
               @extschema@.hogsend_metric_sample(coalesce(@extschema@.hogsend_metric_age(present, due.oldest), 0)))
        || @extschema@.hogsend_metric('hogsend_queued', 'gauge', 'Users whom the clock is to look at because nobody did, counted: 10000 rows of user_queue at most.',
               @extschema@.hogsend_metric_sample(queued.number))
        || @extschema@.hogsend_metric('hogsend_oldest_queued_seconds', 'gauge', 'For how long the first of them has waited.',
               @extschema@.hogsend_metric_sample(coalesce(@extschema@.hogsend_metric_age(present, queued.oldest), 0)))
        || @extschema@.hogsend_metric('hogsend_jobs', 'gauge', 'Backfills and re-evaluations that are not done, counted.', jobs.number)
        || @extschema@.hogsend_metric('hogsend_jobs_rested_seconds', 'gauge', 'Since one of the open jobs last moved on; 0 where none is open.',
               @extschema@.hogsend_metric_sample(jobs.rested))
        || @extschema@.hogsend_metric('hogsend_refresh_late_seconds', 'gauge', 'For how long the oldest refresh of a query bucket has been due.',
               @extschema@.hogsend_metric_sample(coalesce(queries.late, 0)))
        || @extschema@.hogsend_metric('hogsend_feed_rows_to_import', 'gauge', 'Rows of an attached table that its import has yet to come to, estimated.', feeds.to_import)
        || @extschema@.hogsend_metric('hogsend_feed_rows_failed', 'counter', 'Rows of an attached table that could not be mirrored, kept.', feeds.failed)
        || @extschema@.hogsend_metric('hogsend_errors', 'gauge', 'What went wrong and is tried again, or waits for somebody, counted: timers up to an hour ahead.', ARRAY[
               format('{of="jobs"} %s', jobs.failed),
               format('{of="queries"} %s', queries.failing),
               format('{of="queue"} %s', queued.failed),
               format('{of="timers"} %s', (
                   SELECT count(*) FROM (SELECT FROM @extschema@.bucket_timers t
                                         WHERE t.due_at > present AND t.due_at <= present + interval '1 hour' AND t.failures > 0 LIMIT most) AS f))]);
END
$work$;
COMMENT ON FUNCTION hogsend_metrics_work(timestamptz) IS 'What hogsend_metrics() says of the clock, timers, the queue, jobs and errors';

-- Who is in a journey now; of very many the server has an idea of how many they are together.
CREATE FUNCTION hogsend_metrics_runs() RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $runs$
DECLARE
    most CONSTANT integer := 100000;
    counted text[];
    live bigint;
BEGIN
    SELECT array_agg(format('{journey=%s,status=%s} %s', @extschema@.hogsend_metric_label(r.journey_id), @extschema@.hogsend_metric_label(r.status), r.runs)
                     ORDER BY r.journey_id, r.status), coalesce(sum(r.runs), 0)
    INTO counted, live
    FROM (SELECT l.journey_id, l.status, count(*) AS runs
          FROM (SELECT n.journey_id, n.status FROM @extschema@.journey_runs n WHERE n.ended_at IS NULL LIMIT most + 1) AS l
          GROUP BY l.journey_id, l.status) AS r;
    IF live > most THEN
        RETURN @extschema@.hogsend_metric('hogsend_runs', 'gauge', 'Runs of journeys that have not ended, estimated: as VACUUM or ANALYZE saw last.',
            @extschema@.hogsend_metric_sample(coalesce(@extschema@.hogsend_estimated_rows(to_regclass('@extschema@.journey_runs_of_journey')), live)));
    END IF;
    RETURN @extschema@.hogsend_metric('hogsend_runs', 'gauge', 'Runs of journeys that have not ended, counted.', @extschema@.hogsend_metric_sample(live))
        || @extschema@.hogsend_metric('hogsend_journey_runs', 'gauge', 'Runs of a journey that have not ended, counted.', counted);
END
$runs$;
COMMENT ON FUNCTION hogsend_metrics_runs() IS 'What hogsend_metrics() says of who is in a journey';

CREATE FUNCTION hogsend_metrics_sizes() RETURNS text
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $sizes$
DECLARE
    found record;
BEGIN
    SELECT array_agg(format('{table="%s"} %s', t.name, t.rows) ORDER BY t.name) FILTER (WHERE t.rows IS NOT NULL) AS rows,
           array_agg(format('{table="%s"} %s', t.name, t.bytes) ORDER BY t.name) FILTER (WHERE t.bytes IS NOT NULL) AS bytes
    INTO found
    FROM (SELECT w.name, @extschema@.hogsend_estimated_rows(w.relation) AS rows,
                 (SELECT sum(pg_total_relation_size(o.oid)) FROM (SELECT w.relation::oid AS oid UNION SELECT p.relid FROM pg_partition_tree(w.relation) p) AS o) AS bytes
          FROM (SELECT n.name, to_regclass('@extschema@.' || n.name) AS relation
                FROM unnest(ARRAY['bucket_memberships', 'bucket_timers', 'bucket_totals', 'bucket_transitions', 'contacts', 'journey_runs', 'user_events', 'user_queue']) AS n (name)) AS w
          WHERE w.relation IS NOT NULL) AS t;
    RETURN @extschema@.hogsend_metric('hogsend_table_rows', 'gauge',
               'Rows of a table, estimated: as VACUUM or ANALYZE saw last. The outbox is bucket_transitions.', found.rows)
        || @extschema@.hogsend_metric('hogsend_table_bytes', 'gauge', 'What a table takes on disk with its indexes, as the file system says.', found.bytes)
        || @extschema@.hogsend_metric('hogsend_notification_queue_ratio', 'gauge', 'How full the server''s queue of notifications is, as it says.',
               @extschema@.hogsend_metric_sample(pg_notification_queue_usage()::numeric));
END
$sizes$;
COMMENT ON FUNCTION hogsend_metrics_sizes() IS 'What hogsend_metrics() says of tables and the queue of notifications';

-- With its owner's rights: whoever scrapes needs EXECUTE on this and no right on tables that hold user
-- data. Tables are read only where health finds all of them there, of this version and fit.
CREATE FUNCTION hogsend_metrics() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET jit = off
AS $metrics$
DECLARE
    begun CONSTANT timestamptz := clock_timestamp();
    present timestamptz := @extschema@.hogsend_now();
    checks text[];
    is_ready boolean;
    page text;
BEGIN
    SELECT array_agg(format('{check=%s} %s', @extschema@.hogsend_metric_label(h."check"), h.ok::integer) ORDER BY h."check"),
           coalesce(bool_and(h.ok) FILTER (WHERE h."check" = 'unfit columns'), false)
               AND coalesce(bool_and(h.detail NOT LIKE 'not known:%') FILTER (WHERE h."check" = 'suspended'), false)
    INTO checks, is_ready
    FROM @extschema@.hogsend_checks(1000::bigint) h;
    page := @extschema@.hogsend_metric('hogsend', 'info', 'What is installed.',
                (SELECT array_agg(format('_info{version=%s} 1', @extschema@.hogsend_metric_label(e.extversion))) FROM pg_extension e WHERE e.extname = 'hogsend'))
        || @extschema@.hogsend_metric('hogsend_ready', 'gauge', 'Whether the tables are there, of this version and fit; nothing else is known where they are not.',
                @extschema@.hogsend_metric_sample(is_ready::integer))
        || @extschema@.hogsend_metric('hogsend_check_ok', 'gauge', 'Whether a check of hogsend_health() is well; of the aliases it looks at some.', checks);
    IF is_ready THEN
        page := page || @extschema@.hogsend_metrics_members() || @extschema@.hogsend_metrics_moves(present) || @extschema@.hogsend_metrics_consumers(present)
            || @extschema@.hogsend_metrics_runs() || @extschema@.hogsend_metrics_work(present) || @extschema@.hogsend_metrics_sizes();
    END IF;
    RETURN page
        || @extschema@.hogsend_metric('hogsend_metrics_seconds', 'gauge', 'How long it took to say all this.',
               @extschema@.hogsend_metric_sample(extract(epoch FROM clock_timestamp() - begun)))
        -- Whoever prints it ends the line.
        || '# EOF';
END
$metrics$;
COMMENT ON FUNCTION hogsend_metrics() IS 'How hogsend is doing as OpenMetrics text, cheap enough to be asked every few seconds; each HELP says what is counted, kept or estimated';
