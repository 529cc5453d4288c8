-- Builders of legs about some occurrences only: between two edges, of several events, passing a filter,
-- the first or the last. The JSON is that of the same leg written by hand.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
CREATE EXTENSION hogsend;
SELECT hogsend_event('purchase', within => '60 days', older_than => '30 days');
SELECT hogsend_event('purchase', older_than => '36 hours', at_least => 2);
SELECT hogsend_event('purchase', since => '2026-01-01', until => '2026-02-01');
SELECT hogsend_event('purchase', since => '2026-01-01T12:00:00+01:00');
SELECT hogsend_event('purchase', since => '2026-01-01', zone => 'Europe/Berlin');
SELECT hogsend_event('purchase', until => date '2026-02-01', never => true);
SELECT hogsend_event('purchase', since => timestamptz '2026-01-01 12:00+01', until => '2026-02-01 00:00+00');
SELECT hogsend_event('purchase', since => '2026-01-01'::varchar);
SELECT hogsend_event(ARRAY['purchase', 'subscribed'], within => '60 days', at_least => 3);
SELECT hogsend_event(name => ARRAY['purchase'], until => '2026-02-01');
SELECT hogsend_event('purchase', filter => hogsend_property('$value', 'gt', 50), at_least => 3, within => '60 days');
SELECT hogsend_event('purchase', filter => hogsend_all(hogsend_property('country', 'eq', 'DE'), hogsend_not(hogsend_property('$source', 'eq', 'import'))));
SELECT hogsend_event('purchase', filter => '{"type": "property", "property": "country", "operator": "exists"}');
SELECT hogsend_first('purchase', within => '30 days');
SELECT hogsend_first('purchase', '30 days');
SELECT hogsend_first(ARRAY['purchase', 'subscribed'], older_than => '1 day', zone => 'Asia/Tokyo', since => '2026-01-01');
SELECT hogsend_last('purchase', filter => hogsend_property('country', 'eq', 'DE'), matching => hogsend_property('$value', 'lt', 10));
SELECT hogsend_last(ARRAY['app.opened', 'web.opened'], within => '7 days', matching => hogsend_property('platform', 'eq', 'ios'), never => true);
SELECT hogsend_last('purchase', until => '2026-02-01', never => false);
-- What was called by position is so still.
SELECT hogsend_event('purchase', '7 days', 2), hogsend_event('purchase', '7 days', NULL, NULL, NULL, NULL, NULL, true);
-- Neither the time zone nor the style of dates of the session is in what is written.
SET timezone = 'America/New_York';
SET datestyle = 'SQL, DMY';
SELECT hogsend_event('purchase', since => timestamptz '2026-01-01 12:00:00.25+01', until => timestamptz '2026-07-01 00:00+00');
SELECT hogsend_event('purchase', since => date '31/01/2026');
SELECT hogsend_last('purchase', until => '2026-01-31');
-- A name in a column, and parameters without types.
CREATE TABLE named (event varchar, day date);
INSERT INTO named VALUES ('purchase', '31/01/2026');
SELECT hogsend_event(event, since => day) FROM named;
PREPARE built AS SELECT hogsend_event($1, within => $2, since => $3, filter => hogsend_property($4, $5, $6));
EXECUTE built('purchase', '7 days', '2026-01-01', 'country', 'eq', 'DE');
