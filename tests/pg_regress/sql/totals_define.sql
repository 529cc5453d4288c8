-- Definitions: who asks for it fills it, buckets share it, and what nobody asks for is taken away.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE VIEW kept AS SELECT user_id, n, total, left(series, 4) AS series FROM bucket_totals;
INSERT INTO user_events (user_id, event, value, properties, occurred_at)
SELECT u, 'buy', 1, jsonb_build_object('category', CASE n % 10 WHEN 0 THEN 'books' ELSE 'toys' END), timestamptz '2025-12-01 00:00+00' + n * interval '1 minute'
FROM generate_series(1, 120) n, unnest('{a,b,c}'::text[]) u;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('light', 'buy', 1000, '2026-01-01 00:00+00');
INSERT INTO buckets (id, criteria) VALUES ('spender', hogsend_sum('buy', at_least => 500));
TABLE kept ORDER BY 4, 1;
INSERT INTO buckets (id, criteria) VALUES ('mean', hogsend_avg('buy', less_than => 2));
TABLE kept ORDER BY 4, 1;
-- A job goes over everybody in parts.
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria) VALUES ('books', hogsend_event('buy', filter => hogsend_property('category', 'eq', 'books'), at_least => 20));
TABLE kept ORDER BY 4, 1;
CALL hogsend_backfill('books');
TABLE kept ORDER BY 4, 1;
RESET hogsend.inline_backfill;
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) AS members FROM bucket_members GROUP BY 1 ORDER BY 1;
SELECT b.id, v.* FROM buckets b CROSS JOIN hogsend_verify(b.id) v;
-- One of two that share it goes: the other goes on.
DELETE FROM buckets WHERE id = 'mean';
SELECT remaining FROM hogsend_reconcile();
SELECT count(*) FROM kept;
-- Nobody adds while nobody asks, and who asks again adds up anew.
UPDATE buckets SET enabled = false WHERE id = 'spender';
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('a', 'buy', 400, '2026-01-01 00:00+00');
UPDATE buckets SET enabled = true WHERE id = 'spender';
TABLE kept ORDER BY 4, 1;
SELECT b.id, v.* FROM buckets b CROSS JOIN hogsend_verify(b.id) v;
UPDATE buckets SET enabled = false WHERE id = 'spender';
SELECT remaining FROM hogsend_reconcile();
TABLE kept ORDER BY 4, 1;
UPDATE buckets SET enabled = true, criteria = hogsend_sum('buy', at_least => 520, since => '2025-12-01') WHERE id = 'spender';
TABLE kept ORDER BY 4, 1;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('a', 'buy', 50, '2020-01-01 00:00+00');
TABLE kept ORDER BY 4, 1;
-- Events that came around our triggers are seen by whoever looks at everybody again.
ALTER TABLE user_events DISABLE TRIGGER USER;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('b', 'buy', 400, '2026-01-01 00:00+00');
ALTER TABLE user_events ENABLE TRIGGER USER;
SELECT user_id, stored, computed FROM hogsend_verify('spender') ORDER BY 1, 2;
BEGIN;
UPDATE buckets SET enabled = false;
UPDATE buckets SET enabled = true;
COMMIT;
SELECT b.id, v.* FROM buckets b CROSS JOIN hogsend_verify(b.id) v;
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) AS members FROM bucket_members GROUP BY 1 ORDER BY 1;
TABLE kept ORDER BY 4, 1;
