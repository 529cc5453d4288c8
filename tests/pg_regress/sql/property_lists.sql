-- Lists of values, and texts that values begin or end with: by each way in, and what is refused.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO contacts (user_id, properties) VALUES
    ('u1', '{"plan": "pro", "seats": 10.0, "tags": ["a", "b"]}'),
    ('u2', '{"plan": "free", "seats": "10", "tags": ["b"]}'),
    ('u3', '{"plan": 5, "tags": "a"}'),
    ('u4', '{}');
INSERT INTO buckets (id, criteria) VALUES
    ('in', hogsend_property('plan', 'in', ARRAY['pro', 'team'])),
    ('not_in', hogsend_all(hogsend_everyone(), hogsend_property('plan', 'not_in', ARRAY['pro', 'team']))),
    ('numbers', '{"type": "property", "property": "seats", "operator": "in", "value": [1, 10]}'),
    ('starts', hogsend_property('plan', 'starts_with', 'p')),
    ('ends', hogsend_property('plan', 'ends_with', 'ee')),
    ('any', hogsend_property('tags', 'contains_any', ARRAY['a', 'x'])),
    ('all', hogsend_property('tags', 'contains_all', ARRAY['a', 'b'])),
    ('none', hogsend_all(hogsend_everyone(), hogsend_property('tags', 'contains_none', ARRAY['a'])));
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) FROM bucket_members GROUP BY 1 ORDER BY 1;
-- A contact that changes, an event that brings properties, and somebody new.
UPDATE contacts SET properties = properties || '{"plan": "team"}' WHERE user_id = 'u2';
INSERT INTO user_events (user_id, event, contact_properties) VALUES
    ('u1', 'moved', '{"plan": "employee", "tags": []}'), ('u5', 'signup', '{"plan": "pro", "seats": 1e1}');
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) FROM bucket_members GROUP BY 1 ORDER BY 1;
SELECT b.id, (SELECT count(*) FROM hogsend_verify(b.id)) AS wrong FROM buckets b ORDER BY 1;
SELECT condition, result, observed FROM hogsend_explain('in', 'u5') WHERE path = '$';
SELECT matches FROM hogsend_preview(hogsend_not(hogsend_property('tags', 'contains_all', ARRAY['b'])));
-- Order and repetition are no change, and do not look at anybody again.
SELECT hogsend_define_bucket('in', criteria => hogsend_property('plan', 'in', ARRAY['team', 'pro', 'team']));
SELECT criteria -> 'value' AS stored FROM buckets WHERE id = 'in';
-- A long list.
INSERT INTO buckets (id, criteria)
SELECT 'long', jsonb_build_object('type', 'property', 'property', 'account', 'operator', 'in', 'value', jsonb_agg('a' || n))
FROM generate_series(1, 10000) n;
UPDATE contacts SET properties = properties || '{"account": "a9999"}' WHERE user_id = 'u4';
SELECT user_id FROM bucket_members WHERE bucket_id = 'long';
SELECT count(*) FROM hogsend_explain('long', 'u4') WHERE length(condition) < 200 AND path = '$';
-- What is refused.
SELECT path, message, hint FROM hogsend_validate((SELECT jsonb_build_object('type', 'property', 'property', 'p', 'operator', 'in', 'value', jsonb_agg(n)) FROM generate_series(0, 10000) n));
SELECT path, message, hint FROM hogsend_validate('{"type": "property", "property": "p", "operator": "in", "value": ["a", 1, null, ["b"]]}');
SELECT path, message, hint FROM hogsend_validate('{"type": "property", "property": "p", "operator": "contains_any", "value": []}');
SELECT path, message, hint FROM hogsend_validate('{"type": "property", "property": "p", "operator": "in", "value": "a"}');
SELECT path, message, hint FROM hogsend_validate('{"type": "property", "property": "p", "operator": "ends_with", "value": 1}');
SELECT path, message, hint FROM hogsend_validate('{"type": "property", "property": "p", "operator": "startswith", "value": "a"}');
SELECT path, message, hint FROM hogsend_validate(hogsend_property('p', 'not_in', ARRAY['a']));
SELECT path, message, hint FROM hogsend_validate(hogsend_property('p', 'in', ARRAY['a', NULL]));
