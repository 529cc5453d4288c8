-- Rows that cannot be read, and events that a constraint of the user's refuses, hold up nothing else.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
CREATE TABLE orders (id bigint PRIMARY KEY, customer text, amount text);
INSERT INTO orders SELECT n, 'c' || n, CASE n % 50 WHEN 7 THEN 'much' ELSE n::text END FROM generate_series(1, 500) n;
ALTER TABLE user_events ADD CONSTRAINT cheap CHECK (value IS NULL OR value <> 300);
SET hogsend.inline_backfill = 10;
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order'$$, occurred_at => $$timestamptz '2026-02-01'$$, value => 'amount::numeric');
CALL hogsend_import('orders');
SELECT import, rows_imported, rows_skipped, rows_failed, error, error_at FROM feeds;
SELECT count(*) FROM user_events;
SET client_min_messages = notice;
SELECT key, problem FROM hogsend_verify_feed('orders') ORDER BY 1;
SET client_min_messages = warning;
-- They are mended, and come.
UPDATE orders SET amount = '1' WHERE amount = 'much';
ALTER TABLE user_events DROP CONSTRAINT cheap;
CALL hogsend_import('orders');
SELECT import, rows_imported, rows_skipped, rows_failed, error FROM feeds;
SELECT count(*) FROM hogsend_verify_feed('orders');
