-- Paths into nested properties: positions are those of arrays only and names those of objects, by each way in.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO contacts (user_id, properties) VALUES
    ('u1', '{"address": {"country": "DE", "lines": ["a", {"zip": 10}]}, "0": {"0": "x"}}'),
    ('u2', '{"address": {"country": {"0": "DE"}, "lines": {"1": {"zip": 10}, "0": "a"}}, "0": ["x"]}'),
    ('u3', '{"address": "DE", "address.country": "DE"}'),
    ('u4', '{"address": ["DE", {"country": "DE"}]}'),
    ('u5', '{}');
CREATE FUNCTION p(path jsonb, operator text, value jsonb DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_strip_nulls(jsonb_build_object('type', 'property', 'property', path, 'operator', operator, 'value', value))
$$;
INSERT INTO buckets (id, criteria) VALUES
    ('country', p('["address", "country"]', 'eq', '"DE"')),
    ('dotted', p('"address.country"', 'eq', '"DE"')),
    ('first_line', p('["address", "lines", 0]', 'eq', '"a"')),
    ('zip', p('["address", "lines", 1, "zip"]', 'gte', '10')),
    ('name_0', p('["0", "0"]', 'eq', '"x"')),
    ('place_0', p('["0", 0]', 'eq', '"x"')),
    ('nested', p('["address", "country"]', 'exists')),
    ('no_country', hogsend_all(hogsend_everyone(), p('["address", "country"]', 'not_exists'))),
    ('both', hogsend_all(p('["address", "country"]', 'eq', '"DE"'), p('["address", "lines"]', 'contains', '"a"')));
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) FROM bucket_members GROUP BY 1 ORDER BY 1;
-- One contact that changes, several of them, an event that brings a patch, and somebody new.
UPDATE contacts SET properties = jsonb_set(properties, '{address,country}', '"FR"') WHERE user_id = 'u1';
UPDATE contacts SET properties = properties || '{"address": {"country": "DE", "lines": ["b"]}}' WHERE user_id IN ('u2', 'u3');
INSERT INTO user_events (user_id, event, contact_properties) VALUES
    ('u4', 'moved', '{"address": {"country": "DE", "lines": ["a"]}}'), ('u6', 'signup', '{"0": ["x"]}');
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) FROM bucket_members GROUP BY 1 ORDER BY 1;
SET hogsend.evaluate = 'later';
UPDATE contacts SET properties = '{"0": {"0": "x"}, "address": {"country": "DE"}}' WHERE user_id = 'u1';
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('u4', 'moved', '{"address": null}');
RESET hogsend.evaluate;
SELECT count(*) > 0 AS worked FROM hogsend_reconcile();
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) FROM bucket_members GROUP BY 1 ORDER BY 1;
SELECT b.id, (SELECT count(*) FROM hogsend_verify(b.id)) AS wrong FROM buckets b ORDER BY 1;
-- In words. A name with a dot in it is not taken for two.
SELECT b.id, e.condition, e.result, e.observed FROM buckets b, hogsend_explain(b.id, 'u2') e
WHERE e.path IN ('$', '$.conditions[0]') AND e.condition NOT LIKE 'all of%' ORDER BY 1;
-- A path of one name is that name, and means no change.
SELECT hogsend_define_bucket('dotted', criteria => p('["address.country"]', 'eq', '"DE"'));
SELECT matches FROM hogsend_preview(p('["address", "country"]', 'eq', '"DE"'));
SELECT path, message, hint FROM hogsend_validate(p('["address", -1, {}]', 'exists'));
SELECT path, message, hint FROM hogsend_validate(p('[]', 'exists'));
