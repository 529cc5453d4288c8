-- Setting the clock's scheduler up: pg_cron, which may start the same thing once a minute.
--
-- A job of one name never overlaps itself, and what becomes of a run that is due while the last one goes
-- on is pg_cron's affair. So two jobs take the minutes in turn, and each run goes on until the other's
-- has surely begun: no second is without a clock. Where both are at work they share it. A third removes
-- once a day what is kept of their runs.

-- What a setting is for a role when it connects to this database, if its client says nothing else; NULL
-- where that cannot be told from here.
CREATE FUNCTION hogsend_setting_of(role name, setting text) RETURNS text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    WITH altered AS (
        SELECT r.rolname AS role, substr(c.line, length($2) + 2) AS value, s.setrole <> 0 AS of_role, s.setdatabase <> 0 AS of_database
        FROM pg_db_role_setting s
        LEFT JOIN pg_roles r ON r.oid = s.setrole
        CROSS JOIN unnest(s.setconfig) AS c (line)
        WHERE (s.setdatabase = 0 OR s.setdatabase = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
          AND starts_with(c.line, $2 || '=')
    )
    SELECT coalesce(
        (SELECT a.value FROM altered a WHERE a.role = $1 OR NOT a.of_role ORDER BY a.of_role DESC, a.of_database DESC LIMIT 1),
        -- Nobody altered it for that role, so it is the server's: ours, unless it was altered for us.
        (SELECT CASE p.unit WHEN 'ms' THEN p.reset_val || 'ms' ELSE p.reset_val END FROM pg_settings p
         WHERE p.name = $2 AND NOT EXISTS (SELECT FROM altered a WHERE a.role = session_user)))
$$;
COMMENT ON FUNCTION hogsend_setting_of(name, text) IS 'What a setting is for a role when it connects to this database; NULL: cannot be told';

-- Shorter than 70 seconds and a run ends before the next has begun: a tenth is left over.
CREATE FUNCTION hogsend_clock_obstacles(role name) RETURNS TABLE (obstacle text, remedy text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('statement_timeout is %s for role %I, which ends each run of the clock early', s.value, $1),
           format('ALTER ROLE %I IN DATABASE %I SET statement_timeout = 0', $1, current_database())
    FROM (SELECT btrim(@extschema@.hogsend_setting_of($1, 'statement_timeout'::text))) AS s (value)
    WHERE CASE WHEN s.value ~ '^[0-9]+$' THEN (s.value || 'ms')::interval
               WHEN s.value ~ '^[0-9.]+ *(us|ms|s|min|h|d)$' THEN s.value::interval END
          BETWEEN interval '1 microsecond' AND interval '70 seconds'
    UNION ALL
    SELECT format('default_transaction_read_only is on for role %I, so that the clock cannot write', $1),
           format('ALTER ROLE %I IN DATABASE %I SET default_transaction_read_only = off', $1, current_database())
    FROM (SELECT @extschema@.hogsend_setting_of($1, 'default_transaction_read_only'::text)) AS s (value)
    WHERE lower(btrim(s.value)) IN ('on', 'true', 'yes', '1')
$$;
COMMENT ON FUNCTION hogsend_clock_obstacles(name) IS 'What keeps the clock of a role from going all the time, and the command that removes it';

CREATE FUNCTION hogsend_check_cron() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $check$
DECLARE
    home text := current_setting('cron.database_name', true);
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_cron') THEN
        RETURN;
    END IF;
    IF home IS NOT NULL AND home <> current_database() THEN
        RAISE EXCEPTION 'pg_cron lives in another database'
            USING ERRCODE = '55000',
                  DETAIL = format('cron.database_name is "%s" and this is "%s".', home, current_database()),
                  -- The names of jobs are pg_cron's, not a database's: another one may have a clock, too.
                  HINT = format('In database %I: SELECT cron.schedule_in_database(%L, ''*/2 * * * *'', %3$L, %4$L), '
                                'cron.schedule_in_database(%5$L, ''1-59/2 * * * *'', %3$L, %4$L);',
                                home, 'hogsend-' || current_database(), 'CALL @extschema@.hogsend_run(''75 seconds'')', current_database(),
                                'hogsend-' || current_database() || '-2');
    END IF;
    RAISE EXCEPTION 'pg_cron is not installed in this database'
        USING ERRCODE = '55000',
              DETAIL = 'The clock needs something that calls hogsend_reconcile() or hogsend_run() regularly.',
              HINT = 'Add pg_cron to shared_preload_libraries and CREATE EXTENSION pg_cron, or call SELECT hogsend_reconcile() every minute from a scheduler of your own.';
END
$check$;
COMMENT ON FUNCTION hogsend_check_cron() IS 'Says what to do when pg_cron cannot be used from here';

-- What pg_cron keeps of past runs of the clock of this database, it keeps for ever. A run that could not
-- begin has no time, and goes with its neighbours. Anybody may delete what is said of their own runs.
CREATE FUNCTION hogsend_forget_runs(older_than interval DEFAULT '7 days') RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $forget$
DECLARE
    history CONSTANT regclass := @extschema@.hogsend_cron_table('job_run_details'::name);
    removed bigint := 0;
BEGIN
    IF history IS NOT NULL THEN
        EXECUTE format($query$
            WITH old AS (
                SELECT max(r.runid) AS runid FROM %1$s r WHERE coalesce(r.end_time, r.start_time) < clock_timestamp() - $1
            )
            DELETE FROM %1$s r USING old
            WHERE r.database = current_database() AND r.username = current_user AND r.command ~ 'hogsend_(run|reconcile|forget_runs)'
              AND coalesce(coalesce(r.end_time, r.start_time) < clock_timestamp() - $1, r.runid < old.runid)
            $query$, history) USING older_than;
        GET DIAGNOSTICS removed = ROW_COUNT;
    END IF;
    RETURN removed;
END
$forget$;
COMMENT ON FUNCTION hogsend_forget_runs(interval) IS 'Removes what pg_cron keeps of the caller''s own runs of the clock that are older than that; returns how many';

CREATE FUNCTION hogsend_schedule(schedule text DEFAULT '* * * * *') RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $schedule$
DECLARE
    fields CONSTANT text[] := regexp_split_to_array(btrim(schedule), '[[:space:]]+');
    others CONSTANT text := array_to_string(fields[2:], ' ');
    in_turn CONSTANT boolean := fields[1] IN ('*', '*/1', '0-59', '0-59/1');
    command CONSTANT text := 'CALL @extschema@.hogsend_run(''75 seconds'')';
    elsewhere text;
    obstacle record;
    job bigint;
BEGIN
    PERFORM @extschema@.hogsend_check_cron();
    IF coalesce(cardinality(fields), 0) <> 5 THEN
        RAISE EXCEPTION 'a schedule has five fields'
            USING ERRCODE = '22023',
                  DETAIL = format('Got %s. pg_cron counts in minutes and ignores a sixth field.', quote_nullable(schedule)),
                  HINT = 'Use ''* * * * *'': once a minute is enough, because the job itself runs on time to the second.';
    END IF;
    -- pg_cron would change the job and leave it where it is.
    EXECUTE 'SELECT min(j.database) FROM cron.job j
             WHERE j.jobname IN (''hogsend'', ''hogsend-2'', ''hogsend-history'') AND j.username = current_user AND j.database <> current_database()'
        INTO elsewhere;
    IF elsewhere IS NOT NULL THEN
        RAISE EXCEPTION 'job "hogsend" is the clock of another database'
            USING ERRCODE = '42710',
                  DETAIL = format('It runs in "%s", and this is "%s".', elsewhere, current_database()),
                  HINT = format('SELECT jobid, cron.unschedule(jobid) FROM cron.job WHERE database = %L, and schedule it under another name.', elsewhere);
    END IF;
    -- Somebody may have set them to rest, and scheduling them again would leave them there.
    EXECUTE 'SELECT cron.unschedule(j.jobid) FROM cron.job j
             WHERE j.jobname IN (''hogsend'', ''hogsend-2'', ''hogsend-history'') AND j.username = current_user
               AND (NOT j.active OR j.jobname = ''hogsend-2'' AND NOT $1)'
        USING in_turn;
    IF in_turn THEN
        EXECUTE 'SELECT cron.schedule($1, $2, $3)' INTO job USING 'hogsend', '*/2 ' || others, command;
        EXECUTE 'SELECT cron.schedule($1, $2, $3)' USING 'hogsend-2', '1-59/2 ' || others, command;
    ELSE
        EXECUTE 'SELECT cron.schedule($1, $2, $3)' INTO job USING 'hogsend', array_to_string(fields, ' '), command;
    END IF;
    -- Every run leaves a row behind. Those of a week are kept, and what is older now goes now.
    EXECUTE 'SELECT cron.schedule($1, $2, $3)' USING 'hogsend-history', '17 3 * * *', 'SELECT @extschema@.hogsend_forget_runs()';
    PERFORM @extschema@.hogsend_forget_runs('7 days'::interval);
    FOR obstacle IN SELECT o.* FROM @extschema@.hogsend_clock_obstacles(current_user) o LOOP
        RAISE WARNING '%', obstacle.obstacle
            USING DETAIL = 'The jobs run as this role, and are scheduled nevertheless.', HINT = obstacle.remedy || ';';
    END LOOP;
    RETURN job;
END
$schedule$;
COMMENT ON FUNCTION hogsend_schedule(text) IS 'Sets up the pg_cron jobs "hogsend" and "hogsend-2", which take the minutes in turn, or changes their schedule, and "hogsend-history", which removes what is kept of past runs; returns the id of the first';

CREATE FUNCTION hogsend_unschedule() RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $unschedule$
DECLARE
    removed boolean;
BEGIN
    PERFORM @extschema@.hogsend_check_cron();
    EXECUTE 'SELECT coalesce(bool_or(cron.unschedule(j.jobid)), false) FROM cron.job j
             WHERE j.jobname IN (''hogsend'', ''hogsend-2'', ''hogsend-history'') AND j.database = current_database()'
        INTO removed;
    RETURN removed;
END
$unschedule$;
COMMENT ON FUNCTION hogsend_unschedule() IS 'Removes the pg_cron jobs of hogsend_schedule(); false when there were none';
