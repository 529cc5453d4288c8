-- Beyond hogsend.inline_backfill rows the import of an attached table is a job, which the clock carries on in
-- pieces and CALL hogsend_import() runs to the end, while the table is written to.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('buyers', hogsend_event('order.placed'));
CREATE TABLE orders (id bigint PRIMARY KEY, customer text, amount numeric, filler text) WITH (autovacuum_enabled = off);
INSERT INTO orders SELECT n, 'c' || n, n, repeat('x', 400) FROM generate_series(1, 600) n;
SET hogsend.inline_backfill = 599;
SET client_min_messages = notice;
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order.placed'$$, occurred_at => $$timestamptz '2026-02-01'$$, value => 'amount');
SET client_min_messages = warning;
SELECT import, rows_imported FROM feeds;
SELECT count(*) FROM user_events;
SELECT count(*), min(problem), max(problem) FROM hogsend_verify_feed('orders');
-- A piece is of whole pages.
SELECT entered, backfilled BETWEEN 100 AND 200 AS a_piece, remaining FROM hogsend_reconcile(100);
SELECT import, rows_imported BETWEEN 100 AND 200 AS some, block > 0 AS is_under_way, block < blocks AS is_open FROM feeds;
SELECT count(*) BETWEEN 100 AND 200 AS some FROM user_events;
-- A row that was there and is changed, be it in nothing that is read, has its event at once: nobody knows
-- where the row is now. One that is deleted has none. New ones are announced.
UPDATE orders SET filler = 'short' WHERE id = 599;
SELECT user_id, value FROM user_events WHERE idempotency_key = 'orders:599';
UPDATE orders SET amount = -1 WHERE id IN (1, 598);
DELETE FROM orders WHERE id IN (2, 597);
INSERT INTO orders VALUES (1000, 'new', 1);
SELECT user_id, transition FROM bucket_transitions;
CALL hogsend_import('orders');
SELECT import, rows_imported > 590 AS all, part, file, block, blocks, imported_at FROM feeds;
SELECT count(*), count(*) FILTER (WHERE value = -1) AS changed FROM user_events;
SELECT count(*) FROM hogsend_verify_feed('orders');
SELECT * FROM hogsend_verify('buyers');
SELECT user_id, transition FROM bucket_transitions;
SELECT entered, backfilled, remaining FROM hogsend_reconcile();
-- A table that is empty, one that is attached twice, and a clock that comes to the second after the first.
CREATE TABLE nothing (id bigint PRIMARY KEY);
SELECT hogsend_attach_events('nothing', key => 'id', user_id => 'id::text', event => $$'n'$$, occurred_at => $$timestamptz '2026-02-01'$$);
SELECT import, rows_imported FROM feeds WHERE name = 'nothing';
SET hogsend.inline_backfill = 10;
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'second'$$, occurred_at => $$timestamptz '2026-02-01'$$, name => 'second');
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'third'$$, occurred_at => $$timestamptz '2026-02-01'$$, name => 'third');
SELECT backfilled, remaining FROM hogsend_reconcile();
SELECT backfilled, remaining FROM hogsend_reconcile();
SELECT name, import, rows_imported FROM feeds WHERE name IN ('second', 'third') ORDER BY 1;
