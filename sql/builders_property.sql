-- Criteria without typing JSON: legs about properties.
--
-- Where an argument is of one of several types, text is among them: Postgres takes an untyped literal
-- for a text then, and never finds the call ambiguous.

CREATE FUNCTION hogsend_property_leg(property jsonb, operator text, value jsonb, ignore_case boolean) RETURNS jsonb
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
        || CASE WHEN value IS NULL THEN '{}' ELSE jsonb_build_object('value', value) END
        || CASE WHEN ignore_case THEN jsonb_build_object('ignoreCase', true) ELSE '{}' END;
END
$property$;
COMMENT ON FUNCTION hogsend_property_leg(jsonb, text, jsonb, boolean) IS 'What the forms of hogsend_property() have in common';

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
AS $$ SELECT @extschema@.hogsend_property_leg(to_jsonb(property), operator, NULL::jsonb, NULL::boolean) $$;
COMMENT ON FUNCTION hogsend_property(text, text) IS 'Criteria: the contact''s property exists, or not_exists';

CREATE FUNCTION hogsend_property(property text, operator text, value text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(to_jsonb(property), operator, to_jsonb(value), NULL::boolean) $$;
COMMENT ON FUNCTION hogsend_property(text, text, text) IS 'Criteria: the contact''s property compared with a text';

CREATE FUNCTION hogsend_property(property text, operator text, value text, ignore_case boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(to_jsonb(property), operator, to_jsonb(value), ignore_case) $$;
COMMENT ON FUNCTION hogsend_property(text, text, text, boolean)
    IS 'Criteria: the contact''s property compared with a text, whatever the case of its letters';

CREATE FUNCTION hogsend_property(property text, operator text, value numeric) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(to_jsonb(property), operator, @extschema@.hogsend_property_number(value), NULL::boolean) $$;
COMMENT ON FUNCTION hogsend_property(text, text, numeric) IS 'Criteria: the contact''s property compared with a number';

CREATE FUNCTION hogsend_property(property text, operator text, value boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(to_jsonb(property), operator, to_jsonb(value), NULL::boolean) $$;
COMMENT ON FUNCTION hogsend_property(text, text, boolean) IS 'Criteria: the contact''s property compared with a boolean';

CREATE FUNCTION hogsend_property(property text, operator text, value text[], ignore_case boolean DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(to_jsonb(property), operator, to_jsonb(value), ignore_case) $$;
COMMENT ON FUNCTION hogsend_property(text, text, text[], boolean) IS 'Criteria: the contact''s property compared with a list of texts';

CREATE FUNCTION hogsend_property(property text[], operator text) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(@extschema@.hogsend_property_path(property), operator, NULL::jsonb, NULL::boolean) $$;
COMMENT ON FUNCTION hogsend_property(text[], text) IS 'Criteria: what is at this path in the contact''s properties exists, or not_exists';

CREATE FUNCTION hogsend_property(property text[], operator text, value text, ignore_case boolean DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(@extschema@.hogsend_property_path(property), operator, to_jsonb(value), ignore_case) $$;
COMMENT ON FUNCTION hogsend_property(text[], text, text, boolean)
    IS 'Criteria: what is at this path in the contact''s properties compared with a text';

CREATE FUNCTION hogsend_property(property text[], operator text, value numeric) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT @extschema@.hogsend_property_leg(
        @extschema@.hogsend_property_path(property), operator, @extschema@.hogsend_property_number(value), NULL::boolean)
$$;
COMMENT ON FUNCTION hogsend_property(text[], text, numeric)
    IS 'Criteria: what is at this path in the contact''s properties compared with a number';

CREATE FUNCTION hogsend_property(property text[], operator text, value boolean) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(@extschema@.hogsend_property_path(property), operator, to_jsonb(value), NULL::boolean) $$;
COMMENT ON FUNCTION hogsend_property(text[], text, boolean)
    IS 'Criteria: what is at this path in the contact''s properties compared with a boolean';

CREATE FUNCTION hogsend_property(property text[], operator text, value text[], ignore_case boolean DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_property_leg(@extschema@.hogsend_property_path(property), operator, to_jsonb(value), ignore_case) $$;
COMMENT ON FUNCTION hogsend_property(text[], text, text[], boolean)
    IS 'Criteria: what is at this path in the contact''s properties compared with a list of texts';
