-- A newer database of time zones is noticed, and what goes by zones is reviewed.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-05-09 12:00+00';
CREATE VIEW zones AS SELECT ok, detail FROM hogsend_health() WHERE "check" = 'time zones';
TABLE zones;
INSERT INTO contacts (user_id, properties) VALUES ('u1', '{"due": "2026-05-10", "plan": "pro"}'), ('u2', '{"due": "2026-05-09"}');
INSERT INTO buckets (id, criteria) VALUES
    ('pro', hogsend_property('plan', 'eq', 'pro')), ('today', hogsend_property('due', 'on_day', 0, zone => 'Europe/Berlin'));
TABLE zones;
SELECT entered, "left", backfilled FROM hogsend_reconcile();
SELECT zone_rules = hogsend_zone_rules() AS noted, zones_seen_at, length(zone_rules) FROM hogsend_clock;
-- As if the server had been updated: others are there than by which these timers were set.
UPDATE hogsend_clock SET zone_rules = 'older ones';
UPDATE bucket_timers SET due_at = due_at + interval '1 hour' WHERE bucket_id = 'today';
TABLE zones;
-- It is looked for once an hour.
SET hogsend.now = '2026-05-09 12:30+00';
SELECT entered, "left", backfilled FROM hogsend_reconcile();
SELECT bucket_id, mode, announces FROM bucket_jobs WHERE status <> 'done';
SET hogsend.now = '2026-05-09 13:00:01+00';
SELECT entered, "left", backfilled, remaining FROM hogsend_reconcile();
SELECT bucket_id, mode, status, announces FROM bucket_jobs WHERE status <> 'done';
SELECT entered, "left", backfilled, remaining FROM hogsend_reconcile();
SELECT user_id, due_at FROM bucket_timers ORDER BY 1;
TABLE zones;
