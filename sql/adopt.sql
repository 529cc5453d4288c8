-- A restored copy evaluates, emits and delivers nothing until somebody says that it is meant to.

CREATE FUNCTION hogsend_adopt() RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $adopt$
DECLARE
    home uuid := (SELECT i.id FROM @extschema@.hogsend_instance i);
    numbered text;
    numbers regclass;
    highest bigint;
BEGIN
    -- A dump of an older version brings its tables as they were.
    PERFORM @extschema@.hogsend_migrate() FROM pg_extension e
    WHERE e.extname = 'hogsend' AND e.extversion <> @extschema@.hogsend_tables_version();
    PERFORM @extschema@.hogsend_require_tables();

    -- Transaction ids of another server mean nothing here, and positions are made of them. What was
    -- passed is still to be told from both as they came; so positions are set before the first
    -- transition that is pending, and all transitions count as older than any transaction. Something
    -- that was read already may come again where it lies among what was not.
    IF EXISTS (SELECT FROM @extschema@.bucket_consumers c WHERE c.instance_id IS DISTINCT FROM home)
       OR EXISTS (SELECT FROM @extschema@.buckets b WHERE b.instance_id IS DISTINCT FROM home)
       OR EXISTS (SELECT FROM @extschema@.journeys j WHERE j.instance_id IS DISTINCT FROM home)
    THEN
        UPDATE @extschema@.bucket_positions p
        SET mark = coalesce(
                (SELECT min(t.id) - 1 FROM @extschema@.bucket_transitions t
                 WHERE NOT pg_visible_in_snapshot(t.xid, p.passed)
                   AND (p.reading IS NULL OR t.id > p.after_id OR NOT pg_visible_in_snapshot(t.xid, p.reading))),
                (SELECT max(t.id) FROM @extschema@.bucket_transitions t), 0),
            passed = '3:3:', reading = NULL, next_mark = NULL, after_id = 0, last_id = NULL, is_last = false;
        UPDATE @extschema@.bucket_transitions t SET xid = '3' WHERE t.xid <> '3';
        UPDATE @extschema@.bucket_consumers c SET instance_id = home WHERE c.instance_id IS DISTINCT FROM home;

        -- Whoever stored something under an alias there has ended.
        UPDATE @extschema@.user_aliases a SET open_until = '0' WHERE a.open_until IS NOT NULL;

        -- Logical replication brings rows and not where their numbers had come to. A transition with a
        -- number that was passed would be delivered to nobody.
        FOREACH numbered IN ARRAY ARRAY['user_events', 'bucket_transitions', 'bucket_jobs', 'user_queue', 'journey_runs'] LOOP
            numbers := pg_get_serial_sequence('@extschema@.' || numbered, 'id');
            EXECUTE format('SELECT max(t.id) FROM %s.%I t', '@extschema@', numbered) INTO highest;
            IF highest > coalesce(pg_sequence_last_value(numbers), 0) THEN
                PERFORM setval(numbers, highest);
            END IF;
        END LOOP;
    END IF;

    -- Journeys first: the transitions of those who are looked at again may move their runs.
    UPDATE @extschema@.journeys j SET instance_id = home WHERE j.instance_id IS DISTINCT FROM home;
    UPDATE @extschema@.buckets b SET instance_id = home WHERE b.instance_id IS DISTINCT FROM home;
END
$adopt$;
COMMENT ON FUNCTION hogsend_adopt() IS 'Makes this database the home of its buckets and consumers: everybody is looked at again, and delivery goes on';
