-- Criteria without typing JSON: what is said of events, added up or compared.

CREATE FUNCTION hogsend_event_measure(measure text, names jsonb, of jsonb, at_least numeric, more_than numeric,
                                      at_most numeric, less_than numeric, exactly numeric) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $measure$
DECLARE
    bound numeric := coalesce(at_least, more_than, at_most, less_than, exactly);
BEGIN
    IF num_nonnulls(at_least, more_than, at_most, less_than, exactly) > 1 THEN
        RAISE EXCEPTION 'a measure takes one bound'
            USING ERRCODE = '22023', DETAIL = format('%s bounds are given for event %s.', num_nonnulls(at_least, more_than, at_most, less_than, exactly), names),
                  HINT = 'Give one of at_least, more_than, at_most, less_than and exactly; combine legs with hogsend_all().';
    END IF;
    IF bound IN ('NaN', 'Infinity', '-Infinity') THEN
        RAISE EXCEPTION 'a bound must be a number'
            USING ERRCODE = '22023', DETAIL = format('The bound for event %s is %s.', names, bound),
                  HINT = 'Give a finite number.';
    END IF;
    IF measure = 'distinct' AND of IS NULL THEN
        RAISE EXCEPTION 'what is to differ must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'hogsend_distinct() was called without of.',
                  HINT = 'Give the property of the event, or ''$day'': hogsend_distinct(''app.opened'', of => ''$day'', at_least => 5, within => ''14 days'').';
    END IF;
    RETURN jsonb_build_object('check', measure)
        || CASE WHEN of IS NULL THEN '{}' ELSE jsonb_build_object('of', of) END
        || CASE WHEN bound IS NULL THEN '{}'
                ELSE jsonb_build_object('value', bound, 'operator',
                    CASE WHEN at_least IS NOT NULL THEN 'gte' WHEN more_than IS NOT NULL THEN 'gt'
                         WHEN at_most IS NOT NULL THEN 'lte' WHEN less_than IS NOT NULL THEN 'lt' ELSE 'eq' END) END;
END
$measure$;
COMMENT ON FUNCTION hogsend_event_measure(text, jsonb, jsonb, numeric, numeric, numeric, numeric, numeric)
    IS 'What the builders of measures have in common: what is measured, and what it is compared with';

-- Five functions of four forms each, which differ in their names: of one event or several, of a property or a
-- path into it. The schema comes as an argument, because its name may have a percent sign in it.
DO $builders$
DECLARE
    measure record;
    several boolean;
    deep boolean;
BEGIN
    FOR measure IN
        SELECT * FROM (VALUES
            ('sum', 'the sum of numbers in the events (their value, or what stands at of)'),
            ('avg', 'the average of numbers in the events (their value, or what stands at of)'),
            ('min', 'the least of numbers in the events (their value, or what stands at of)'),
            ('max', 'the greatest of numbers in the events (their value, or what stands at of)'),
            ('distinct', 'how many different things stand at of in the events, or on how many days ($day) they occurred')
        ) AS measures (name, words)
    LOOP
        FOREACH several IN ARRAY ARRAY[false, true] LOOP
            FOREACH deep IN ARRAY ARRAY[false, true] LOOP
                EXECUTE pg_catalog.format($create$
CREATE FUNCTION %7$s.hogsend_%1$s(
    name %2$s,
    of %3$s,
    within interval DEFAULT NULL,
    at_least numeric DEFAULT NULL,
    more_than numeric DEFAULT NULL,
    at_most numeric DEFAULT NULL,
    less_than numeric DEFAULT NULL,
    exactly numeric DEFAULT NULL,
    older_than interval DEFAULT NULL,
    since anycompatible DEFAULT NULL,
    until anycompatible DEFAULT NULL,
    filter jsonb DEFAULT NULL,
    zone text DEFAULT NULL
) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp SET timezone = 'UTC'
AS $$
    SELECT %7$s.hogsend_event_leg('hogsend_%1$s'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || %7$s.hogsend_event_measure('%1$s'::text, to_jsonb(name), %4$s,
                                             at_least, more_than, at_most, less_than, exactly)
$$;
COMMENT ON FUNCTION %7$s.hogsend_%1$s(%2$s, %5$s, interval, numeric, numeric, numeric, numeric, numeric, interval, anycompatible, anycompatible, jsonb, text)
    IS %6$L$create$,
                    measure.name,
                    CASE WHEN several THEN 'text[]' ELSE 'text' END,
                    CASE WHEN deep THEN 'text[]' WHEN measure.name OPERATOR(pg_catalog.=) 'distinct' THEN 'text' ELSE 'text DEFAULT NULL' END,
                    CASE WHEN deep THEN '@extschema@.hogsend_property_path(of)' ELSE 'to_jsonb(of)' END,
                    CASE WHEN deep THEN 'text[]' ELSE 'text' END,
                    pg_catalog.concat('Criteria: ', measure.words, CASE WHEN several THEN ', which count together' END,
                                      CASE WHEN deep THEN ', by a path' END, ', is as the bound says'),
                    '@extschema@');
            END LOOP;
        END LOOP;
    END LOOP;
END
$builders$;

CREATE FUNCTION hogsend_compare(left jsonb, operator text, right jsonb, factor numeric DEFAULT NULL) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$
    -- Without a bound an event is counted here.
    SELECT jsonb_build_object('type', 'compare', 'operator', operator,
               'left', "left" || CASE WHEN "left" ->> 'check' = 'exists' AND NOT "left" ? 'pick' THEN '{"check": "count"}'::jsonb ELSE '{}'::jsonb END,
               'right', "right" || CASE WHEN "right" ->> 'check' = 'exists' AND NOT "right" ? 'pick' THEN '{"check": "count"}'::jsonb ELSE '{}'::jsonb END)
        || CASE WHEN factor IS NULL THEN '{}' ELSE jsonb_build_object('factor', factor) END
$$;
COMMENT ON FUNCTION hogsend_compare(jsonb, text, jsonb, numeric)
    IS 'Criteria: one measure (hogsend_event() or hogsend_sum() and the like, without a bound) is more, less or as much as factor times another';
