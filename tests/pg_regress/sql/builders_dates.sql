-- Builders of legs about dates, what is refused of them and of what is written in JSON.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
\pset format unaligned
\pset tuples_only on
SELECT hogsend_property('due', 'before', '2026-05-01');
SELECT hogsend_property('due', 'after', '2026-05-01T00:00:00+02:00', zone => 'Europe/Berlin', unit => 'milliseconds');
SELECT hogsend_property('due', 'within_last', '3 days');
SELECT hogsend_property('due', 'within_next', interval '3 days', zone_property => 'tz');
SELECT hogsend_property('due', 'older_than', interval '90 minutes', unit => 'seconds');
SELECT hogsend_property('due', 'later_than', interval '1 day 2 hours', zone => 'Asia/Kathmandu');
SELECT hogsend_property('due', 'on_day', 1);
SELECT hogsend_property('due', 'anniversary', -7, zone => 'Europe/Berlin');
SELECT hogsend_property(ARRAY['profile', 'born'], 'anniversary', 0, zone_property => 'tz');
SELECT hogsend_property(ARRAY['profile', 'born'], 'within_next', interval '2 days', zone => 'UTC');
SELECT hogsend_property(ARRAY['profile', 'born'], 'before', '2026-05-01', zone => 'UTC');
SELECT hogsend_property('plan', 'eq', 'PRO', true);
SELECT hogsend_property('plan', 'eq', 'PRO', 'true');
SELECT hogsend_property('due', 'on_day', 1, zone => 'UTC', zone_property => 'tz');
SELECT hogsend_property('due', 'within_next', interval '1 month');
SELECT hogsend_property('due', 'within_next', interval '-1 day');
SELECT hogsend_property('due', 'within_next', NULL::interval);
\pset tuples_only off
\pset format aligned
SELECT v.path, v.message, v.hint FROM (VALUES
    (1, hogsend_property('due', 'on_day', 1.5)),
    (2, hogsend_property('due', 'anniversary', 'tomorrow')),
    (3, hogsend_property('due', 'within_next', 'a while')),
    (4, hogsend_property('due', 'before', '2026-05-01 12:00')),
    (5, hogsend_property('due', 'on_day', 0, zone => 'Mars/Olympus')),
    (6, hogsend_property('due', 'on_day', 0, zone => 'UTC+2')),
    (7, hogsend_property('due', 'on_day', 0, unit => 'days')),
    (8, hogsend_property('plan', 'eq', 5, zone => 'UTC')),
    (9, hogsend_property('due', 'tomorrow')),
    (10, hogsend_event('paid', filter => hogsend_property('due', 'on_day', 0))),
    (11, hogsend_event('paid', filter => hogsend_property('due', 'before', '2026-05-01', zone_property => 'tz'))),
    (12, hogsend_not(hogsend_property('due', 'on_day', 0)))
) AS d (n, criteria), hogsend_validate(d.criteria) v ORDER BY d.n, 1;
SELECT hogsend_define_bucket('wrong', hogsend_property('due', 'on_day', 0.5));
-- The same said otherwise is no change.
SELECT hogsend_define_bucket('due', hogsend_property('due', 'before', '2026-05-01', zone => 'Europe/Berlin'));
SELECT hogsend_define_bucket('due', hogsend_property(ARRAY['due'], 'before', '2026-04-30T22:00:00Z', zone => 'Europe/Berlin', unit => 'seconds'));
SELECT hogsend_define_bucket('due', hogsend_property('due', 'before', '2026-04-30T22:00:00Z'));
