-- Windowed counts, all five operators, both directions.
-- Events on the 1st, 2nd and 3rd; a window of ten days. The count is 1, 2, 3, then by the clock
-- alone 2 (after the 11th), 1 (after the 12th), 0 (after the 13th).
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2025-12-31 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('gt_1', hogsend_event('e', within => '10 days', more_than => 1)),
    ('gte_2', hogsend_event('e', within => '10 days', at_least => 2)),
    ('lt_2', hogsend_event('e', within => '10 days', less_than => 2)),
    ('lte_1', hogsend_event('e', within => '10 days', at_most => 1)),
    ('eq_2', hogsend_event('e', within => '10 days', exactly => 2)),
    ('eq_0', hogsend_event('e', within => '10 days', exactly => 0)),
    ('plain', '{"type": "event", "eventName": "e", "check": "count", "within": "10 days"}');
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'e', '2026-01-01 12:00+00');
SELECT string_agg(bucket_id, ' ' ORDER BY bucket_id) AS "count is 1" FROM bucket_members;
SET hogsend.now = '2026-01-02 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'e', '2026-01-02 12:00+00');
SELECT string_agg(bucket_id, ' ' ORDER BY bucket_id) AS "count is 2" FROM bucket_members;
SET hogsend.now = '2026-01-03 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'e', '2026-01-03 12:00+00');
SELECT string_agg(bucket_id, ' ' ORDER BY bucket_id) AS "count is 3" FROM bucket_members;
SET hogsend.now = '2026-01-11 12:00+00';
SELECT entered, "left" FROM hogsend_reconcile();
SET hogsend.now = '2026-01-11 12:00:00.000001+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT string_agg(bucket_id, ' ' ORDER BY bucket_id) AS "count is 2" FROM bucket_members;
SET hogsend.now = '2026-01-12 12:00:00.000001+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT string_agg(bucket_id, ' ' ORDER BY bucket_id) AS "count is 1" FROM bucket_members;
SET hogsend.now = '2026-01-13 12:00:00.000001+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT string_agg(bucket_id, ' ' ORDER BY bucket_id) AS "count is 0" FROM bucket_members;
-- Each of these was announced, as of the flip.
SELECT bucket_id, transition, entry_count, effective_at, source FROM bucket_transitions
WHERE source = 'reconcile' ORDER BY effective_at, bucket_id;
-- Nothing can change any more without data, so nothing is armed.
SELECT count(*) FROM bucket_timers;
-- One late run over all of it ends in the same place, and says what happened last, once.
SET hogsend.now = '2026-01-03 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u2', 'e', '2026-01-01 12:00+00'), ('u2', 'e', '2026-01-02 12:00+00'), ('u2', 'e', '2026-01-03 12:00+00');
SET hogsend.now = '2026-03-01 12:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT bucket_id, transition, effective_at FROM bucket_transitions
WHERE user_id = 'u2' AND source = 'reconcile' ORDER BY transition, bucket_id;
