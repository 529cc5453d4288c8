-- Deleting a bucket ends its stays and says so, drops its timers and its job, and keeps its history, on
-- which a bucket of the same id goes on.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
-- More members than one pass ends at a time.
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event, occurred_at)
SELECT 'u' || to_char(n, 'FM0000'), 'buy', timestamptz '2026-01-18 12:00+00' - n * interval '1 minute' FROM generate_series(1, 2500) n;
RESET hogsend.evaluate;
INSERT INTO buckets (id, criteria, dwell_after) VALUES ('fresh', hogsend_event('buy', within => '7 days'), '{30 days}');
INSERT INTO buckets (id, criteria, entry_limit) VALUES ('once', hogsend_event('buy', within => '30 days'), 'once');
INSERT INTO buckets (id, kind) VALUES ('manual', 'manual');
SELECT hogsend_add_member('manual', ARRAY['u0001', 'u0002']);
SELECT hogsend_remove_member('manual', 'u0001');
SELECT rearmed, remaining FROM hogsend_reconcile();
SELECT bucket_id, count(*) FROM bucket_timers GROUP BY 1 ORDER BY 1;
SET hogsend.now = '2026-01-20 13:00+00';
DELETE FROM buckets WHERE id IN ('fresh', 'manual');
SELECT bucket_id, status, left_reason, left_at, count(*) FROM bucket_memberships GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3;
SELECT event, reason, source, entry_count, effective_at, count(*), count(DISTINCT user_id) FROM bucket_transitions GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2;
SELECT bucket_id, count(*) FROM bucket_timers GROUP BY 1 ORDER BY 1;
SELECT bucket_id, mode, status FROM bucket_jobs ORDER BY id;
-- What is gone is unknown.
SELECT hogsend_count('fresh');
-- The same id again: its members are in for the second time, silently, as in any first backfill.
INSERT INTO buckets (id, criteria) VALUES ('fresh', hogsend_event('buy', within => '3 days'));
SELECT entry_count, status, source, count(*) FROM bucket_memberships WHERE bucket_id = 'fresh' GROUP BY 1, 2, 3 ORDER BY 1, 2;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2500', 'buy', '2026-01-20 13:00+00'), ('n1', 'buy', '2026-01-20 13:00+00');
SELECT user_id, event, entry_count FROM bucket_transitions WHERE transition = 'entered' AND bucket_id = 'fresh' ORDER BY 1;
SELECT bucket_id, mode, status FROM bucket_jobs ORDER BY id;
-- An entry limit counts the stays from before the deletion.
DELETE FROM buckets WHERE id = 'once';
INSERT INTO buckets (id, criteria, entry_limit) VALUES ('once', hogsend_event('sell'), 'once');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u0001', 'sell', '2026-01-20 13:00+00'), ('n2', 'sell', '2026-01-20 13:00+00');
SELECT user_id, entry_count FROM bucket_memberships WHERE bucket_id = 'once' AND status = 'active' ORDER BY 1;
SELECT user_id, entry_count FROM bucket_transitions WHERE transition = 'entered' AND bucket_id = 'once' ORDER BY 1;
DELETE FROM buckets WHERE id = 'fresh';
-- A job that is open ends with its bucket, and a new bucket begins with a backfill of its own.
SET hogsend.inline_backfill = 0;
UPDATE buckets SET criteria = hogsend_event('sell', within => '1 day') WHERE id = 'once';
SELECT mode, status FROM bucket_jobs WHERE bucket_id = 'once' ORDER BY id DESC LIMIT 1;
DELETE FROM buckets WHERE id = 'once';
SELECT mode, status, processed, finished_at FROM bucket_jobs WHERE bucket_id = 'once' ORDER BY id DESC LIMIT 1;
INSERT INTO buckets (id, criteria) VALUES ('once', hogsend_event('buy', never => true, within => '3 days'));
SELECT mode, status FROM bucket_jobs WHERE bucket_id = 'once' ORDER BY id DESC LIMIT 2;
-- So the clock lets none of those join to whom it has been already, before it is done.
SELECT entered, backfilled FROM hogsend_reconcile(10);
SET hogsend.now = '2026-01-23 13:00+00';
SELECT entered, backfilled FROM hogsend_reconcile(5);
SELECT source, count(*) FROM bucket_memberships WHERE bucket_id = 'once' AND status = 'active' GROUP BY 1;
-- Those of whoever is no member go, too, but not that of a user who waits for a look at everything.
SET hogsend.inline_backfill = 10000;
INSERT INTO buckets (id, criteria) VALUES ('lapsed', hogsend_event('buy', never => true, within => '30 days'));
INSERT INTO bucket_timers (user_id, bucket_id, due_at) VALUES ('u0001', '*', '2026-01-23 13:00+00');
SELECT count(*) FILTER (WHERE m.user_id IS NULL) > 0 AS of_others
FROM bucket_timers t LEFT JOIN bucket_members m USING (user_id, bucket_id) WHERE t.bucket_id = 'lapsed';
TRUNCATE buckets;
SELECT bucket_id, count(*) FROM bucket_timers GROUP BY 1;
SELECT bucket_id, status FROM bucket_jobs WHERE status <> 'done';
SELECT count(*) FROM bucket_memberships WHERE status = 'active';
