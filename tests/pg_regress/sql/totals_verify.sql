-- What is kept is held against what the events come to.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('spender', hogsend_sum('buy', at_least => 500));
INSERT INTO user_events (user_id, event, value, occurred_at)
SELECT u, 'buy', n, '2025-12-01 00:00+00' FROM generate_series(1, 100) n, unnest('{a,b,c}'::text[]) u;
SELECT * FROM hogsend_verify('spender');
UPDATE bucket_totals SET total = total + 1 WHERE user_id = 'a';
UPDATE bucket_totals SET n = 99, least = NULL, most = NULL WHERE user_id = 'b';
DELETE FROM bucket_totals WHERE user_id = 'c';
SELECT * FROM hogsend_verify('spender') ORDER BY 1;
-- What cannot be read is as good as not there.
UPDATE bucket_totals SET total = 'NaN' WHERE user_id = 'a';
DELETE FROM bucket_totals WHERE user_id = 'b';
SELECT * FROM hogsend_verify('spender') ORDER BY 1;
INSERT INTO user_events (user_id, event, value, occurred_at) SELECT u, 'buy', 1, '2026-01-01 00:00+00' FROM unnest('{a,b,c}'::text[]) u;
SELECT user_id, n, total FROM bucket_totals ORDER BY 1;
SELECT * FROM hogsend_verify('spender') ORDER BY 1;
