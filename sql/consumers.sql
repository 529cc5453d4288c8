-- Delivery: consumers read the outbox in batches, and lose nothing.
--
-- Numbers alone would not do: a transaction that began early and commits late writes low numbers,
-- and who had read past them would never see them. So a position is a snapshot: everything that
-- was committed in it has been passed. A batch is what a later snapshot has and the position has
-- not, in the order of the numbers, which for one user is the order of commits. Nobody waits for a
-- transaction that is open: whatever it commits is in a later difference.
--
-- Of a difference the rows are found in two ways. Transactions that began after a snapshot was
-- taken write higher numbers than it has (the highest is its "mark"), because each of our writers
-- has its transaction id before it takes a number. Those that were open when it was taken are
-- listed in it (hogsend_snapshot() sees to that), and are looked up by their ids. So what was
-- passed long ago is never read again, however old a transaction is that somebody leaves open.

CREATE FUNCTION hogsend_require_consumer(consumer text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $require$
DECLARE
    subscription record;
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    PERFORM @extschema@.hogsend_require_columns('bucket_consumers'::text);
    PERFORM @extschema@.hogsend_require_columns('bucket_positions'::text);
    SELECT c.* INTO subscription FROM @extschema@.bucket_consumers c WHERE c.name = $1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'consumer % is not subscribed', coalesce('"' || $1 || '"', 'NULL')
            USING ERRCODE = '42704',
                  DETAIL = 'No row of table "bucket_consumers" has this name.',
                  HINT = 'SELECT hogsend_subscribe(consumer) first; it can be repeated.';
    END IF;
    IF subscription.instance_id IS DISTINCT FROM (SELECT i.id FROM @extschema@.hogsend_instance i) THEN
        RAISE EXCEPTION 'hogsend is suspended: nothing is delivered'
            USING ERRCODE = '55000',
                  DETAIL = format('Consumer "%s" subscribed in another installation, so this is a restored copy.', $1),
                  HINT = 'SELECT hogsend_adopt() once this copy is meant to act.';
    END IF;
END
$require$;
COMMENT ON FUNCTION hogsend_require_consumer(text) IS 'Raises an error that says what to do unless the consumer is subscribed here';

-- Which shard a user belongs to. Not by a hash function of Postgres's, which may differ in the next
-- version: a user who changed shards would be skipped or told twice. Without a SET clause, so that it
-- is inlined; therefore everything in it is qualified.
CREATE FUNCTION hogsend_shard(user_id text, shards integer) RETURNS integer
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
AS $$
    SELECT (('x' OPERATOR(pg_catalog.||) pg_catalog.substr(pg_catalog.md5($1), 1, 15))::bit(60)::bigint
            OPERATOR(pg_catalog.%) $2)::integer
$$;
COMMENT ON FUNCTION hogsend_shard(text, integer) IS 'The shard (from 0) that is told of a user, where a consumer has so many';

COMMENT ON FUNCTION hogsend_next_xid() IS 'The id that the next transaction will get';

-- Postgres's snapshot ends after the last transaction that is complete. One that is open and has a
-- later id is not listed in it, and looks like one that has yet to begin; but it may have taken a
-- number below the mark already. So the end is moved to where nothing has begun, and what lies
-- between is listed as open, which to this snapshot it is. (In a transaction above READ COMMITTED
-- the snapshot is as old as the transaction, and so many more are listed.) So is the transaction
-- that asks, which Postgres's snapshot takes for complete as soon as a later one is: what it has yet
-- to write would be passed before it is there.
CREATE FUNCTION hogsend_snapshot() RETURNS pg_snapshot
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    SELECT format('%s:%s:%s', pg_snapshot_xmin(taken), next_xid, array_to_string(ARRAY(
               SELECT listed::text::bigint FROM pg_snapshot_xip(taken) AS listed
               UNION
               SELECT unlisted FROM generate_series(pg_snapshot_xmax(taken)::text::bigint, next_xid - 1) AS unlisted
               UNION
               SELECT pg_current_xact_id_if_assigned()::text::bigint
               ORDER BY 1), ','))::pg_snapshot
    FROM pg_current_snapshot() AS taken, @extschema@.hogsend_next_xid() AS next_xid
$$;
COMMENT ON FUNCTION hogsend_snapshot() IS 'The current snapshot, with every transaction listed that has an id and is not in it, this one included';

CREATE FUNCTION hogsend_mark(snapshot pg_snapshot) RETURNS bigint
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $mark$
BEGIN
    RETURN coalesce((
        SELECT t.id FROM @extschema@.bucket_transitions t
        WHERE pg_visible_in_snapshot(t.xid, $1) ORDER BY t.id DESC LIMIT 1), 0);
END
$mark$;
COMMENT ON FUNCTION hogsend_mark(pg_snapshot) IS 'The highest number of a transition that the snapshot has';

-- One worker of a shard at a time, to the end of its transaction. An advisory lock, because a row
-- lock would make every idle poll write.
CREATE FUNCTION hogsend_consumer_lock(consumer text, shard integer) RETURNS bigint
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT hashtextextended(format('hogsend %s %s %s', '@extschema@.bucket_positions'::regclass::oid, $2, $1), 0) $$;
COMMENT ON FUNCTION hogsend_consumer_lock(text, integer) IS 'The key of the advisory lock of a consumer''s shard';

-- Tokens carry their shard, and the clock: one that was given out is not given out again, neither
-- after a poll that was rolled back nor by a later subscription of the name. They fit what
-- JavaScript takes for an integer.
CREATE FUNCTION hogsend_token(shard integer) RETURNS bigint
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$ SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint * 1024 + $1 $$;
COMMENT ON FUNCTION hogsend_token(integer) IS 'A token for a batch of a shard';

-- Of a long difference a page is read, not the whole: what is new in the order of the numbers, as
-- far as the page goes, and a page of each late transaction, however much it wrote. The settings see
-- to it, because a planner that has no statistics yet would rather read everything and sort it.
--
-- The texts may be varchars of a user's, which RETURN QUERY would refuse.
--
-- The filters are about transitions of buckets. Of a journey a consumer gets every step, however old it is:
-- a run of which nobody was told would stand still for ever.
--
-- Callers give exact types, NULL::bigint and not NULL: whoever may create functions in this schema could
-- make one that Postgres prefers, and have it run with our rights (security_overloads.sql).
CREATE FUNCTION hogsend_difference(
    consumer text, shard integer, passed pg_snapshot, mark bigint, reading pg_snapshot,
    after_id bigint, last_id bigint, max integer, not_before timestamptz)
RETURNS TABLE (
    id bigint, event text, bucket_id text, user_id text, transition text, entry_count integer,
    reason text, source text, dwell_label text, dwell_count bigint, effective_at timestamptz,
    recorded_at timestamptz, idempotency_key text, journey_id text, run_id bigint, label text,
    timed_out boolean, event_id bigint, event_properties jsonb)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $difference$
#variable_conflict use_column
DECLARE
    subscription record;
    only_steps boolean;
    -- Of a batch that is out the age has been judged.
    since timestamptz;
BEGIN
    SELECT c.* INTO subscription FROM @extschema@.bucket_consumers c WHERE c.name = $1;
    only_steps := subscription.journeys IS NOT NULL AND subscription.buckets IS NULL AND subscription.transitions IS NULL
                  AND subscription.reasons IS NULL AND NOT subscription.first_entry_only;
    since := coalesce($9, @extschema@.hogsend_now() - subscription.not_older_than);
    RETURN QUERY
        (SELECT t.id, t.event::text, t.bucket_id::text, t.user_id::text, t.transition::text, t.entry_count,
                t.reason::text, t.source::text, t.dwell_label::text, t.dwell_count, t.effective_at, t.recorded_at,
                t.idempotency_key::text, t.journey_id::text, t.run_id, t.label::text, t.timed_out, t.event_id, t.event_properties
         FROM @extschema@.bucket_transitions t
         WHERE t.id > greatest($4, $6) AND t.id <= coalesce($7, 9223372036854775807)
           AND pg_visible_in_snapshot(t.xid, $5)
           AND CASE WHEN t.journey_id IS NULL THEN
                   NOT only_steps
                   AND (subscription.buckets IS NULL OR t.bucket_id = ANY (subscription.buckets))
                   AND (subscription.transitions IS NULL OR t.transition = ANY (subscription.transitions))
                   AND (subscription.reasons IS NULL OR t.reason IS NULL OR t.reason = ANY (subscription.reasons))
                   AND (NOT subscription.first_entry_only OR t.transition <> 'entered' OR t.entry_count = 1)
                   AND (since IS NULL OR t.effective_at >= since)
               ELSE t.journey_id = ANY (subscription.journeys) END
           AND (subscription.shards = 1 OR @extschema@.hogsend_shard(t.user_id, subscription.shards) = $2)
         ORDER BY t.id LIMIT $8)
        UNION ALL
        (SELECT t.*
         FROM pg_snapshot_xip($3) AS late (xid)
         CROSS JOIN LATERAL (
             SELECT t.id, t.event::text, t.bucket_id::text, t.user_id::text, t.transition::text, t.entry_count,
                    t.reason::text, t.source::text, t.dwell_label::text, t.dwell_count, t.effective_at, t.recorded_at,
                    t.idempotency_key::text, t.journey_id::text, t.run_id, t.label::text, t.timed_out, t.event_id, t.event_properties
             FROM @extschema@.bucket_transitions t
             WHERE t.xid = late.xid AND pg_visible_in_snapshot(late.xid, $5)
               AND t.id > $6 AND t.id <= least($4, $7)
               AND CASE WHEN t.journey_id IS NULL THEN
                       NOT only_steps
                       AND (subscription.buckets IS NULL OR t.bucket_id = ANY (subscription.buckets))
                       AND (subscription.transitions IS NULL OR t.transition = ANY (subscription.transitions))
                       AND (subscription.reasons IS NULL OR t.reason IS NULL OR t.reason = ANY (subscription.reasons))
                       AND (NOT subscription.first_entry_only OR t.transition <> 'entered' OR t.entry_count = 1)
                       AND (since IS NULL OR t.effective_at >= since)
                   ELSE t.journey_id = ANY (subscription.journeys) END
               AND (subscription.shards = 1 OR @extschema@.hogsend_shard(t.user_id, subscription.shards) = $2)
             ORDER BY t.id LIMIT $8) AS t)
        ORDER BY id LIMIT $8;
END
$difference$;
COMMENT ON FUNCTION hogsend_difference(text, integer, pg_snapshot, bigint, pg_snapshot, bigint, bigint, integer, timestamptz)
    IS 'What a consumer''s shard has to be told of that one snapshot has and an earlier one has not, by number';

CREATE FUNCTION hogsend_subscribe(
    consumer text,
    buckets text[] DEFAULT NULL,
    transitions text[] DEFAULT NULL,
    reasons text[] DEFAULT NULL,
    first_entry_only boolean DEFAULT false,
    from_beginning boolean DEFAULT false,
    shards integer DEFAULT 1,
    not_older_than interval DEFAULT NULL,
    journeys text[] DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $subscribe$
#variable_conflict use_column
DECLARE
    wrong text;
    known integer;
    start_mark bigint;
    start_snapshot pg_snapshot;
    is_new boolean;
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    PERFORM @extschema@.hogsend_require_columns('bucket_consumers'::text);
    PERFORM @extschema@.hogsend_require_columns('bucket_positions'::text);
    IF $1 IS NULL OR $1 = '' THEN
        RAISE EXCEPTION 'a consumer needs a name'
            USING ERRCODE = CASE WHEN $1 IS NULL THEN '22004' ELSE '22023' END,
                  DETAIL = 'Its position is kept under it.', HINT = 'Give each journey runner a name of its own.';
    END IF;
    IF $5 IS NULL OR $6 IS NULL THEN
        RAISE EXCEPTION '% must not be NULL', CASE WHEN $5 IS NULL THEN 'first_entry_only' ELSE 'from_beginning' END
            USING ERRCODE = '22004', DETAIL = 'It is true or false.', HINT = 'Leave it out for false.';
    END IF;
    IF $7 IS NULL OR $7 NOT BETWEEN 1 AND 1024 THEN
        RAISE EXCEPTION 'shards must be a number from 1 to 1024'
            USING ERRCODE = '22023', DETAIL = format('shards is %s.', coalesce($7::text, 'NULL')),
                  HINT = 'Leave it out for 1; with more, so many workers go on side by side.';
    END IF;
    SELECT w INTO wrong FROM unnest($3) w WHERE w IS NULL OR w NOT IN ('entered', 'left', 'dwell') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'unknown transition %', quote_nullable(wrong)
            USING ERRCODE = '22023', DETAIL = 'It stands in transitions.', HINT = 'Use ''entered'', ''left'' and ''dwell''.';
    END IF;
    SELECT w INTO wrong FROM unnest($4) w
    WHERE w IS NULL OR w NOT IN ('criteria', 'maxDwell', 'manual', 'bucketDeleted') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'unknown reason %', quote_nullable(wrong)
            USING ERRCODE = '22023', DETAIL = 'It stands in reasons.',
                  HINT = 'Use ''criteria'', ''maxDwell'', ''manual'' and ''bucketDeleted''.';
    END IF;

    IF $8 <= interval '0' THEN
        RAISE EXCEPTION 'not_older_than must be positive'
            USING ERRCODE = '22023', DETAIL = format('not_older_than is %s.', $8),
                  HINT = 'Say how long ago a transition may have taken effect to be of use, or leave it out: then all are delivered.';
    END IF;
    FOR wrong IN
        SELECT DISTINCT w FROM unnest($2) w
        WHERE NOT EXISTS (SELECT FROM @extschema@.buckets b WHERE b.id = w)
        ORDER BY w
    LOOP
        RAISE NOTICE 'there is no bucket %', coalesce('"' || wrong || '"', 'NULL')
            USING DETAIL = format('Consumer "%s" subscribes to it.', $1),
                  HINT = 'It will be told of it once it is defined; see that the name is right.';
    END LOOP;
    FOR wrong IN
        SELECT DISTINCT w FROM unnest($9) w
        WHERE NOT EXISTS (SELECT FROM @extschema@.journeys j WHERE j.id = w)
        ORDER BY w
    LOOP
        RAISE NOTICE 'there is no journey %', coalesce('"' || wrong || '"', 'NULL')
            USING DETAIL = format('Consumer "%s" subscribes to its steps.', $1),
                  HINT = 'It will be told of them once it is defined; see that the name is right.';
    END LOOP;

    start_snapshot := CASE WHEN $6 THEN '3:3:'::pg_snapshot ELSE @extschema@.hogsend_snapshot() END;
    start_mark := CASE WHEN $6 THEN 0 ELSE @extschema@.hogsend_mark(start_snapshot) END;
    INSERT INTO @extschema@.bucket_consumers (name, buckets, transitions, reasons, first_entry_only, shards, instance_id, not_older_than, journeys)
    VALUES ($1, $2, $3, $4, $5, $7, (SELECT i.id FROM @extschema@.hogsend_instance i), $8, $9)
    ON CONFLICT (name) DO NOTHING;
    is_new := FOUND;
    IF is_new THEN
        INSERT INTO @extschema@.bucket_positions (consumer, shard, passed, mark, batch)
        SELECT $1, n, start_snapshot, start_mark, @extschema@.hogsend_token(n)
        FROM generate_series(0, $7 - 1) n;
    ELSE
        PERFORM @extschema@.hogsend_require_consumer($1);
        -- Said again in each deployment, it keeps the position. Another filter holds at once. Who was
        -- overtaken stays so: a runner that subscribes when it starts has not read the error.
        UPDATE @extschema@.bucket_consumers c
        SET buckets = $2, transitions = $3, reasons = $4, first_entry_only = $5, not_older_than = $8, journeys = $9
        WHERE c.name = $1
        RETURNING c.shards INTO known;
        IF known <> $7 THEN
            RAISE EXCEPTION 'consumer "%" was subscribed with shards => %', $1, known
                USING ERRCODE = '55000',
                      DETAIL = 'Each shard has its own position, and with another number users would change shards.',
                      HINT = 'Subscribe under another name; or hogsend_unsubscribe(consumer) once everything is read, and subscribe again.';
        END IF;
    END IF;
    RETURN is_new;
END
$subscribe$;
COMMENT ON FUNCTION hogsend_subscribe(text, text[], text[], text[], boolean, boolean, integer, interval, text[])
    IS 'Subscribes a consumer to transitions and to steps of journeys (with journeys alone to those alone), or changes its filters and keeps its position; true when it is new';

CREATE FUNCTION hogsend_unsubscribe(consumer text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $unsubscribe$
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    DELETE FROM @extschema@.bucket_positions p WHERE p.consumer = $1;
    DELETE FROM @extschema@.bucket_consumers c WHERE c.name = $1;
    RETURN FOUND;
END
$unsubscribe$;
COMMENT ON FUNCTION hogsend_unsubscribe(text) IS 'Forgets a consumer and its position; false when there was none';

-- What a run keeps is looked up by its number, whatever the statistics say. A step keeps the name under which
-- it was said; the run may be another one's by now, who is the same person.
CREATE FUNCTION hogsend_batch(
    consumer text, shard integer, passed pg_snapshot, mark bigint, reading pg_snapshot,
    after_id bigint, last_id bigint, not_before timestamptz)
RETURNS TABLE (
    id bigint, event text, bucket_id text, user_id text, transition text, entry_count integer,
    reason text, source text, dwell_label text, dwell_count bigint, effective_at timestamptz,
    recorded_at timestamptz, idempotency_key text, journey_id text, run_id bigint, label text,
    timed_out boolean, event_id bigint, event_properties jsonb, state jsonb)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
SET enable_seqscan = off SET enable_bitmapscan = off SET jit = off SET plan_cache_mode = force_generic_plan
AS $batch$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT d.*, (SELECT r.state FROM @extschema@.journey_runs r WHERE r.id = d.run_id ORDER BY r.user_id <> d.user_id LIMIT 1)
        FROM @extschema@.hogsend_difference($1, $2, $3, $4, $5, $6, $7, NULL::integer, $8) d;
END
$batch$;
COMMENT ON FUNCTION hogsend_batch(text, integer, pg_snapshot, bigint, pg_snapshot, bigint, bigint, timestamptz)
    IS 'The rows of a batch, with what their runs keep (called by hogsend_poll)';

CREATE FUNCTION hogsend_poll(consumer text, max integer DEFAULT 100, shard integer DEFAULT 0)
RETURNS TABLE (
    batch bigint, id bigint, event text, bucket_id text, user_id text, transition text, entry_count integer,
    reason text, source text, dwell_label text, dwell_count bigint, effective_at timestamptz,
    recorded_at timestamptz, idempotency_key text, journey_id text, run_id bigint, label text,
    timed_out boolean, event_id bigint, event_properties jsonb, state jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $poll$
#variable_conflict use_column
DECLARE
    place record;
    shards integer;
    numbers bigint[];
    is_newest boolean := false;
    has_moved boolean := false;
BEGIN
    PERFORM @extschema@.hogsend_require_consumer($1);
    IF $2 IS NULL OR $2 NOT BETWEEN 1 AND 10000 THEN
        RAISE EXCEPTION 'max must be a number from 1 to 10000'
            USING ERRCODE = '22023', DETAIL = format('max is %s.', coalesce($2::text, 'NULL')),
                  HINT = 'Leave it out for 100.';
    END IF;
    -- A worker that has polled and not yet committed has the batch.
    IF NOT pg_try_advisory_xact_lock(@extschema@.hogsend_consumer_lock($1, $3)) THEN
        RETURN;
    END IF;
    -- Takes the lock on the table: who empties it sets positions to its beginning, before we look or after.
    PERFORM FROM @extschema@.bucket_transitions LIMIT 0;
    SELECT p.* INTO place FROM @extschema@.bucket_positions p WHERE p.consumer = $1 AND p.shard = $3;
    IF NOT FOUND THEN
        shards := (SELECT c.shards FROM @extschema@.bucket_consumers c WHERE c.name = $1);
        RAISE EXCEPTION 'consumer "%" has no shard %', $1, coalesce($3::text, 'NULL')
            USING ERRCODE = '22023', DETAIL = format('Its shards go from 0 to %s.', shards - 1),
                  HINT = 'hogsend_subscribe(consumer, shards => n) says how many there are.';
    END IF;
    IF place.lapsed_at IS NOT NULL THEN
        RAISE EXCEPTION 'consumer "%" was overtaken', $1
            USING ERRCODE = '55000',
                  DETAIL = format('Transitions it had not read, up to number %s, were removed at %s.', place.lapsed_up_to, place.lapsed_at),
                  HINT = 'Compare what it did with bucket_members; then hogsend_unsubscribe(consumer) and hogsend_subscribe(consumer, …), with from_beginning => true for what is still there.';
    END IF;

    IF place.last_id IS NOT NULL THEN
        -- The same batch until it is acknowledged, whatever "max" is now.
        RETURN QUERY
            SELECT place.batch, d.* FROM @extschema@.hogsend_batch(
                $1, $3, place.passed, place.mark, place.reading, place.after_id, place.last_id, place.not_before) d;
        IF FOUND THEN
            RETURN;
        END IF;
        -- Nothing is left of it: its users were erased, or the filter is another one now.
        PERFORM @extschema@.hogsend_advance($1, $3);
        SELECT p.* INTO place FROM @extschema@.bucket_positions p WHERE p.consumer = $1 AND p.shard = $3;
    END IF;

    place.not_before := coalesce((SELECT @extschema@.hogsend_now() - c.not_older_than FROM @extschema@.bucket_consumers c WHERE c.name = $1), '-infinity');
    LOOP
        IF place.reading IS NULL THEN
            PERFORM @extschema@.hogsend_require_order($1, place.passed, place.mark);
            place.reading := @extschema@.hogsend_snapshot();
            place.next_mark := greatest(place.mark, @extschema@.hogsend_mark(place.reading));
            place.after_id := 0;
            is_newest := true;
        END IF;
        numbers := ARRAY(
            SELECT d.id FROM @extschema@.hogsend_difference(
                $1, $3, place.passed, place.mark, place.reading, place.after_id, NULL::bigint, $2, place.not_before) d);
        EXIT WHEN cardinality(numbers) > 0;
        IF is_newest THEN
            -- Nothing new. What did not concern this consumer is not looked at again; if there was
            -- nothing at all, nothing is written.
            IF has_moved OR place.next_mark <> place.mark THEN
                UPDATE @extschema@.bucket_positions p
                SET passed = place.reading, mark = place.next_mark, reading = NULL, next_mark = NULL, after_id = 0
                WHERE p.consumer = $1 AND p.shard = $3;
            END IF;
            RETURN;
        END IF;
        -- The rest of the difference is gone, or its last page happened to be full: on to the next.
        place.passed := place.reading;
        place.mark := place.next_mark;
        place.reading := NULL;
        has_moved := true;
    END LOOP;

    place.batch := greatest(place.batch + 1024, @extschema@.hogsend_token($3));
    place.last_id := numbers[cardinality(numbers)];
    UPDATE @extschema@.bucket_positions p
    SET passed = place.passed, mark = place.mark, reading = place.reading, next_mark = place.next_mark,
        after_id = place.after_id, last_id = place.last_id, batch = place.batch, not_before = place.not_before,
        is_last = cardinality(numbers) < $2, polled_at = clock_timestamp()
    WHERE p.consumer = $1 AND p.shard = $3;
    RETURN QUERY
        SELECT place.batch, d.* FROM @extschema@.hogsend_batch(
            $1, $3, place.passed, place.mark, place.reading, place.after_id, place.last_id, place.not_before) d;
END
$poll$;
COMMENT ON FUNCTION hogsend_poll(text, integer, integer)
    IS 'The next batch of transitions and steps for a consumer, or a shard of it; the same one until hogsend_ack(consumer, batch). No rows: nothing new, or another worker is at it';

CREATE FUNCTION hogsend_advance(consumer text, shard integer) RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE @extschema@.bucket_positions p
    SET passed = CASE WHEN p.is_last THEN p.reading ELSE p.passed END,
        mark = CASE WHEN p.is_last THEN p.next_mark ELSE p.mark END,
        reading = CASE WHEN p.is_last THEN NULL ELSE p.reading END,
        next_mark = CASE WHEN p.is_last THEN NULL ELSE p.next_mark END,
        after_id = CASE WHEN p.is_last THEN 0 ELSE p.last_id END,
        last_id = NULL, is_last = false, not_before = NULL, acked_at = clock_timestamp()
    WHERE p.consumer = $1 AND p.shard = $2
$$;
COMMENT ON FUNCTION hogsend_advance(text, integer) IS 'Moves a position past its batch (called by hogsend_ack and hogsend_poll)';

CREATE FUNCTION hogsend_ack(consumer text, batch bigint) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $ack$
#variable_conflict use_column
DECLARE
    shard integer := $2 % 1024;
BEGIN
    PERFORM @extschema@.hogsend_require_consumer($1);
    IF $2 IS NULL THEN
        RETURN false;
    END IF;
    -- Waits for a worker that has the batch, too: one of the two is late.
    PERFORM pg_advisory_xact_lock(@extschema@.hogsend_consumer_lock($1, shard));
    PERFORM FROM @extschema@.bucket_positions p
    WHERE p.consumer = $1 AND p.batch = $2 AND p.last_id IS NOT NULL AND p.lapsed_at IS NULL;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM @extschema@.hogsend_advance($1, shard);
    RETURN true;
END
$ack$;
COMMENT ON FUNCTION hogsend_ack(text, bigint)
    IS 'Acknowledges a batch: the next poll goes on after it. False, and nothing moves, when it is not the current one';
