-- Keeping the outbox and the history short.

CREATE FUNCTION hogsend_now() RETURNS timestamptz
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT coalesce(nullif(current_setting('hogsend.now', true), '')::timestamptz, clock_timestamp()) $$;
COMMENT ON FUNCTION hogsend_now() IS 'The present as hogsend takes it: the clock, or hogsend.now';

-- What every consumer has passed: numbers up to the lowest mark, without what transactions wrote
-- that were open when a position was taken. In between two marks a part may have been read, too;
-- it waits until all of it has. Oldest first, so that a limit leaves no holes.
CREATE FUNCTION hogsend_prune_transitions(older_than interval, force boolean, most bigint) RETURNS bigint
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $prune$
#variable_conflict use_column
DECLARE
    cutoff timestamptz := @extschema@.hogsend_now() - $1;
    up_to bigint;
    late xid8[];
    pruned bigint;
BEGIN
    IF $2 THEN
        -- Whoever has not read what goes now is told by the next poll, and holds up nobody from here on.
        UPDATE @extschema@.bucket_positions p
        SET lapsed_at = @extschema@.hogsend_now(), lapsed_up_to = lost.up_to
        FROM (
            SELECT o.consumer, o.shard, max(d.id) AS up_to
            FROM @extschema@.bucket_positions o
            CROSS JOIN LATERAL (
                SELECT d.id, d.recorded_at FROM @extschema@.hogsend_difference(
                    o.consumer, o.shard, o.passed, o.mark, coalesce(o.reading, pg_current_snapshot()), o.after_id, NULL, NULL) d
                UNION ALL
                SELECT d.id, d.recorded_at FROM @extschema@.hogsend_difference(
                    o.consumer, o.shard, o.reading, o.next_mark, pg_current_snapshot(), 0, NULL, NULL) d
                WHERE o.reading IS NOT NULL
            ) d
            WHERE o.lapsed_at IS NULL AND d.recorded_at < cutoff
            GROUP BY o.consumer, o.shard
        ) AS lost
        WHERE p.consumer = lost.consumer AND p.shard = lost.shard;
    END IF;
    SELECT min(p.mark) INTO up_to FROM @extschema@.bucket_positions p WHERE p.lapsed_at IS NULL;
    SELECT array_agg(DISTINCT x.xid) INTO late
    FROM @extschema@.bucket_positions p CROSS JOIN LATERAL pg_snapshot_xip(p.passed) AS x (xid)
    WHERE p.lapsed_at IS NULL;
    DELETE FROM @extschema@.bucket_transitions t
    USING (
        SELECT o.id, o.user_id FROM @extschema@.bucket_transitions o
        WHERE o.recorded_at < cutoff
          AND ($2 OR (o.id <= coalesce(up_to, 9223372036854775807) AND o.xid <> ALL (coalesce(late, '{}'))))
        ORDER BY o.id LIMIT $3
    ) AS old
    WHERE t.id = old.id AND t.user_id = old.user_id;
    GET DIAGNOSTICS pruned = ROW_COUNT;
    RETURN pruned;
END
$prune$;
COMMENT ON FUNCTION hogsend_prune_transitions(interval, boolean, bigint)
    IS 'Removes old transitions that every consumer has passed, or with force all, oldest first (called by hogsend_prune and hogsend_reconcile)';

CREATE FUNCTION hogsend_prune(
    transitions_older_than interval DEFAULT NULL,
    memberships_older_than interval DEFAULT NULL,
    force boolean DEFAULT false
) RETURNS TABLE (transitions bigint, memberships bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $prune$
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    IF $1 < interval '0' OR $2 < interval '0' THEN
        RAISE EXCEPTION '% must not be negative', CASE WHEN $1 < interval '0' THEN 'transitions_older_than' ELSE 'memberships_older_than' END
            USING ERRCODE = '22023', DETAIL = format('It is %s.', CASE WHEN $1 < interval '0' THEN $1 ELSE $2 END),
                  HINT = 'Say how old a row must be to go, for example interval ''90 days''.';
    END IF;
    transitions := 0;
    memberships := 0;
    IF $1 IS NOT NULL THEN
        transitions := @extschema@.hogsend_prune_transitions($1, coalesce($3, false), NULL);
    END IF;
    IF $2 IS NOT NULL THEN
        -- The latest stay remains: entry counts and limits go on from it.
        DELETE FROM @extschema@.bucket_memberships m
        WHERE m.status = 'left' AND m.left_at < @extschema@.hogsend_now() - $2
          AND EXISTS (SELECT FROM @extschema@.bucket_memberships l
                      WHERE l.user_id = m.user_id AND l.bucket_id = m.bucket_id AND l.entry_count > m.entry_count);
        GET DIAGNOSTICS memberships = ROW_COUNT;
    END IF;
    RETURN NEXT;
END
$prune$;
COMMENT ON FUNCTION hogsend_prune(interval, interval, boolean)
    IS 'Removes transitions that every consumer has passed and stays that ended, if so old; with force also what some consumer has not read, which its next poll says';
