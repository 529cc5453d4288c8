-- Of users who did something while evaluation was off nobody knows what it was, so that a job that has yet to come to them joins
-- them in silence. Their move in a bucket that others name is known: who follows it into those is announced with it.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-07 00:00+00';
SELECT hogsend_define_bucket('inner', hogsend_event('bought'));
SET hogsend.inline_backfill = 0;
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('ada', 'bought', hogsend_now());
RESET hogsend.evaluate;
SELECT hogsend_define_bucket('outer', hogsend_in_bucket('inner'));
SELECT hogsend_define_bucket('beside', hogsend_event('bought'));
SELECT entered, remaining FROM hogsend_reconcile();
SELECT bucket_id, user_id, announced, source FROM bucket_memberships ORDER BY bucket_id;
SELECT event, user_id, source FROM bucket_transitions ORDER BY id;
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
DROP EXTENSION hogsend CASCADE;
