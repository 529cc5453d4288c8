-- Two measures compared with each other.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
SELECT hogsend_compare(hogsend_event('login', within => '30 days'), 'lt', hogsend_event('login', within => '60 days', older_than => '30 days'), 0.5);
INSERT INTO buckets (id, criteria) VALUES
    ('fewer', hogsend_compare(hogsend_event('login', within => '30 days'), 'lt', hogsend_event('login', within => '60 days', older_than => '30 days'), 0.5)),
    ('pays_less', hogsend_compare(hogsend_avg('bought', within => '30 days'), 'lt', hogsend_avg('bought', older_than => '30 days'))),
    ('returns_most', hogsend_compare(hogsend_sum('returned'), 'gte', hogsend_sum('bought'), 0.9));
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u1', 'login', '2026-01-10 12:00+00'), ('u1', 'login', '2026-01-11 12:00+00'), ('u1', 'login', '2026-01-12 12:00+00'), ('u1', 'login', '2026-02-20 12:00+00'),
    ('u2', 'login', '2026-01-10 12:00+00'), ('u2', 'login', '2026-02-20 12:00+00'), ('u3', 'login', '2026-02-20 12:00+00');
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES
    ('u1', 'bought', 10, '2026-01-10 12:00+00'), ('u1', 'bought', 20, '2026-01-11 12:00+00'), ('u1', 'bought', 14.99, '2026-02-20 12:00+00'), ('u1', 'returned', 40.5, '2026-02-20 12:00+00'),
    ('u2', 'bought', 10, '2026-02-20 12:00+00'), ('u3', 'returned', 1, '2026-02-20 12:00+00');
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
SELECT path, condition, result, observed, flips_at FROM hogsend_explain('fewer', 'u1') UNION ALL
SELECT path, condition, result, observed, flips_at FROM hogsend_explain('pays_less', 'u1') UNION ALL
SELECT path, condition, result, observed, flips_at FROM hogsend_explain('pays_less', 'u2') UNION ALL
SELECT path, condition, result, observed, flips_at FROM hogsend_explain('returns_most', 'u1');
-- An event on either side.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'login', '2026-02-25 12:00+00'), ('u3', 'login', '2026-01-15 12:00+00'), ('u3', 'login', '2026-01-16 12:00+00'), ('u3', 'login', '2026-01-17 12:00+00');
UPDATE user_events SET value = 41 WHERE event = 'returned' AND user_id = 'u1';
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
-- The clock.
SET hogsend.now = '2026-05-30 12:00+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT bucket_id, user_id, transition, effective_at FROM bucket_transitions WHERE source = 'reconcile' ORDER BY effective_at, id;
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
SELECT bucket_id, keeps FROM (SELECT b.id AS bucket_id, hogsend_may_forget(b.id) AS keeps FROM buckets b) m ORDER BY 1;
-- What is refused.
CREATE FUNCTION wrong(rest text) RETURNS TABLE (path text, message text, hint text) LANGUAGE sql AS
$$ SELECT v.path, v.message, v.hint FROM hogsend_validate(format('{"type": "compare", %s}', rest)::jsonb) v WHERE severity = 'problem' $$;
SELECT * FROM wrong('"operator": "lt"');
SELECT * FROM wrong('"left": 5, "operator": "neq", "right": {"eventName": "a", "check": "exists"}, "factor": "2"');
SELECT * FROM wrong('"left": {"type": "event", "eventName": "a", "check": "count", "operator": "gt", "value": 1}, "operator": "lt", "right": {"type": "property", "eventName": "a", "check": "sum", "of": "$day"}');
SELECT * FROM wrong('"left": {"eventName": "bucket:x", "check": "count", "of": "x"}, "operator": "lt", "right": {"eventName": "a", "check": "distinct", "within": "1 day", "olderThan": "2 days"}');
SELECT * FROM wrong(format('"left": {"eventName": "a", "check": "count"}, "operator": "lt", "right": {"eventName": "a", "check": "count"}, "factor": 0.%s', repeat('1', 101)));
SELECT severity, path, message FROM hogsend_validate(hogsend_compare(hogsend_event('nobody'), 'lt', hogsend_event('ever')));
DROP EXTENSION hogsend CASCADE;
