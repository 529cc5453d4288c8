-- Who came and who went, day by day.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 20:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u0', 'app.opened', '2026-01-01 20:00+00');
-- Silent joins, announced ones, and stays ended by whatever: all are counted.
INSERT INTO buckets (id, criteria, entry_limit) VALUES
    ('active', hogsend_event('app.opened', within => '7 days'), 'once'),
    ('pro', hogsend_property('plan', 'eq', 'pro'), 'unlimited');
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u1', 'app.opened', '2026-01-01 20:00+00'), ('u2', 'app.opened', '2026-01-01 20:00+00');
SELECT * FROM bucket_daily ORDER BY bucket_id, day;
SET hogsend.now = '2026-01-03 23:30+00';
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id IN ('u1', 'u2');
SET hogsend.now = '2026-01-04 00:30+00';
UPDATE contacts SET properties = '{}' WHERE user_id = 'u1';
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'u1';
UPDATE contacts SET deleted_at = '2026-01-04 00:30+00' WHERE user_id = 'u2';
SET hogsend.now = '2026-01-10 00:00+00';
SELECT "left" FROM hogsend_reconcile();
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-10 00:00+00');
SELECT event, count(*) FROM bucket_transitions GROUP BY event ORDER BY event;
SELECT * FROM bucket_daily ORDER BY bucket_id, day;
-- A day begins and ends where the session lives.
SET timezone = 'America/New_York';
SELECT * FROM bucket_daily WHERE bucket_id = 'pro' ORDER BY day;
SET timezone = 'Asia/Kolkata';
SELECT * FROM bucket_daily WHERE bucket_id = 'pro' ORDER BY day;
SET timezone = 'UTC';
-- It adds up to the stays there are, and history outlives its bucket.
DELETE FROM buckets WHERE id = 'pro';
SELECT bucket_id, sum(entered) AS entered, sum("left") AS "left" FROM bucket_daily GROUP BY bucket_id ORDER BY bucket_id;
SELECT bucket_id, count(*) AS entered, count(left_at) AS "left" FROM bucket_memberships GROUP BY bucket_id ORDER BY bucket_id;
