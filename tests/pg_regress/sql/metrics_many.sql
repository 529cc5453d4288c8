-- Of very many members, what cannot be counted in time is estimated, and says so.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) SELECT 'b' || n, 'manual' FROM generate_series(1, 400) n;
-- Most are in one, a tenth in another, and few in each of the rest.
SET session_replication_role = replica;
INSERT INTO bucket_memberships (user_id, bucket_id, entry_count, status, entered_at, source)
SELECT 'u' || n, 'b' || CASE WHEN n % 10 < 8 THEN 1 WHEN n % 10 = 8 THEN 2 ELSE 3 + n / 10 % 398 END, 1, 'active', '2026-01-01', 'manual' FROM generate_series(1, 100000) n;
SELECT l FROM regexp_split_to_table(hogsend_metrics(), '\n') AS l WHERE l ~ '^(# HELP )?hogsend_(bucket_)?members[{ ]' AND l !~ '"b([3-9]|[0-9]{2})' ORDER BY l;
-- One more, and some who were.
INSERT INTO bucket_memberships (user_id, bucket_id, entry_count, status, entered_at, source) VALUES ('one', 'b1', 1, 'active', '2026-01-01', 'manual');
INSERT INTO bucket_memberships (user_id, bucket_id, entry_count, status, entered_at, left_at, left_reason, source)
SELECT 'w' || n, 'b' || 1 + n % 400, 1, 'left', '2026-01-01', '2026-01-01', 'manual', 'manual' FROM generate_series(1, 2000) n;
VACUUM ANALYZE bucket_memberships;
SELECT l FROM regexp_split_to_table(hogsend_metrics(), '\n') AS l WHERE l ~ '^# HELP hogsend_(bucket_)?members ' ORDER BY l;
SELECT abs(split_part(l, ' ', 2)::bigint - 100001) < 1500 AS about FROM regexp_split_to_table(hogsend_metrics(), '\n') AS l WHERE l ~ '^hogsend_members ';
SELECT name, abs(number - truth) < truth * 0.1 AS about
FROM (SELECT substring(l FROM '"(.*)"') AS name, split_part(l, ' ', 2)::bigint AS number FROM regexp_split_to_table(hogsend_metrics(), '\n') AS l WHERE l ~ '^hogsend_bucket_members') AS m
JOIN (VALUES ('b1', 80001), ('b2', 10000)) AS t (id, truth) ON t.id = m.name ORDER BY name;
-- The latest 10000 transitions are looked at, so that those of the last minutes may not be all.
INSERT INTO bucket_transitions (event, bucket_id, user_id, transition, entry_count, source, effective_at, recorded_at, idempotency_key)
SELECT 'bucket:entered:b1', 'b1', 'u' || n, 'entered', 1, 'reconcile', at - interval '2 seconds', at, 'k' || n
FROM (SELECT n, '2026-01-01 11:50+00'::timestamptz + n * interval '0.05 seconds' AS at FROM generate_series(1, 12000) n) AS t;
SELECT l FROM regexp_split_to_table(hogsend_metrics(), '\n') AS l WHERE l ~ '^hogsend_(recent|lateness|transitions)' ORDER BY l;
