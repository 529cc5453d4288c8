-- The queue tells loudly and in silence of somebody who was nobody before: whatever comes first, they did not belong
-- before they were there, so that their time in the bucket begins now.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 00:00+00';
SELECT hogsend_define_bucket('all', hogsend_any(hogsend_everyone(), hogsend_event('bought')), dwell_after => '{1 day}');
SET hogsend.evaluate = later;
-- A job begins, which has yet to come to whoever is there.
TRUNCATE user_events;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('ada', 'looked', hogsend_now());
SET hogsend.announce = off;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('ada', 'bought', hogsend_now());
SET hogsend.now = '2026-03-01 05:00+00';
SELECT entered FROM hogsend_reconcile();
SELECT user_id, entered_at, dwell_anchor_at, announced, source FROM bucket_memberships;
DROP EXTENSION hogsend CASCADE;
