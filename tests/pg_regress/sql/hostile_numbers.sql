-- Numbers beyond any float are compared to the last digit, wherever they stand; what is no number of
-- JSON's is refused.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('huge', '{"type": "property", "property": "n", "operator": "gt", "value": 1e400}'),
    ('tiny', '{"type": "property", "property": "n", "operator": "lt", "value": 1e-400}'),
    ('digits', hogsend_property('n', 'eq', 1234567890123456789012345678901234567890.5)),
    ('within', '{"type": "property", "property": "n", "operator": "contains", "value": 1e3}'),
    ('often', '{"type": "event", "eventName": "x", "check": "count", "operator": "gte", "value": 1e400}'),
    ('seldom', '{"type": "event", "eventName": "x", "check": "count", "operator": "lt", "value": 99999999999999999999999999}'),
    ('most', hogsend_event('x', at_least => 9223372036854775807));
INSERT INTO contacts (user_id, properties) VALUES
    ('1e401', '{"n": 1e401}'), ('digits', '{"n": 1234567890123456789012345678901234567890.50}'),
    ('digits+', '{"n": 1234567890123456789012345678901234567890.51}'), ('1e-401', '{"n": 1e-401}'),
    ('array', '{"n": [1000.0, 1e400]}'), ('-1e131071', '{"n": -1e131071}'), ('1e-16383', '{"n": 1e-16383}'),
    ('99999', ('{"n": ' || repeat('9', 100000) || '}')::jsonb);
-- The event's own value and properties are not looked at.
INSERT INTO user_events (user_id, event, occurred_at, value, properties) VALUES
    ('u', 'x', '2026-01-01 12:00+00', 'NaN', '{"n": 1e400}'), ('u', 'x', '2026-01-01 12:00+00', '-Infinity', '{}'),
    ('u', 'x', '2026-01-01 12:00+00', 1e131071, '{}');
SELECT m.bucket_id, m.user_id FROM bucket_members m ORDER BY m.bucket_id COLLATE "C", m.user_id COLLATE "C";
SELECT c.user_id, e.condition, e.observed FROM contacts c, hogsend_explain('huge', c.user_id) e WHERE e.path = '$' ORDER BY c.user_id COLLATE "C";
SELECT e.condition, e.observed FROM buckets b, hogsend_explain(b.id, 'u') e WHERE e.path = '$' AND b.id IN ('often', 'seldom', 'most') ORDER BY b.id;
SELECT v.* FROM buckets b, hogsend_verify(b.id) v;
SELECT hogsend_property('n', 'gt', 'NaN'::numeric);
SELECT hogsend_property('n', 'eq', '-Infinity'::numeric);
SELECT hogsend_event('x', at_least => -1);
INSERT INTO buckets (id, criteria) VALUES ('part', '{"type": "event", "eventName": "x", "check": "count", "operator": "gte", "value": 1.5}');
INSERT INTO buckets (id, criteria) VALUES ('text', '{"type": "property", "property": "n", "operator": "gt", "value": "5"}');
