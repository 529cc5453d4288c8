-- What is refused in legs about some occurrences of an event: the node, what is wrong, what to do.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
CREATE EXTENSION hogsend;
-- What is wrong with a leg about event e that says this besides; or that there is nothing.
CREATE FUNCTION pg_temp.wrong(rest jsonb) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT CASE WHEN v.path IS NULL THEN 'accepted' ELSE format('%s: %s (%s)', v.path, v.message, v.hint) END
    FROM (VALUES (1)) one LEFT JOIN hogsend_validate('{"type": "event", "eventName": "e", "check": "exists"}' || rest) v ON v.severity = 'problem'
$$;
-- Ranges without an instant in them.
SELECT pg_temp.wrong('{"within": "30 days", "olderThan": "60 days"}');
SELECT pg_temp.wrong('{"within": "30 days", "olderThan": {"hours": 720}}');
SELECT pg_temp.wrong('{"within": "30 days", "olderThan": "29 days"}');
SELECT pg_temp.wrong('{"olderThan": "1 month"}');
SELECT pg_temp.wrong('{"olderThan": 7}');
SELECT pg_temp.wrong('{"olderThan": {"days": 0}}');
SELECT pg_temp.wrong('{"since": "2026-02-01", "until": "2026-01-01"}');
SELECT pg_temp.wrong('{"since": "2026-01-01", "until": "2026-01-01T00:00:00Z"}');
SELECT pg_temp.wrong('{"since": "2026-01-01T01:00:00+02:00", "until": "2026-01-01T00:30:00+01:00"}');
SELECT pg_temp.wrong('{"since": "2026-01-01", "until": "2026-01-02"}');
-- What is no instant.
SELECT pg_temp.wrong('{"since": "yesterday"}');
SELECT pg_temp.wrong('{"since": "2026-02-30"}');
SELECT pg_temp.wrong('{"since": "2026-01-01T12:00:00"}');
SELECT pg_temp.wrong('{"until": "2026-01-01T25:00:00Z"}');
SELECT pg_temp.wrong('{"until": "01/02/2026"}');
SELECT pg_temp.wrong('{"until": 1767225600}');
SELECT pg_temp.wrong('{"until": null}');
SELECT pg_temp.wrong('{"since": "infinity"}');
SELECT pg_temp.wrong('{"since": "2026-01-01T12:00:00+01"}');
SELECT pg_temp.wrong('{"since": "2026-01-01 12:00:00.5+01:00"}');
-- Zones.
SELECT pg_temp.wrong('{"since": "2026-01-01", "zone": "Europe/Berlin"}');
SELECT pg_temp.wrong('{"since": "2026-01-01", "zone": "Europe/Atlantis"}');
SELECT pg_temp.wrong('{"since": "2026-01-01", "zone": ""}');
SELECT pg_temp.wrong('{"since": "2026-01-01", "zone": 1}');
SELECT pg_temp.wrong('{"since": "2026-01-01", "zone": "UTC+2; SELECT 1"}');
-- A rule in the style of POSIX is no name, though Postgres takes it for a zone.
SELECT pg_temp.wrong('{"since": "2026-01-01", "zone": "UTC+2"}');
SELECT pg_temp.wrong('{"since": "2026-01-01", "zone": "Europe/Berlin2"}');
SELECT pg_temp.wrong('{"since": "2026-01-01", "zone": "etc/gmt+2"}');
SELECT pg_temp.wrong('{"since": "2026-01-01", "zone": "Etc/GMT+22"}');
SELECT pg_temp.wrong('{"since": "2026-01-01", "zone": "EST5EDT"}');
SELECT pg_temp.wrong('{"zone": "Europe/Berlin"}');
-- Names.
SELECT pg_temp.wrong('{"eventName": []}');
SELECT pg_temp.wrong('{"eventName": ["a", 1, null, ""]}');
SELECT pg_temp.wrong('{"eventName": ["a", "bucket:entered:b"]}');
SELECT pg_temp.wrong('{"eventName": "journey:started:b"}');
SELECT pg_temp.wrong('{"eventName": [["a"]]}');
SELECT pg_temp.wrong(jsonb_build_object('eventName', (SELECT jsonb_agg('e' || n) FROM generate_series(1, 21) n)));
SELECT pg_temp.wrong(jsonb_build_object('eventName', (SELECT jsonb_agg('e' || n) FROM generate_series(1, 20) n)));
-- First and last.
SELECT pg_temp.wrong('{"pick": "first", "check": "count", "operator": "gte", "value": 2}');
SELECT pg_temp.wrong('{"pick": "first", "check": "count"}');
SELECT pg_temp.wrong('{"pick": "second"}');
SELECT pg_temp.wrong('{"pick": 1}');
SELECT pg_temp.wrong('{"having": {"type": "property", "property": "$value", "operator": "gt", "value": 1}}');
SELECT pg_temp.wrong('{"pick": "last", "having": true}');
-- Filters.
SELECT pg_temp.wrong('{"where": []}');
SELECT pg_temp.wrong('{"where": null}');
SELECT pg_temp.wrong('{"where": {"type": "event", "eventName": "x", "check": "exists"}}');
SELECT pg_temp.wrong('{"where": {"type": "everyone"}}');
SELECT pg_temp.wrong('{"where": {"type": "sample", "salt": "s", "from": 0, "to": 10}}');
SELECT pg_temp.wrong('{"where": {"type": "property", "property": "$amount", "operator": "gt", "value": 1}}');
SELECT pg_temp.wrong('{"where": {"type": "property", "property": ["$value", "x"], "operator": "exists"}}');
SELECT pg_temp.wrong('{"where": {"type": "property", "property": "at", "operator": "within_last", "value": "7 days"}}');
SELECT pg_temp.wrong('{"where": {"type": "composite", "operator": "and", "conditions": []}}');
SELECT pg_temp.wrong('{"where": {"type": "not"}}');
SELECT pg_temp.wrong('{"where": {"type": "composite", "operator": "or", "conditions": [
    {"type": "not", "condition": {"type": "property", "property": "a", "operator": "gt", "value": "1"}},
    {"type": "property", "property": [], "operator": "exists"}]}, "pick": "last", "having": {"type": "property", "property": "a", "operator": "in", "value": []}}');
-- Nothing but negations, and what is none.
SELECT pg_temp.wrong('{"check": "not_exists", "where": {"type": "property", "property": "a", "operator": "exists"}}');
SELECT pg_temp.wrong('{"check": "not_exists", "olderThan": "1 day"}');
SELECT pg_temp.wrong('{"check": "not_exists", "until": "2026-01-01"}');
SELECT pg_temp.wrong('{"check": "not_exists", "since": "2026-01-01"}');
SELECT pg_temp.wrong('{"check": "not_exists", "pick": "last"}');
SELECT pg_temp.wrong('{"check": "not_exists", "pick": "last", "within": "1 day"}');
SELECT pg_temp.wrong('{"where": {"type": "property", "property": "a", "operator": "neq", "value": "b"}}');
