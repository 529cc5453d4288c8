-- What is stored against a full recomputation: each way in which the tables can be wrong is found, and what
-- only waits its turn is not taken for wrong.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at)
SELECT 'in' || n, 'buy', timestamptz '2026-01-20 12:00+00' - n * interval '1 hour' FROM generate_series(1, 8) n
UNION ALL SELECT 'out' || n, 'buy', '2026-01-01 12:00+00' FROM generate_series(1, 3) n;
INSERT INTO contacts (user_id) VALUES ('stranger');
INSERT INTO buckets (id, criteria, dwell_after) VALUES ('b', hogsend_event('buy', within => '7 days'), '{30 days}');
INSERT INTO buckets (id, criteria) VALUES ('lapsed', hogsend_event('buy', never => true, within => '7 days'));
INSERT INTO buckets (id, kind, max_dwell) VALUES ('manual', 'manual', '10 days');
SELECT hogsend_add_member('manual', ARRAY['in1', 'in2', 'in3']);
SELECT hogsend_verify(id) FROM buckets;
-- Nobody's hand but ours in what follows.
BEGIN;
SET LOCAL session_replication_role = replica;
DELETE FROM bucket_memberships WHERE user_id = 'in1' AND bucket_id = 'b';
INSERT INTO bucket_memberships (user_id, bucket_id, entry_count, status, entered_at, source) VALUES
    ('out1', 'b', 1, 'active', '2026-01-20 11:00+00', 'event'),
    ('stranger', 'b', 1, 'active', '2026-01-20 11:00+00', 'event'),
    ('nobody', 'b', 1, 'active', '2026-01-20 11:00+00', 'event');
DELETE FROM bucket_timers WHERE user_id = 'in2' AND bucket_id = 'b';
UPDATE bucket_timers SET due_at = due_at + interval '1 microsecond' WHERE user_id = 'in3' AND bucket_id = 'b';
UPDATE contacts SET deleted_at = '2026-01-20 12:00+00' WHERE user_id = 'in4';
-- Its time to dwell is over, and its time to be in.
UPDATE bucket_memberships SET dwell_anchor_at = '2025-12-01 12:00+00' WHERE user_id = 'in5' AND bucket_id = 'b';
UPDATE bucket_memberships SET max_dwell_at = '2026-01-20 11:59+00' WHERE user_id = 'in6' AND bucket_id = 'b';
-- Events that nobody evaluated.
UPDATE user_events SET occurred_at = '2026-01-02 12:00+00' WHERE user_id = 'in7';
UPDATE user_events SET occurred_at = '2026-01-20 10:00+00' WHERE user_id = 'out2';
DELETE FROM user_events WHERE user_id = 'out3';
DELETE FROM bucket_timers WHERE user_id = 'in1' AND bucket_id = 'manual';
UPDATE bucket_memberships SET max_dwell_at = '2026-01-20 11:59+00' WHERE user_id = 'in2' AND bucket_id = 'manual';
SELECT * FROM hogsend_verify('b') ORDER BY user_id;
SELECT * FROM hogsend_verify('lapsed') ORDER BY user_id;
SELECT * FROM hogsend_verify('manual') ORDER BY user_id;
-- Early timers, and timers that are too many, do no harm.
ROLLBACK;
BEGIN;
UPDATE bucket_timers SET due_at = '2026-01-20 12:30+00' WHERE bucket_id = 'b';
INSERT INTO bucket_timers (user_id, bucket_id, due_at) VALUES ('stranger', 'b', '2026-01-21 12:00+00'), ('in1', 'lapsed', '2026-01-21 12:00+00')
ON CONFLICT (user_id, bucket_id) DO UPDATE SET due_at = EXCLUDED.due_at;
SELECT hogsend_verify(id) FROM buckets;
ROLLBACK;
-- What the clock has yet to do is no difference: a timer that is due, and a user who is queued.
BEGIN;
SET LOCAL hogsend.now = '2026-01-28 12:00+00';
SELECT count(*) FROM bucket_timers WHERE due_at <= '2026-01-28 12:00+00';
SELECT hogsend_verify(id) FROM buckets;
ROLLBACK;
BEGIN;
SET LOCAL hogsend.evaluate = off;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('out1', 'buy', '2026-01-20 12:00+00'), ('new', 'buy', '2026-01-20 12:00+00');
SELECT user_id, bucket_id FROM bucket_timers WHERE bucket_id = '*' ORDER BY 1;
SELECT hogsend_verify(id) FROM buckets;
-- If the queue is lost, they are.
DELETE FROM bucket_timers WHERE bucket_id = '*';
SELECT * FROM hogsend_verify('b') ORDER BY user_id;
SELECT * FROM hogsend_verify('lapsed') ORDER BY user_id;
ROLLBACK;
-- A stay that contradicts itself, which its constraints forbid while they are there.
BEGIN;
ALTER TABLE bucket_memberships DROP CONSTRAINT bucket_memberships_check;
UPDATE bucket_memberships SET status = 'left' WHERE bucket_id = 'b' AND status = 'active';
SELECT * FROM hogsend_verify('b') ORDER BY user_id;
ROLLBACK;
-- Nothing is promised of a bucket that is disabled.
BEGIN;
UPDATE buckets SET enabled = false WHERE id = 'b';
DELETE FROM bucket_memberships WHERE bucket_id = 'b';
SET client_min_messages = notice;
SELECT * FROM hogsend_verify('b');
ROLLBACK;
-- Nor of those to whom its job has not come; but of those to whom it has.
BEGIN;
SET LOCAL hogsend.inline_backfill = 0;
SET client_min_messages = warning;
INSERT INTO buckets (id, criteria) VALUES ('new', hogsend_event('buy', within => '7 days'));
SELECT s.processed FROM hogsend_backfill_chunk('new', 3) s;
SET client_min_messages = notice;
SELECT * FROM hogsend_verify('new');
DELETE FROM bucket_memberships WHERE bucket_id = 'new';
SELECT * FROM hogsend_verify('new');
ROLLBACK;
SET client_min_messages = warning;
-- It writes nothing.
BEGIN READ ONLY;
SELECT hogsend_verify(id) FROM buckets;
SELECT pg_current_xact_id_if_assigned() IS NULL AS nothing_written;
COMMIT;
SELECT * FROM hogsend_verify('nope');
SELECT * FROM hogsend_verify(NULL);
