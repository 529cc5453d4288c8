-- What hogsend_health() says of the server around our tables: what may fill up or fall behind without
-- anybody's noticing. A function a check.

-- Nothing but the slowest listener empties the queue. Full, it makes each transaction fail that notifies,
-- and transitions do. In a healthy server nothing is in it for long.
CREATE FUNCTION hogsend_check_notifications(used double precision, OUT ok boolean, OUT detail text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT $1 < 0.1,
           CASE WHEN $1 < 0.1 THEN 'the queue is ' || CASE WHEN $1 = 0 THEN 'empty' ELSE 'nearly empty' END
           ELSE format('the queue is %s %% full, and each transaction that notifies fails once it is full: a session that listens has been in one transaction for long; '
                       'SELECT pid, xact_start, state FROM pg_stat_activity WHERE xact_start < now() - interval ''10 minutes'' ORDER BY xact_start, and end it',
                       round(100 * $1)) END
$$;
COMMENT ON FUNCTION hogsend_check_notifications(double precision) IS 'What hogsend_health() says of the queue of notifications, of which so much is used';

-- pg_cron notes every run of every job and forgets none.
CREATE FUNCTION hogsend_check_cron_history(most bigint, OUT ok boolean, OUT detail text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $check$
DECLARE
    history CONSTANT regclass := @extschema@.hogsend_cron_table('job_run_details'::name);
    size bigint;
BEGIN
    ok := true;
    detail := 'none: pg_cron is not in this database';
    IF history IS NOT NULL THEN
        size := pg_total_relation_size(history);
        ok := size <= most;
        detail := CASE WHEN ok THEN pg_size_pretty(size)
            ELSE format('%s of past runs: SELECT hogsend_schedule() sets up a job that removes those of the clock, and '
                        'DELETE FROM %s WHERE end_time < now() - interval ''7 days'' removes those of all jobs, then VACUUM FULL %2$s', pg_size_pretty(size), history) END;
    END IF;
END
$check$;
COMMENT ON FUNCTION hogsend_check_cron_history(bigint) IS 'What hogsend_health() says of what pg_cron keeps of past runs, which may take so many bytes';

-- Dead rows make every look at a user slower, and a table that is never frozen ends in a server that
-- takes no writes. As autovacuum reckons, with the table's own settings; three times what makes it begin
-- is what it did not get to. Of few rows nothing is said.
CREATE FUNCTION hogsend_check_vacuum(OUT ok boolean, OUT detail text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH parts AS (
        SELECT DISTINCT p.relid AS oid
        FROM unnest(ARRAY['buckets', 'contacts', 'user_events', 'bucket_memberships', 'bucket_timers', 'bucket_transitions', 'bucket_positions',
                          'bucket_jobs', 'bucket_counts', 'bucket_refreshes', 'user_queue', 'user_aliases', 'feeds', 'feed_notes', 'journey_runs']) AS w (name)
        CROSS JOIN LATERAL (SELECT to_regclass('@extschema@.' || w.name)::oid AS relid
                            UNION ALL SELECT t.relid FROM pg_partition_tree(to_regclass('@extschema@.' || w.name)) t) AS p
        WHERE p.relid IS NOT NULL
    ), tables AS (
        SELECT c.oid::regclass::text AS relation, pg_stat_get_dead_tuples(c.oid) AS dead, age(c.relfrozenxid) AS age,
               age(c.relfrozenxid) > 1.5 * current_setting('autovacuum_freeze_max_age')::bigint AS is_old,
               pg_stat_get_last_autovacuum_time(c.oid) AS last,
               coalesce((o.options ->> 'autovacuum_enabled')::boolean, true) AND current_setting('autovacuum')::boolean AS is_on,
               coalesce((o.options ->> 'autovacuum_vacuum_threshold')::bigint, current_setting('autovacuum_vacuum_threshold')::bigint)
               + coalesce((o.options ->> 'autovacuum_vacuum_scale_factor')::float8, current_setting('autovacuum_vacuum_scale_factor')::float8)
                 * greatest(c.reltuples, 0) AS begins
        FROM parts p JOIN pg_class c ON c.oid = p.oid AND c.relkind = 'r'
        CROSS JOIN LATERAL (SELECT jsonb_object_agg(s.option_name, s.option_value) AS options FROM pg_options_to_table(c.reloptions) s) AS o
    ), behind AS (
        SELECT t.*, row_number() OVER (ORDER BY t.is_old DESC, t.dead DESC, t.relation) AS n
        FROM tables t
        WHERE t.is_old OR t.dead > greatest(10000, 3 * t.begins)
    )
    SELECT count(*) = 0,
           CASE WHEN count(*) = 0 THEN 'keeps up' ELSE concat_ws('; ',
               min(CASE WHEN b.n = 1 THEN format('%s %s; %s', b.relation,
                   CASE WHEN b.is_old THEN format('has rows of %s transactions ago that are not frozen', b.age) ELSE format('has %s dead rows', b.dead) END,
                   coalesce('autovacuum was there last on ' || to_char(b.last, 'YYYY-MM-DD HH24:MI'), 'autovacuum was never there')) END),
               CASE WHEN count(*) > 1 THEN CASE count(*) WHEN 2 THEN 'one more table' ELSE format('%s more tables', count(*) - 1) END END,
               CASE WHEN bool_or(NOT b.is_on) THEN format('autovacuum is off for %s', string_agg(b.relation, ', ' ORDER BY b.relation) FILTER (WHERE NOT b.is_on)) END,
               format('VACUUM %s; if that leaves them, an old transaction may still see them: SELECT pid, xact_start FROM pg_stat_activity WHERE backend_xmin IS NOT NULL ORDER BY xact_start',
                      min(CASE WHEN b.n = 1 THEN b.relation END))) END
    FROM behind b
$$;
COMMENT ON FUNCTION hogsend_check_vacuum() IS 'What hogsend_health() says of tables that autovacuum does not get to';

-- Timers that were set by older rules are wrong now. The clock compares once an hour, and has the buckets reviewed
-- that name a zone; what has read a zone before keeps it as it was to the end of its session.
CREATE FUNCTION hogsend_check_zones(OUT ok boolean, OUT detail text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $check$
DECLARE
    buckets bigint := (SELECT count(*) FROM @extschema@.buckets b WHERE b.enabled AND b.criteria::text LIKE '%"zone":%');
    seen record;
BEGIN
    SELECT c.zone_rules AS rules, c.zones_seen_at AS at INTO seen FROM @extschema@.hogsend_clock c;
    ok := buckets = 0 OR seen.rules IS NULL OR seen.rules = @extschema@.hogsend_zone_rules();
    detail := CASE
        WHEN buckets = 0 THEN 'no bucket names one'
        WHEN ok THEN format('the rules are those by which timers were set; %s', CASE buckets WHEN 1 THEN 'one bucket names a zone' ELSE format('%s buckets name zones', buckets) END)
        ELSE format('the server has other rules than on %s: within an hour hogsend_reconcile() begins to review %s; sessions that were there before keep the old ones, so end and begin those that go on for long, that of CALL hogsend_run() first',
                    to_char(seen.at, 'YYYY-MM-DD HH24:MI'), CASE buckets WHEN 1 THEN 'the bucket that names a zone' ELSE format('the %s buckets that name zones', buckets) END) END;
END
$check$;
COMMENT ON FUNCTION hogsend_check_zones() IS 'What hogsend_health() says of the server''s database of time zones';
