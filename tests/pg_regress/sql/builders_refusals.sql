-- What cannot be meant is refused where it is written.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SELECT hogsend_event('a', at_least => 1, at_most => 3);
SELECT hogsend_event('a', at_least => 1, never => true);
SELECT hogsend_event('a', at_least => -1);
SELECT hogsend_event('a', within => '1 month');
SELECT hogsend_event('a', within => '1 year 2 days');
SELECT hogsend_event('a', within => '0');
SELECT hogsend_event('a', within => '-7 days');
SELECT hogsend_event(NULL);
SELECT hogsend_event(ARRAY['a', NULL]);
SELECT hogsend_event(NULL::text[]);
SELECT hogsend_event('a', older_than => '1 month');
SELECT hogsend_event('a', older_than => '-1 day');
SELECT hogsend_event('a', within => '30 days', older_than => '60 days');
SELECT hogsend_first('a', within => '1 day', older_than => '24 hours');
SELECT hogsend_event('a', since => 'infinity'::timestamptz);
SELECT hogsend_event('a', since => '-infinity'::date);
SELECT hogsend_event('a', until => '0044-03-15 BC'::date);
SELECT hogsend_event('a', until => '10000-01-01 00:00+00'::timestamptz);
SELECT hogsend_event('a', since => '2026-01-01 12:00'::timestamp);
SELECT hogsend_last('a', until => 1767225600);
SELECT hogsend_first(NULL, matching => hogsend_property('$value', 'gt', 50));
SELECT hogsend_last('a', within => '0');
SELECT hogsend_property(NULL, 'exists');
SELECT hogsend_property('plan', NULL, 'trial');
SELECT hogsend_property(NULL::text[], 'exists');
SELECT hogsend_property(ARRAY['address', NULL], 'exists');
SELECT hogsend_property('seats', 'gt', 'NaN'::numeric);
SELECT hogsend_property(ARRAY['address', 'floor'], 'lt', 'Infinity'::numeric);
-- A value that is NULL by mistake must not turn into a leg that means something else.
SELECT path, message FROM hogsend_validate(hogsend_property('plan', 'eq', NULL::text));
-- An unknown operator is found by validation, like in JSON.
SELECT path, message, hint FROM hogsend_validate(hogsend_property('plan', 'is', 'trial'));
