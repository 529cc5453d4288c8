-- What is refused in legs about properties and in filters: paths of nothing, expressions that cannot be read.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
CREATE EXTENSION hogsend;
-- What is wrong with a leg about property p that says this besides; or that there is nothing.
CREATE FUNCTION pg_temp.wrong(rest jsonb) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT CASE WHEN v.path IS NULL THEN 'accepted' ELSE format('%s: %s (%s)', v.path, v.message, v.hint) END
    FROM (VALUES (1)) one LEFT JOIN hogsend_validate('{"type": "property", "property": "p", "operator": "eq", "value": "v"}' || rest) v ON v.severity = 'problem'
$$;
-- Paths.
SELECT pg_temp.wrong('{"property": []}');
SELECT pg_temp.wrong('{"property": [0]}');
SELECT pg_temp.wrong('{"property": ["a", -1]}');
SELECT pg_temp.wrong('{"property": ["a", 1.5]}');
SELECT pg_temp.wrong('{"property": ["a", 1e3]}');
SELECT pg_temp.wrong('{"property": ["a", 4294967296]}');
SELECT pg_temp.wrong('{"property": ["a", null, true, ["b"], {}]}');
SELECT pg_temp.wrong('{"property": 1}');
SELECT pg_temp.wrong('{"property": ["a", "", "b.c", 0]}');
-- Regular expressions.
SELECT pg_temp.wrong('{"operator": "matches", "value": "a(b"}');
SELECT pg_temp.wrong('{"operator": "matches", "value": "ab[z-a]"}');
SELECT pg_temp.wrong('{"operator": "matches", "value": "(a)\\1"}');
SELECT pg_temp.wrong('{"operator": "matches", "value": "a(?=b)"}');
SELECT pg_temp.wrong('{"operator": "matches", "value": "*"}');
SELECT pg_temp.wrong('{"operator": "matches", "value": "ä\\p{Nothing}"}');
SELECT pg_temp.wrong('{"operator": "matches", "value": "((a{1,1000}){1,1000}){1,1000}"}');
SELECT pg_temp.wrong('{"operator": "matches", "value": 1}');
SELECT pg_temp.wrong('{"operator": "matches", "value": "^a+$"}');
-- Letters of either case.
SELECT pg_temp.wrong('{"operator": "gt", "value": 1, "ignoreCase": true}');
SELECT pg_temp.wrong('{"operator": "gt", "value": 1, "ignoreCase": false}');
SELECT pg_temp.wrong('{"operator": "contains_any", "value": ["a"], "ignoreCase": true}');
SELECT pg_temp.wrong('{"ignoreCase": "yes"}');
SELECT pg_temp.wrong('{"ignoreCase": null}');
SELECT pg_temp.wrong('{"value": 1, "ignoreCase": true}');
SELECT pg_temp.wrong('{"operator": "in", "value": [1, 2], "ignoreCase": true}');
SELECT pg_temp.wrong('{"operator": "in", "value": ["A", "a"], "ignoreCase": true}');
-- Keys that are others'.
SELECT pg_temp.wrong('{"zone": "UTC"}');
SELECT pg_temp.wrong('{"within": "7 days"}');
SELECT pg_temp.wrong('{"where": {}}');
-- The columns of an event are a contact's properties like any other here.
SELECT pg_temp.wrong('{"property": "$value"}');
