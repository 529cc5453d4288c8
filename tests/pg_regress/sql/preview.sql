-- How many users match criteria, before anything is defined: what defining then does, and nothing written.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
SELECT 'u' || to_char(n, 'FM00'), 'buy', timestamptz '2026-01-20 12:00+00' - n * interval '1 day',
       jsonb_build_object('plan', CASE WHEN n % 3 = 0 THEN 'pro' ELSE 'free' END)
FROM generate_series(1, 20) n;
INSERT INTO contacts (user_id, properties) VALUES ('v1', '{"plan": "pro"}');
UPDATE contacts SET deleted_at = '2026-01-20 12:00+00' WHERE user_id = 'u02';
SELECT * FROM hogsend_preview(hogsend_event('buy', within => '7 days'));
SELECT * FROM hogsend_preview(hogsend_event('buy', never => true, within => '7 days'));
SELECT * FROM hogsend_preview(hogsend_property('plan', 'eq', 'pro'), 3);
SELECT * FROM hogsend_preview(hogsend_all(hogsend_property('plan', 'eq', 'pro'), hogsend_event('buy', never => true)), sample => 3);
SELECT * FROM hogsend_preview(hogsend_event('sell'));
SELECT * FROM hogsend_preview(hogsend_event('buy'), 0);
-- The same criteria, defined.
INSERT INTO buckets (id, criteria) VALUES ('fresh', hogsend_event('buy', within => '7 days'));
SELECT count(*), array_agg(user_id ORDER BY user_id) FROM bucket_members;
-- A preview is about users, not about a bucket: that there are members and transitions does not matter.
SELECT * FROM hogsend_preview(hogsend_event('buy', within => '7 days'), 2);
-- It reads what the transaction has written, and writes nothing itself.
BEGIN;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('a', 'buy', '2026-01-20 11:00+00');
SELECT * FROM hogsend_preview(hogsend_event('buy', within => '7 days'), 2);
ROLLBACK;
BEGIN READ ONLY;
SELECT matches FROM hogsend_preview(hogsend_event('buy', within => '7 days'));
SELECT pg_current_xact_id_if_assigned() IS NULL AS nothing_written;
COMMIT;
-- At another time.
SET hogsend.now = '2026-01-21 12:00+00';
SELECT * FROM hogsend_preview(hogsend_event('buy', within => '7 days'));
-- What could not be defined cannot be previewed.
SELECT * FROM hogsend_preview('{"type": "event", "eventName": "buy", "check": "sometimes", "within": {"days": -1}}');
SELECT * FROM hogsend_preview(NULL);
SELECT * FROM hogsend_preview(hogsend_event('buy'), NULL);
SELECT * FROM hogsend_preview(hogsend_event('buy'), -1);
SELECT * FROM hogsend_preview(hogsend_event('buy'), 10001);
