-- Numbers of every size, and what is none.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('spender', hogsend_sum('buy', at_least => 100000)), ('points', hogsend_max('buy', of => 'points', at_least => 10));
CREATE VIEW kept AS SELECT user_id, n, total, least, most FROM bucket_totals;
INSERT INTO user_events (user_id, event, value, occurred_at) SELECT 'u', 'buy', 0.001, '2025-12-01 00:00+00' FROM generate_series(1, 100);
TABLE kept ORDER BY n;
INSERT INTO user_events (user_id, event, value, properties, occurred_at) VALUES
    ('u', 'buy', 'NaN', '{"points": "9"}', '2026-01-01 00:00+00'),
    ('u', 'buy', NULL, '{"points": 1e2}', '2026-01-01 00:00+00'),
    ('u', 'buy', 123456789012345678901234567890.123456789, '{"points": -0.5}', '2026-01-01 00:00+00');
TABLE kept ORDER BY n;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', -123456789012345678901234567890.123456789, '2026-01-01 00:00+00');
TABLE kept ORDER BY n;
SELECT bucket_id FROM bucket_members;
-- A number too long is in what is asked for, and in nothing that is kept.
INSERT INTO user_events (user_id, event, value, properties, occurred_at) VALUES ('u', 'buy', 1e131000, '{"points": 1e1200}', '2026-01-01 00:00+00');
SELECT count(*) FROM kept;
SELECT bucket_id FROM bucket_members ORDER BY 1;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 1, 'infinity'), ('u', 'buy', 1, '-infinity');
SELECT count(*) FROM kept;
DELETE FROM user_events WHERE value > 1e100;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 1, '2026-01-01 00:00+00');
SELECT n, first_at, last_at FROM bucket_totals ORDER BY n;
SELECT b.id, v.* FROM buckets b CROSS JOIN hogsend_verify(b.id) v;
