-- While a bucket's first job is under way, those join silently who matched before the statement, whatever their
-- events say; and those are announced whom the statement made match.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at, value, properties) VALUES
    ('u1', 'bought', '2026-02-01 12:00+00', 60, '{"device": "mobile"}'), ('u2', 'bought', '2026-02-01 12:00+00', 40, '{"device": "desk"}'),
    ('u3', 'bought', '2026-02-01 12:00+00', 60, '{"device": "mobile"}'), ('u4', 'bought', '2026-02-01 12:00+00', 40, '{"device": "mobile"}'),
    ('u5', 'bought', '2026-02-25 12:00+00', 40, '{"device": "mobile"}'), ('u6', 'bought', '2026-01-01 12:00+00', 40, '{}');
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria) VALUES
    ('big', '{"type": "event", "eventName": "bought", "check": "exists",
              "where": {"type": "property", "property": "$value", "operator": "gt", "value": 50}}'),
    ('last_mobile', '{"type": "event", "eventName": "bought", "check": "exists", "pick": "last",
                      "having": {"type": "property", "property": "device", "operator": "eq", "value": "mobile"}}'),
    ('first_mobile', '{"type": "event", "eventName": "bought", "check": "exists", "pick": "first",
                      "having": {"type": "property", "property": "device", "operator": "eq", "value": "mobile"}}'),
    ('between', '{"type": "event", "eventName": "bought", "check": "exists", "within": {"days": 60}, "olderThan": {"days": 20}}');
-- One more for each: u1 had one, u2 had none; for u3 another one is in the place of the last.
INSERT INTO user_events (user_id, event, occurred_at, value, properties) VALUES
    ('u1', 'bought', '2026-03-01 11:00+00', 70, '{"device": "mobile"}'), ('u2', 'bought', '2026-03-01 11:00+00', 70, '{"device": "mobile"}'),
    ('u3', 'bought', '2026-01-31 11:00+00', 10, '{"device": "desk"}'), ('u5', 'bought', '2026-01-31 11:00+00', 10, '{"device": "mobile"}'),
    ('u6', 'bought', '2025-12-01 11:00+00', 40, '{"device": "mobile"}');
-- What a correction made of u4, and what a deletion made of u3.
UPDATE user_events SET value = 80 WHERE user_id = 'u4';
DELETE FROM user_events WHERE user_id = 'u3' AND value = 10;
SELECT bucket_id, user_id, source, status FROM bucket_memberships ORDER BY 1, 2, entry_count;
SELECT bucket_id, user_id, transition FROM bucket_transitions ORDER BY bucket_id, user_id, id;
SELECT bool_or(remaining) FROM (SELECT (hogsend_reconcile()).remaining FROM generate_series(1, 8)) r;
SELECT bucket_id, user_id, source, status FROM bucket_memberships ORDER BY 1, 2, entry_count;
SELECT bucket_id, user_id, transition FROM bucket_transitions ORDER BY bucket_id, user_id, id;
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
