-- What lies before the clock, hour by hour.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('active', hogsend_event('app.opened', within => '7 days')),
    ('pro', hogsend_property('plan', 'eq', 'pro'));
SELECT * FROM bucket_forecast;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('u1', 'app.opened', '2026-01-01 10:00+00', '{"plan": "pro"}'),
    ('u2', 'app.opened', '2026-01-01 10:59:59.999998+00', NULL),
    ('u3', 'app.opened', '2026-01-01 10:59:59.999999+00', NULL),
    ('u4', 'app.opened', '2026-01-01 11:30+00', NULL);
UPDATE buckets SET dwell_after = '{1 day}' WHERE id = 'pro';
SELECT bucket_id, user_id, due_at FROM bucket_timers ORDER BY bucket_id, user_id;
SELECT * FROM bucket_forecast ORDER BY bucket_id, hour;
-- A user who is queued for a fresh look is not a timer of any bucket.
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u5', 'app.opened', '2026-01-01 12:00+00');
RESET hogsend.evaluate;
SELECT bucket_id, due_at FROM bucket_timers WHERE user_id = 'u5';
SELECT * FROM bucket_forecast ORDER BY bucket_id, hour;
-- An hour begins where the session lives.
SET timezone = 'Asia/Kolkata';
SELECT * FROM bucket_forecast WHERE bucket_id = 'active' ORDER BY hour;
SET timezone = 'UTC';
-- What is overdue stays in its hour until it is handled.
SET hogsend.now = '2026-01-08 18:00+00';
SELECT bucket_id, hour, due FROM bucket_forecast WHERE hour < '2026-01-08 11:00+00' ORDER BY bucket_id, hour;
SELECT "left", dwelled FROM hogsend_reconcile();
SELECT * FROM bucket_forecast;
