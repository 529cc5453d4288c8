-- Imports: taking up what an attached table has.

COMMENT ON FUNCTION hogsend_begin_import(text) IS 'Imports what an attached table has, if it is little; otherwise leaves it to CALL hogsend_import() and the clock';
COMMENT ON FUNCTION hogsend_restart_import(text) IS 'Begins the import of an attached table anew, if it is done; returns whether it was';
COMMENT ON FUNCTION hogsend_import_chunk(text, integer) IS 'What hogsend_import() does between two commits';

-- Events of rows that are gone: they were deleted while nothing was attached, or past the triggers. So none is
-- younger than the import, unless a partition went during it, and where the feed had none before nothing is
-- compared. An event that somebody takes up meanwhile is another version then, and stays.
CREATE FUNCTION hogsend_remove_extra(feed text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp SET hogsend.announce = off
AS $extra$
DECLARE
    last_event bigint;
    kind "char";
    has_earlier boolean;
    removed bigint;
BEGIN
    SELECT f.last_event, c.relkind INTO last_event, kind
    FROM @extschema@.feeds f JOIN pg_class c ON c.oid = (SELECT @extschema@.hogsend_feed_relation($1))
    WHERE f.name = $1 AND f.kind = 'events';
    IF kind IS NULL THEN
        RETURN 0;
    ELSIF last_event IS NULL OR kind = 'p' THEN
        has_earlier := EXISTS (SELECT FROM @extschema@.user_events e WHERE e.source = $1 AND starts_with(e.idempotency_key, $1 || ':'));
    ELSE
        -- By its number alone, so that only those that were there before are read.
        has_earlier := EXISTS (SELECT FROM @extschema@.user_events e
                               WHERE e.id <= last_event AND e.source = $1 AND starts_with(e.idempotency_key, $1 || ':'));
    END IF;
    IF NOT has_earlier THEN
        RETURN 0;
    END IF;
    WITH gone AS (
        DELETE FROM @extschema@.user_events e
        USING (SELECT o.tableoid AS part, o.ctid AS place
               FROM @extschema@.hogsend_feed_differences($1) d
               JOIN @extschema@.user_events o ON o.user_id = d.user_id AND o.idempotency_key = $1 || ':' || d.key
               WHERE d.problem = 'extra') AS x
        WHERE e.tableoid = x.part AND e.ctid = x.place
        RETURNING e.user_id)
    SELECT count(*) INTO removed FROM gone;
    RETURN removed;
END
$extra$;
COMMENT ON FUNCTION hogsend_remove_extra(text) IS 'Removes the events of rows that an attached table does not have any more, silently (called by hogsend_import)';

-- Commits, so it has neither SET clauses nor definer rights, and everything in it is qualified.
CREATE PROCEDURE hogsend_import(feed text)
LANGUAGE plpgsql
AS $import$
DECLARE
    begun_at pg_catalog.timestamptz := pg_catalog.clock_timestamp();
    told_at pg_catalog.timestamptz := begun_at;
    seconds double precision;
    -- The whole call is one statement, whose time counts from when it arrived. A tenth is left for
    -- what cannot be foreseen, and the chunks are small enough that it is no great part of it.
    granted pg_catalog.interval := pg_catalog.current_setting('statement_timeout')::pg_catalog.interval;
    must_end_at pg_catalog.timestamptz;
    -- How long a chunk keeps rows from those who want to change them.
    wanted pg_catalog.interval := interval '0.4 seconds';
    rows integer := 5000;
    chunk_at pg_catalog.timestamptz;
    took pg_catalog.interval;
    step pg_catalog.record;
    looked_at bigint := 0;
BEGIN
    IF feed IS NULL THEN
        RAISE EXCEPTION 'feed must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'hogsend_import() was called without the name of a feed.',
                  HINT = 'SELECT name FROM bucket_feeds lists what is attached.';
    END IF;
    IF granted OPERATOR(pg_catalog.>) interval '0' THEN
        must_end_at := pg_catalog.statement_timestamp() OPERATOR(pg_catalog.+) (granted OPERATOR(pg_catalog.*) 0.9);
        wanted := least(wanted, granted OPERATOR(pg_catalog./) 10);
        rows := 50;
    END IF;
    PERFORM @extschema@.hogsend_restart_import(feed);
    COMMIT;
    LOOP
        chunk_at := pg_catalog.clock_timestamp();
        SELECT s.* INTO step FROM @extschema@.hogsend_import_chunk(feed, rows) s;
        -- Nobody hears of history, so the disk can wait: what a crash takes back is done again. The last
        -- commit waits, for this one and all before it.
        IF NOT step.done THEN
            SET LOCAL synchronous_commit = off;
        END IF;
        COMMIT;
        took := pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) chunk_at;
        seconds := extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) begun_at);
        looked_at := looked_at OPERATOR(pg_catalog.+) step.looked_at;
        IF step.done THEN
            -- Of which nobody knows how long it takes.
            IF must_end_at IS NULL THEN
                PERFORM @extschema@.hogsend_remove_extra(feed);
            END IF;
            RAISE NOTICE 'feed "%" is imported: % rows looked at, in % s',
                feed, step.imported, pg_catalog.round(seconds::pg_catalog.numeric, 1);
            RETURN;
        END IF;
        IF (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) took OPERATOR(pg_catalog.+) took) OPERATOR(pg_catalog.>=) must_end_at THEN
            RAISE NOTICE 'feed "%": % of about % rows so far', feed, step.imported, step.total
                USING DETAIL = pg_catalog.format('It ends here, because statement_timeout (%s) would cancel it. What was done is kept.',
                                   pg_catalog.current_setting('statement_timeout')),
                      HINT = pg_catalog.format('CALL hogsend_import(%L) again goes on from there; after SET statement_timeout = 0 it goes on to the end.', feed);
            RETURN;
        END IF;
        rows := CASE
            WHEN step.stuck OR took OPERATOR(pg_catalog.>) wanted THEN greatest(rows OPERATOR(pg_catalog./) 2, 1)
            WHEN took OPERATOR(pg_catalog.<) (wanted OPERATOR(pg_catalog./) 4) THEN least(rows OPERATOR(pg_catalog.*) 2, 20000)
            ELSE rows END;
        IF pg_catalog.clock_timestamp() OPERATOR(pg_catalog.>=) (told_at OPERATOR(pg_catalog.+) interval '1 second') THEN
            told_at := pg_catalog.clock_timestamp();
            RAISE NOTICE 'feed "%": % of about % rows, % a second, about % s left',
                feed, step.imported, step.total,
                pg_catalog.round((looked_at OPERATOR(pg_catalog./) seconds)::pg_catalog.numeric),
                pg_catalog.ceil(greatest(step.total OPERATOR(pg_catalog.-) step.imported, 0)
                    OPERATOR(pg_catalog.*) seconds OPERATOR(pg_catalog./) greatest(looked_at, 1));
        END IF;
        IF step.stuck THEN
            PERFORM pg_catalog.pg_sleep(0.05);
        END IF;
    END LOOP;
END
$import$;
COMMENT ON PROCEDURE hogsend_import(text) IS 'Imports what an attached table has to the end, silently, committing each chunk and reporting progress; can be interrupted and called again, and ends before statement_timeout would cancel it; imports anew what was imported already';
