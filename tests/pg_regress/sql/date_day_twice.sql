-- A day that begins, goes back to the one before, and begins again: in Newfoundland, a minute after midnight.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2000-10-28 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('st_johns', hogsend_property('due', 'on_day', 0, zone => 'America/St_Johns'));
INSERT INTO contacts (user_id, properties) VALUES ('twice', '{"due": "2000-10-29"}');
SELECT bucket_id, due_at FROM bucket_timers WHERE user_id = 'twice' AND bucket_id = 'st_johns';
SET hogsend.now = '2000-10-29 02:30+00';
SELECT entered, "left" FROM hogsend_reconcile();
SET hogsend.now = '2000-10-29 02:31+00';
SELECT entered, "left" FROM hogsend_reconcile();
SET hogsend.now = '2000-10-31 12:00+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT event, effective_at, effective_at AT TIME ZONE 'America/St_Johns' AS there FROM bucket_transitions WHERE user_id = 'twice' AND bucket_id = 'st_johns' ORDER BY id;
