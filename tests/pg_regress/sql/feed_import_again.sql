-- An import that is done is done again when it is asked for, and mends what was written past the triggers.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('buyers', hogsend_event('order.placed'));
CREATE TABLE orders (id bigint PRIMARY KEY, customer text, amount numeric);
INSERT INTO orders SELECT n, 'c' || n, n FROM generate_series(1, 6) n;
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order.placed'$$, occurred_at => $$timestamptz '2026-02-01'$$, value => 'amount');
ALTER TABLE orders DISABLE TRIGGER USER;
INSERT INTO orders VALUES (7, 'c7', 7);
UPDATE orders SET amount = 20 WHERE id = 2;
UPDATE orders SET customer = 'other' WHERE id = 3;
DELETE FROM orders WHERE id = 4;
ALTER TABLE orders ENABLE TRIGGER USER;
INSERT INTO user_events (user_id, event, source, idempotency_key, occurred_at)
SELECT 'c1', e, s, k, '2026-02-02' FROM (VALUES ('order.placed', 'orders', 'orders:77'), ('mine', 'orders', NULL), ('mine', 'elsewhere', 'orders:78')) AS v (e, s, k);
SELECT * FROM hogsend_verify_feed('orders') ORDER BY key, problem;
CALL hogsend_import('orders');
SELECT key, user_id, problem FROM hogsend_verify_feed('orders') ORDER BY key, problem;
SELECT user_id FROM hogsend_members('buyers') ORDER BY 1;
SELECT user_id, transition FROM bucket_transitions ORDER BY 1;
-- Events of another feed whose name begins alike are not of this one.
CREATE TABLE more (id bigint PRIMARY KEY, customer text);
INSERT INTO more VALUES (1, 'c1');
SELECT hogsend_attach_events('more', key => 'id', user_id => 'customer', event => $$'more'$$, occurred_at => $$timestamptz '2026-02-01'$$, name => 'orders more');
SELECT key, user_id, problem FROM hogsend_verify_feed('orders') ORDER BY key, problem;
SELECT * FROM hogsend_verify_feed('orders more');
-- A row that was deleted while nothing was attached takes its event along with the import, and not one that came meanwhile.
SELECT hogsend_detach('orders more');
DELETE FROM more;
INSERT INTO more VALUES (2, 'c2'), (3, 'c3');
SET hogsend.inline_backfill = 0;
SELECT hogsend_attach_events('more', key => 'id', user_id => 'customer', event => $$'more'$$, occurred_at => $$timestamptz '2026-02-01'$$, name => 'orders more');
INSERT INTO more VALUES (4, 'c4');
SELECT key, user_id, problem FROM hogsend_verify_feed('orders more') ORDER BY key;
SELECT last_event = (SELECT max(id) FROM user_events WHERE user_id <> 'c4') AS last_was_before FROM feeds WHERE name = 'orders more';
CALL hogsend_import('orders more');
SELECT * FROM hogsend_verify_feed('orders more');
SELECT user_id FROM user_events WHERE source = 'orders more' ORDER BY 1;
-- Where the numbers of events are not known it is looked for all the same.
ALTER TABLE user_events ALTER COLUMN id DROP IDENTITY;
SELECT hogsend_restart_import('orders more');
SELECT last_event FROM feeds WHERE name = 'orders more';
INSERT INTO user_events (id, user_id, event, source, idempotency_key, occurred_at) VALUES (1000, 'c1', 'more', 'orders more', 'orders more:9', '2026-02-02');
CALL hogsend_import('orders more');
SELECT * FROM hogsend_verify_feed('orders more');
