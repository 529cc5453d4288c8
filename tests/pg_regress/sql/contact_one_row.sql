-- An UPDATE of one contact is compared without SQL, one of several with it: both must do the same.
\set SHOW_CONTEXT never
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';

INSERT INTO buckets (id, criteria) VALUES
    ('pro', hogsend_property('plan', 'eq', 'pro')),
    ('free', hogsend_any(hogsend_property('plan', 'eq', 'free'), hogsend_property('plan', 'not_exists'))),
    ('big', hogsend_property('size', 'gte', 10)),
    ('set', hogsend_property('tags', 'contains', 'a'));
INSERT INTO contacts (user_id, properties)
SELECT u, '{"plan": "free", "size": 1, "other": 1}' FROM unnest('{one,two,three}'::text[]) u;
-- One by one, and both others in one statement.
CREATE FUNCTION change(what text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE 'UPDATE contacts SET ' || what || ' WHERE user_id = ''one''';
    EXECUTE 'UPDATE contacts SET ' || what || ' WHERE user_id IN (''two'', ''three'')';
END $$;
-- What happened since the last time, and to whom: transition, bucket and entry count.
CREATE TABLE seen AS SELECT 0::bigint AS id;
CREATE FUNCTION moves() RETURNS TABLE (users text, moves text) LANGUAGE sql AS $$
    WITH new AS (SELECT t.* FROM bucket_transitions t, seen s WHERE t.id > s.id),
         mark AS (UPDATE seen SET id = greatest(id, (SELECT max(n.id) FROM new n)))
    SELECT string_agg(user_id, ' ' ORDER BY user_id), moves
    FROM (SELECT user_id, string_agg(transition || ' ' || bucket_id || ' ' || entry_count, ', ' ORDER BY bucket_id, id) AS moves
          FROM new GROUP BY user_id) m
    GROUP BY moves
$$;
SELECT * FROM moves();

SELECT change($$properties = properties || '{"plan": "pro", "size": 10}'$$);
SELECT * FROM moves();

-- Nothing that a bucket references, nothing at all, and the same number in other words.
SELECT change($$properties = properties || '{"other": 2}'$$);
SELECT change($$email = 'x@example.com'$$);
SELECT change($$properties = properties || '{"size": 10.0}'$$);
SELECT * FROM moves();

-- Keys that appear and go, values of any kind and size.
SELECT change($$properties = (properties - 'plan') || '{"tags": ["a", {"b": 1e400}], "size": 123456789012345678901234567890.5}'$$);
SELECT * FROM moves();
SELECT change($$properties = jsonb_set(properties, '{tags,0}', '"b"') || '{"size": null}'$$);
SELECT * FROM moves();
SELECT change($$properties = '{}'$$);
SELECT * FROM moves();

-- A document that lies out of line, and one that is nested deeper than most parsers go.
SELECT change($$properties = jsonb_build_object('plan', 'pro', 'text', (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 1000) n))$$);
SELECT change($$properties = properties || '{"size": 11}'$$);
SELECT * FROM moves();
SELECT change($$properties = properties || jsonb_build_object('plan', 'free', 'deep', (repeat('[', 1000) || repeat(']', 1000))::jsonb)$$);
SELECT change($$properties = properties || '{"plan": "pro"}'$$);
SELECT * FROM moves();

-- Deleted, changed while deleted, and restored.
SELECT change($$deleted_at = now()$$);
SELECT user_id, count(*) FROM bucket_memberships WHERE status = 'active' GROUP BY user_id;
SELECT change($$properties = '{"size": 12}'$$);
SELECT change($$deleted_at = NULL, properties = properties || '{"tags": "a"}'$$);
SELECT * FROM moves();
SELECT user_id, string_agg(bucket_id, ' ' ORDER BY bucket_id) FROM bucket_memberships WHERE status = 'active' GROUP BY user_id ORDER BY user_id;

-- A contact that gets another name is gone under the old one.
UPDATE contacts SET user_id = 'four' WHERE user_id = 'one';
SELECT user_id, string_agg(bucket_id, ' ' ORDER BY bucket_id) FROM bucket_memberships WHERE status = 'active' GROUP BY user_id ORDER BY user_id;
SELECT bucket_id, v.* FROM (SELECT id AS bucket_id FROM buckets) b, hogsend_verify(bucket_id) v;
