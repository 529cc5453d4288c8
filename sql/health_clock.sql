-- Whether somebody calls the clock, and whether it gets done what it is called for: what
-- hogsend_health() says about it, a function a check.

-- Found through the extension: anybody may have made a schema of the name.
CREATE FUNCTION hogsend_cron_table(name name) RETURNS regclass
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.oid::regclass
    FROM pg_depend d
    JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pg_cron'
    JOIN pg_class c ON c.oid = d.objid AND c.relname = $1
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
$$;
COMMENT ON FUNCTION hogsend_cron_table(name) IS 'A table of pg_cron, if it is in this database';

CREATE FUNCTION hogsend_cron_jobs() RETURNS TABLE (name text, role name, schedule text, active boolean)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $jobs$
DECLARE
    jobs CONSTANT regclass := @extschema@.hogsend_cron_table('job'::name);
BEGIN
    IF jobs IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format($query$
        SELECT coalesce(j.jobname, j.jobid::text)::text, j.username::name, j.schedule, j.active
        FROM %s j
        WHERE j.database = current_database() AND j.command ~ 'hogsend_(run|reconcile)'
        ORDER BY j.jobid
        $query$, jobs);
END
$jobs$;
COMMENT ON FUNCTION hogsend_cron_jobs() IS 'The pg_cron jobs of this database that call the clock';

CREATE FUNCTION hogsend_check_reconciled(present timestamptz, patience interval, is_current boolean, OUT ok boolean, OUT detail text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $check$
DECLARE
    age interval := present - (SELECT c.reconciled_at FROM @extschema@.hogsend_clock c);
    corrections bigint := 0;
BEGIN
    IF is_current THEN
        SELECT count(*) INTO corrections FROM @extschema@.bucket_jobs j WHERE j.announces AND j.status <> 'done';
    END IF;
    ok := coalesce(age BETWEEN interval '-5 seconds' AND patience, false) AND corrections = 0;
    detail := CASE
        WHEN age < interval '-5 seconds'
        THEN format('noted for %s from now: the clock of this server was ahead, or is behind; the next hogsend_reconcile() has everybody looked at again who was moved meanwhile',
                    @extschema@.hogsend_roughly(-age))
        WHEN corrections > 0
        THEN format('%s ago; the clock of this server was ahead until then, and everybody is being looked at again in %s: SELECT * FROM bucket_jobs WHERE announces',
                    @extschema@.hogsend_roughly(age), CASE corrections WHEN 1 THEN 'one bucket' ELSE corrections || ' buckets' END)
        WHEN age IS NULL THEN 'never ran: SELECT hogsend_schedule(), or call hogsend_reconcile() every minute'
        WHEN ok THEN @extschema@.hogsend_roughly(age) || ' ago'
        ELSE @extschema@.hogsend_roughly(age)
             || ' ago: see that the scheduler runs (SELECT hogsend_schedule() sets up pg_cron), or call hogsend_reconcile() every minute'
    END;
END
$check$;
COMMENT ON FUNCTION hogsend_check_reconciled(timestamptz, interval, boolean) IS 'What hogsend_health() says of the last reconcile';

CREATE FUNCTION hogsend_check_schedule(present timestamptz, OUT ok boolean, OUT detail text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $check$
DECLARE
    home text := current_setting('cron.database_name', true);
    cron_job regclass := @extschema@.hogsend_cron_table('job'::name);
    job record;
    cut record;
    obstacle text;
BEGIN
    -- Whatever calls it: what it said itself, if that was lately.
    SELECT c.cut_short_after AS after, c.cut_short_role AS role INTO cut
    FROM @extschema@.hogsend_clock c
    WHERE c.cut_short_at BETWEEN present - interval '10 minutes' AND present;
    IF cut.after IS NOT NULL THEN
        obstacle := format('hogsend_run() ended after %s, because statement_timeout would have cancelled it: ALTER ROLE %I IN DATABASE %I SET statement_timeout = 0',
                           @extschema@.hogsend_roughly(cut.after), cut.role, current_database());
    END IF;

    IF cron_job IS NULL THEN
        detail := CASE
            WHEN home <> current_database()
            THEN format('pg_cron lives in database "%s", and what it does here cannot be seen from here: see "last reconcile"', home)
            ELSE 'pg_cron is not in this database: see "last reconcile"' END;
    ELSE
        SELECT string_agg(format('"%s"', j.name), ', ') FILTER (WHERE j.active) AS active,
               string_agg(format('"%s"', j.name), ', ') AS any,
               bool_or(j.active AND j.name = 'hogsend' AND j.schedule = '* * * * *') AS is_old,
               (SELECT string_agg(format('%s: %s', o.obstacle, o.remedy), '; ')
                FROM (SELECT DISTINCT a.role FROM @extschema@.hogsend_cron_jobs() a WHERE a.active) AS r
                CROSS JOIN @extschema@.hogsend_clock_obstacles(r.role) o) AS obstacles
        INTO job FROM @extschema@.hogsend_cron_jobs() j;
        obstacle := coalesce(job.obstacles, obstacle);
        IF job.active IS NOT NULL THEN
            detail := 'pg_cron: ' || job.active
                || CASE WHEN job.is_old THEN '; some seconds of each minute may be without a clock: SELECT hogsend_schedule() sets it up as it is now' ELSE '' END;
        ELSIF row_security_active(cron_job) THEN
            detail := format('no job of pg_cron is seen that calls the clock; %I sees its own jobs alone: see "last reconcile"', current_user);
        ELSE
            ok := false;
            detail := coalesce(
                format('pg_cron has it and is told not to run it (%s): SELECT hogsend_schedule()', job.any),
                'pg_cron has no job here that calls the clock: SELECT hogsend_schedule()');
        END IF;
    END IF;
    ok := coalesce(ok, obstacle IS NULL);
    detail := concat_ws('; ', detail, obstacle);
EXCEPTION
WHEN undefined_column THEN
    ok := false;
    detail := 'not known: see "outdated tables"';
WHEN insufficient_privilege THEN
    ok := obstacle IS NULL;
    detail := concat_ws('; ', format('the jobs of pg_cron cannot be seen (%s): see "last reconcile"', SQLERRM), obstacle);
END
$check$;
COMMENT ON FUNCTION hogsend_check_schedule(timestamptz) IS 'What hogsend_health() says of whoever is to call the clock, and of what is in its way';

-- What pg_cron says of the runs of its jobs, which is not what hogsend.now says of the present.
CREATE FUNCTION hogsend_check_cron_runs(OUT ok boolean, OUT detail text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $check$
DECLARE
    history regclass := @extschema@.hogsend_cron_table('job_run_details'::name);
    failed record;
    is_due boolean;
BEGIN
    ok := true;
    IF history IS NULL THEN
        detail := 'none known: pg_cron is not in this database';
        RETURN;
    END IF;
    -- Nothing ever shortens the history by itself, and it has an index by number only: its end will do.
    EXECUTE format($query$
        WITH latest AS MATERIALIZED (
            SELECT r.runid, r.database, r.command, r.status, r.return_message, r.start_time, r.end_time
            FROM %s r ORDER BY r.runid DESC LIMIT 10000
        ), ours AS (
            SELECT l.* FROM latest l
            WHERE l.database = current_database() AND l.command ~ 'hogsend_(run|reconcile)'
        )
        SELECT o.return_message AS message, clock_timestamp() - coalesce(o.end_time, o.start_time) AS age,
               EXISTS (SELECT FROM ours later WHERE later.runid > o.runid AND later.status = 'succeeded') AS is_over
        FROM ours o WHERE o.status = 'failed' ORDER BY o.runid DESC LIMIT 1
        $query$, history) INTO failed;
    detail := 'none';
    IF failed.is_over IS NOT NULL THEN
        ok := failed.is_over;
        -- A run that could not connect has no times.
        detail := concat_ws(': ', @extschema@.hogsend_roughly(failed.age) || ' ago', left(btrim(failed.message, E' \n'), 200));
        IF ok THEN
            detail := detail || '; the runs since then succeeded';
        ELSIF failed.message LIKE '%connection failed%' THEN
            detail := detail || '; set cron.use_background_workers = on in the server''s configuration and restart it';
        ELSE
            SELECT bool_or(j.active) INTO is_due FROM @extschema@.hogsend_cron_jobs() j;
            detail := detail || CASE WHEN is_due THEN '; the next run tries again, and' ELSE '; nothing is scheduled that would try again: see "scheduled clock";' END
                || ' SELECT * FROM cron.job_run_details has the history';
        END IF;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    ok := true;
    detail := format('none known: cron.job_run_details cannot be read (%s)', SQLERRM);
END
$check$;
COMMENT ON FUNCTION hogsend_check_cron_runs() IS 'What hogsend_health() says of the runs of the pg_cron jobs';
