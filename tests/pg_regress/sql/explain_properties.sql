-- Why is this user (not) in this bucket? Each property leg, in words, and values that nobody expects.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-02-28 12:00+00';
CREATE FUNCTION why(criteria jsonb, properties jsonb) RETURNS TABLE (condition text, result boolean, observed text) LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO buckets (id, criteria) VALUES ('asked', criteria) ON CONFLICT (id) DO UPDATE SET criteria = excluded.criteria;
    INSERT INTO contacts (user_id, properties) VALUES ('ann', properties) ON CONFLICT (user_id) DO UPDATE SET properties = excluded.properties;
    RETURN QUERY SELECT e.condition, e.result, e.observed FROM hogsend_explain('asked', 'ann') e WHERE e.path LIKE '$%' AND e.condition <> 'all of:';
END $$;
SELECT w.* FROM (VALUES
    (1, hogsend_property('plan', 'eq', 'trial'), '{"plan": "trial"}'::jsonb),
    (2, hogsend_property('plan', 'eq', 'trial'), '{"plan": "Trial "}'),
    (3, hogsend_property('plan', 'eq', 'trial'), '{}'),
    (4, hogsend_property('plan', 'eq', 'trial'), '{"plan": null}'),
    (5, hogsend_property('seats', 'eq', 5), '{"seats": 5.0}'),
    (6, hogsend_property('seats', 'eq', 5), '{"seats": "5"}'),
    (7, hogsend_property('seats', 'gt', 5), '{"seats": 5}'),
    (8, hogsend_property('seats', 'gte', 5), '{"seats": "many"}'),
    (9, hogsend_property('seats', 'lt', 5), '{"seats": [1, 2]}'),
    (10, hogsend_property('seats', 'lte', 5), '{"seats": 4.25}'),
    (11, hogsend_property('beta', 'eq', true), '{"beta": 1}'),
    (12, hogsend_property('beta', 'exists'), '{"beta": false}'),
    (13, hogsend_property('beta', 'exists'), '{"beta": null}'),
    (14, hogsend_property('tags', 'contains', 'vip'), '{"tags": ["new", "vip", {"a": 1}]}'),
    (15, hogsend_property('tags', 'contains', 'vip'), '{"tags": "a vip of sorts"}'),
    (16, hogsend_property('tags', 'contains', 'vip'), '{"tags": 7}'),
    (17, hogsend_property('tags', 'contains', 7), '{"tags": "7"}'),
    (18, hogsend_property('address', 'eq', 'Berlin'), '{"address": {"city": "Berlin"}}')
) v (n, criteria, properties), why(v.criteria, v.properties) w ORDER BY v.n;
-- Negations stand beside something positive.
SELECT w.* FROM why(hogsend_all(hogsend_property('id', 'exists'), hogsend_property('plan', 'neq', 'trial'), hogsend_property('seats', 'neq', 5), hogsend_property('churned', 'not_exists')),
                    '{"id": 1, "seats": "5"}') w;
-- Nothing that people store breaks it, and nothing floods it.
SELECT w.* FROM (VALUES
    (1, hogsend_property('o''neil "x" \', 'eq', e'it''s "so"\n\t\\'), jsonb_build_object('o''neil "x" \', e'it''s "so"\n\t\\')),
    (2, hogsend_property('n', 'lt', '1e400'::numeric), '{"n": 1e400}'),
    (3, hogsend_property('n', 'eq', 1234567890123456789012345678901234567890), '{"n": 1234567890123456789012345678901234567891}'),
    (4, hogsend_property('n', 'gt', 0.1), '{"n": 0.1000000000000000000000000000000000000001}'),
    (5, hogsend_property('n', 'gt', -1), jsonb_build_object('n', repeat('7', 300)::numeric)),
    (6, hogsend_property('hedgehog', 'contains', '🦔'), '{"hedgehog": "a 🦔 in Zürich"}'),
    (7, hogsend_property('🦔', 'eq', ''), '{"🦔": ""}'),
    (8, hogsend_property('bio', 'contains', repeat('long ', 100)), jsonb_build_object('bio', repeat('longer ', 100000))),
    (9, hogsend_property(repeat('k', 1000), 'exists'), jsonb_build_object(repeat('k', 1000), 1)),
    (10, hogsend_property('tags', 'contains', 'x'), jsonb_build_object('tags', (SELECT jsonb_agg('tag ' || n) FROM generate_series(1, 1000) n))),
    (11, hogsend_property('deep', 'contains', 'x'), ('{"deep": ' || repeat('[', 500) || repeat(']', 500) || '}')::jsonb)
) v (n, criteria, properties), why(v.criteria, v.properties) w ORDER BY v.n;
-- Event names, too.
SELECT w.condition, w.result FROM (VALUES (1, 'it''s "so"'), (2, ''''), (3, repeat('e', 400)), (4, '🦔'), (5, 'größe:x/y')) v (n, name), why(hogsend_event(v.name, never => true, within => '1 day'), '{}') w ORDER BY v.n;
