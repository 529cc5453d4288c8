-- Criteria without typing JSON: several things, one after the other.

CREATE FUNCTION hogsend_step_of(name jsonb, within interval, filter jsonb, never boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object('eventName', name)
        || CASE WHEN within IS NULL THEN '{}' ELSE jsonb_build_object('within', @extschema@.hogsend_event_span('within'::text, within)) END
        || CASE WHEN filter IS NULL THEN '{}' ELSE jsonb_build_object('where', filter) END
        || CASE WHEN never THEN jsonb_build_object('never', true) ELSE '{}' END
$$;
COMMENT ON FUNCTION hogsend_step_of(jsonb, interval, jsonb, boolean) IS 'What the forms of hogsend_step() have in common';

CREATE FUNCTION hogsend_step(name text, within interval DEFAULT NULL, filter jsonb DEFAULT NULL, never boolean DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_step_of(to_jsonb(name), within, filter, never) $$;
COMMENT ON FUNCTION hogsend_step(text, interval, jsonb, boolean)
    IS 'A step of hogsend_sequence(): the event, how long after the step before at the latest, passing a filter; or that it must not come';

CREATE FUNCTION hogsend_step(name text[], within interval DEFAULT NULL, filter jsonb DEFAULT NULL, never boolean DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_step_of(to_jsonb(name), within, filter, never) $$;
COMMENT ON FUNCTION hogsend_step(text[], interval, jsonb, boolean)
    IS 'A step of hogsend_sequence(): one of the events, how long after the step before at the latest, passing a filter; or that none must come';

CREATE FUNCTION hogsend_sequence(VARIADIC steps jsonb[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT jsonb_build_object('type', 'sequence', 'steps', to_jsonb(steps)) $$;
COMMENT ON FUNCTION hogsend_sequence(jsonb[]) IS 'Criteria: the steps happened one after the other, whenever that was';

CREATE FUNCTION hogsend_sequence(
    steps jsonb[],
    within interval,
    older_than interval DEFAULT NULL,
    since anycompatible DEFAULT NULL,
    until anycompatible DEFAULT NULL,
    matching text[] DEFAULT NULL
) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
AS $$
    SELECT jsonb_build_object('type', 'sequence', 'steps', to_jsonb(steps))
        || CASE WHEN within IS NULL THEN '{}' ELSE jsonb_build_object('within', @extschema@.hogsend_event_span('within'::text, within)) END
        || CASE WHEN older_than IS NULL THEN '{}' ELSE jsonb_build_object('olderThan', @extschema@.hogsend_event_span('older_than'::text, older_than)) END
        || CASE WHEN since IS NULL THEN '{}' ELSE jsonb_build_object('since', @extschema@.hogsend_event_instant('since'::text, to_jsonb(since), pg_typeof(since))) END
        || CASE WHEN until IS NULL THEN '{}' ELSE jsonb_build_object('until', @extschema@.hogsend_event_instant('until'::text, to_jsonb(until), pg_typeof(since))) END
        || CASE WHEN matching IS NULL THEN '{}' ELSE jsonb_build_object('match', to_jsonb(matching)) END
$$;
COMMENT ON FUNCTION hogsend_sequence(jsonb[], interval, interval, anycompatible, anycompatible, text[])
    IS 'Criteria: the steps happened one after the other, the first of them in the window; where properties are named, with the same in all';
