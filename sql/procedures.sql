-- The clock: a loop for a once-a-minute scheduler, and setting the scheduler up.

-- What hogsend_run() notes of itself. With definer rights, because whoever runs the clock writes to no
-- table of its own; in a function, because a procedure that commits cannot have them.
CREATE FUNCTION hogsend_note_run(cut_short_after interval, role name) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $note$
#variable_conflict use_column
BEGIN
    UPDATE @extschema@.hogsend_clock
    SET cut_short_at = CASE WHEN $1 IS NOT NULL THEN @extschema@.hogsend_now() END,
        cut_short_after = $1, cut_short_role = CASE WHEN $1 IS NOT NULL THEN $2 END
    WHERE only_row IN (
        SELECT c.only_row FROM @extschema@.hogsend_clock c
        WHERE $1 IS NOT NULL OR c.cut_short_at IS NOT NULL
        -- Whoever has it in hands notes as well as we do.
        FOR UPDATE SKIP LOCKED);
END
$note$;
COMMENT ON FUNCTION hogsend_note_run(interval, name) IS 'Notes how long hogsend_run() went on when statement_timeout cut it short, and for whom; NULL: it did not';

-- Transaction control is not allowed in a procedure with SET clauses or definer rights, so this
-- one has neither, and everything in it is qualified.
CREATE PROCEDURE hogsend_run(for_time interval DEFAULT '60 seconds')
LANGUAGE plpgsql
AS $run$
DECLARE
    begun_at pg_catalog.timestamptz := pg_catalog.clock_timestamp();
    stop_at pg_catalog.timestamptz := begun_at OPERATOR(pg_catalog.+) for_time;
    -- The whole call is one statement, whose time counts from when it arrived. A tenth is left for
    -- what cannot be foreseen.
    granted pg_catalog.interval := pg_catalog.current_setting('statement_timeout')::pg_catalog.interval;
    must_stop_at pg_catalog.timestamptz;
    -- Small batches, each committed, so that a transition is never held back by later work; and the
    -- smaller, the less time there is.
    batch integer := 1000;
    looked_at pg_catalog.timestamptz;
    longest pg_catalog.interval := interval '0';
    cut_short_after pg_catalog.interval;
    more boolean;
    -- A role that was granted what the clock needed before the last update may not.
    reads_journeys CONSTANT boolean := coalesce(pg_catalog.has_table_privilege(pg_catalog.to_regclass('@extschema@.journeys'), 'SELECT'), false);
BEGIN
    IF for_time IS NULL OR for_time OPERATOR(pg_catalog.<) interval '0' THEN
        RAISE EXCEPTION 'for_time must be an interval of zero or more'
            USING ERRCODE = '22023', DETAIL = pg_catalog.format('for_time is %s.', coalesce(for_time::pg_catalog.text, 'NULL')),
                  HINT = 'For example CALL hogsend_run(''60 seconds'') once a minute.';
    END IF;
    IF granted OPERATOR(pg_catalog.>) interval '0' THEN
        must_stop_at := pg_catalog.statement_timestamp() OPERATOR(pg_catalog.+) (granted OPERATOR(pg_catalog.*) 0.9);
        batch := greatest(least(1000, extract(epoch FROM granted) OPERATOR(pg_catalog.*) 100)::integer, 1);
    END IF;
    -- Partitions that came while no event trigger looked. Once a run is often enough.
    IF pg_catalog.has_function_privilege('@extschema@.hogsend_complete_feeds()', 'EXECUTE') THEN
        PERFORM @extschema@.hogsend_complete_feeds();
        COMMIT;
    END IF;
    LOOP
        looked_at := pg_catalog.clock_timestamp();
        -- What remains without anything having been done waits for somebody else's transaction.
        SELECT r.remaining AND greatest(r.entered, r.left, r.dwelled, r.rearmed, r.backfilled) OPERATOR(pg_catalog.>) 0
            INTO more FROM @extschema@.hogsend_reconcile(batch) r;
        COMMIT;
        longest := greatest(longest, pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) looked_at);
        -- A restored copy: once a run is often enough to say so.
        EXIT WHEN EXISTS (SELECT FROM @extschema@.buckets b, @extschema@.hogsend_instance i
                          WHERE b.instance_id OPERATOR(pg_catalog.<>) i.id);
        IF reads_journeys THEN
            EXIT WHEN EXISTS (SELECT FROM @extschema@.journeys j, @extschema@.hogsend_instance i
                              WHERE j.instance_id OPERATOR(pg_catalog.<>) i.id);
        END IF;
        EXIT WHEN pg_catalog.clock_timestamp() OPERATOR(pg_catalog.>=) stop_at;
        IF (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) longest OPERATOR(pg_catalog.+) longest) OPERATOR(pg_catalog.>=) must_stop_at THEN
            cut_short_after := pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) begun_at;
            EXIT;
        END IF;
        IF NOT more THEN
            -- Never longer than this, because an event may arm a timer that is due earlier than
            -- the earliest we know of.
            PERFORM pg_catalog.pg_sleep(0.05);
        END IF;
    END LOOP;
    -- A minute is all that is asked for: then the next one has begun.
    IF cut_short_after OPERATOR(pg_catalog.>=) interval '61 seconds' THEN
        cut_short_after := NULL;
    END IF;
    IF cut_short_after IS NOT NULL THEN
        RAISE WARNING 'hogsend_run() ends early, because statement_timeout would cancel it'
            USING DETAIL = pg_catalog.format('It went on for %s s of %s s, and until the next one nothing moves anybody on time.',
                               pg_catalog.round(extract(epoch FROM cut_short_after), 1), pg_catalog.round(extract(epoch FROM for_time), 1)),
                  HINT = pg_catalog.format('ALTER ROLE %I IN DATABASE %I SET statement_timeout = 0;', current_user, pg_catalog.current_database());
    END IF;
    -- A role that was granted what the clock needed before the last update may not have this.
    IF pg_catalog.has_function_privilege('@extschema@.hogsend_note_run(pg_catalog.interval, pg_catalog.name)', 'EXECUTE') THEN
        PERFORM @extschema@.hogsend_note_run(cut_short_after, current_user::pg_catalog.name);
    END IF;
END
$run$;
COMMENT ON PROCEDURE hogsend_run(interval) IS 'Reconciles in a loop, committing each batch, so that a once-a-minute job is on time to the second; ends before statement_timeout would cancel it';

