-- Criteria without typing JSON: legs about properties.
--
-- Where an argument is of one of several types, text is among them: Postgres takes an untyped literal
-- for a text then, and never finds the call ambiguous. For the same reason all forms whose value may be one or the
-- other have the same arguments after it, whether they mean something there or not.

CREATE FUNCTION hogsend_property_leg(property jsonb, operator text, value jsonb, ignore_case boolean,
                                     zone text, zone_property text, unit text) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $property$
BEGIN
    IF property IS NULL OR operator IS NULL THEN
        RAISE EXCEPTION 'property and operator must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'hogsend_property() was called with a NULL.',
                  HINT = 'For example hogsend_property(''plan'', ''eq'', ''trial'').';
    END IF;
    IF num_nonnulls(zone, zone_property) = 2 THEN
        RAISE EXCEPTION 'zone and zone_property exclude each other'
            USING ERRCODE = '22023', DETAIL = format('The zone is said to be %s, and the one that the property %s names.', zone, zone_property),
                  HINT = 'Give zone where it is the same for everybody, or zone_property where each contact has one.';
    END IF;
    RETURN jsonb_build_object('type', 'property', 'property', property, 'operator', operator)
        || CASE WHEN value IS NULL THEN '{}' ELSE jsonb_build_object('value', value) END
        || CASE WHEN ignore_case THEN jsonb_build_object('ignoreCase', true) ELSE '{}' END
        || CASE WHEN zone IS NULL THEN '{}' ELSE jsonb_build_object('zone', zone) END
        || CASE WHEN zone_property IS NULL THEN '{}'
                ELSE jsonb_build_object('zone', jsonb_build_object('property', zone_property)) END
        || CASE WHEN unit IS NULL THEN '{}' ELSE jsonb_build_object('unit', unit) END;
END
$property$;
COMMENT ON FUNCTION hogsend_property_leg(jsonb, text, jsonb, boolean, text, text, text)
    IS 'What the forms of hogsend_property() have in common';

CREATE FUNCTION hogsend_property_number(value numeric) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $number$
BEGIN
    -- In JSON these are texts.
    IF value IN ('NaN', 'Infinity', '-Infinity') THEN
        RAISE EXCEPTION 'a property cannot be compared with %', value
            USING ERRCODE = '22023', DETAIL = 'No property has this value: JSON''s numbers are finite.',
                  HINT = 'Use a finite number.';
    END IF;
    RETURN to_jsonb(value);
END
$number$;
COMMENT ON FUNCTION hogsend_property_number(numeric) IS 'A number that hogsend_property() compares with, in JSON';

CREATE FUNCTION hogsend_property_span(value interval) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $span$
BEGIN
    IF value IS NULL THEN
        RETURN NULL;
    END IF;
    IF extract(year FROM value) <> 0 OR extract(month FROM value) <> 0 THEN
        RAISE EXCEPTION 'a length of time must not be given in months or years'
            USING ERRCODE = '22023', DETAIL = format('It is %s, and the length of a month varies.', value),
                  HINT = 'Use days, for example interval ''30 days''. A day is 24 hours.';
    END IF;
    IF extract(epoch FROM value) <= 0 THEN
        RAISE EXCEPTION 'a length of time must be positive'
            USING ERRCODE = '22023', DETAIL = format('It is %s.', value),
                  HINT = 'Give an interval longer than zero; whether it is the past or what is ahead is said by the operator.';
    END IF;
    RETURN CASE WHEN value = make_interval(days => extract(day FROM value)::integer)
                THEN jsonb_build_object('days', extract(day FROM value))
                ELSE jsonb_build_object('seconds', trim_scale(extract(epoch FROM value))) END;
END
$span$;
COMMENT ON FUNCTION hogsend_property_span(interval) IS 'A length of time that hogsend_property() compares with, in JSON';

-- As in Postgres's own paths, what looks like a position is one. The contact's properties are an object,
-- so the first step is always a name.
CREATE FUNCTION hogsend_property_path(property text[]) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $path$
BEGIN
    IF array_position(property, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'a step of a path must not be NULL'
            USING ERRCODE = '22004', DETAIL = format('The path is %s.', property),
                  HINT = 'Give names of keys and positions in arrays, for example ARRAY[''address'', ''country''].';
    END IF;
    RETURN CASE WHEN property IS NOT NULL THEN (
        SELECT coalesce(jsonb_agg(
                   CASE WHEN s.n > 1 AND s.step ~ '^(0|[1-9][0-9]{0,8})$' THEN to_jsonb(s.step::integer) ELSE to_jsonb(s.step) END
                   ORDER BY s.n), '[]')
        FROM unnest(property) WITH ORDINALITY s (step, n)) END;
END
$path$;
COMMENT ON FUNCTION hogsend_property_path(text[]) IS 'A path that hogsend_property() is given, in JSON';

CREATE FUNCTION hogsend_property(property text, operator text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(to_jsonb(property), operator, NULL::jsonb, NULL::boolean, NULL::text, NULL::text, NULL::text) $$;
COMMENT ON FUNCTION hogsend_property(text, text) IS 'Criteria: the contact''s property exists, or not_exists';

CREATE FUNCTION hogsend_property(property text, operator text, value text, ignore_case boolean DEFAULT NULL,
                                 zone text DEFAULT NULL, zone_property text DEFAULT NULL, unit text DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(to_jsonb(property), operator, to_jsonb(value), ignore_case, zone, zone_property, unit) $$;
COMMENT ON FUNCTION hogsend_property(text, text, text, boolean, text, text, text)
    IS 'Criteria: the contact''s property compared with a text, whatever the case of letters if that is said; or with an instant, a date or a length of time';

CREATE FUNCTION hogsend_property(property text, operator text, value numeric, ignore_case boolean DEFAULT NULL,
                                 zone text DEFAULT NULL, zone_property text DEFAULT NULL, unit text DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT @extschema@.hogsend_property_leg(
        to_jsonb(property), operator, @extschema@.hogsend_property_number(value), ignore_case, zone, zone_property, unit)
$$;
COMMENT ON FUNCTION hogsend_property(text, text, numeric, boolean, text, text, text)
    IS 'Criteria: the contact''s property compared with a number, or with days after today where clocks are those of the zone';

CREATE FUNCTION hogsend_property(property text, operator text, value interval, ignore_case boolean DEFAULT NULL,
                                 zone text DEFAULT NULL, zone_property text DEFAULT NULL, unit text DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT @extschema@.hogsend_property_leg(
        to_jsonb(property), operator, @extschema@.hogsend_property_span(value), ignore_case, zone, zone_property, unit)
$$;
COMMENT ON FUNCTION hogsend_property(text, text, interval, boolean, text, text, text)
    IS 'Criteria: the contact''s property is an instant within_last, within_next, older_than or later_than so long';

CREATE FUNCTION hogsend_property(property text, operator text, value boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(to_jsonb(property), operator, to_jsonb(value), NULL::boolean, NULL::text, NULL::text, NULL::text) $$;
COMMENT ON FUNCTION hogsend_property(text, text, boolean) IS 'Criteria: the contact''s property compared with a boolean';

CREATE FUNCTION hogsend_property(property text, operator text, value text[], ignore_case boolean DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(to_jsonb(property), operator, to_jsonb(value), ignore_case, NULL::text, NULL::text, NULL::text) $$;
COMMENT ON FUNCTION hogsend_property(text, text, text[], boolean) IS 'Criteria: the contact''s property compared with a list of texts';

CREATE FUNCTION hogsend_property(property text[], operator text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(@extschema@.hogsend_property_path(property), operator, NULL::jsonb, NULL::boolean, NULL::text, NULL::text, NULL::text) $$;
COMMENT ON FUNCTION hogsend_property(text[], text) IS 'Criteria: what is at this path in the contact''s properties exists, or not_exists';

CREATE FUNCTION hogsend_property(property text[], operator text, value text, ignore_case boolean DEFAULT NULL,
                                 zone text DEFAULT NULL, zone_property text DEFAULT NULL, unit text DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT @extschema@.hogsend_property_leg(
        @extschema@.hogsend_property_path(property), operator, to_jsonb(value), ignore_case, zone, zone_property, unit)
$$;
COMMENT ON FUNCTION hogsend_property(text[], text, text, boolean, text, text, text)
    IS 'Criteria: what is at this path in the contact''s properties compared with a text, or with an instant, a date or a length of time';

CREATE FUNCTION hogsend_property(property text[], operator text, value numeric, ignore_case boolean DEFAULT NULL,
                                 zone text DEFAULT NULL, zone_property text DEFAULT NULL, unit text DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT @extschema@.hogsend_property_leg(
        @extschema@.hogsend_property_path(property), operator, @extschema@.hogsend_property_number(value), ignore_case,
        zone, zone_property, unit)
$$;
COMMENT ON FUNCTION hogsend_property(text[], text, numeric, boolean, text, text, text)
    IS 'Criteria: what is at this path in the contact''s properties compared with a number, or with days after today';

CREATE FUNCTION hogsend_property(property text[], operator text, value interval, ignore_case boolean DEFAULT NULL,
                                 zone text DEFAULT NULL, zone_property text DEFAULT NULL, unit text DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT @extschema@.hogsend_property_leg(
        @extschema@.hogsend_property_path(property), operator, @extschema@.hogsend_property_span(value), ignore_case,
        zone, zone_property, unit)
$$;
COMMENT ON FUNCTION hogsend_property(text[], text, interval, boolean, text, text, text)
    IS 'Criteria: what is at this path in the contact''s properties is an instant within_last, within_next, older_than or later_than so long';

CREATE FUNCTION hogsend_property(property text[], operator text, value boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(@extschema@.hogsend_property_path(property), operator, to_jsonb(value), NULL::boolean, NULL::text, NULL::text, NULL::text) $$;
COMMENT ON FUNCTION hogsend_property(text[], text, boolean)
    IS 'Criteria: what is at this path in the contact''s properties compared with a boolean';

CREATE FUNCTION hogsend_property(property text[], operator text, value text[], ignore_case boolean DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(@extschema@.hogsend_property_path(property), operator, to_jsonb(value), ignore_case, NULL::text, NULL::text, NULL::text) $$;
COMMENT ON FUNCTION hogsend_property(text[], text, text[], boolean)
    IS 'Criteria: what is at this path in the contact''s properties compared with a list of texts';
