-- Changed criteria, too many users to do it at once: joins are silent and leaves announced, whoever
-- comes to a user first, and the others go on as before.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('a', 'buy', '2026-01-18 12:00+00'),
    ('b', 'buy', '2026-01-10 12:00+00'),
    ('c', 'buy', '2026-01-18 12:00+00'),
    ('d', 'buy', '2026-01-10 12:00+00'),
    ('e', 'buy', '2026-01-05 12:00+00'),
    ('f', 'buy', '2026-01-13 12:30+00');
INSERT INTO buckets (id, criteria) VALUES ('fresh', hogsend_event('buy', within => '7 days'));
SELECT user_id FROM bucket_members ORDER BY 1;
SET hogsend.inline_backfill = 0;
-- Another spelling of the same is no change; another window is.
UPDATE buckets SET criteria = '{"within": {"hours": 168}, "type": "event", "check": "exists", "eventName": "buy"}';
SELECT mode, status FROM bucket_jobs ORDER BY id;
UPDATE buckets SET criteria = hogsend_event('buy', never => true, within => '7 days');
SELECT mode, status, processed FROM bucket_jobs ORDER BY id;
SELECT s.processed, s.joined, s."left" FROM hogsend_backfill_chunk('fresh', 2) s;
SELECT event, user_id, reason, source FROM bucket_transitions ORDER BY id;
SELECT user_id, source, dwell_anchor_at FROM bucket_memberships WHERE status = 'active' ORDER BY 1;
-- Not reached yet: d has matched all along, e matches no longer, c is still in by the old criteria.
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('c', 'hello', '2026-01-20 12:00+00'), ('d', 'buy', '2026-01-02 12:00+00'), ('e', 'buy', '2026-01-20 12:00+00');
SELECT event, user_id, reason, source FROM bucket_transitions ORDER BY id;
SELECT user_id, status, source, dwell_anchor_at FROM bucket_memberships ORDER BY 1, entry_count;
-- f was in by the old criteria until 12:30 and is in by the new ones since then: nothing happens.
SET hogsend.now = '2026-01-20 13:00+00';
SELECT entered, "left" FROM hogsend_reconcile(1);
SELECT event, user_id, reason, source FROM bucket_transitions ORDER BY id;
CALL hogsend_backfill('fresh');
SELECT mode, status, total, processed, joined, "left" FROM bucket_jobs ORDER BY id;
SELECT event, user_id, reason, source FROM bucket_transitions ORDER BY id;
SELECT user_id, source, dwell_anchor_at FROM bucket_memberships WHERE status = 'active' ORDER BY 1;
SELECT * FROM hogsend_verify('fresh');
-- The clock may come to a user before the job does. By the new window g has lapsed for a day: silent.
SET hogsend.now = '2026-02-01 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('a', 'open', '2026-01-31 12:00+00'), ('g', 'open', '2026-01-25 12:30+00'), ('h', 'open', '2026-01-25 12:30+00');
SET hogsend.inline_backfill = 10000;
INSERT INTO buckets (id, criteria) VALUES ('lapsed', hogsend_event('open', never => true, within => '7 days'));
SET hogsend.inline_backfill = 0;
UPDATE buckets SET criteria = hogsend_event('open', never => true, within => '6 days') WHERE id = 'lapsed';
SET hogsend.now = '2026-02-01 13:00+00';
SELECT entered, backfilled FROM hogsend_reconcile(6);
SELECT user_id, source, dwell_anchor_at FROM bucket_memberships WHERE bucket_id = 'lapsed' ORDER BY 1;
CALL hogsend_backfill('lapsed');
SELECT user_id, source, dwell_anchor_at FROM bucket_memberships WHERE bucket_id = 'lapsed' ORDER BY 1;
SELECT count(*) AS announced FROM bucket_transitions WHERE bucket_id = 'lapsed';
