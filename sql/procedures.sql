-- The clock: a loop for a once-a-minute scheduler, and setting the scheduler up.

-- Transaction control is not allowed in a procedure with SET clauses or definer rights, so this
-- one has neither, and everything in it is qualified.
CREATE PROCEDURE hogsend_run(for_time interval DEFAULT '55 seconds')
LANGUAGE plpgsql
AS $run$
DECLARE
    stop_at pg_catalog.timestamptz := pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) for_time;
    more boolean;
BEGIN
    IF for_time IS NULL OR for_time OPERATOR(pg_catalog.<) interval '0' THEN
        RAISE EXCEPTION 'for_time must be an interval of zero or more'
            USING ERRCODE = '22023', DETAIL = pg_catalog.format('for_time is %s.', coalesce(for_time::pg_catalog.text, 'NULL')),
                  HINT = 'For example CALL hogsend_run(''55 seconds'') once a minute.';
    END IF;
    LOOP
        -- Small batches, each committed, so that a transition is never held back by later work.
        -- What remains without anything having been done waits for somebody else's transaction.
        SELECT r.remaining AND greatest(r.entered, r.left, r.dwelled, r.rearmed, r.backfilled) OPERATOR(pg_catalog.>) 0
            INTO more FROM @extschema@.hogsend_reconcile(1000) r;
        COMMIT;
        -- A restored copy: once a run is often enough to say so.
        EXIT WHEN EXISTS (SELECT FROM @extschema@.buckets b, @extschema@.hogsend_instance i
                          WHERE b.instance_id OPERATOR(pg_catalog.<>) i.id);
        EXIT WHEN pg_catalog.clock_timestamp() OPERATOR(pg_catalog.>=) stop_at;
        IF NOT more THEN
            -- Never longer than this, because an event may arm a timer that is due earlier than
            -- the earliest we know of.
            PERFORM pg_catalog.pg_sleep(0.05);
        END IF;
    END LOOP;
END
$run$;
COMMENT ON PROCEDURE hogsend_run(interval) IS 'Reconciles in a loop, committing each batch, so that a once-a-minute job is on time to the second';

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
                  HINT = format('In database %I: SELECT cron.schedule_in_database(''hogsend'', ''* * * * *'', ''CALL @extschema@.hogsend_run()'', %L);',
                                home, current_database());
    END IF;
    RAISE EXCEPTION 'pg_cron is not installed in this database'
        USING ERRCODE = '55000',
              DETAIL = 'The clock needs something that calls hogsend_reconcile() or hogsend_run() regularly.',
              HINT = 'Add pg_cron to shared_preload_libraries and CREATE EXTENSION pg_cron, or call SELECT hogsend_reconcile() every minute from a scheduler of your own.';
END
$check$;
COMMENT ON FUNCTION hogsend_check_cron() IS 'Says what to do when pg_cron cannot be used from here';

CREATE FUNCTION hogsend_schedule(schedule text DEFAULT '* * * * *') RETURNS bigint
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $schedule$
DECLARE
    job bigint;
BEGIN
    PERFORM @extschema@.hogsend_check_cron();
    IF schedule IS NULL OR array_length(regexp_split_to_array(btrim(schedule), '\s+'), 1) <> 5 THEN
        RAISE EXCEPTION 'a schedule has five fields'
            USING ERRCODE = '22023',
                  DETAIL = format('Got %s. pg_cron counts in minutes and ignores a sixth field.', quote_nullable(schedule)),
                  HINT = 'Use ''* * * * *'': once a minute is enough, because the job itself runs on time to the second.';
    END IF;
    EXECUTE 'SELECT cron.schedule($1, $2, $3)' INTO job
        USING 'hogsend', btrim(schedule), 'CALL @extschema@.hogsend_run()';
    RETURN job;
END
$schedule$;
COMMENT ON FUNCTION hogsend_schedule(text) IS 'Sets up the pg_cron job "hogsend", or changes its schedule; returns its id';

CREATE FUNCTION hogsend_unschedule() RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $unschedule$
DECLARE
    removed boolean;
BEGIN
    PERFORM @extschema@.hogsend_check_cron();
    EXECUTE 'SELECT coalesce(bool_or(cron.unschedule(jobid)), false) FROM cron.job WHERE jobname = $1'
        INTO removed USING 'hogsend';
    RETURN removed;
END
$unschedule$;
COMMENT ON FUNCTION hogsend_unschedule() IS 'Removes the pg_cron job "hogsend"; false when there was none';
