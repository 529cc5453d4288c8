-- A bucket that is not at work, or not by criteria, says so.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-02-01 12:00+00';
INSERT INTO buckets (id, kind, min_dwell, max_dwell) VALUES ('friends', 'manual', '1 day', '10 days');
INSERT INTO buckets (id, criteria, max_dwell) VALUES ('active', hogsend_event('app.opened', within => '7 days'), '30 days');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('ann', 'app.opened', '2026-02-01 12:00+00');
SELECT * FROM hogsend_explain('friends', 'ann');
SELECT * FROM hogsend_explain('friends', 'nobody');
SELECT hogsend_add_member('friends', 'ann');
SELECT * FROM hogsend_explain('friends', 'ann');
SELECT hogsend_remove_member('friends', 'ann');
SELECT * FROM hogsend_explain('friends', 'ann');
-- Disabled: who is in stays in, and nothing is foretold.
UPDATE buckets SET enabled = false WHERE id = 'active';
SET hogsend.now = '2026-02-09 12:00+00';
SELECT * FROM hogsend_explain('active', 'ann');
UPDATE buckets SET enabled = true WHERE id = 'active';
-- A restored copy does nothing until it is told to.
UPDATE hogsend_instance SET id = gen_random_uuid();
SELECT * FROM hogsend_explain('active', 'ann');
SELECT hogsend_adopt();
SELECT path FROM hogsend_explain('active', 'ann');
-- A first backfill that is under way: it has not come to this user; then it has; then it failed.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('bea', 'app.opened', '2026-02-08 12:00+00');
DELETE FROM bucket_memberships WHERE user_id = 'bea';
DELETE FROM bucket_timers WHERE user_id = 'bea';
INSERT INTO bucket_jobs (bucket_id, mode, status, reached) VALUES ('active', 'backfill', 'running', 'ann');
SELECT * FROM hogsend_explain('active', 'bea');
UPDATE bucket_jobs SET reached = 'cid' WHERE status = 'running';
SELECT * FROM hogsend_explain('active', 'bea');
UPDATE bucket_jobs SET status = 'failed', reached = 'ann', error = 'mine is broken', mode = 'reevaluate' WHERE status = 'running';
SELECT * FROM hogsend_explain('active', 'bea');
UPDATE bucket_jobs SET status = 'done', error = NULL;
-- What nothing is set to do is said, too.
SELECT * FROM hogsend_explain('active', 'bea');
