-- Keeping the outbox and the history short.

CREATE FUNCTION hogsend_now() RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce(nullif(current_setting('hogsend.now', true), '')::timestamptz, clock_timestamp()) $$;
COMMENT ON FUNCTION hogsend_now() IS 'The present as hogsend takes it: the clock, or hogsend.now';

-- What every consumer has passed: numbers up to the lowest mark, without what transactions wrote
-- that were open when a position was taken. In between two marks a part may have been read, too;
-- it waits until all of it has. And without what transactions wrote that began after the oldest
-- position was taken: if their numbers are that low, they were set back, and nobody has read them.
CREATE FUNCTION hogsend_passed(OUT up_to bigint, OUT late xid8[], OUT since xid8)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT coalesce(min(p.mark), 9223372036854775807), ARRAY(
               SELECT x.xid FROM @extschema@.bucket_positions o CROSS JOIN LATERAL pg_snapshot_xip(o.passed) AS x (xid)
               WHERE o.lapsed_at IS NULL),
           greatest(coalesce(min(pg_snapshot_xmax(p.passed)), '18446744073709551615'::xid8), '4'::xid8)
    FROM @extschema@.bucket_positions p WHERE p.lapsed_at IS NULL
$$;
COMMENT ON FUNCTION hogsend_passed() IS 'The number up to which every consumer has read, but for some late transactions';

CREATE FUNCTION hogsend_prune_transitions(older_than interval, force boolean) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $prune$
#variable_conflict use_column
DECLARE
    cutoff timestamptz := @extschema@.hogsend_now() - $1;
    passed record;
    pruned bigint;
BEGIN
    IF $2 THEN
        -- Whoever has not read what goes now is told by the next poll, and holds up nobody from here on.
        UPDATE @extschema@.bucket_positions p
        SET lapsed_at = @extschema@.hogsend_now(), lapsed_up_to = lost.up_to
        FROM @extschema@.hogsend_lost(cutoff, NULL::oid) AS lost
        WHERE p.consumer = lost.consumer AND p.shard = lost.shard;
    END IF;
    SELECT p.* INTO passed FROM @extschema@.hogsend_passed() p;
    DELETE FROM @extschema@.bucket_transitions t
    WHERE t.recorded_at < cutoff AND ($2 OR (t.id <= passed.up_to AND t.xid < passed.since AND t.xid <> ALL (passed.late)));
    GET DIAGNOSTICS pruned = ROW_COUNT;
    RETURN pruned;
END
$prune$;
COMMENT ON FUNCTION hogsend_prune_transitions(interval, boolean)
    IS 'Removes old transitions that every consumer has passed, or with force all (called by hogsend_prune)';

CREATE FUNCTION hogsend_prune(
    transitions_older_than interval DEFAULT NULL,
    memberships_older_than interval DEFAULT NULL,
    force boolean DEFAULT false,
    runs_older_than interval DEFAULT NULL
) RETURNS TABLE (transitions bigint, memberships bigint, runs bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $prune$
DECLARE
    wrong record;
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    SELECT a.name, a.age INTO wrong
    FROM (VALUES (1, 'transitions_older_than', $1), (2, 'memberships_older_than', $2), (3, 'runs_older_than', $4)) AS a (place, name, age)
    WHERE a.age < interval '0' ORDER BY a.place LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% must not be negative', wrong.name
            USING ERRCODE = '22023', DETAIL = format('It is %s.', wrong.age),
                  HINT = 'Say how old a row must be to go, for example interval ''90 days''.';
    END IF;
    transitions := 0;
    memberships := 0;
    runs := 0;
    IF $1 IS NOT NULL THEN
        transitions := @extschema@.hogsend_prune_transitions($1, coalesce($3, false));
    END IF;
    IF $2 IS NOT NULL THEN
        -- The latest stay remains: entry counts and limits go on from it.
        -- What goes is counted before, so that the days of the past stay what they were.
        WITH gone AS (
            DELETE FROM @extschema@.bucket_memberships m
            WHERE m.status = 'left' AND m.left_at < @extschema@.hogsend_now() - $2
              AND EXISTS (SELECT FROM @extschema@.bucket_memberships l
                          WHERE l.user_id = m.user_id AND l.bucket_id = m.bucket_id AND l.entry_count > m.entry_count)
            RETURNING m.*
        ), counted AS (
            INSERT INTO @extschema@.bucket_counts AS c (bucket_id, since, entered, "left", entered_silently, left_silently)
            SELECT g.bucket_id, date_bin(interval '15 minutes', move.at, '2000-01-01 00:00+00') AS since,
                   count(*) FILTER (WHERE move.begins AND move.is_told), count(*) FILTER (WHERE NOT move.begins AND move.is_told),
                   count(*) FILTER (WHERE move.begins AND NOT move.is_told), count(*) FILTER (WHERE NOT move.begins AND NOT move.is_told)
            FROM gone g
            -- Releases before 0.3.0 did not note it (as in view bucket_daily).
            CROSS JOIN LATERAL (VALUES (g.entered_at, true, coalesce(g.announced, g.source <> 'backfill')),
                                       (g.left_at, false, coalesce(g.left_announced, g.left_reason <> 'deleted'))) AS move (at, begins, is_told)
            GROUP BY 1, 2 ORDER BY 1, 2
            ON CONFLICT (bucket_id, since) DO UPDATE
            SET entered = c.entered + EXCLUDED.entered, "left" = c."left" + EXCLUDED."left",
                entered_silently = c.entered_silently + EXCLUDED.entered_silently,
                left_silently = c.left_silently + EXCLUDED.left_silently
        )
        SELECT count(*) INTO memberships FROM gone;
    END IF;
    IF $4 IS NOT NULL THEN
        -- As with stays the latest remains.
        DELETE FROM @extschema@.journey_runs r
        WHERE r.ended_at < @extschema@.hogsend_now() - $4
          AND EXISTS (SELECT FROM @extschema@.journey_runs l
                      WHERE l.user_id = r.user_id AND l.journey_id = r.journey_id AND l.entry_count > r.entry_count);
        GET DIAGNOSTICS runs = ROW_COUNT;
    END IF;
    RETURN NEXT;
END
$prune$;
COMMENT ON FUNCTION hogsend_prune(interval, interval, boolean, interval)
    IS 'Removes transitions that every consumer has passed, and stays and runs that ended, if so old; with force also what some consumer has not read, which its next poll says';
