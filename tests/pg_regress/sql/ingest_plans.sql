-- Plans are kept, so those of an empty table must do for a large one. Nothing is read from end to end, not
-- even by a session whose first statement came when the tables had been analyzed and were empty; but that the
-- UPDATE below reads the contacts, and a job that asks in SQL counts those it has before it, once.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
-- (The planner takes an unknown table for a small one, and not for an empty one.)
ANALYZE;
SET hogsend.now = '2026-01-20 12:00+00';
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria) VALUES
    ('fresh', hogsend_event('buy', within => '7 days')),
    ('pro', hogsend_all(hogsend_property('plan', 'eq', 'pro'), hogsend_event('buy', never => true, within => '1 day')));
CREATE VIEW scans AS
SELECT relname, seq_scan FROM pg_stat_xact_user_tables
WHERE relname IN ('contacts', 'user_events', 'bucket_memberships', 'bucket_timers', 'bucket_transitions');
BEGIN;
CREATE TEMP TABLE before AS SELECT * FROM scans;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'buy', '2026-01-20 11:00+00');
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('u1', 'buy', '2026-01-20 11:00+00', '{"plan": "pro"}'), ('u2', 'buy', '2026-01-20 11:00+00', NULL);
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id = 'u1';
SET LOCAL hogsend.now = '2026-01-22 12:00+00';
SELECT rearmed FROM hogsend_reconcile();
UPDATE buckets SET criteria = hogsend_event('buy', within => '6 days') WHERE id = 'fresh';
SELECT s.processed FROM hogsend_backfill_chunk('fresh', 10) s;
SELECT relname, s.seq_scan - b.seq_scan AS scans FROM scans s JOIN before b USING (relname)
WHERE s.seq_scan > b.seq_scan + CASE relname WHEN 'contacts' THEN 2 ELSE 0 END ORDER BY 1;
ROLLBACK;
