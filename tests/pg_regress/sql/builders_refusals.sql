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
SELECT hogsend_property(NULL, 'exists');
SELECT hogsend_property('plan', NULL, 'trial');
-- A value that is NULL by mistake must not turn into a leg that means something else.
SELECT path, message FROM hogsend_validate(hogsend_property('plan', 'eq', NULL::text));
-- An unknown operator is found by validation, like in JSON.
SELECT path, message, hint FROM hogsend_validate(hogsend_property('plan', 'is', 'trial'));
