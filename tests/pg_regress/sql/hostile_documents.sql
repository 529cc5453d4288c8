-- Documents of every shape: deep ones, wide ones, and characters that Postgres has no text for. As
-- properties they are data; as criteria they are refused with the reason.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('has', hogsend_property('n', 'contains', 1::numeric)), ('is', hogsend_property('n', 'exists'));
-- Data.
INSERT INTO contacts (user_id, properties) VALUES
    ('array', ('{"n": ' || repeat('[', 3000) || repeat(']', 3000) || '}')::jsonb),
    ('object', ('{"n": ' || repeat('{"a": ', 3000) || '1' || repeat('}', 3000) || '}')::jsonb),
    ('long', jsonb_build_object('n', (SELECT jsonb_agg(n) FROM generate_series(1, 100000) n)));
UPDATE contacts SET properties = properties || '{"n": [1]}' WHERE user_id = 'array';
INSERT INTO user_events (user_id, event, contact_properties) SELECT 'many', 'x', jsonb_object_agg('k' || n, n) || '{"n": {"1": 1}}' FROM generate_series(1, 50000) n;
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
SELECT c.user_id, e.observed FROM contacts c, hogsend_explain('has', c.user_id) e WHERE e.path = '$' ORDER BY 1;
\set VERBOSITY terse
INSERT INTO contacts (user_id, properties) VALUES ('list', '[]');
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('list', 'x', '[{"n": 1}]');
\set VERBOSITY default
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('null', 'x', '{"n": null}');
INSERT INTO contacts (user_id, properties) VALUES ('nul', '{"n": "\u0000"}');
-- Criteria.
\set VERBOSITY terse
INSERT INTO buckets (id, criteria) VALUES ('deep', (repeat('{"type": "composite", "operator": "and", "conditions": [', 2000) || '1' || repeat(']}', 2000))::jsonb);
\set VERBOSITY default
SELECT path, message FROM hogsend_validate(('{"type": "property", "property": "n", "operator": "eq", "value": ' || repeat('[', 3000) || repeat(']', 3000) || '}')::jsonb);
SELECT path, message FROM hogsend_validate(NULL);
SELECT path, message FROM hogsend_validate('null');
SELECT count(*) FROM hogsend_validate((SELECT jsonb_build_object('type', 'composite', 'operator', 'or', 'conditions', jsonb_agg(n)) FROM generate_series(1, 1000) n));
INSERT INTO buckets (id, criteria)
SELECT 'wide', hogsend_any(VARIADIC array_agg(hogsend_property('k' || n, 'eq', n::numeric))) FROM generate_series(1, 256) n;
INSERT INTO buckets (id, criteria)
SELECT 'wider', hogsend_any(VARIADIC array_agg(hogsend_property('k' || n, 'eq', n::numeric))) FROM generate_series(1, 257) n;
SELECT hogsend_has('wide', 'many');
-- What jsonb refuses cannot come from a table. The function behind takes a text.
SELECT hogsend_validate('{"type": "event", "eventName": "a\u0000b", "check": "exists"}');
SELECT message FROM hogsend_problems('{"type": "event", "eventName": "a\ud800b", "check": "exists"}');
SELECT * FROM hogsend_preview_text('{"type": "event", "eventName": "x\u0000", "check": "exists"}', 1);
SELECT * FROM hogsend_preview_text('{"type": "property", "property": "n\u0000", "operator": "exists"}', 1);
SELECT * FROM hogsend_preview_text('{"type": "property"', 1);
SELECT v.* FROM buckets b, hogsend_verify(b.id) v;
