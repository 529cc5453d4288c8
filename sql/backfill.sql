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
    LOOP
        SELECT s.* INTO step FROM @extschema@.hogsend_backfill_chunk(bucket_id, 5000) s;
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
        begun_with := coalesce(begun_with, greatest(step.processed OPERATOR(pg_catalog.-) 5000, 0));
        joined := joined OPERATOR(pg_catalog.+) step.joined;
        ended := ended OPERATOR(pg_catalog.+) step."left";
        seconds := extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) begun_at);
        processed := step.processed OPERATOR(pg_catalog.-) begun_with;
        IF step.done THEN
            RAISE NOTICE 'bucket "%" is complete: % contacts looked at, % joined, % left, in % s',
                bucket_id, step.processed, joined, ended, pg_catalog.round(seconds::pg_catalog.numeric, 1);
            RETURN;
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
COMMENT ON PROCEDURE hogsend_backfill(text) IS 'Fills a new or changed bucket to the end, committing each chunk and reporting progress; can be interrupted and called again';
