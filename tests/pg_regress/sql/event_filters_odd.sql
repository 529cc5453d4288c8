-- Whatever an event's document is, it is evaluated and never refused.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('deep', '{"type": "event", "eventName": "e", "check": "exists",
               "where": {"type": "property", "property": ["a", 1, "b"], "operator": "gt", "value": 5}}'),
    ('large', '{"type": "event", "eventName": "e", "check": "exists",
                "where": {"type": "property", "property": "n", "operator": "gt", "value": 1e9999}}'),
    ('value', '{"type": "event", "eventName": "e", "check": "exists",
                "where": {"type": "property", "property": "$value", "operator": "exists"}}');
INSERT INTO user_events (user_id, event, properties) VALUES
    ('array', 'e', '[1, 2]'), ('text', 'e', '"text"'), ('null', 'e', 'null'), ('number', 'e', '7'),
    ('deep', 'e', '{"a": [0, {"b": 6}]}'), ('object', 'e', '{"a": {"1": {"b": 6}}}'), ('short', 'e', '{"a": [0]}'),
    ('nested', 'e', '{"a": [0, {"b": {"c": 6}}]}');
INSERT INTO user_events (user_id, event, properties)
SELECT 'digits', 'e', jsonb_build_object('n', repeat('9', 10001)::numeric);
INSERT INTO user_events (user_id, event, properties)
SELECT 'megabytes', 'e', jsonb_build_object('pad', repeat('x', 10000000), 'a', '[0, {"b": 7}]'::jsonb);
INSERT INTO user_events (user_id, event, value) VALUES ('nan', 'e', 'NaN'), ('infinite', 'e', '-Infinity'), ('none', 'e', NULL);
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
INSERT INTO buckets (id, criteria) SELECT id || '_again', criteria FROM buckets;
SELECT bucket_id, user_id FROM bucket_members WHERE bucket_id LIKE '%\_again' ORDER BY 1, 2;
