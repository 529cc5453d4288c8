-- Buckets in buckets: the first fill of one waits for that of what it names, and changed criteria go on.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'u' || n, 'bought', '2026-01-01 11:00+00'::timestamptz - n * interval '1 day' FROM generate_series(1, 6) n;
INSERT INTO contacts (user_id) SELECT 'v' || n FROM generate_series(1, 6) n;
-- All in one statement: silently, and each after what it names.
INSERT INTO buckets (id, criteria, dwell_after) VALUES
    ('a', hogsend_in_bucket('b'), '{2 days}'),
    ('b', hogsend_all(hogsend_everyone(), hogsend_in_bucket('c', member => false)), '{2 days}'),
    ('c', hogsend_event('bought', within => '4 days'), '{}');
SELECT bucket_id, count(*), min(dwell_anchor_at), max(dwell_anchor_at) FROM bucket_memberships GROUP BY 1 ORDER BY 1;
SELECT count(*) FROM bucket_transitions;
-- Other criteria move those that depend on it by the same job.
SELECT * FROM hogsend_preview_change('c', hogsend_event('bought', within => '2 days'), 3);
SELECT hogsend_define_bucket('c', hogsend_event('bought', within => '2 days'));
SELECT user_id, event, source FROM bucket_transitions ORDER BY id;
SELECT bucket_id, user_id FROM bucket_members WHERE user_id LIKE 'u%' ORDER BY 1, 2;
SELECT * FROM hogsend_preview_change('c', hogsend_in_bucket('a'));
SELECT * FROM hogsend_preview_change('c', hogsend_in_bucket('nobody'));
SELECT * FROM hogsend_preview(hogsend_in_bucket('nobody'));
SELECT * FROM hogsend_preview(hogsend_all(hogsend_in_bucket('a'), hogsend_event('bought')));
-- In the background: the outer one waits, also where it is asked for alone.
SET hogsend.inline_backfill = 1;
SET client_min_messages = notice;
SELECT hogsend_define_bucket('i', hogsend_event('bought'));
SET hogsend.inline_backfill = 1000;
SELECT hogsend_define_bucket('o', hogsend_in_bucket('i'));
SET client_min_messages = warning;
SELECT bucket_id, status, processed FROM bucket_jobs WHERE status <> 'done' ORDER BY 1;
-- Who does something meanwhile: who was there before joins silently, in both.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u5', 'bought', '2026-01-01 11:00+00'), ('w', 'bought', '2026-01-01 11:00+00');
SELECT user_id, event FROM bucket_transitions WHERE bucket_id IN ('i', 'o') ORDER BY id;
SELECT bucket_id, user_id, announced FROM bucket_memberships WHERE bucket_id IN ('i', 'o') ORDER BY 1, 2;
SELECT joined, done FROM hogsend_backfill_chunk('o', 3);
SELECT bucket_id, status, processed FROM bucket_jobs WHERE status <> 'done' ORDER BY 1;
CALL hogsend_backfill('o');
SELECT bucket_id, status FROM bucket_jobs WHERE status <> 'done' ORDER BY 1;
SELECT bucket_id, count(*) FROM bucket_members WHERE bucket_id IN ('i', 'o') GROUP BY 1 ORDER BY 1;
SELECT user_id, event FROM bucket_transitions WHERE bucket_id IN ('i', 'o') ORDER BY id;
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
-- By the clock.
SET hogsend.inline_backfill = 1;
INSERT INTO buckets (id, criteria) VALUES ('o2', hogsend_in_bucket('o')), ('o3', hogsend_in_bucket('o2'));
SELECT bucket_id FROM bucket_jobs WHERE status <> 'done' ORDER BY 1;
SELECT entered, backfilled, remaining FROM hogsend_reconcile();
SELECT bucket_id FROM bucket_jobs WHERE status <> 'done' ORDER BY 1;
SELECT entered, backfilled, remaining FROM hogsend_reconcile();
SELECT bucket_id, count(*) FROM bucket_members WHERE bucket_id IN ('i', 'o', 'o2', 'o3') GROUP BY 1 ORDER BY 1;
