-- How hogsend is doing, for people and for monitoring.

CREATE FUNCTION hogsend_roughly(span interval) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT CASE
        WHEN s = 1 THEN '1 second'
        WHEN s < 120 THEN format('%s seconds', s)
        WHEN s < 7200 THEN format('%s minutes', s / 60)
        WHEN s < 172800 THEN format('%s hours', s / 3600)
        ELSE format('%s days', s / 86400)
    END
    FROM (SELECT greatest(trunc(extract(epoch FROM $1))::bigint, 0)) AS t (s)
$$;
COMMENT ON FUNCTION hogsend_roughly(interval) IS 'How long that is, as a person would say it';

-- Tables are read only where all of them are there and of this version, so it never fails for want of
-- one. Of many aliases it looks at so many.
CREATE FUNCTION hogsend_checks(aliases bigint) RETURNS TABLE ("check" text, ok boolean, detail text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $health$
DECLARE
    present timestamptz := @extschema@.hogsend_now();
    home uuid := (SELECT i.id FROM @extschema@.hogsend_instance i);
    -- A schedule of once a minute may miss a run or two before anybody is woken.
    patience CONSTANT interval := '5 minutes';
    -- A journey runner looks every half minute, whether it is notified or not.
    behind CONSTANT interval := '1 hour';
    age interval;
    missing text := (
        SELECT string_agg(t.name, ', ') FROM unnest(ARRAY[
            'buckets', 'contacts', 'user_events', 'bucket_memberships', 'bucket_timers',
            'bucket_transitions', 'bucket_consumers', 'bucket_positions', 'bucket_jobs', 'bucket_erasures', 'bucket_counts',
            'bucket_refreshes', 'bucket_holdouts', 'bucket_totals', 'user_queue', 'user_aliases', 'feeds', 'feed_notes', 'journeys', 'journey_runs']) AS t (name)
        WHERE to_regclass('@extschema@.' || t.name) IS NULL);
    -- CREATE TABLE … LIKE has none, and an interrupted pg_restore --disable-triggers leaves them off.
    idle text := (
        SELECT string_agg(DISTINCT t.name, ', ')
        FROM unnest(ARRAY['buckets', 'contacts', 'user_events', 'journeys']) AS t (name)
        CROSS JOIN unnest(ARRAY['insert', 'update', 'delete', 'truncate']) AS w (operation)
        WHERE NOT EXISTS (
            SELECT FROM pg_trigger g
            WHERE g.tgrelid = to_regclass('@extschema@.' || t.name) AND g.tgname = 'hogsend_' || w.operation
              AND g.tgenabled IN ('O', 'A')));
    installed text := (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'hogsend');
    made_by text := @extschema@.hogsend_tables_version();
    columns record;
    is_current boolean := missing IS NULL AND made_by IS NOT DISTINCT FROM installed;
    is_readable boolean;
    fact record;
BEGIN
    SELECT c.* INTO columns FROM @extschema@.hogsend_check_columns() c;
    is_readable := is_current AND columns.ok;

    "check" := 'last reconcile';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_reconciled(present, patience, is_readable) r;
    RETURN NEXT;

    ok := false;
    detail := format('not known: see "%s"', CASE WHEN is_current THEN 'unfit columns' ELSE 'outdated tables' END);

    "check" := 'oldest due timer';
    IF is_readable THEN
        SELECT present - min(t.due_at) INTO age FROM @extschema@.bucket_timers t WHERE t.due_at <= present;
        -- A look that failed is tried again within the hour.
        SELECT count(*) AS looks INTO fact FROM @extschema@.bucket_timers t
        WHERE t.due_at > present AND t.due_at <= present + interval '1 hour' AND t.failures > 0;
        ok := coalesce(age <= patience, true) AND fact.looks = 0;
        detail := concat_ws('; ',
            CASE WHEN age > patience
                 THEN format('due for %s: see "last reconcile"; if that was just now, CALL hogsend_run() once a minute does more', @extschema@.hogsend_roughly(age))
                 ELSE coalesce('due for ' || @extschema@.hogsend_roughly(age), 'none is due') END,
            CASE WHEN fact.looks > 0
                 THEN format('%s could not be looked at and will be tried again: SELECT * FROM bucket_timers WHERE failures > 0', fact.looks) END);
    END IF;
    RETURN NEXT;

    "check" := 'oldest queued user';
    IF is_readable THEN
        SELECT present - q.queued_at INTO age FROM @extschema@.user_queue q WHERE q.failures = 0 ORDER BY q.id LIMIT 1;
        SELECT count(DISTINCT q.user_id) AS users INTO fact FROM @extschema@.user_queue q WHERE q.failures > 0;
        ok := coalesce(age <= patience, true) AND fact.users = 0;
        detail := concat_ws('; ',
            CASE WHEN age > patience
                 THEN format('waits for %s: see "last reconcile"; CALL hogsend_run() once a minute works the queue off', @extschema@.hogsend_roughly(age))
                 ELSE coalesce('waits for ' || @extschema@.hogsend_roughly(age), 'nobody is queued') END,
            CASE WHEN fact.users > 0
                 THEN format('%s could not be looked at and will be tried again: SELECT * FROM user_queue WHERE failures > 0', fact.users) END);
    END IF;
    RETURN NEXT;

    "check" := 'failed jobs';
    IF is_readable THEN
        SELECT count(*) AS jobs, min(j.bucket_id) AS bucket, left((array_agg(j.error ORDER BY j.bucket_id))[1], 200) AS error
        INTO fact
        FROM @extschema@.bucket_jobs j JOIN @extschema@.buckets b ON b.id = j.bucket_id
        WHERE j.status = 'failed';
        -- One job is carried on at a time, so those that wait for their turn have not moved either.
        SELECT present - max(greatest(j.moved_at, j.finished_at)) INTO age FROM @extschema@.bucket_jobs j
        HAVING bool_or(j.status IN ('pending', 'running'));
        ok := fact.jobs = 0 AND coalesce(age <= patience, true);
        detail := concat_ws('; ',
            CASE WHEN fact.jobs > 0
                 THEN format('bucket "%s" (%s): CALL hogsend_backfill(%L) goes on with it', fact.bucket, fact.error, fact.bucket) END,
            CASE WHEN fact.jobs > 1
                 THEN format('%s more: SELECT * FROM bucket_jobs WHERE status = ''failed''', fact.jobs - 1) END,
            CASE WHEN age > patience
                 THEN format('those that are open have rested for %s: see "last reconcile"; CALL hogsend_backfill(bucket_id) waits for contacts that are locked', @extschema@.hogsend_roughly(age)) END,
            CASE WHEN ok THEN 'none' END);
    END IF;
    RETURN NEXT;

    "check" := 'query buckets';
    IF is_readable THEN
        SELECT count(*) FILTER (WHERE r.error IS NOT NULL) AS failing,
               min(r.bucket_id) FILTER (WHERE r.error IS NOT NULL) AS bucket,
               left((array_agg(r.error ORDER BY r.bucket_id) FILTER (WHERE r.error IS NOT NULL))[1], 200) AS error,
               present - min(r.due_at) AS late
        INTO fact
        FROM @extschema@.bucket_refreshes r JOIN @extschema@.buckets b ON b.id = r.bucket_id
        WHERE b.kind = 'query' AND b.enabled AND b.instance_id = home;
        ok := fact.failing = 0 AND coalesce(fact.late <= patience, true);
        detail := concat_ws('; ',
            CASE WHEN fact.failing > 0
                 THEN format('bucket "%s" (%s): its members stay as they are; SELECT * FROM hogsend_refresh(%L) tries again', fact.bucket, fact.error, fact.bucket) END,
            CASE WHEN fact.failing > 1
                 THEN format('%s more: SELECT * FROM bucket_refreshes WHERE error IS NOT NULL', fact.failing - 1) END,
            CASE WHEN fact.late > patience
                 THEN format('due for %s: see "last reconcile"; if that was just now, queries take longer than the clock has', @extschema@.hogsend_roughly(fact.late)) END,
            CASE WHEN ok THEN 'none fails' END);
    END IF;
    RETURN NEXT;

    "check" := 'attached tables';
    IF is_readable THEN
        SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_feeds(present, patience) r;
    END IF;
    RETURN NEXT;

    "check" := 'lapsed consumers';
    IF is_readable THEN
        SELECT string_agg(DISTINCT format('"%s"', p.consumer), ', ') FILTER (WHERE p.lapsed_at IS NOT NULL) AS lapsed,
               string_agg(DISTINCT format('"%s"', p.consumer), ', ') FILTER (WHERE unread.since < present - behind) AS late,
               present - min(unread.since) AS age,
               string_agg(DISTINCT format('"%s"', p.consumer), ', ') FILTER (
                   WHERE p.lapsed_at IS NULL
                     AND @extschema@.hogsend_set_back(coalesce(p.reading, p.passed), coalesce(p.next_mark, p.mark)) IS NOT NULL) AS set_back
        INTO fact
        FROM @extschema@.bucket_positions p
        JOIN @extschema@.bucket_consumers c ON c.name = p.consumer AND c.instance_id = home
        LEFT JOIN LATERAL (
            SELECT min(d.recorded_at) AS since
            FROM (
                SELECT f.recorded_at FROM @extschema@.hogsend_difference(
                    p.consumer, p.shard, p.passed, p.mark, coalesce(p.reading, pg_current_snapshot()), p.after_id, NULL::bigint, 1, p.not_before) f
                UNION ALL
                SELECT f.recorded_at FROM @extschema@.hogsend_difference(
                    p.consumer, p.shard, p.reading, p.next_mark, pg_current_snapshot(), 0::bigint, NULL::bigint, 1, NULL::timestamptz) f
                WHERE p.reading IS NOT NULL
            ) AS d
        ) AS unread ON p.lapsed_at IS NULL;
        ok := fact.lapsed IS NULL AND fact.late IS NULL AND fact.set_back IS NULL;
        detail := concat_ws('; ',
            CASE WHEN fact.lapsed IS NOT NULL
                 THEN format('transitions were removed that %s had not read: the next poll says what to do', fact.lapsed) END,
            CASE WHEN fact.set_back IS NOT NULL
                 THEN format('the numbers of transitions were set back below those that %s had passed: the next poll says what to do', fact.set_back) END,
            CASE WHEN fact.late IS NOT NULL
                 THEN format('%s: up to %s behind; let it poll, or hogsend_unsubscribe() it if it is gone', fact.late, @extschema@.hogsend_roughly(fact.age)) END,
            CASE WHEN ok THEN 'none' END);
    END IF;
    RETURN NEXT;

    "check" := 'journeys';
    IF is_readable THEN
        SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_journeys(present) r;
    END IF;
    RETURN NEXT;

    "check" := 'suspended';
    IF is_readable THEN
        ok := NOT EXISTS (SELECT FROM @extschema@.buckets b WHERE b.instance_id IS DISTINCT FROM home)
          AND NOT EXISTS (SELECT FROM @extschema@.journeys j WHERE j.instance_id IS DISTINCT FROM home)
          AND NOT EXISTS (SELECT FROM @extschema@.bucket_consumers c WHERE c.instance_id IS DISTINCT FROM home);
        detail := CASE WHEN ok THEN 'no'
            ELSE 'this is a restored copy, and nothing is evaluated or delivered: SELECT hogsend_adopt() once it is meant to act' END;
    END IF;
    RETURN NEXT;

    "check" := 'outdated tables';
    ok := is_current AND idle IS NULL;
    detail := CASE
        WHEN missing IS NOT NULL THEN format('missing: %s; restore them, or SELECT hogsend_migrate() to create empty ones', missing)
        WHEN made_by IS NULL THEN 'their triggers are missing: finish the restore, or SELECT hogsend_migrate()'
        WHEN NOT is_current THEN format('version %s made them, and version %s is installed: SELECT hogsend_migrate()', made_by, installed)
        WHEN idle IS NOT NULL THEN format('triggers of %s are missing or disabled, and what is written there moves nobody: SELECT hogsend_migrate()', idle)
        ELSE 'none' END;
    RETURN NEXT;

    "check" := 'unfit columns';
    ok := columns.ok;
    detail := columns.detail;
    RETURN NEXT;

    "check" := 'early foreign keys';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_keys() r;
    RETURN NEXT;

    "check" := 'tables of other roles';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_owners() r;
    RETURN NEXT;

    "check" := 'events in the future';
    ok := false;
    detail := format('not known: see "%s"', CASE WHEN is_current THEN 'unfit columns' ELSE 'outdated tables' END);
    IF is_readable THEN
        SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_future() r;
    END IF;
    RETURN NEXT;

    "check" := 'aliases';
    ok := false;
    detail := format('not known: see "%s"', CASE WHEN is_current THEN 'unfit columns' ELSE 'outdated tables' END);
    IF is_readable THEN
        SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_aliases($1) r;
    END IF;
    RETURN NEXT;

    "check" := 'scheduled clock';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_schedule(present) r;
    RETURN NEXT;

    "check" := 'failed cron run';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_cron_runs() r;
    RETURN NEXT;

    "check" := 'cron history';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_cron_history(100 * 1024 * 1024::bigint) r;
    RETURN NEXT;

    "check" := 'notifications';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_notifications(pg_notification_queue_usage()) r;
    RETURN NEXT;

    "check" := 'autovacuum';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_vacuum() r;
    RETURN NEXT;

    "check" := 'time zones';
    ok := false;
    detail := format('not known: see "%s"', CASE WHEN is_current THEN 'unfit columns' ELSE 'outdated tables' END);
    IF is_readable THEN
        SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_zones() r;
    END IF;
    RETURN NEXT;
END
$health$;
COMMENT ON FUNCTION hogsend_checks(bigint) IS 'The rows of hogsend_health(), which look at so many aliases';

-- Definer rights: monitoring needs EXECUTE on this and no right on tables that hold user data.
CREATE FUNCTION hogsend_health() RETURNS TABLE ("check" text, ok boolean, detail text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$ SELECT c."check", c.ok, c.detail FROM @extschema@.hogsend_checks(100000::bigint) c $$;
COMMENT ON FUNCTION hogsend_health() IS 'A row a check: whether all is well and, where it is not, what to do; works without tables, and on a standby';
