-- What is attached, how much of it came and is to come, and whether all is well with it.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
CREATE TABLE orders (id bigint PRIMARY KEY, customer text, amount text);
INSERT INTO orders SELECT n, 'c' || n, n::text FROM generate_series(1, 40) n;
INSERT INTO orders VALUES (41, NULL, 1);
ANALYZE orders;
CREATE TABLE users (id text PRIMARY KEY, mail text) PARTITION BY HASH (id);
CREATE TABLE users_0 PARTITION OF users FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE users_1 PARTITION OF users FOR VALUES WITH (MODULUS 2, REMAINDER 1);
INSERT INTO users VALUES ('u1', 'a@example.org'), ('u2', 'b@example.org');
SELECT hogsend_attach_contacts('users', user_id => 'id', email => 'mail');
SET hogsend.inline_backfill = 10;
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order'$$, occurred_at => $$timestamptz '2026-02-01'$$, value => 'amount::numeric');
SELECT name, kind, relation, attached_at, import, rows_imported, rows_to_import, rows_skipped, rows_failed, error, error_at, is_whole FROM bucket_feeds ORDER BY 1;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'attached tables';
SET hogsend.now = '2026-03-01 12:06+00';
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'attached tables';
CALL hogsend_import('orders');
SELECT name, import, rows_imported, rows_to_import, rows_skipped, rows_failed FROM bucket_feeds WHERE name = 'orders';
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'attached tables';
-- What writers note shows at once, and is added up by the clock.
INSERT INTO orders VALUES (42, NULL, 1), (43, 'c', 'much');
INSERT INTO orders VALUES (44, 'c', 'more');
SELECT rows_skipped, rows_failed, error FROM bucket_feeds WHERE name = 'orders';
SELECT count(*) FROM feed_notes;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'attached tables';
INSERT INTO feed_notes (feed, skipped) VALUES ('gone', 1);
SELECT hogsend_reconcile() IS NOT NULL;
SELECT count(*) FROM feed_notes;
SELECT rows_skipped, rows_failed, error FROM feeds WHERE name = 'orders';
SELECT rows_skipped, rows_failed, error FROM bucket_feeds WHERE name = 'orders';
UPDATE orders SET amount = '1' WHERE amount LIKE 'm%';
CALL hogsend_import('orders');
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'attached tables';
-- Triggers that are off, on the table or on one partition of it; a reader that is gone.
ALTER TABLE users_1 DISABLE TRIGGER USER;
SELECT name, is_whole FROM bucket_feeds ORDER BY 1;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'attached tables';
ALTER TABLE users_1 ENABLE TRIGGER USER;
DROP VIEW hogsend_feed_orders;
SELECT name, is_whole FROM bucket_feeds ORDER BY 1;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'attached tables';
-- A table that is renamed is still attached; one that is dropped is not.
ALTER TABLE users RENAME TO people;
DROP TABLE orders CASCADE;
SELECT name, relation, is_whole FROM bucket_feeds ORDER BY 1;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'attached tables';
SELECT hogsend_detach('orders');
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'attached tables';
