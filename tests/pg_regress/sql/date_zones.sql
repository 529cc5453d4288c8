-- Zones of dates: one for everybody, or each contact's own; days that clocks make shorter or longer.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-07 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('berlin', hogsend_property('due', 'on_day', 0, zone => 'Europe/Berlin')),
    ('havana', hogsend_property('due', 'on_day', 0, zone => 'America/Havana')),
    ('own', hogsend_property('due', 'on_day', 0, zone_property => 'tz'));
INSERT INTO contacts (user_id, properties) VALUES
    ('havana', '{"due": "2026-03-08", "tz": "America/Havana"}'),
    ('kiritimati', '{"due": "2026-03-08", "tz": "Pacific/Kiritimati"}'),
    ('lower', '{"due": "2026-03-08", "tz": "america/new_york"}'),
    ('nobody', '{"due": "2026-03-08"}'),
    ('number', '{"due": "2026-03-08", "tz": 2}'),
    ('path', '{"due": "2026-03-08", "tz": "../../etc/passwd"}'),
    ('posix', '{"due": "2026-03-08", "tz": "UTC+2"}'),
    ('unknown', '{"due": "2026-03-08", "tz": "Mars/Olympus"}');
-- Clocks in Havana skip the hour after midnight on that day; so it begins with one o'clock.
SELECT user_id, bucket_id, due_at, due_at AT TIME ZONE 'America/Havana' AS there FROM bucket_timers ORDER BY 1, 2;
-- Somebody moves, into the day and out of it.
SET hogsend.now = '2026-03-08 06:00+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT string_agg(user_id, ',' ORDER BY user_id) FROM bucket_members WHERE bucket_id = 'own';
UPDATE contacts SET properties = properties || '{"tz": "Pacific/Honolulu"}' WHERE user_id IN ('nobody', 'havana');
UPDATE contacts SET properties = properties || '{"tz": "UTC"}' WHERE user_id = 'number';
SELECT string_agg(user_id, ',' ORDER BY user_id) FROM bucket_members WHERE bucket_id = 'own';
SELECT path, condition, result, observed, flips_at FROM hogsend_explain('own', 'unknown') UNION ALL
SELECT path, condition, result, observed, flips_at FROM hogsend_explain('own', 'posix') UNION ALL
SELECT path, condition, result, observed, flips_at FROM hogsend_explain('own', 'number') UNION ALL
SELECT path, condition, result, observed, flips_at FROM hogsend_explain('own', 'havana') UNION ALL
SELECT path, condition, result, observed, flips_at FROM hogsend_explain('berlin', 'havana');
SET hogsend.now = '2026-03-09 12:00+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT user_id, bucket_id, event, effective_at FROM bucket_transitions WHERE effective_at > '2026-03-07 12:00+00' ORDER BY 1, 2, effective_at;
