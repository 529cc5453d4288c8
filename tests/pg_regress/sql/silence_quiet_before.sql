-- quiet_before: what took effect before it is recorded and not announced.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO contacts (user_id) VALUES ('u1'), ('u2'), ('u3'), ('u4');
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u1', 'bought', '2025-01-01 00:00+00'), ('u2', 'bought', '2026-01-09 12:00+00');
-- Who has been there for a year is spared; who comes to be there for two days is not.
SELECT hogsend_define_bucket('buyer', hogsend_event('bought'), dwell_after => '{2 days}', dwell_every => '{100 days}',
                             quiet_before => '2026-01-10 12:00+00');
SELECT user_id, dwell_anchor_at, announced FROM bucket_memberships ORDER BY 1;
SELECT entered, "left", dwelled FROM hogsend_reconcile();
SELECT user_id, dwell_counts FROM bucket_memberships ORDER BY 1;
SELECT count(*) AS announced FROM bucket_transitions;
SET hogsend.now = '2026-01-11 12:00+00';
SELECT dwelled FROM hogsend_reconcile();
SELECT user_id, event, effective_at FROM bucket_transitions ORDER BY id;
-- The next of u1's hundreds of days is announced as ever, with its true ordinal.
SET hogsend.now = '2026-02-05 00:00+00';
SELECT dwelled FROM hogsend_reconcile();
SELECT user_id, event, dwell_count, effective_at FROM bucket_transitions WHERE recorded_at > '2026-02-01' ORDER BY id;
-- History that is loaded after go-live announces nobody; at that very instant is announced.
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u3', 'bought', '2026-01-10 11:59:59.999999+00'), ('u4', 'bought', '2026-01-10 12:00+00');
SELECT user_id, status, announced FROM bucket_memberships WHERE user_id IN ('u3', 'u4') ORDER BY 1;
SELECT user_id, transition, effective_at FROM bucket_transitions WHERE user_id IN ('u3', 'u4') ORDER BY id;
-- A leave too.
SELECT hogsend_define_bucket('active', hogsend_event('opened', within => '1 day'), quiet_before => '2026-02-05 00:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'opened', '2026-02-05 00:00+00'), ('u2', 'opened', '2026-02-04 23:00+00');
UPDATE user_events SET occurred_at = '2026-02-03 00:00+00' WHERE event = 'opened';
SELECT user_id, status, announced, left_announced FROM bucket_memberships WHERE bucket_id = 'active' ORDER BY 1;
SELECT user_id, transition, effective_at FROM bucket_transitions WHERE bucket_id = 'active' ORDER BY id;
-- Changing it announces nobody, whichever way, and is no job; NULL is none.
SELECT hogsend_define_bucket('buyer', hogsend_event('bought'), dwell_after => '{2 days}', dwell_every => '{100 days}',
                             quiet_before => '2026-01-10 12:00+00');
SELECT hogsend_define_bucket('buyer', hogsend_event('bought'), dwell_after => '{2 days}', dwell_every => '{100 days}');
SELECT quiet_before FROM buckets WHERE id = 'buyer';
UPDATE buckets SET quiet_before = '2030-01-01 00:00+00' WHERE id = 'buyer';
SELECT entered, "left", dwelled, remaining FROM hogsend_reconcile();
SELECT mode, count(*) FROM bucket_jobs WHERE bucket_id = 'buyer' GROUP BY 1;
SELECT count(*) AS announced FROM bucket_transitions;
-- It holds for the end of the bucket as well.
DELETE FROM buckets WHERE id = 'buyer';
SELECT count(*) FILTER (WHERE left_reason = 'bucketDeleted') AS ended, bool_or(left_announced) AS announced FROM bucket_memberships WHERE bucket_id = 'buyer';
SELECT count(*) AS announced FROM bucket_transitions;
