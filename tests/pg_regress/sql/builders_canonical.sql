-- What builders return means the same as what is written by hand, in another spelling: one canonical text.
\set SHOW_CONTEXT never
SET timezone = 'America/New_York';
SET datestyle = 'SQL, DMY';
SET intervalstyle = 'iso_8601';
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
CREATE EXTENSION hogsend;
CREATE TABLE pairs (n integer GENERATED ALWAYS AS IDENTITY, built jsonb, written jsonb);
INSERT INTO pairs (built, written) VALUES
    (hogsend_event('e', within => '60 days', older_than => '30 days'),
     '{"type": "event", "eventName": "e", "check": "exists", "within": "1440 hours", "olderThan": "30 days"}'),
    (hogsend_event('e', older_than => '36 hours', at_least => 2),
     '{"type": "event", "eventName": "e", "check": "count", "operator": "gte", "value": 2.0, "olderThan": {"days": 1.5}}'),
    (hogsend_event('e', since => timestamptz '2026-01-01 01:00+01', until => timestamptz '2026-06-01 00:00:00.5-04'),
     '{"type": "event", "eventName": "e", "check": "exists", "since": "2026-01-01T00:00:00Z", "until": "2026-06-01T04:00:00.500+00:00"}'),
    (hogsend_event('e', since => date '2026-01-31', zone => 'Europe/Berlin'),
     '{"type": "event", "eventName": "e", "check": "exists", "since": "2026-01-30T23:00:00Z"}'),
    (hogsend_event('e', since => '2026-07-01', until => '2026-08-01', zone => 'Europe/Berlin'),
     '{"type": "event", "eventName": "e", "check": "exists", "since": "2026-07-01T00:00:00+02:00", "until": "2026-08-01", "zone": "Europe/Berlin"}'),
    (hogsend_event('e', until => '2026-08-01', zone => 'UTC'),
     '{"type": "event", "eventName": "e", "check": "exists", "until": "2026-08-01"}'),
    (hogsend_event(ARRAY['b', 'a', 'b'], never => true, within => '1 day'),
     '{"type": "event", "eventName": ["a", "b"], "check": "not_exists", "within": {"hours": 24}}'),
    (hogsend_event(ARRAY['e']), '{"type": "event", "eventName": "e", "check": "exists"}'),
    (hogsend_event('e', filter => hogsend_property('$value', 'gt', 50)),
     '{"type": "event", "eventName": "e", "check": "exists", "where": {"type": "property", "property": "$value", "operator": "gt", "value": 50.00}}'),
    (hogsend_event('e', filter => hogsend_any(hogsend_property('c', 'in', ARRAY['y', 'x']), hogsend_not(hogsend_property('$source', 'eq', 'shop')))),
     '{"type": "event", "eventName": "e", "check": "exists", "where": {"type": "composite", "operator": "or", "conditions": [
        {"type": "property", "property": ["c"], "operator": "in", "value": ["x", "y", "x"]},
        {"type": "not", "condition": {"type": "property", "property": "$source", "operator": "eq", "value": "shop"}}]}}'),
    (hogsend_first('e', within => '2 days', matching => hogsend_property(ARRAY['c', 'd'], 'exists')),
     '{"type": "event", "pick": "first", "eventName": "e", "check": "exists", "within": "48 hours", "having": {"type": "property", "property": ["c", "d"], "operator": "exists"}}'),
    (hogsend_last(ARRAY['b', 'a'], never => true, within => '2 days', filter => hogsend_property('$value', 'exists')),
     '{"type": "event", "pick": "last", "eventName": ["a", "b"], "check": "not_exists", "within": "48 hours", "where": {"type": "property", "property": "$value", "operator": "exists"}}'),
    (hogsend_property(ARRAY['p'], 'eq', 5.0), '{"type": "property", "property": "p", "operator": "eq", "value": 5}'),
    (hogsend_property(ARRAY['p', '0', 'q'], 'eq', true), '{"type": "property", "property": ["p", 0, "q"], "operator": "eq", "value": true}'),
    (hogsend_property('p', 'ends_with', 'x', ignore_case => false), '{"type": "property", "property": "p", "operator": "ends_with", "value": "x"}'),
    (hogsend_property('p', 'eq', 'x', ignore_case => true), '{"type": "property", "property": "p", "operator": "eq", "value": "x", "ignoreCase": true}'),
    (hogsend_property(ARRAY['p', 'q'], 'in', ARRAY['y', 'x'], ignore_case => true),
     '{"type": "property", "property": ["p", "q"], "operator": "in", "value": ["x", "y"], "ignoreCase": true}'),
    (hogsend_property('p', 'matches', '^a+\d$', true), '{"type": "property", "property": "p", "operator": "matches", "value": "^a+\\d$", "ignoreCase": true}');
-- None of them differs, and there is nothing wrong with any.
SELECT n, hogsend_canonical(built), hogsend_canonical(written) FROM pairs WHERE hogsend_canonical(built) IS DISTINCT FROM hogsend_canonical(written);
SELECT n, v.* FROM pairs, hogsend_validate(built) v WHERE v.severity = 'problem';
SELECT count(*) FROM pairs;
-- Each stays what it is when its canonical text is read again.
SELECT n FROM pairs WHERE hogsend_canonical(hogsend_canonical(built)::jsonb) <> hogsend_canonical(built);
SELECT n, hogsend_canonical(built) FROM pairs ORDER BY n;
