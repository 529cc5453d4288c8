-- Whatever is done to events but INSERT drops what was kept of their users; it is added up again with the next that comes.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('spender', hogsend_sum('buy', at_least => 150)), ('least', hogsend_min('buy', less_than => 1));
CREATE VIEW kept AS SELECT user_id, n, total, least, most FROM bucket_totals;
CREATE VIEW members AS SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) AS members FROM bucket_members GROUP BY 1;
INSERT INTO user_events (user_id, event, value, occurred_at, idempotency_key)
SELECT u, 'buy', 1, timestamptz '2025-12-01 00:00+00' + n * interval '1 minute', 'k' || n FROM generate_series(1, 120) n, unnest('{a,b}'::text[]) u;
TABLE kept ORDER BY user_id;
UPDATE user_events SET value = 40 WHERE user_id = 'a' AND idempotency_key = 'k7';
TABLE kept ORDER BY user_id;
TABLE members ORDER BY 1;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('a', 'buy', 0.5, '2026-01-01 00:00+00');
TABLE kept ORDER BY user_id;
TABLE members ORDER BY 1;
DELETE FROM user_events WHERE user_id = 'a' AND value = 0.5;
TABLE kept ORDER BY user_id;
TABLE members ORDER BY 1;
-- One is made another user's.
UPDATE user_events SET user_id = 'b', idempotency_key = NULL WHERE user_id = 'a' AND value = 40;
TABLE kept ORDER BY user_id;
TABLE members ORDER BY 1;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('a', 'buy', 2, '2026-01-01 00:00+00'), ('b', 'buy', 2, '2026-01-01 00:00+00');
TABLE kept ORDER BY user_id;
-- A statement in several parts, and one that inserts and updates: nothing is added twice.
WITH gone AS (DELETE FROM user_events WHERE user_id = 'a' AND idempotency_key IN ('k1', 'k2') RETURNING *)
INSERT INTO user_events (user_id, event, value, occurred_at) SELECT user_id, event, 10, occurred_at FROM gone;
TABLE kept ORDER BY user_id;
WITH one AS (INSERT INTO user_events (user_id, event, value) VALUES ('a', 'buy', 3) RETURNING 1),
     other AS (INSERT INTO user_events (user_id, event, value) VALUES ('a', 'buy', 4), ('b', 'buy', 5) RETURNING 1)
UPDATE user_events SET value = 6 WHERE user_id = 'b' AND idempotency_key = 'k3';
TABLE kept ORDER BY user_id;
WITH one AS (INSERT INTO user_events (user_id, event, value) VALUES ('a', 'buy', 3), ('b', 'buy', 3) RETURNING 1)
INSERT INTO user_events (user_id, event, value) VALUES ('a', 'buy', 4);
TABLE kept ORDER BY user_id;
INSERT INTO user_events (user_id, event, value, idempotency_key) VALUES ('a', 'buy', 20, 'k5'), ('a', 'buy', 30, 'new')
ON CONFLICT (user_id, idempotency_key) DO UPDATE SET value = EXCLUDED.value;
TABLE kept ORDER BY user_id;
MERGE INTO user_events e USING (VALUES ('a', 'k6', 7), ('a', 'newer', 8), ('b', 'k8', NULL)) AS v (user_id, key, value)
ON e.user_id = v.user_id AND e.idempotency_key = v.key
WHEN MATCHED AND v.value IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET value = v.value
WHEN NOT MATCHED THEN INSERT (user_id, event, value, idempotency_key) VALUES (v.user_id, 'buy', v.value, v.key);
TABLE kept ORDER BY user_id;
SELECT b.id, v.* FROM buckets b CROSS JOIN hogsend_verify(b.id) v;
TRUNCATE user_events;
TABLE kept ORDER BY user_id;
CALL hogsend_backfill('spender');
TABLE members ORDER BY 1;
