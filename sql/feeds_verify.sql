-- Whether what is there is what an attached table says.

COMMENT ON FUNCTION hogsend_feed_differences(text) IS 'What hogsend_verify_feed() returns, with documents as text';

CREATE FUNCTION hogsend_verify_feed(name text) RETURNS TABLE (key text, user_id text, problem text, expected jsonb, found jsonb)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT d.key, d.user_id, d.problem, d.expected::jsonb, d.found::jsonb FROM @extschema@.hogsend_feed_differences($1) d
$$;
COMMENT ON FUNCTION hogsend_verify_feed(text) IS 'The rows of an attached table of which events (or contacts) say something else, or nothing, and the events that no row has: none';

-- What hogsend_health() says of attached tables.
CREATE FUNCTION hogsend_check_feeds(present timestamptz, patience interval, OUT ok boolean, OUT detail text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $check$
DECLARE
    fact record;
BEGIN
    IF to_regclass('@extschema@.bucket_feeds') IS NULL THEN
        ok := false;
        detail := 'view bucket_feeds is missing: SELECT hogsend_migrate()';
        RETURN;
    END IF;
    SELECT min(v.name) FILTER (WHERE v.relation IS NULL) AS gone,
           min(v.name) FILTER (WHERE v.relation IS NOT NULL AND NOT v.is_whole) AS broken,
           (array_agg(v.relation ORDER BY v.name) FILTER (WHERE v.relation IS NOT NULL AND NOT v.is_whole))[1] AS broken_table,
           min(v.name) FILTER (WHERE v.rows_failed > 0) AS failing,
           (array_agg(v.rows_failed ORDER BY v.name) FILTER (WHERE v.rows_failed > 0))[1] AS failures,
           left((array_agg(v.error ORDER BY v.name) FILTER (WHERE v.rows_failed > 0))[1], 200) AS failure,
           min(v.name) FILTER (WHERE is_late) AS late,
           present - min(f.rested_since) FILTER (WHERE is_late) AS rested,
           left((array_agg(v.error ORDER BY v.name) FILTER (WHERE is_late))[1], 200) AS obstacle,
           sum(v.rows_skipped) AS skipped,
           count(*) FILTER (WHERE v.relation IS NULL OR NOT v.is_whole OR v.rows_failed > 0 OR is_late) AS ill, count(*) AS feeds
    INTO fact
    FROM @extschema@.bucket_feeds v
    JOIN (SELECT r.name, coalesce(r.moved_at, r.attached_at) AS rested_since FROM @extschema@.feeds r) AS f ON f.name = v.name
    CROSS JOIN LATERAL (SELECT v.relation IS NOT NULL AND v.import <> 'done' AND present - f.rested_since > patience AS is_late) AS l;
    ok := fact.ill = 0;
    detail := concat_ws('; ',
        format('no table has the triggers of feed "%s" any more: SELECT hogsend_detach(%L) forgets it; if its table is there, attach that again', fact.gone, fact.gone) || left(fact.gone, 0),
        format('feed "%s": triggers of %s or of a partition, or what reads its rows, are missing or disabled: enable them, or hogsend_detach(%L) and attach it again',
               fact.broken, fact.broken_table, fact.broken) || left(fact.broken, 0),
        format('feed "%s": %s rows could not be taken over (%s); CALL hogsend_import(%L) once that is mended', fact.failing, fact.failures, fact.failure, fact.failing)
            || left(fact.failing, 0),
        format('the import of feed "%s" has rested for %s%s: see "last reconcile"; CALL hogsend_import(%L) goes on with it', fact.late,
               @extschema@.hogsend_roughly(fact.rested), coalesce(' (' || fact.obstacle || ')', ''), fact.late) || left(fact.late, 0),
        CASE WHEN fact.ill > 1 THEN format('%s feeds in all: SELECT * FROM bucket_feeds', fact.ill) END,
        CASE WHEN fact.skipped > 0 THEN format('rows without what an event or contact needs: %s', fact.skipped) END,
        CASE WHEN fact.feeds = 0 THEN 'none' WHEN ok AND coalesce(fact.skipped, 0) = 0 THEN 'all is well' END);
EXCEPTION WHEN OTHERS THEN
    -- Columns that are missing or of another type.
    ok := false;
    detail := format('not known: %s', SQLERRM);
END
$check$;
COMMENT ON FUNCTION hogsend_check_feeds(timestamptz, interval) IS 'What hogsend_health() says of attached tables';
