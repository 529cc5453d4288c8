-- Builders write the JSON that section 3 describes.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
CREATE EXTENSION hogsend;
SELECT hogsend_event('app.opened');
SELECT hogsend_event('app.opened', within => '14 days');
SELECT hogsend_event('app.opened', '36 hours');
SELECT hogsend_event('app.opened', within => '1.5 seconds');
SELECT hogsend_event('app.opened', at_least => 3);
SELECT hogsend_event('app.opened', more_than => 3);
SELECT hogsend_event('app.opened', at_most => 3, within => '7 days');
SELECT hogsend_event('app.opened', less_than => 3);
SELECT hogsend_event('app.opened', exactly => 0);
SELECT hogsend_event('app.opened', never => true);
SELECT hogsend_event('app.opened', never => true, within => '7 days');
SELECT hogsend_event('app.opened', never => false);
SELECT hogsend_property('plan', 'eq', 'trial');
SELECT hogsend_property('seats', 'gte', 5);
SELECT hogsend_property('seats', 'lt', 12345678901234567890.125);
SELECT hogsend_property('vip', 'eq', true);
SELECT hogsend_property('plan', 'exists');
SELECT hogsend_all(hogsend_property('plan', 'eq', 'trial'), hogsend_event('activated', never => true, within => '7 days'));
SELECT hogsend_any(hogsend_event('a'), hogsend_all(hogsend_event('b'), hogsend_event('c')));
SELECT hogsend_not(hogsend_property('plan', 'eq', 'trial'));
SELECT hogsend_all(hogsend_everyone(), hogsend_sample('holdout', 0, 12.5));
-- An array of conditions, too.
SELECT hogsend_any(VARIADIC ARRAY[hogsend_event('a'), hogsend_event('b')]);
-- All of it is valid.
SELECT count(*)
FROM (VALUES
    (hogsend_event('a', within => '1.5 seconds', at_least => 3)),
    (hogsend_event('a', within => '1 day 12:00')),
    (hogsend_event('a', within => '7 days', never => true)),
    (hogsend_all(hogsend_property('seats', 'lt', 12345678901234567890.125), hogsend_property('plan', 'contains', 'pro'))),
    (hogsend_any(hogsend_property('vip', 'eq', true), hogsend_property('plan', 'not_exists'))),
    (hogsend_not(hogsend_event('a', within => '7 days'))),
    (hogsend_all(hogsend_everyone(), hogsend_sample('', 0, 12.5)))
) AS built (criteria), hogsend_validate(criteria);
