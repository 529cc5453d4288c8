-- Regular expressions, and texts whatever their case: by each way in, and what is refused.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO contacts (user_id, properties) VALUES
    ('u1', '{"plan": "Pro", "email": "Ada@Example.COM", "tags": ["VIP", "Σίσυφος"]}'),
    ('u2', '{"plan": "PRO-2", "email": "bob@example.org", "tags": "vip"}'),
    ('u3', '{"plan": 2, "email": null, "tags": ["vipers"]}'),
    ('u4', '{}');
CREATE FUNCTION p(property text, operator text, value jsonb, ignore_case boolean DEFAULT true) RETURNS jsonb LANGUAGE sql AS $$
SELECT jsonb_strip_nulls(jsonb_build_object('type', 'property', 'property', property, 'operator', operator, 'value', value, 'ignoreCase', ignore_case))
$$;
INSERT INTO buckets (id, criteria) VALUES
    ('eq', p('plan', 'eq', '"pRO"')),
    ('neq', hogsend_all(hogsend_everyone(), p('plan', 'neq', '"pRO"'))),
    ('in', p('plan', 'in', '["TRIAL", "pro"]')),
    ('not_in', hogsend_all(hogsend_everyone(), p('plan', 'not_in', '["TRIAL", "pro"]'))),
    ('starts', p('plan', 'starts_with', '"pro"')),
    ('ends', p('email', 'ends_with', '"@example.com"')),
    ('contains', p('tags', 'contains', '"vip"')),
    ('sigma', p('tags', 'contains', '"ΣΊΣΥΦΟΣ"')),
    ('matches', p('email', 'matches', '"^[a-z]+@example\\.(com|org)$"', NULL)),
    ('matches_any_case', p('email', 'matches', '"^[a-z]+@example\\.(com|org)$"'));
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) FROM bucket_members GROUP BY 1 ORDER BY 1;
UPDATE contacts SET properties = properties || '{"plan": "PRO"}' WHERE user_id = 'u3';
INSERT INTO user_events (user_id, event, contact_properties) VALUES
    ('u1', 'moved', '{"email": "ada@example.com"}'), ('u5', 'signup', '{"plan": "TRIal"}');
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) FROM bucket_members GROUP BY 1 ORDER BY 1;
SELECT b.id, (SELECT count(*) FROM hogsend_verify(b.id)) AS wrong FROM buckets b ORDER BY 1;
SELECT bucket, e.condition, e.result, e.observed FROM unnest('{in,sigma,matches,matches_any_case}'::text[]) bucket, hogsend_explain(bucket, 'u1') e WHERE path = '$';
-- Case that does not count is no change, nor is a default that is written out.
SELECT hogsend_define_bucket('in', criteria => p('plan', 'in', '["PRO", "Trial", "trial"]'));
SELECT hogsend_define_bucket('matches', criteria => p('email', 'matches', '"^[a-z]+@example\\.(com|org)$"', false));
-- Texts of any size, and what is no text.
UPDATE contacts SET properties = jsonb_build_object('email', repeat('x', 10000000), 'plan', repeat('7', 10000)::numeric) WHERE user_id = 'u4';
SELECT count(*) AS buckets FROM bucket_members WHERE user_id = 'u4';
-- What is refused.
SELECT path, message, hint FROM hogsend_validate(p('plan', 'matches', '"a(b"'));
SELECT path, message, hint FROM hogsend_validate(p('plan', 'matches', '"(a)\\1"', NULL));
SELECT path, message, hint FROM hogsend_validate(p('plan', 'matches', '"^a\\w{5000}"', NULL));
SELECT path, message, hint FROM hogsend_validate(p('plan', 'gt', '1'));
SELECT path, message, hint FROM hogsend_validate(p('plan', 'eq', '1'));
SELECT path, message, hint FROM hogsend_validate(p('plan', 'contains_any', '["a"]', false));
INSERT INTO buckets (id, criteria) VALUES ('bad', p('plan', 'matches', '"*"'));
