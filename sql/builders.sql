-- Criteria without typing JSON.

CREATE FUNCTION hogsend_event(
    name text,
    within interval DEFAULT NULL,
    at_least bigint DEFAULT NULL,
    more_than bigint DEFAULT NULL,
    at_most bigint DEFAULT NULL,
    less_than bigint DEFAULT NULL,
    exactly bigint DEFAULT NULL,
    never boolean DEFAULT NULL
) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $event$
DECLARE
    bounds integer := num_nonnulls(at_least, more_than, at_most, less_than, exactly)
                      + CASE WHEN never THEN 1 ELSE 0 END;
    leg jsonb := jsonb_build_object('type', 'event', 'eventName', name);
BEGIN
    IF name IS NULL THEN
        RAISE EXCEPTION 'the event name must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'hogsend_event() was called without a name.',
                  HINT = 'For example hogsend_event(''app.opened'', within => interval ''7 days'').';
    END IF;
    IF bounds > 1 THEN
        RAISE EXCEPTION 'an event leg takes one bound'
            USING ERRCODE = '22023', DETAIL = format('%s bounds are given for event "%s".', bounds, name),
                  HINT = 'Give one of at_least, more_than, at_most, less_than, exactly and never; combine legs with hogsend_all().';
    END IF;
    IF coalesce(at_least, more_than, at_most, less_than, exactly) < 0 THEN
        RAISE EXCEPTION 'a count must not be negative'
            USING ERRCODE = '22023',
                  DETAIL = format('The bound for event "%s" is %s.', name, coalesce(at_least, more_than, at_most, less_than, exactly)),
                  HINT = 'Use a whole number, zero or more.';
    END IF;
    IF bounds = 0 THEN
        leg := leg || '{"check": "exists"}';
    ELSIF never THEN
        leg := leg || '{"check": "not_exists"}';
    ELSE
        leg := leg || jsonb_build_object('check', 'count',
            'operator', CASE WHEN at_least IS NOT NULL THEN 'gte' WHEN more_than IS NOT NULL THEN 'gt'
                             WHEN at_most IS NOT NULL THEN 'lte' WHEN less_than IS NOT NULL THEN 'lt'
                             ELSE 'eq' END,
            'value', coalesce(at_least, more_than, at_most, less_than, exactly));
    END IF;
    IF within IS NOT NULL THEN
        IF extract(year FROM within) <> 0 OR extract(month FROM within) <> 0 THEN
            RAISE EXCEPTION 'a window must not be given in months or years'
                USING ERRCODE = '22023', DETAIL = format('within is %s, and the length of a month varies.', within),
                      HINT = 'Use days, for example interval ''30 days''. A day is 24 hours.';
        END IF;
        IF extract(epoch FROM within) <= 0 THEN
            RAISE EXCEPTION 'a window must be positive'
                USING ERRCODE = '22023', DETAIL = format('within is %s.', within),
                      HINT = 'Give an interval longer than zero, or leave within out.';
        END IF;
        leg := leg || jsonb_build_object('within',
            CASE WHEN within = make_interval(days => extract(day FROM within)::integer)
                 THEN jsonb_build_object('days', extract(day FROM within))
                 ELSE jsonb_build_object('seconds', trim_scale(extract(epoch FROM within))) END);
    END IF;
    RETURN leg;
END
$event$;
COMMENT ON FUNCTION hogsend_event(text, interval, bigint, bigint, bigint, bigint, bigint, boolean)
    IS 'Criteria: the event occurred (within a window), as often as the bound says; no bound: at least once';

CREATE FUNCTION hogsend_property_leg(property text, operator text, value jsonb) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $property$
BEGIN
    IF property IS NULL OR operator IS NULL THEN
        RAISE EXCEPTION 'property and operator must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'hogsend_property() was called with a NULL.',
                  HINT = 'For example hogsend_property(''plan'', ''eq'', ''trial'').';
    END IF;
    RETURN jsonb_build_object('type', 'property', 'property', property, 'operator', operator)
        || CASE WHEN value IS NULL THEN '{}' ELSE jsonb_build_object('value', value) END;
END
$property$;
COMMENT ON FUNCTION hogsend_property_leg(text, text, jsonb) IS 'What the forms of hogsend_property() have in common';

CREATE FUNCTION hogsend_property(property text, operator text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(property, operator, NULL::jsonb) $$;
COMMENT ON FUNCTION hogsend_property(text, text) IS 'Criteria: the contact''s property exists, or not_exists';

CREATE FUNCTION hogsend_property(property text, operator text, value text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(property, operator, to_jsonb(value)) $$;
COMMENT ON FUNCTION hogsend_property(text, text, text) IS 'Criteria: the contact''s property compared with a text';

CREATE FUNCTION hogsend_property(property text, operator text, value numeric) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $property$
BEGIN
    -- In JSON these are texts.
    IF value IN ('NaN', 'Infinity', '-Infinity') THEN
        RAISE EXCEPTION 'a property cannot be compared with %', value
            USING ERRCODE = '22023', DETAIL = 'No property has this value: JSON''s numbers are finite.',
                  HINT = 'Use a finite number.';
    END IF;
    RETURN @extschema@.hogsend_property_leg(property, operator, to_jsonb(value));
END
$property$;
COMMENT ON FUNCTION hogsend_property(text, text, numeric) IS 'Criteria: the contact''s property compared with a number';

CREATE FUNCTION hogsend_property(property text, operator text, value boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(property, operator, to_jsonb(value)) $$;
COMMENT ON FUNCTION hogsend_property(text, text, boolean) IS 'Criteria: the contact''s property compared with a boolean';

CREATE FUNCTION hogsend_property(property text, operator text, value text[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(property, operator, to_jsonb(value)) $$;
COMMENT ON FUNCTION hogsend_property(text, text, text[]) IS 'Criteria: the contact''s property compared with a list of texts';

CREATE FUNCTION hogsend_all(VARIADIC conditions jsonb[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT jsonb_build_object('type', 'composite', 'operator', 'and', 'conditions', to_jsonb(conditions)) $$;
COMMENT ON FUNCTION hogsend_all(jsonb[]) IS 'Criteria: all of the conditions hold';

CREATE FUNCTION hogsend_any(VARIADIC conditions jsonb[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT jsonb_build_object('type', 'composite', 'operator', 'or', 'conditions', to_jsonb(conditions)) $$;
COMMENT ON FUNCTION hogsend_any(jsonb[]) IS 'Criteria: at least one of the conditions holds';

CREATE FUNCTION hogsend_not(condition jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT jsonb_build_object('type', 'not', 'condition', condition) $$;
COMMENT ON FUNCTION hogsend_not(jsonb) IS 'Criteria: the condition does not hold';

CREATE FUNCTION hogsend_everyone() RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT jsonb_build_object('type', 'everyone') $$;
COMMENT ON FUNCTION hogsend_everyone() IS 'Criteria: every contact that is not deleted';

CREATE FUNCTION hogsend_sample(salt text, from_percent numeric, to_percent numeric) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $sample$
BEGIN
    IF num_nulls(salt, from_percent, to_percent) > 0 THEN
        RAISE EXCEPTION 'salt, from_percent and to_percent must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'hogsend_sample() was called with a NULL.',
                  HINT = 'For example hogsend_sample(''holdout'', 0, 10).';
    END IF;
    -- In JSON, NaN and infinities would be texts.
    IF NOT (0 <= from_percent AND from_percent < to_percent AND to_percent <= 100) THEN
        RAISE EXCEPTION 'a sample goes from one percentage up to a larger one'
            USING ERRCODE = '22023', DETAIL = format('It is said to go from %s up to %s.', from_percent, to_percent),
                  HINT = 'Give two numbers from 0 to 100, the smaller one first; the larger one is not in the sample itself.';
    END IF;
    RETURN jsonb_build_object('type', 'sample', 'salt', salt, 'from', from_percent, 'to', to_percent);
END
$sample$;
COMMENT ON FUNCTION hogsend_sample(text, numeric, numeric)
    IS 'Criteria: a share of all users, always the same for the same salt: those whose number is in the range of percent';

CREATE FUNCTION hogsend_sample_of(salt text, user_id text) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    -- The first 64 bits of the hash, without a sign, times 100 / 2^64, which has these digits and no more.
    SELECT trim_scale(
        (('x' || encode(substring(h.hash FOR 4), 'hex'))::bit(32)::bigint * 4294967296::numeric
         + ('x' || encode(substring(h.hash FROM 5 FOR 4), 'hex'))::bit(32)::bigint)
        * 0.00000000000000000542101086242752217003726400434970855712890625)
    FROM (SELECT sha256(convert_to($1, 'UTF8') || decode('00', 'hex') || convert_to($2, 'UTF8'))) AS h (hash)
$$;
COMMENT ON FUNCTION hogsend_sample_of(text, text)
    IS 'The user''s number from 0 up to 100 in the sample with this salt: what hogsend_sample() compares';
