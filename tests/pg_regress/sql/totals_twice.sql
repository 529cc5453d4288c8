-- What is added up more than once at a time is kept once.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE VIEW kept AS SELECT user_id, n, total FROM bucket_totals;
-- Looked at by what is remembered, and then once more because there is something to write.
SELECT hogsend_define_journey('thanks', '{buy}');
INSERT INTO buckets (id, criteria) VALUES ('spender', hogsend_sum('buy', at_least => 100));
INSERT INTO user_events (user_id, event, value, occurred_at) SELECT 'u', 'buy', 1, '2025-12-01 00:00+00' FROM generate_series(1, 97);
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 1, '2026-01-01 00:00+00');
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 1, '2026-01-01 00:00+00');
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 1, '2026-01-01 00:00+00');
TABLE kept;
SELECT user_id FROM bucket_members;
-- For several buckets that are filled together.
SET hogsend.test_totals = 3;
INSERT INTO user_events (user_id, event, value, occurred_at)
SELECT 'v' || n, 'sell', 1, '2025-12-01 00:00+00' FROM generate_series(1, 200) n, generate_series(1, 4);
INSERT INTO buckets (id, criteria) SELECT 'more-' || n, hogsend_compare(hogsend_event('sell'), 'gt', hogsend_event('buy'), n) FROM generate_series(1, 3) n;
SELECT count(*), sum(n) FROM kept WHERE user_id LIKE 'v%';
SELECT bucket_id, count(*) FROM bucket_members GROUP BY 1 ORDER BY 1;
SELECT b.id, v.* FROM buckets b CROSS JOIN hogsend_verify(b.id) v;
