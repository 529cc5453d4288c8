-- What hogsend_health() says of journeys.

-- A step that was acknowledged comes no more: whoever did that without saying where the run goes on has left
-- it standing. Of very many runs a part is looked at, pages of the table that are drawn anew each time.
CREATE FUNCTION hogsend_check_journeys(present timestamptz, OUT ok boolean, OUT detail text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $check$
DECLARE
    most CONSTANT bigint := 100000;
    -- A runner may take its time after it has said that it has the step.
    patience CONSTANT interval := '1 day';
    home uuid := (SELECT i.id FROM @extschema@.hogsend_instance i);
    runs real := (SELECT sum(c.reltuples) FROM pg_partition_tree('@extschema@.journey_runs'::regclass) t
                  JOIN pg_class c ON c.oid = t.relid WHERE t.isleaf);
    part real := least(100, 100 * most / greatest(runs, 1));
    found record;
    unheard text;
BEGIN
    SELECT count(*) AS runs, (array_agg(r.id ORDER BY r.since, r.id))[1] AS id
    INTO found
    FROM (SELECT r.id, r.user_id, r.since
          FROM @extschema@.journey_runs r TABLESAMPLE SYSTEM (part)
          WHERE r.ended_at IS NULL AND r.status = 'active' AND r.since < present - patience
            AND EXISTS (SELECT FROM @extschema@.bucket_consumers c WHERE r.journey_id = ANY (c.journeys))
          -- Each is looked up in the outbox.
          LIMIT 1000) AS r
    WHERE NOT EXISTS (SELECT FROM @extschema@.hogsend_unread_by(r.id, r.user_id::text));
    SELECT string_agg(format('"%s"', j.id), ', ' ORDER BY j.id) INTO unheard
    FROM @extschema@.journeys j
    WHERE j.enabled AND j.instance_id = home
      AND NOT EXISTS (SELECT FROM @extschema@.bucket_consumers c WHERE j.id = ANY (c.journeys));
    ok := found.runs = 0 AND unheard IS NULL;
    detail := CASE WHEN ok THEN 'none stands still' ELSE concat_ws('; ',
        CASE WHEN found.runs > 0
             THEN format('%s of which the runner has acknowledged a step more than %s ago and not said where to go on, such as %s: let each branch end in hogsend_sleep(), hogsend_wait_for(), hogsend_complete() or hogsend_fail(); SELECT * FROM hogsend_explain_run(%3$s)',
                  CASE found.runs WHEN 1 THEN 'a run' ELSE found.runs || ' runs' END, @extschema@.hogsend_roughly(patience), found.id) END,
        CASE WHEN unheard IS NOT NULL
             THEN format('nobody is told of the steps of %s: hogsend_subscribe(consumer, journeys => …)', unheard) END,
        CASE WHEN part < 100 THEN 'some of the runs were looked at' END) END;
END
$check$;
COMMENT ON FUNCTION hogsend_check_journeys(timestamptz) IS 'What hogsend_health() says of runs that stand still, and of journeys that nobody runs';
