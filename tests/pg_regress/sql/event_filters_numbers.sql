-- Numbers are compared exactly, however large or small they are and however Postgres keeps them, in the column and in
-- the document.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
CREATE TABLE numbers (n int GENERATED ALWAYS AS IDENTITY, value numeric);
INSERT INTO numbers (value) VALUES
    (0), (-0.0), (1), (1.0000), (-1), (10), (100), (9999), (10000), (10001), (-10000), (99999999), (100000000), (0.1), (0.0001), (0.00001),
    (-0.00001), (0.00009999), (12345.6789), (12345.678900), (12345.67890001), (1e20), (1e20 + 1), (1e63), (1e-63), (-1e63), (1e64), (1e300),
    (-1e300), (1e-300), (123456789012345678901234567890.123456789), (1e250 + 1e-5), (3.14159265358979), (1e15000), (-1e15000), (1e-10000);
-- Of a user for each pair of two numbers one is in the event and the other is asked for.
INSERT INTO buckets (id, criteria)
SELECT format('%s%s', o, n), hogsend_event('e', filter => hogsend_property(p, o, value))
FROM numbers, (VALUES ('$value', 'gt'), ('$value', 'lte'), ('d', 'eq')) v (p, o);
INSERT INTO user_events (user_id, event, value, properties) SELECT 'u' || n, 'e', value, jsonb_build_object('d', value) FROM numbers;
WITH wanted AS (
    SELECT format('%s%s', o, a.n) AS bucket_id, 'u' || u.n AS user_id FROM numbers a, numbers u, unnest(ARRAY['gt', 'lte', 'eq']) o
    WHERE CASE o WHEN 'gt' THEN u.value > a.value WHEN 'lte' THEN u.value <= a.value ELSE u.value = a.value END
)
SELECT count(*) AS members, count(*) FILTER (WHERE w.user_id IS NULL) AS too_many, count(*) FILTER (WHERE m.user_id IS NULL) AS missing
FROM wanted w FULL JOIN bucket_members m USING (bucket_id, user_id);
-- As they are read back.
SELECT count(*) FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
