-- Views. Like the tables they are ordinary objects of the user's database.

CREATE FUNCTION hogsend_has_column(relation text, name text) RETURNS boolean
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT EXISTS (SELECT FROM pg_attribute a
                   WHERE a.attrelid = to_regclass(format('%s.%I', '@extschema@', $1)) AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped)
$$;
COMMENT ON FUNCTION hogsend_has_column(text, text) IS 'Whether a relation of hogsend has a column (called by hogsend_migrate)';

CREATE FUNCTION hogsend_make_views() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $views$
DECLARE
    view text;
BEGIN
    -- Views of earlier releases get at their end what is new. Inside CREATE and ALTER EXTENSION only a
    -- member can be replaced, so they are members until hogsend_migrate() lets them go.
    IF to_regclass('@extschema@.bucket_stats') IS NOT NULL AND NOT @extschema@.hogsend_has_column('bucket_stats', 'dependants') THEN
        ALTER EXTENSION hogsend ADD VIEW @extschema@.bucket_stats;
    END IF;
    IF to_regclass('@extschema@.bucket_daily') IS NOT NULL AND NOT @extschema@.hogsend_has_column('bucket_daily', 'left_silently') THEN
        ALTER EXTENSION hogsend ADD VIEW @extschema@.bucket_daily;
    END IF;
    IF position('journeys' IN pg_get_viewdef(to_regclass('@extschema@.bucket_lag'))) = 0 THEN
        ALTER EXTENSION hogsend ADD VIEW @extschema@.bucket_lag;
    END IF;

    IF to_regclass('@extschema@.bucket_members') IS NULL THEN
        CREATE VIEW @extschema@.bucket_members AS
        SELECT m.bucket_id, m.user_id, c.email, m.entered_at, m.entry_count
        FROM @extschema@.bucket_memberships m
        JOIN @extschema@.contacts c ON c.user_id = m.user_id
        WHERE m.status = 'active' AND c.deleted_at IS NULL;
    END IF;

    -- Everything is counted a bucket before it is joined. Measured with EXPLAIN, 50 buckets and
    -- 200,000 stays: a filter "bucket_id = …" gets into every one of these subqueries, so that only
    -- that bucket's rows are aggregated; without a filter each table is read once, not once a bucket
    -- as with LATERAL; and a subquery whose columns nobody asks for is not run at all. Members come
    -- by index, the rest by reading the table, which an index on bucket_id would save here and cost
    -- every writer.
    --
    -- The present is that of every evaluation (hogsend.now, where it is set). Not by a function of
    -- ours: DROP EXTENSION … CASCADE would take the view, and readers would need EXECUTE on it.
    IF NOT @extschema@.hogsend_has_column('bucket_stats', 'dependants') THEN
        CREATE OR REPLACE VIEW @extschema@.bucket_stats AS
        WITH clock AS MATERIALIZED (
            SELECT coalesce(nullif(current_setting('hogsend.now', true), '')::timestamptz, now())
                   - interval '24 hours' AS day_ago
        )
        SELECT b.id AS bucket_id, b.name, b.kind, b.enabled, b.criteria, b.entry_limit, b.min_dwell, b.max_dwell,
               coalesce(members.active, 0) AS active,
               coalesce(stays.left_total, 0) + coalesce(pruned.left_total, 0) AS left_total,
               coalesce(stays.entered_24h, 0) AS entered_24h,
               coalesce(stays.left_24h, 0) AS left_24h,
               stays.average_stay, timers.next_due,
               transitions.lateness[1] AS lateness_p50, transitions.lateness[2] AS lateness_p99,
               coalesce(jobs.job, refreshes.job) AS job,
               coalesce(stays.entered_silently_24h, 0) AS entered_silently_24h,
               coalesce(stays.left_silently_24h, 0) AS left_silently_24h,
               refreshes.refreshed_at, refreshes.took AS refresh_took, refreshes.due_at AS next_refresh,
               refreshes.error AS refresh_error,
               b.depends_on,
               (SELECT array_agg(d.id ORDER BY d.id) FROM @extschema@.buckets d WHERE d.depends_on && ARRAY[b.id::text]) AS dependants
        FROM @extschema@.buckets b
        LEFT JOIN (
            SELECT m.bucket_id, count(*) AS active
            FROM @extschema@.bucket_members m
            GROUP BY m.bucket_id
        ) AS members ON members.bucket_id = b.id
        LEFT JOIN (
            SELECT m.bucket_id, count(m.left_at) AS left_total,
                   count(*) FILTER (WHERE m.entered_at > (SELECT day_ago FROM clock)
                                      AND coalesce(m.announced, m.source <> 'backfill')) AS entered_24h,
                   count(*) FILTER (WHERE m.left_at > (SELECT day_ago FROM clock)
                                      AND coalesce(m.left_announced, m.left_reason <> 'deleted')) AS left_24h,
                   count(*) FILTER (WHERE m.entered_at > (SELECT day_ago FROM clock)
                                      AND NOT coalesce(m.announced, m.source <> 'backfill')) AS entered_silently_24h,
                   count(*) FILTER (WHERE m.left_at > (SELECT day_ago FROM clock)
                                      AND NOT coalesce(m.left_announced, m.left_reason <> 'deleted')) AS left_silently_24h,
                   justify_hours(avg(m.left_at - m.entered_at)) AS average_stay
            FROM @extschema@.bucket_memberships m
            GROUP BY m.bucket_id
        ) AS stays ON stays.bucket_id = b.id
        LEFT JOIN (
            SELECT c.bucket_id, sum(c."left" + c.left_silently)::bigint AS left_total
            FROM @extschema@.bucket_counts c
            GROUP BY c.bucket_id
        ) AS pruned ON pruned.bucket_id = b.id
        LEFT JOIN (
            SELECT t.bucket_id, min(t.due_at) AS next_due
            FROM @extschema@.bucket_timers t
            GROUP BY t.bucket_id
        ) AS timers ON timers.bucket_id = b.id
        LEFT JOIN (
            SELECT t.bucket_id,
                   percentile_disc(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY t.recorded_at - t.effective_at) AS lateness
            FROM @extschema@.bucket_transitions t
            WHERE t.source = 'reconcile' AND t.recorded_at > (SELECT day_ago FROM clock)
            GROUP BY t.bucket_id
        ) AS transitions ON transitions.bucket_id = b.id
        LEFT JOIN (
            SELECT DISTINCT ON (j.bucket_id) j.bucket_id,
                   CASE j.mode WHEN 'backfill' THEN 'backfill' ELSE 're-evaluation' END
                   || CASE j.status
                          WHEN 'running' THEN ' running: ' || to_char(j.processed, 'FM999,999,999,990')
                               || coalesce(' of ' || to_char(j.total, 'FM999,999,999,990'), ' so far')
                          WHEN 'failed' THEN ' failed' || coalesce(': ' || j.error, '')
                          WHEN 'pending' THEN ' pending'
                      END AS job
            FROM @extschema@.bucket_jobs j
            ORDER BY j.bucket_id, j.status IN ('pending', 'running') DESC, j.id DESC
        ) AS jobs ON jobs.bucket_id = b.id
        -- What a job is to other buckets the next refresh is to one whose query is new or another.
        LEFT JOIN (
            SELECT r.bucket_id, r.refreshed_at, r.took, r.due_at, r.error,
                   CASE WHEN r.mode = 'fill' AND r.refreshed_at IS NULL THEN 'backfill'
                        WHEN r.mode <> 'refresh' THEN 're-evaluation' END
                   || CASE WHEN r.failures > 0 THEN ' failed: ' || r.error ELSE ' pending' END AS job
            FROM @extschema@.bucket_refreshes r
        ) AS refreshes ON refreshes.bucket_id = b.id AND b.kind = 'query';
    END IF;

    IF NOT @extschema@.hogsend_has_column('bucket_daily', 'left_silently') THEN
        CREATE OR REPLACE VIEW @extschema@.bucket_daily AS
        SELECT d.bucket_id, d.day, sum(d.entered)::bigint AS entered, sum(d."left")::bigint AS "left",
               sum(d.entered_silently)::bigint AS entered_silently, sum(d.left_silently)::bigint AS left_silently
        FROM (
            SELECT m.bucket_id, move.at::date AS day,
                   count(*) FILTER (WHERE move.begins AND move.is_told) AS entered,
                   count(*) FILTER (WHERE NOT move.begins AND move.is_told) AS "left",
                   count(*) FILTER (WHERE move.begins AND NOT move.is_told) AS entered_silently,
                   count(*) FILTER (WHERE NOT move.begins AND NOT move.is_told) AS left_silently
            FROM @extschema@.bucket_memberships m
            -- Releases before 0.3.0 did not note whether somebody was told.
            CROSS JOIN LATERAL (VALUES (m.entered_at, true, coalesce(m.announced, m.source <> 'backfill')),
                                       (m.left_at, false, coalesce(m.left_announced, m.left_reason <> 'deleted'))) AS move (at, begins, is_told)
            WHERE move.at IS NOT NULL
            GROUP BY m.bucket_id, move.at::date
            UNION ALL
            SELECT c.bucket_id, c.since::date, c.entered, c."left", c.entered_silently, c.left_silently
            FROM @extschema@.bucket_counts c
            WHERE c.entered + c."left" + c.entered_silently + c.left_silently > 0
        ) AS d
        GROUP BY d.bucket_id, d.day;
    END IF;

    IF to_regclass('@extschema@.bucket_forecast') IS NULL THEN
        CREATE VIEW @extschema@.bucket_forecast AS
        SELECT t.bucket_id, date_trunc('hour', t.due_at) AS hour, count(*) AS due
        FROM @extschema@.bucket_timers t
        WHERE t.bucket_id <> '*'
        GROUP BY t.bucket_id, date_trunc('hour', t.due_at);
    END IF;

    -- What a consumer has yet to acknowledge, found as hogsend_difference() finds it: without a
    -- function of ours, for the reason above.
    IF coalesce(position('journeys' IN pg_get_viewdef(to_regclass('@extschema@.bucket_lag'))), 0) = 0 THEN
        CREATE OR REPLACE VIEW @extschema@.bucket_lag AS
        SELECT p.consumer, p.shard, behind.transitions AS rows_behind,
               greatest(coalesce(nullif(current_setting('hogsend.now', true), '')::timestamptz, now()) - behind.oldest, interval '0') AS age,
               p.last_id IS NOT NULL AS batch_is_out, p.polled_at AS last_batch, p.acked_at AS last_ack,
               p.lapsed_at IS NOT NULL AS lapsed
        FROM @extschema@.bucket_positions p
        JOIN @extschema@.bucket_consumers c ON c.name = p.consumer
        CROSS JOIN LATERAL (
            SELECT count(*) AS transitions, min(t.recorded_at) AS oldest
            FROM (
                SELECT n.* FROM @extschema@.bucket_transitions n
                WHERE n.id > p.mark
                UNION ALL
                SELECT n.* FROM pg_snapshot_xip(p.passed) AS late (xid)
                JOIN @extschema@.bucket_transitions n ON n.xid = late.xid AND n.id <= p.mark
            ) AS t
            WHERE (p.reading IS NULL OR t.id > p.after_id OR NOT pg_visible_in_snapshot(t.xid, p.reading))
              AND CASE WHEN t.journey_id IS NULL THEN
                      (c.journeys IS NULL OR c.buckets IS NOT NULL OR c.transitions IS NOT NULL OR c.reasons IS NOT NULL OR c.first_entry_only)
                      AND (c.buckets IS NULL OR t.bucket_id = ANY (c.buckets))
                      AND (c.transitions IS NULL OR t.transition = ANY (c.transitions))
                      AND (c.reasons IS NULL OR t.reason IS NULL OR t.reason = ANY (c.reasons))
                      AND (NOT c.first_entry_only OR t.transition <> 'entered' OR t.entry_count = 1)
                      AND (c.not_older_than IS NULL OR t.effective_at >=
                           coalesce(nullif(current_setting('hogsend.now', true), '')::timestamptz, now()) - c.not_older_than)
                  ELSE t.journey_id = ANY (c.journeys) END
              AND (c.shards = 1 OR ('x' || substr(md5(t.user_id), 1, 15))::bit(60)::bigint % c.shards = p.shard)
        ) AS behind;
    END IF;

    -- What is attached is told by the triggers, whose argument is the name of the feed; whoever names the
    -- table names its partitions. Names as hogsend_feed_name() makes them.
    IF to_regclass('@extschema@.bucket_feeds') IS NULL THEN
        CREATE VIEW @extschema@.bucket_feeds AS
        SELECT f.name, f.kind, source.relation, f.attached_at, f.attached_by, f.import, f.rows_imported,
               CASE f.import WHEN 'done' THEN 0 ELSE greatest(f.rows_total - f.rows_imported, 0) END AS rows_to_import,
               f.rows_skipped + coalesce(notes.skipped, 0) AS rows_skipped,
               f.rows_failed + coalesce(notes.failed, 0) AS rows_failed,
               coalesce(notes.error, f.error) AS error, coalesce(notes.error_at, f.error_at) AS error_at,
               coalesce(source.is_whole, false) AS is_whole
        FROM @extschema@.feeds f
        LEFT JOIN (
            SELECT n.feed, sum(n.skipped)::bigint AS skipped, sum(n.failed)::bigint AS failed,
                   (array_agg(n.error ORDER BY n.id DESC) FILTER (WHERE n.error IS NOT NULL))[1] AS error,
                   max(n.noted_at) FILTER (WHERE n.error IS NOT NULL) AS error_at
            FROM @extschema@.feed_notes n
            GROUP BY n.feed
        ) AS notes ON notes.feed = f.name
        LEFT JOIN LATERAL (
            WITH triggers AS MATERIALIZED (
                SELECT t.tgrelid, t.tgenabled IN ('O', 'A') AS is_on
                FROM pg_class own
                JOIN pg_proc p ON p.proname = 'hogsend_mirror' AND p.pronamespace = own.relnamespace
                JOIN pg_depend d ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid AND d.classid = 'pg_trigger'::regclass
                JOIN pg_trigger t ON t.oid = d.objid
                WHERE own.oid = f.tableoid AND t.tgargs = convert_to(f.name, getdatabaseencoding()) || decode('00', 'hex')
            )
            SELECT c.oid::regclass AS relation,
                   EXISTS (SELECT FROM pg_class v
                           JOIN pg_proc p ON p.proname = v.relname AND p.pronamespace = v.relnamespace AND p.proowner = v.relowner
                           JOIN pg_rewrite w ON w.ev_class = v.oid
                           JOIN pg_depend e ON e.classid = 'pg_rewrite'::regclass AND e.objid = w.oid
                                           AND e.refclassid = 'pg_class'::regclass AND e.refobjid = c.oid
                           -- Beside its table, unless that was moved.
                           WHERE v.relkind = 'v' AND v.relowner = c.relowner
                             AND v.relname = ('hogsend_feed_' || CASE WHEN octet_length(f.name) <= 50 THEN f.name ELSE md5(f.name) END)::name)
                   AND NOT EXISTS (
                       SELECT FROM (SELECT c.oid UNION SELECT t.relid FROM pg_partition_tree(c.oid) t) AS part
                       JOIN pg_class r ON r.oid = part.oid AND r.relkind IN ('r', 'p')
                       WHERE (SELECT count(*) FROM triggers t WHERE t.tgrelid = r.oid AND t.is_on) < 4) AS is_whole
            FROM triggers t JOIN pg_class c ON c.oid = t.tgrelid
            ORDER BY c.relispartition, c.oid LIMIT 1
        ) AS source ON true;
    END IF;

    -- A run keeps a line a label (src/core/run/labels.rs); where it is before its runner has said anything has
    -- none. Of runs that were pruned nothing is left here.
    IF to_regclass('@extschema@.journey_stats') IS NULL THEN
        CREATE VIEW @extschema@.journey_stats AS
        SELECT r.journey_id, nullif(l.label, '') AS label,
               count(*) FILTER (WHERE r.ended_at IS NULL AND r.status = 'waiting' AND coalesce(r.label, '') = l.label) AS waiting,
               least(coalesce(sum(k.reached), 0), 9223372036854775807)::bigint AS reached,
               least(coalesce(sum(k.timed_out), 0), 9223372036854775807)::bigint AS timed_out,
               least(coalesce(sum(k.exited), 0), 9223372036854775807)::bigint AS exited,
               justify_hours(make_interval(secs => percentile_cont(0.5) WITHIN GROUP (ORDER BY k.seconds))) AS median_time,
               count(*) FILTER (WHERE r.ended_at IS NULL AND r.status = 'active' AND coalesce(r.label, '') = l.label) AS active
        FROM @extschema@.journey_runs r
        CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(r.labels) WHEN 'object' THEN r.labels ELSE '{}' END) AS l (label, kept)
        -- Somebody may have written what no run comes to.
        CROSS JOIN LATERAL (
            SELECT CASE jsonb_typeof(l.kept -> 'reached') WHEN 'number' THEN trunc(least(greatest((l.kept ->> 'reached')::numeric, 0), 1e18)) END AS reached,
                   CASE jsonb_typeof(l.kept -> 'timedOut') WHEN 'number' THEN trunc(least(greatest((l.kept ->> 'timedOut')::numeric, 0), 1e18)) END AS timed_out,
                   CASE jsonb_typeof(l.kept -> 'exited') WHEN 'number' THEN trunc(least(greatest((l.kept ->> 'exited')::numeric, 0), 1e18)) END AS exited,
                   CASE jsonb_typeof(l.kept -> 'seconds') WHEN 'number'
                       THEN least(greatest((l.kept ->> 'seconds')::numeric, 0), 1e12)::double precision END AS seconds) AS k
        GROUP BY r.journey_id, l.label;
    END IF;

    -- Readers read with their own rights, so that row-level security on the tables holds for the views.
    -- (Postgres 14 cannot do that.)
    IF current_setting('server_version_num')::integer >= 150000 THEN
        FOREACH view IN ARRAY ARRAY['bucket_members', 'bucket_stats', 'bucket_daily', 'bucket_forecast', 'bucket_lag', 'bucket_feeds', 'journey_stats'] LOOP
            EXECUTE format('ALTER VIEW %s.%I SET (security_invoker = true)', '@extschema@', view);
        END LOOP;
    END IF;
END
$views$;
COMMENT ON FUNCTION hogsend_make_views() IS 'Creates those views of hogsend that do not exist yet (called by hogsend_migrate)';
