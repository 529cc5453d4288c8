-- Events that are not evaluated as they come are not added either: who waits for the clock has nothing kept.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('spender', hogsend_sum('buy', at_least => 150));
CREATE VIEW kept AS SELECT user_id, n, total FROM bucket_totals;
CREATE FUNCTION buy(who text, amount numeric) RETURNS void LANGUAGE sql AS
    $$ INSERT INTO public.user_events (user_id, event, value, occurred_at) VALUES (who, 'buy', amount, '2026-01-01 00:00+00') $$;
INSERT INTO user_events (user_id, event, value, occurred_at) SELECT 'u', 'buy', 1, '2025-12-01 00:00+00' FROM generate_series(1, 120);
TABLE kept;
SET hogsend.evaluate = off;
SELECT buy('u', 5);
TABLE kept;
SET hogsend.evaluate = on;
SELECT buy('u', 7);
TABLE kept;
SELECT rearmed FROM hogsend_reconcile();
TABLE kept;
SET hogsend.evaluate = later;
SELECT buy('u', 2);
-- The row is as it was, and nobody believes it until the clock has come.
TABLE kept;
SET hogsend.evaluate = on;
SELECT buy('u', 20);
SELECT hogsend_has('spender', 'u');
SELECT * FROM hogsend_verify('spender');
SELECT rearmed FROM hogsend_reconcile();
TABLE kept;
SELECT buy('u', 1);
TABLE kept;
SELECT * FROM hogsend_verify('spender');
-- Of somebody who waits nothing is added up to be kept, either.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, value, occurred_at) SELECT 'v', 'buy', 1, '2025-12-01 00:00+00' FROM generate_series(1, 120);
SET hogsend.evaluate = on;
SELECT buy('v', 1);
TABLE kept ORDER BY 1;
SELECT entered, rearmed FROM hogsend_reconcile();
TABLE kept ORDER BY 1;
SELECT buy('v', 40);
TABLE kept ORDER BY 1;
SELECT hogsend_has('spender', 'v');
SELECT * FROM hogsend_verify('spender');
-- Nor while nothing is evaluated at all.
UPDATE hogsend_instance SET id = '00000000-0000-0000-0000-000000000001';
-- A session that has not read the definitions yet.
\c -
SET hogsend.now = '2026-01-01 12:00+00';
SET timezone = 'UTC';
SELECT buy('v', 100);
TABLE kept ORDER BY 1;
SELECT hogsend_adopt();
TABLE kept ORDER BY 1;
SELECT * FROM hogsend_verify('spender');
