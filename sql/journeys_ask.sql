-- Where a run is, what it waits for, and what would end it.

-- The consumers that have yet to acknowledge the last step of a run.
CREATE FUNCTION hogsend_unread_by(run bigint, of_user text) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT c.name::text
    FROM @extschema@.journey_runs r
    -- It keeps the name under which it was said.
    JOIN @extschema@.bucket_transitions t ON t.id = r.step_id
    JOIN @extschema@.bucket_consumers c ON r.journey_id = ANY (c.journeys)
    JOIN @extschema@.bucket_positions p ON p.consumer = c.name AND p.shard = @extschema@.hogsend_shard(t.user_id::text, c.shards)
    WHERE r.id = $1 AND r.user_id = $2
      AND NOT pg_visible_in_snapshot(t.xid, p.passed)
      AND (p.reading IS NULL OR t.id > p.after_id OR NOT pg_visible_in_snapshot(t.xid, p.reading))
    ORDER BY 1
$$;
COMMENT ON FUNCTION hogsend_unread_by(bigint, text) IS 'The consumers that have yet to acknowledge the last step of a run';

CREATE FUNCTION hogsend_explain_run(run bigint) RETURNS TABLE (aspect text, detail text, at timestamptz)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $explain$
#variable_conflict use_column
DECLARE
    the_run record;
    journey record;
    told record;
    unread text;
    present timestamptz := @extschema@.hogsend_now();
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    IF $1 IS NULL THEN
        RAISE EXCEPTION 'run must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'hogsend_explain_run() was called without a run.',
                  HINT = 'Give its number: SELECT id FROM journey_runs WHERE user_id = …';
    END IF;
    SELECT r.* INTO the_run FROM @extschema@.journey_runs r WHERE r.id = $1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % does not exist', $1
            USING ERRCODE = '42704', DETAIL = 'No row of table "journey_runs" has this id; those of users who were erased have gone, and old ones may have been pruned.',
                  HINT = 'SELECT id FROM journey_runs WHERE user_id = … lists the runs of a user.';
    END IF;
    SELECT j.* INTO journey FROM @extschema@.journeys j WHERE j.id = the_run.journey_id;

    RETURN QUERY VALUES
        ('run', format('user "%s", journey "%s", entry count %s', the_run.user_id, the_run.journey_id, the_run.entry_count), the_run.started_at),
        ('journey', CASE WHEN journey.id IS NULL THEN 'it is defined no more'
                         WHEN journey.enabled THEN 'it is enabled'
                         ELSE 'it is disabled, so that nobody begins; those who have begun go on' END, NULL),
        ('status', concat_ws(' ', the_run.status, CASE WHEN the_run.label IS NULL THEN 'since it began: its runner has said nothing of it yet'
                                                  ELSE format('at "%s"', the_run.label) END), the_run.since);

    -- The step that the runner has, or has had last.
    SELECT t.* INTO told FROM @extschema@.bucket_transitions t WHERE t.id = the_run.step_id LIMIT 1;
    IF told.id IS NOT NULL THEN
        unread := (SELECT string_agg(format('"%s"', u), ', ') FROM @extschema@.hogsend_unread_by(the_run.id, the_run.user_id::text) u);
        RETURN QUERY VALUES ('step', format('%s: number %s, %s%s; %s', the_run.step, told.id, told.event,
            CASE WHEN told.reason IS NOT NULL THEN format(' because of %s', told.reason)
                 WHEN told.transition = 'resumed' THEN CASE WHEN told.timed_out THEN ', the time was up' ELSE ', it has slept' END ELSE '' END,
            CASE WHEN NOT EXISTS (SELECT FROM @extschema@.bucket_consumers c WHERE the_run.journey_id = ANY (c.journeys))
                 THEN 'no consumer subscribes to the journey'
                 WHEN unread IS NOT NULL THEN format('consumer %s has yet to acknowledge it', unread)
                 ELSE 'acknowledged' END), told.recorded_at);
    ELSIF the_run.step_id IS NOT NULL THEN
        RETURN QUERY VALUES ('step', format('%s: number %s, which was pruned', the_run.step, the_run.step_id), NULL::timestamptz);
    END IF;

    IF the_run.ended_at IS NOT NULL THEN
        RETURN QUERY VALUES ('ended', CASE the_run.status
            WHEN 'completed' THEN 'its runner completed it'
            WHEN 'failed' THEN format('its runner gave up: %s', coalesce(the_run.error, 'no error was given'))
            ELSE CASE the_run.reason
                WHEN 'journeyDeleted' THEN 'the journey was deleted'
                WHEN 'deleted' THEN 'the contact was deleted'
                WHEN 'merged' THEN 'an older run of the same person goes on'
                ELSE format('because of %s', the_run.reason) END END, the_run.ended_at);
    ELSIF the_run.status = 'waiting' THEN
        RETURN QUERY VALUES ('waits for', CASE WHEN the_run.wait_event IS NULL THEN 'the time'
            ELSE format('%s%s, and no longer than this', the_run.wait_event,
                        CASE WHEN the_run.wait_filter IS NOT NULL THEN format(' that satisfies %s', the_run.wait_filter) ELSE '' END) END, the_run.wait_until);
        RETURN QUERY SELECT 'clock', CASE WHEN t.user_id IS NULL THEN 'there is no timer, so that the time alone will not resume it: SELECT hogsend_wait_for() or hogsend_sleep() again'
                                          WHEN t.failures > 0 THEN format('it looked %s times and failed: %s', t.failures, t.error)
                                          WHEN t.due_at <= present THEN 'due: see hogsend_health() if that is long ago'
                                          ELSE 'it looks then' END, t.due_at
            FROM (SELECT) AS one
            LEFT JOIN @extschema@.bucket_timers t ON t.user_id = the_run.user_id AND t.bucket_id = 'journey:' || the_run.journey_id;
    ELSE
        RETURN QUERY VALUES ('waits for', 'its runner, who has the next word', NULL::timestamptz);
    END IF;

    IF the_run.ended_at IS NULL THEN
        RETURN QUERY VALUES ('would end it', concat_ws(', ',
            CASE WHEN cardinality(journey.exits_on) > 0 THEN array_to_string(journey.exits_on, ', ') END,
            'its runner', 'deleting the contact', CASE WHEN journey.id IS NOT NULL THEN 'deleting the journey' END), NULL::timestamptz);
    ELSIF EXISTS (SELECT FROM @extschema@.journey_runs r WHERE r.user_id = the_run.user_id AND r.journey_id = the_run.journey_id AND r.entry_count > the_run.entry_count) THEN
        RETURN QUERY VALUES ('entry limit', 'the user has begun again since', NULL::timestamptz);
    ELSIF journey.id IS NOT NULL THEN
        RETURN QUERY VALUES ('entry limit', CASE
            WHEN NOT journey.enabled THEN 'none begins while the journey is disabled'
            WHEN journey.entry_limit = 'once' THEN 'once: the user will not begin again'
            WHEN journey.entry_limit = 'once_per_period' AND the_run.ended_at + journey.entry_period > present
                THEN format('once_per_period: the user may begin again %s after the end', journey.entry_period)
            ELSE format('%s: the user may begin again', journey.entry_limit) END,
            CASE WHEN journey.enabled AND journey.entry_limit = 'once_per_period' THEN the_run.ended_at + journey.entry_period END);
    END IF;
    IF the_run.state IS NOT NULL THEN
        RETURN QUERY VALUES ('state', CASE WHEN length(the_run.state::text) <= 1000 THEN the_run.state::text ELSE left(the_run.state::text, 1000) || ' …' END, NULL::timestamptz);
    END IF;
END
$explain$;
COMMENT ON FUNCTION hogsend_explain_run(bigint) IS 'Where a run is, since when, what it waits for, and what would end it';
