-- Row-level security that is forced on an attached table hides its rows from their owner, with whose rights they
-- are read. What a statement brings along is mirrored all the same.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
CREATE ROLE forced_shop;
SELECT hogsend_grant('forced_shop', 'admin');
CREATE SCHEMA shop AUTHORIZATION forced_shop;
SET search_path = shop, public;
SET ROLE forced_shop;
CREATE TABLE orders (id bigint PRIMARY KEY, customer text, amount numeric);
INSERT INTO orders VALUES (1, 'ann', 1);
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order.placed'$$, occurred_at => $$timestamptz '2026-02-01'$$, value => 'amount');
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
CREATE POLICY mine ON orders USING (customer = current_setting('shop.customer', true)) WITH CHECK (true);
RESET ROLE;
CREATE ROLE forced_writer;
GRANT USAGE ON SCHEMA shop TO forced_writer;
GRANT ALL ON orders TO forced_writer;
SET ROLE forced_writer;
INSERT INTO orders VALUES (2, 'ben', 2), (3, 'cleo', 3);
SET shop.customer = 'ben';
UPDATE orders SET amount = 20;
INSERT INTO orders VALUES (4, 'ben', 4);
DELETE FROM orders WHERE id = 4;
-- Deleted and inserted again by one statement.
WITH gone AS (DELETE FROM orders WHERE id = 2 RETURNING *) INSERT INTO orders SELECT id, customer, amount + 1 FROM gone;
RESET shop.customer;
INSERT INTO orders VALUES (5, 'ben', 5);
RESET ROLE;
SELECT user_id, value FROM user_events ORDER BY idempotency_key;
SELECT name, rows_failed, error FROM bucket_feeds;
SELECT * FROM hogsend_verify_feed('orders');
CALL hogsend_import('orders');
SET ROLE forced_writer;
TRUNCATE orders;
RESET ROLE;
SELECT user_id, value FROM user_events ORDER BY idempotency_key;
SELECT name, rows_failed, error FROM bucket_feeds;
SELECT "check", ok, detail FROM hogsend_health() WHERE "check" = 'attached tables';
ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
CALL hogsend_import('orders');
SELECT user_id, value FROM user_events ORDER BY idempotency_key;
SELECT * FROM hogsend_verify_feed('orders');
