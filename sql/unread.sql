-- What consumers have yet to read, when it goes or when the numbers go back.
--
-- Positions trust two things: that what is there stays there until it was passed, and that whoever
-- writes later writes higher numbers. hogsend_prune(force => true) and TRUNCATE break the first, a
-- sequence that is set back (ALTER SEQUENCE … RESTART, setval) the second. TRUNCATE tells us, and the
-- positions of those who have read everything begin anew with the numbers. The other shows in the rows.

-- By index, whatever the statistics say: what has been passed is not read.
CREATE FUNCTION hogsend_set_back(passed pg_snapshot, mark bigint) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $back$
BEGIN
    -- Transaction 3 is what hogsend_adopt() writes where the one that it was is of another server.
    RETURN (SELECT t.id FROM @extschema@.bucket_transitions t
            WHERE t.xid >= greatest(pg_snapshot_xmax($1), '4'::xid8) AND t.id <= $2
            ORDER BY t.xid, t.id LIMIT 1);
END
$back$;
COMMENT ON FUNCTION hogsend_set_back(pg_snapshot, bigint)
    IS 'A transition that was written after a snapshot, with a number that the snapshot had passed; NULL: there is none';

CREATE FUNCTION hogsend_require_order(consumer text, passed pg_snapshot, mark bigint) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $require$
DECLARE
    number bigint := @extschema@.hogsend_set_back($2, $3);
BEGIN
    IF number IS NOT NULL THEN
        RAISE EXCEPTION 'the numbers of the transitions were set back'
            USING ERRCODE = '55000',
                  DETAIL = format('Number %s was given out after consumer "%s" had passed number %s, so that it would be skipped.', number, $1, $3),
                  HINT = 'Compare what it did with bucket_members; then hogsend_unsubscribe(consumer) and hogsend_subscribe(consumer, …), with from_beginning => true for what is there. To empty the table use TRUNCATE, which consumers survive, with or without RESTART IDENTITY.';
    END IF;
END
$require$;
COMMENT ON FUNCTION hogsend_require_order(text, pg_snapshot, bigint) IS 'Raises an error if a consumer would skip transitions because their numbers were set back';

-- Each consumer in turn, by the settings of hogsend_difference().
CREATE FUNCTION hogsend_lost(before timestamptz, part oid) RETURNS TABLE (consumer text, shard integer, up_to bigint)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $lost$
    SELECT o.consumer, o.shard, max(d.id)
    FROM @extschema@.bucket_positions o
    CROSS JOIN LATERAL (
        SELECT d.id, d.recorded_at FROM @extschema@.hogsend_difference(
            o.consumer, o.shard, o.passed, o.mark, coalesce(o.reading, pg_current_snapshot()), o.after_id, NULL::bigint, NULL::integer, o.not_before) d
        UNION ALL
        SELECT d.id, d.recorded_at FROM @extschema@.hogsend_difference(
            o.consumer, o.shard, o.reading, o.next_mark, pg_current_snapshot(), 0::bigint, NULL::bigint, NULL::integer, NULL::timestamptz) d
        WHERE o.reading IS NOT NULL
        UNION ALL
        SELECT b.id, b.recorded_at FROM @extschema@.bucket_transitions b
        WHERE b.id = @extschema@.hogsend_set_back(coalesce(o.reading, o.passed), coalesce(o.next_mark, o.mark))
    ) d
    WHERE o.lapsed_at IS NULL AND ($1 IS NULL OR d.recorded_at < $1)
      -- A TRUNCATE of the whole table has begun the positions anew when it comes to its partitions.
      AND ($2 IS NULL OR EXISTS (
          SELECT FROM @extschema@.bucket_transitions t
          WHERE t.id = d.id AND t.tableoid = $2 AND NOT pg_visible_in_snapshot(t.xid, o.passed)))
    GROUP BY o.consumer, o.shard
$lost$;
COMMENT ON FUNCTION hogsend_lost(timestamptz, oid)
    IS 'The shards of consumers that have not read all that was recorded before an instant, or at all if it is NULL, in a partition or, if that is NULL, anywhere; and the last number of that';
