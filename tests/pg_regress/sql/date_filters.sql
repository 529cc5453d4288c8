-- In filters: an event's own dates, before or after an instant, by the clocks of a zone.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-05-09 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('early', hogsend_event('booked', filter => hogsend_property('travels', 'before', '2026-07-01', zone => 'Europe/Berlin'))),
    ('late', hogsend_event('booked', filter => hogsend_property('travels', 'after', '2026-07-01', zone => 'Europe/Berlin'), at_least => 2)),
    ('millis', hogsend_event('booked', filter => hogsend_property('$value', 'after', '2026-01-01', unit => 'milliseconds')));
INSERT INTO user_events (user_id, event, properties, value, occurred_at) SELECT *, hogsend_now() FROM (VALUES
    ('u1', 'booked', '{"travels": "2026-06-30T23:59:59.999999"}'::jsonb, NULL::numeric),
    ('u2', 'booked', '{"travels": "2026-07-01"}', 1767225600000),
    ('u2', 'booked', '{"travels": 1783000000}', 1767225599999),
    ('u3', 'booked', '{"travels": "2026-06-30T22:00:00Z"}', 1767225599),
    ('u4', 'booked', '{"travels": "in summer"}', 'NaN')) AS booked;
SELECT bucket_id, string_agg(user_id, ',' ORDER BY user_id) FROM bucket_members GROUP BY 1 ORDER BY 1;
UPDATE user_events SET properties = '{"travels": "2026-06-30T22:00:00Z"}' WHERE user_id = 'u1';
INSERT INTO user_events (user_id, event, properties, occurred_at) VALUES ('u3', 'booked', '{"travels": "2026-08-01"}', hogsend_now());
SELECT bucket_id, string_agg(user_id, ',' ORDER BY user_id) FROM bucket_members GROUP BY 1 ORDER BY 1;
SELECT condition, result, observed FROM hogsend_explain('late', 'u2');
