-- While a bucket's first job is under way, the queue tells several times of one event, and of events that
-- are gone: whoever matched already before is not announced.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at, properties) VALUES
    ('u1', 'bought', '2026-02-10 12:00+00', '{"device": "mobile"}'), ('u1', 'bought', '2026-02-20 12:00+00', '{"device": "mobile"}'),
    ('u2', 'opened', '2026-02-20 12:00+00', '{}'), ('u3', 'opened', '2026-02-20 12:00+00', '{}'),
    ('u4', 'opened', '2025-12-20 12:00+00', '{}'), ('u5', 'opened', '2026-02-20 12:00+00', '{}');
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria) VALUES
    ('last_mobile', '{"type": "event", "eventName": "bought", "check": "exists", "pick": "last",
                      "having": {"type": "property", "property": "device", "operator": "eq", "value": "mobile"}}'),
    ('one', '{"type": "event", "eventName": "opened", "check": "count", "operator": "eq", "value": 1, "since": "2026-01-01"}');
SET hogsend.evaluate = later;
-- The last of u1 was made on a mobile, too.
DELETE FROM user_events WHERE user_id = 'u1' AND occurred_at = '2026-02-20 12:00+00';
-- u2 and u3 had one before and have one now; u3 has it at the same instant again.
UPDATE user_events SET occurred_at = '2026-02-23 12:00+00' WHERE user_id IN ('u2', 'u3');
UPDATE user_events SET occurred_at = CASE user_id WHEN 'u2' THEN timestamptz '2026-02-24 12:00+00' ELSE '2026-02-20 12:00+00' END
WHERE user_id IN ('u2', 'u3');
-- u4 had none that counts, and u5 had one that is no more, and has another one.
UPDATE user_events SET occurred_at = '2026-02-25 12:00+00' WHERE user_id = 'u4';
UPDATE user_events SET occurred_at = '2026-02-26 12:00+00' WHERE user_id = 'u4';
DELETE FROM user_events WHERE user_id = 'u5';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u5', 'opened', '2026-02-26 12:00+00');
SET hogsend.evaluate = on;
SELECT bool_or(remaining) FROM (SELECT (hogsend_reconcile()).remaining FROM generate_series(1, 4)) r;
SELECT bucket_id, user_id, status, announced FROM bucket_memberships ORDER BY 1, 2, entry_count;
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
