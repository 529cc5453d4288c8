-- Only events that pass a leg's filter count for it: on their way in, corrected, and gone.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('big', '{"type": "event", "eventName": "bought", "check": "count", "operator": "gte", "value": 2,
              "where": {"type": "property", "property": "$value", "operator": "gt", "value": 50}}'),
    ('shoes', '{"type": "event", "eventName": "bought", "check": "exists", "within": {"days": 5},
                "where": {"type": "property", "property": "category", "operator": "eq", "value": "shoes"}}'),
    ('hats', '{"type": "event", "eventName": "bought", "check": "exists",
               "where": {"type": "composite", "operator": "and", "conditions": [
                   {"type": "property", "property": "category", "operator": "eq", "value": "hats"},
                   {"type": "not", "condition": {"type": "property", "property": "$source", "operator": "eq", "value": "import"}}]}}'),
    ('german', '{"type": "event", "eventName": "bought", "check": "exists",
                 "where": {"type": "property", "property": ["address", "country"], "operator": "eq", "value": "DE"}}'),
    -- Who has bought, and nothing for over 50: the first small one brings them in.
    ('small', '{"type": "event", "eventName": "bought", "check": "count", "operator": "lt", "value": 1,
                "where": {"type": "property", "property": "$value", "operator": "gt", "value": 50}}'),
    ('any', '{"type": "event", "eventName": ["viewed", "bought"], "check": "count", "operator": "gte", "value": 3}');
CREATE FUNCTION members() RETURNS TABLE (bucket text, members text) LANGUAGE sql AS
$$ SELECT b.id, string_agg(m.user_id, ',' ORDER BY m.user_id) FROM buckets b LEFT JOIN bucket_members m ON m.bucket_id = b.id GROUP BY b.id ORDER BY b.id $$;
INSERT INTO user_events (user_id, event, occurred_at, value, source, properties) VALUES
    ('u1', 'bought', '2026-01-10 11:00+00', 60, NULL, '{"category": "shoes", "address": {"country": "DE"}}'),
    ('u1', 'bought', '2026-01-10 11:10+00', 50.5, 'shop', '{"category": "hats"}'),
    ('u2', 'bought', '2026-01-10 11:00+00', 50, 'import', '{"category": "hats", "address": "DE"}'),
    ('u3', 'bought', '2026-01-10 11:00+00', 'NaN', NULL, '{"category": ["shoes"], "address": {"country": ["DE"]}}'),
    ('u3', 'viewed', '2026-01-10 11:00+00', NULL, NULL, '{}'),
    ('u4', 'viewed', '2026-01-10 11:00+00', 100, NULL, '{"category": "shoes"}');
SELECT * FROM members();
-- One more of each, in statements of their own.
INSERT INTO user_events (user_id, event, occurred_at, value) VALUES ('u3', 'bought', '2026-01-10 11:30+00', 70);
INSERT INTO user_events (user_id, event, occurred_at, value) VALUES ('u2', 'bought', '2026-01-10 11:30+00', 20);
INSERT INTO user_events (user_id, event, occurred_at, value) VALUES ('u2', 'viewed', '2026-01-10 11:30+00', 20);
SELECT * FROM members();
-- A correction of what an event says is one.
UPDATE user_events SET properties = '{"category": "shoes"}', source = NULL, value = 51 WHERE user_id = 'u2' AND value = 50;
SELECT * FROM members();
UPDATE user_events SET properties = properties || '{"category": "hats"}' WHERE user_id = 'u2' AND value = 51;
UPDATE user_events SET event = 'viewed' WHERE user_id = 'u1' AND value = 60;
SELECT * FROM members();
DELETE FROM user_events WHERE user_id = 'u3' AND value = 70;
SELECT * FROM members();
-- The clock: shoes of five days ago.
UPDATE user_events SET event = 'bought' WHERE user_id = 'u1' AND value = 60;
SELECT * FROM members() WHERE bucket = 'shoes';
SET hogsend.now = '2026-01-15 11:00:00.000001+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT * FROM members() WHERE bucket = 'shoes';
SELECT user_id, transition, effective_at FROM bucket_transitions WHERE bucket_id = 'shoes' ORDER BY id;
-- Nothing of it is otherwise than computed anew.
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
-- A first fill finds the same.
INSERT INTO buckets (id, criteria) SELECT id || '_again', criteria FROM buckets;
SELECT * FROM members() WHERE bucket LIKE '%\_again';
SELECT bucket_id, user_id, dwell_anchor_at FROM bucket_memberships WHERE bucket_id LIKE '%\_again' ORDER BY 1, 2;
SELECT hogsend_matches('big', 'u1'), hogsend_matches('big', 'u2');
