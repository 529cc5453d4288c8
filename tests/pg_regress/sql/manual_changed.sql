-- The rules of a bucket that is kept by hand may change while it has members.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
SELECT hogsend_add_member('beta', 'u1');
SELECT user_id, due_at FROM bucket_timers;
-- A new schedule is for those, too, who are in already.
UPDATE buckets SET dwell_after = '{2 days}';
SELECT * FROM hogsend_verify('beta');
SELECT user_id, due_at FROM bucket_timers;
UPDATE buckets SET dwell_after = '{1 day}';
SELECT user_id, due_at FROM bucket_timers;
SET hogsend.now = '2026-01-02 12:00+00';
SELECT dwelled FROM hogsend_reconcile();
-- While it is disabled time passes without consequences, and makes up for it afterwards.
UPDATE buckets SET max_dwell = '5 days';
SELECT hogsend_add_member('beta', 'u2');
UPDATE buckets SET enabled = false;
SET hogsend.now = '2026-01-08 12:00+00';
SELECT "left", dwelled, remaining FROM hogsend_reconcile();
UPDATE buckets SET enabled = true;
SELECT "left", dwelled, remaining FROM hogsend_reconcile();
SELECT * FROM hogsend_verify('beta');
SELECT user_id, event, reason, source, effective_at FROM bucket_transitions ORDER BY id;
