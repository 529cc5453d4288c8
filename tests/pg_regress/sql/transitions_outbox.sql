-- Every column of the outbox, for every kind of transition.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria, dwell_after, dwell_every, max_dwell) VALUES
    ('active', hogsend_event('app.opened', within => '7 days'), '{}', '{}', NULL),
    ('pro', hogsend_property('plan', 'eq', 'pro'), '{1 day}', '{2 days}', '5 days');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 10:00+00');
INSERT INTO contacts (user_id, properties) VALUES ('u2', '{"plan": "pro"}');
SET hogsend.now = '2026-01-05 13:00+00';
SELECT dwelled FROM hogsend_reconcile();
SET hogsend.now = '2026-01-08 13:00+00';
SELECT "left" FROM hogsend_reconcile();
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-08 12:00+00');
DELETE FROM buckets WHERE id = 'active';
\x on
SELECT event, bucket_id, user_id, transition, entry_count, reason, source, dwell_label, dwell_count,
       effective_at, recorded_at, idempotency_key
FROM bucket_transitions ORDER BY user_id, recorded_at, event, entry_count;
\x off
-- What the ordering needs is there, and is the transaction's own.
SELECT count(*) FROM bucket_transitions WHERE xid IS NULL OR xid >= pg_snapshot_xmax(pg_current_snapshot());
-- The recorded instant is the stay's own.
SELECT t.user_id, t.bucket_id, t.transition FROM bucket_transitions t
WHERE t.transition <> 'dwell' AND NOT EXISTS (
    SELECT FROM bucket_memberships m
    WHERE (m.user_id, m.bucket_id, m.entry_count) = (t.user_id, t.bucket_id, t.entry_count)
      AND t.recorded_at = CASE t.transition WHEN 'entered' THEN m.entered_at ELSE m.left_at END
      AND t.reason IS NOT DISTINCT FROM CASE t.transition WHEN 'left' THEN m.left_reason END);
-- No key twice.
SELECT idempotency_key FROM bucket_transitions GROUP BY 1 HAVING count(*) > 1;
