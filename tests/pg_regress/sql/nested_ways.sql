-- Buckets in buckets: one person, two names; and what waits for the clock.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
SELECT hogsend_define_bucket('list', kind => 'manual');
SELECT hogsend_define_bucket('buyer', hogsend_event('bought', at_least => 2));
SELECT hogsend_define_bucket('top', hogsend_all(hogsend_in_bucket('list'), hogsend_in_bucket('buyer')));
SELECT hogsend_add_member('list', 'visitor');
INSERT INTO user_events (user_id, event) VALUES ('visitor', 'bought'), ('u1', 'bought');
SELECT count(*) FROM bucket_members WHERE bucket_id = 'top';
-- Only both histories together make a buyer, and the list goes over.
SELECT hogsend_identify('visitor', 'u1');
SELECT user_id, event, source FROM bucket_transitions ORDER BY id;
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1;
-- Left to the clock, in silence and not.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event) VALUES ('u2', 'bought'), ('u2', 'bought');
SET hogsend.evaluate = on;
SELECT hogsend_add_member('list', 'u2');
SELECT entered FROM hogsend_reconcile();
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event) VALUES ('u3', 'bought'), ('u3', 'bought');
SET hogsend.evaluate = on;
SELECT hogsend_add_member('list', 'u3');
SELECT entered FROM hogsend_reconcile();
SET hogsend.announce = off;
INSERT INTO user_events (user_id, event) VALUES ('u4', 'bought'), ('u4', 'bought');
SELECT hogsend_add_member('list', 'u4');
RESET hogsend.announce;
SELECT user_id, event FROM bucket_transitions WHERE user_id > 'u1' ORDER BY user_id, id;
SELECT bucket_id, user_id, announced FROM bucket_memberships WHERE bucket_id = 'top' AND status = 'active' ORDER BY 1, 2;
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
