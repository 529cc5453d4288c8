-- Criteria without typing JSON: legs about events.
--
-- An instant may be given as a timestamptz, a date or a text, so `since` and `until` are of whatever type
-- the call has; in Greenwich's time zone JSON's form of each says the same in every session.

CREATE FUNCTION hogsend_event_span(argument text, span interval) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $span$
BEGIN
    IF extract(year FROM span) <> 0 OR extract(month FROM span) <> 0 THEN
        RAISE EXCEPTION 'a window must not be given in months or years'
            USING ERRCODE = '22023', DETAIL = format('%s is %s, and the length of a month varies.', argument, span),
                  HINT = 'Use days, for example interval ''30 days''. A day is 24 hours.';
    END IF;
    IF extract(epoch FROM span) <= 0 THEN
        RAISE EXCEPTION 'a window must be positive'
            USING ERRCODE = '22023', DETAIL = format('%s is %s.', argument, span),
                  HINT = format('Give an interval longer than zero, or leave %s out.', argument);
    END IF;
    RETURN CASE WHEN span = make_interval(days => extract(day FROM span)::integer)
                THEN jsonb_build_object('days', extract(day FROM span))
                ELSE jsonb_build_object('seconds', trim_scale(extract(epoch FROM span))) END;
END
$span$;
COMMENT ON FUNCTION hogsend_event_span(text, interval) IS 'An argument of the builders of event legs that is an interval, in JSON';

CREATE FUNCTION hogsend_event_instant(argument text, instant jsonb, given regtype) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $instant$
BEGIN
    IF given NOT IN ('timestamptz'::regtype, 'date'::regtype, 'text'::regtype, 'varchar'::regtype) THEN
        RAISE EXCEPTION '% must be an instant or a date', argument
            USING ERRCODE = '22023', DETAIL = format('It is given as %s.', given),
                  HINT = 'Use a timestamptz, or a date for the start of that day in the zone, or either in ISO 8601 as text: ''2026-01-31T12:00:00+01:00'', ''2026-01-31''.';
    END IF;
    IF given IN ('timestamptz'::regtype, 'date'::regtype) AND instant #>> '{}' !~ '^[0-9]{4}-[^B]*$' THEN
        RAISE EXCEPTION '% must be in the years from 1 to 9999', argument
            USING ERRCODE = '22023', DETAIL = format('It is %s.', instant #>> '{}'),
                  HINT = format('Give an instant that is on the calendar, or leave %s out.', argument);
    END IF;
    RETURN instant;
END
$instant$;
COMMENT ON FUNCTION hogsend_event_instant(text, jsonb, regtype) IS 'An argument of the builders of event legs that is an instant, in JSON';

CREATE FUNCTION hogsend_event_leg(builder text, names jsonb, within interval, older_than interval,
                                  since jsonb, until jsonb, given regtype, zone text, filter jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $leg$
BEGIN
    IF names IS NULL OR names @> '[null]' THEN
        RAISE EXCEPTION 'the event name must not be NULL'
            USING ERRCODE = '22004', DETAIL = format(
                      CASE WHEN names IS NULL THEN '%s() was called without a name.' ELSE '%s() was called with a NULL among the names.' END, builder),
                  HINT = format('For example %s(''app.opened'', within => interval ''7 days'').', builder);
    END IF;
    IF within <= older_than THEN
        RAISE EXCEPTION 'within must be longer than older_than'
            USING ERRCODE = '22023', DETAIL = format('within is %s and older_than is %s, so that no instant is in between.', within, older_than),
                  HINT = 'within is where the window begins and older_than where it ends: "between 60 and 30 days ago" is within => ''60 days'', older_than => ''30 days''.';
    END IF;
    RETURN jsonb_build_object('type', 'event', 'eventName', names)
        || CASE WHEN within IS NULL THEN '{}'
                ELSE jsonb_build_object('within', @extschema@.hogsend_event_span('within'::text, within)) END
        || CASE WHEN older_than IS NULL THEN '{}'
                ELSE jsonb_build_object('olderThan', @extschema@.hogsend_event_span('older_than'::text, older_than)) END
        || CASE WHEN since IS NULL THEN '{}'
                ELSE jsonb_build_object('since', @extschema@.hogsend_event_instant('since'::text, since, given)) END
        || CASE WHEN until IS NULL THEN '{}'
                ELSE jsonb_build_object('until', @extschema@.hogsend_event_instant('until'::text, until, given)) END
        || CASE WHEN zone IS NULL THEN '{}' ELSE jsonb_build_object('zone', zone) END
        || CASE WHEN filter IS NULL THEN '{}' ELSE jsonb_build_object('where', filter) END;
END
$leg$;
COMMENT ON FUNCTION hogsend_event_leg(text, jsonb, interval, interval, jsonb, jsonb, regtype, text, jsonb)
    IS 'What the builders of event legs have in common: which occurrences are meant';

CREATE FUNCTION hogsend_event_bound(names jsonb, at_least bigint, more_than bigint, at_most bigint,
                                    less_than bigint, exactly bigint, never boolean) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $bound$
DECLARE
    bounds integer := num_nonnulls(at_least, more_than, at_most, less_than, exactly)
                      + CASE WHEN never THEN 1 ELSE 0 END;
    bound bigint := coalesce(at_least, more_than, at_most, less_than, exactly);
BEGIN
    IF bounds > 1 THEN
        RAISE EXCEPTION 'an event leg takes one bound'
            USING ERRCODE = '22023', DETAIL = format('%s bounds are given for event %s.', bounds, names),
                  HINT = 'Give one of at_least, more_than, at_most, less_than, exactly and never; combine legs with hogsend_all().';
    END IF;
    IF bound < 0 THEN
        RAISE EXCEPTION 'a count must not be negative'
            USING ERRCODE = '22023', DETAIL = format('The bound for event %s is %s.', names, bound),
                  HINT = 'Use a whole number, zero or more.';
    END IF;
    RETURN CASE
        WHEN bound IS NULL THEN jsonb_build_object('check', CASE WHEN never THEN 'not_exists' ELSE 'exists' END)
        ELSE jsonb_build_object('check', 'count', 'value', bound, 'operator',
            CASE WHEN at_least IS NOT NULL THEN 'gte' WHEN more_than IS NOT NULL THEN 'gt'
                 WHEN at_most IS NOT NULL THEN 'lte' WHEN less_than IS NOT NULL THEN 'lt' ELSE 'eq' END)
        END;
END
$bound$;
COMMENT ON FUNCTION hogsend_event_bound(jsonb, bigint, bigint, bigint, bigint, bigint, boolean)
    IS 'What the forms of hogsend_event() have in common: how often it is to have been';

CREATE FUNCTION hogsend_event(
    name text,
    within interval DEFAULT NULL,
    at_least bigint DEFAULT NULL,
    more_than bigint DEFAULT NULL,
    at_most bigint DEFAULT NULL,
    less_than bigint DEFAULT NULL,
    exactly bigint DEFAULT NULL,
    never boolean DEFAULT NULL,
    older_than interval DEFAULT NULL,
    since anycompatible DEFAULT NULL,
    until anycompatible DEFAULT NULL,
    filter jsonb DEFAULT NULL,
    zone text DEFAULT NULL
) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
AS $$
    SELECT @extschema@.hogsend_event_leg('hogsend_event'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_bound(to_jsonb(name), at_least, more_than, at_most, less_than, exactly, never)
$$;
COMMENT ON FUNCTION hogsend_event(text, interval, bigint, bigint, bigint, bigint, bigint, boolean, interval, anycompatible, anycompatible, jsonb, text)
    IS 'Criteria: the event occurred (within a window, passing a filter), as often as the bound says; no bound: at least once';

CREATE FUNCTION hogsend_event(
    name text[],
    within interval DEFAULT NULL,
    at_least bigint DEFAULT NULL,
    more_than bigint DEFAULT NULL,
    at_most bigint DEFAULT NULL,
    less_than bigint DEFAULT NULL,
    exactly bigint DEFAULT NULL,
    never boolean DEFAULT NULL,
    older_than interval DEFAULT NULL,
    since anycompatible DEFAULT NULL,
    until anycompatible DEFAULT NULL,
    filter jsonb DEFAULT NULL,
    zone text DEFAULT NULL
) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
AS $$
    SELECT @extschema@.hogsend_event_leg('hogsend_event'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_bound(to_jsonb(name), at_least, more_than, at_most, less_than, exactly, never)
$$;
COMMENT ON FUNCTION hogsend_event(text[], interval, bigint, bigint, bigint, bigint, bigint, boolean, interval, anycompatible, anycompatible, jsonb, text)
    IS 'Criteria: one of the events occurred (within a window, passing a filter), as often together as the bound says; no bound: at least once';

CREATE FUNCTION hogsend_event_picked(pick text, matching jsonb, never boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT jsonb_build_object('pick', pick, 'check', CASE WHEN never THEN 'not_exists' ELSE 'exists' END)
        || CASE WHEN matching IS NULL THEN '{}' ELSE jsonb_build_object('having', matching) END
$$;
COMMENT ON FUNCTION hogsend_event_picked(text, jsonb, boolean)
    IS 'What hogsend_first() and hogsend_last() have in common: what holds of the one that is picked';

CREATE FUNCTION hogsend_first(
    name text,
    within interval DEFAULT NULL,
    older_than interval DEFAULT NULL,
    since anycompatible DEFAULT NULL,
    until anycompatible DEFAULT NULL,
    filter jsonb DEFAULT NULL,
    matching jsonb DEFAULT NULL,
    never boolean DEFAULT NULL,
    zone text DEFAULT NULL
) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
AS $$
    SELECT @extschema@.hogsend_event_leg('hogsend_first'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_picked('first'::text, matching, never)
$$;
COMMENT ON FUNCTION hogsend_first(text, interval, interval, anycompatible, anycompatible, jsonb, jsonb, boolean, text)
    IS 'Criteria: the first occurrence of the event (of those that pass the filter) is in the window and matches, or never';

CREATE FUNCTION hogsend_first(
    name text[],
    within interval DEFAULT NULL,
    older_than interval DEFAULT NULL,
    since anycompatible DEFAULT NULL,
    until anycompatible DEFAULT NULL,
    filter jsonb DEFAULT NULL,
    matching jsonb DEFAULT NULL,
    never boolean DEFAULT NULL,
    zone text DEFAULT NULL
) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
AS $$
    SELECT @extschema@.hogsend_event_leg('hogsend_first'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_picked('first'::text, matching, never)
$$;
COMMENT ON FUNCTION hogsend_first(text[], interval, interval, anycompatible, anycompatible, jsonb, jsonb, boolean, text)
    IS 'Criteria: the first occurrence of any of the events (of those that pass the filter) is in the window and matches, or never';

CREATE FUNCTION hogsend_last(
    name text,
    within interval DEFAULT NULL,
    older_than interval DEFAULT NULL,
    since anycompatible DEFAULT NULL,
    until anycompatible DEFAULT NULL,
    filter jsonb DEFAULT NULL,
    matching jsonb DEFAULT NULL,
    never boolean DEFAULT NULL,
    zone text DEFAULT NULL
) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
AS $$
    SELECT @extschema@.hogsend_event_leg('hogsend_last'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_picked('last'::text, matching, never)
$$;
COMMENT ON FUNCTION hogsend_last(text, interval, interval, anycompatible, anycompatible, jsonb, jsonb, boolean, text)
    IS 'Criteria: the last occurrence of the event (of those that pass the filter) is in the window and matches, or never';

CREATE FUNCTION hogsend_last(
    name text[],
    within interval DEFAULT NULL,
    older_than interval DEFAULT NULL,
    since anycompatible DEFAULT NULL,
    until anycompatible DEFAULT NULL,
    filter jsonb DEFAULT NULL,
    matching jsonb DEFAULT NULL,
    never boolean DEFAULT NULL,
    zone text DEFAULT NULL
) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
AS $$
    SELECT @extschema@.hogsend_event_leg('hogsend_last'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_picked('last'::text, matching, never)
$$;
COMMENT ON FUNCTION hogsend_last(text[], interval, interval, anycompatible, anycompatible, jsonb, jsonb, boolean, text)
    IS 'Criteria: the last occurrence of any of the events (of those that pass the filter) is in the window and matches, or never';
