-- Filling a bucket to the end, now.

COMMENT ON FUNCTION hogsend_backfill_chunk(text, integer) IS 'What hogsend_backfill() does between two commits';

-- Commits, so it has neither SET clauses nor definer rights, and everything in it is qualified.
CREATE PROCEDURE hogsend_backfill(bucket_id text)
LANGUAGE plpgsql
AS $backfill$
DECLARE
    begun_at pg_catalog.timestamptz := pg_catalog.clock_timestamp();
    told_at pg_catalog.timestamptz := begun_at;
    seconds double precision;
    -- The whole call is one statement, whose time counts from when it arrived. A tenth is left for
    -- what cannot be foreseen, and the chunks are small enough that it is no great part of it.
    granted pg_catalog.interval := pg_catalog.current_setting('statement_timeout')::pg_catalog.interval;
    must_end_at pg_catalog.timestamptz;
    contacts integer := 5000;
    chunk_at pg_catalog.timestamptz;
    took pg_catalog.interval;
    step pg_catalog.record;
    processed bigint := 0;
    begun_with bigint;
    joined bigint := 0;
    ended bigint := 0;
BEGIN
    IF bucket_id IS NULL THEN
        RAISE EXCEPTION 'bucket_id must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'hogsend_backfill() was called without a bucket.',
                  HINT = 'SELECT bucket_id FROM bucket_jobs WHERE status <> ''done'' lists what there is to fill.';
    END IF;
    IF granted OPERATOR(pg_catalog.>) interval '0' THEN
        must_end_at := pg_catalog.statement_timestamp() OPERATOR(pg_catalog.+) (granted OPERATOR(pg_catalog.*) 0.9);
        contacts := 50;
    END IF;
    LOOP
        chunk_at := pg_catalog.clock_timestamp();
        SELECT s.* INTO step FROM @extschema@.hogsend_backfill_chunk(bucket_id, contacts) s;
        -- A chunk is done for good, whatever becomes of those after it. Nobody hears of silent joins,
        -- so as long as nobody left the disk can wait: what a crash takes back is done again. The
        -- last commit waits, for this one and all before it.
        IF step."left" OPERATOR(pg_catalog.=) 0 AND NOT step.done THEN
            SET LOCAL synchronous_commit = off;
        END IF;
        COMMIT;
        IF step.processed IS NULL THEN
            -- Finished by somebody else meanwhile, or long ago.
            RAISE NOTICE 'bucket "%" is complete', bucket_id;
            RETURN;
        END IF;
        begun_with := coalesce(begun_with, greatest(step.processed OPERATOR(pg_catalog.-) contacts, 0));
        joined := joined OPERATOR(pg_catalog.+) step.joined;
        ended := ended OPERATOR(pg_catalog.+) step."left";
        seconds := extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) begun_at);
        processed := step.processed OPERATOR(pg_catalog.-) begun_with;
        IF step.done THEN
            RAISE NOTICE 'bucket "%" is complete: % contacts looked at, % joined, % left, in % s',
                bucket_id, step.processed, joined, ended, pg_catalog.round(seconds::pg_catalog.numeric, 1);
            RETURN;
        END IF;
        IF must_end_at IS NOT NULL THEN
            took := pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) chunk_at;
            IF (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) took OPERATOR(pg_catalog.+) took) OPERATOR(pg_catalog.>=) must_end_at THEN
                RAISE NOTICE 'bucket "%": % of % contacts so far', bucket_id, step.processed, step.total
                    USING DETAIL = pg_catalog.format('It ends here, because statement_timeout (%s) would cancel it. What was done is kept.',
                                       pg_catalog.current_setting('statement_timeout')),
                          HINT = pg_catalog.format('CALL hogsend_backfill(%L) again goes on from there; after SET statement_timeout = 0 it goes on to the end.', bucket_id);
                RETURN;
            END IF;
            contacts := CASE
                WHEN took OPERATOR(pg_catalog.>) (granted OPERATOR(pg_catalog./) 10) THEN greatest(contacts OPERATOR(pg_catalog./) 2, 1)
                WHEN took OPERATOR(pg_catalog.<) (granted OPERATOR(pg_catalog./) 40) THEN least(contacts OPERATOR(pg_catalog.*) 2, 5000)
                ELSE contacts END;
        END IF;
        IF pg_catalog.clock_timestamp() OPERATOR(pg_catalog.>=) (told_at OPERATOR(pg_catalog.+) interval '1 second') THEN
            told_at := pg_catalog.clock_timestamp();
            RAISE NOTICE 'bucket "%": % of % contacts, % a second, about % s left',
                bucket_id, step.processed, step.total,
                pg_catalog.round((processed OPERATOR(pg_catalog./) seconds)::pg_catalog.numeric),
                pg_catalog.ceil(greatest(step.total OPERATOR(pg_catalog.-) step.processed, 0)
                    OPERATOR(pg_catalog.*) seconds OPERATOR(pg_catalog./) greatest(processed, 1));
        END IF;
    END LOOP;
END
$backfill$;
COMMENT ON PROCEDURE hogsend_backfill(text) IS 'Fills a new or changed bucket to the end, committing each chunk and reporting progress; can be interrupted and called again, and ends before statement_timeout would cancel it';
