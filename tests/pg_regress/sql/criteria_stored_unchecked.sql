-- Criteria that were stored past the check: the bucket is skipped and the others go on, and what is wrong is told of
-- the document as it stands there.
\set SHOW_CONTEXT never
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('good', '{"type": "property", "property": "p", "operator": "in", "value": ["a", "b"]}');
INSERT INTO buckets (id, criteria) SELECT format('bad-%s', to_char(n, 'FM00')), hogsend_everyone() FROM generate_series(1, 16) n;
ALTER TABLE buckets DISABLE TRIGGER USER;
UPDATE buckets b SET criteria = u.criteria::jsonb FROM (VALUES
    ('bad-01', NULL),
    ('bad-02', '5'),
    ('bad-03', '["a"]'),
    ('bad-04', '{}'),
    ('bad-05', '{"type": "property", "property": "p", "operator": "in", "value": []}'),
    ('bad-06', '{"type": "property", "property": "p", "operator": "in", "value": {"a": "b"}}'),
    ('bad-07', '{"type": "property", "property": "p", "operator": "in", "value": ["a", null]}'),
    ('bad-08', '{"type": "property", "property": "p", "operator": "in", "value": ["a", 1]}'),
    ('bad-09', '{"type": "property", "property": "p", "operator": "in", "value": ["a", ["b"]]}'),
    ('bad-10', '{"type": "property", "property": "p", "operator": "eq", "value": ["a", "b"]}'),
    ('bad-11', '{"type": "property", "property": "p", "operator": "exists", "value": ["a", "b"]}'),
    ('bad-12', '{"type": "property", "property": "p", "operator": "in", "value": [1], "ignoreCase": true}'),
    ('bad-13', '{"type": "property", "property": "p", "operator": "in", "value": ["a"], "values": ["a"]}'),
    ('bad-14', (SELECT jsonb_build_object('type', 'property', 'property', 'p', 'operator', 'in', 'value', jsonb_agg(n)) FROM generate_series(0, 10000) n)::text),
    ('bad-15', '{"type": "event", "eventName": "e", "check": "count", "operator": "gte", "value": [1]}'),
    ('bad-16', (repeat('{"type": "not", "condition": ', 1000) || '{"type": "everyone"}' || repeat('}', 1000)))) u (id, criteria) WHERE u.id = b.id;
ALTER TABLE buckets ENABLE TRIGGER USER;
\c
\set SHOW_CONTEXT never
INSERT INTO contacts (user_id, properties) VALUES ('u1', '{"p": "b"}');
SELECT bucket_id, user_id FROM bucket_members;
