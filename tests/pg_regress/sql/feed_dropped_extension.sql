-- DROP EXTENSION … CASCADE takes the triggers of attached tables. Health says so afterwards, "feeds" still knows
-- the arguments, and the same call attaches each again and takes up what came of it.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
SELECT hogsend_define_bucket('buyers', hogsend_event('order.placed'));
CREATE TABLE orders (id bigint PRIMARY KEY, customer text, amount numeric);
CREATE TABLE users (id text PRIMARY KEY, plan text);
INSERT INTO orders VALUES (1, 'ann', 1), (2, 'ben', 2);
INSERT INTO users VALUES ('ann', 'free'), ('ben', 'pro');
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order.placed'$$, occurred_at => $$timestamptz '2026-02-01'$$, value => 'amount');
SELECT hogsend_attach_contacts('users', user_id => 'id', properties => '{plan}');
-- What reads a table stays where it is when the table is moved.
CREATE SCHEMA moved;
ALTER TABLE users SET SCHEMA moved;
ALTER TABLE moved.users RENAME COLUMN id TO user_id;
ALTER TABLE moved.users RENAME TO people;
INSERT INTO moved.people VALUES ('mia', 'pro');
SELECT * FROM hogsend_verify_feed('users');
SELECT name, relation, is_whole FROM bucket_feeds ORDER BY 1;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'attached tables';
DROP EXTENSION hogsend CASCADE;
-- Nobody hears of these.
INSERT INTO orders VALUES (3, 'cleo', 3);
UPDATE orders SET amount = 20 WHERE id = 2;
DELETE FROM orders WHERE id = 1;
UPDATE moved.people SET plan = 'free' WHERE user_id = 'ben';
CREATE EXTENSION hogsend;
SELECT hogsend_adopt() IS NOT NULL AS adopted;
SELECT detail FROM hogsend_health() WHERE "check" = 'attached tables';
SELECT name, kind, relation, import, is_whole FROM bucket_feeds ORDER BY 1;
SELECT name, kind, fields, on_delete FROM feeds ORDER BY 1;
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order.placed'$$, occurred_at => $$timestamptz '2026-02-01'$$, value => 'amount');
SELECT hogsend_attach_contacts('moved.people', user_id => 'user_id', properties => '{plan}', name => 'users');
SELECT name, kind, relation, import, is_whole FROM bucket_feeds ORDER BY 1;
-- The row that is gone was not looked for.
SELECT key, user_id, problem FROM hogsend_verify_feed('orders');
CALL hogsend_import('orders');
SELECT key, user_id, problem FROM hogsend_verify_feed('orders');
SELECT * FROM hogsend_verify_feed('users');
SELECT user_id, value FROM user_events ORDER BY 1;
SELECT user_id, properties FROM contacts ORDER BY 1;
SELECT user_id FROM hogsend_members('buyers') ORDER BY 1;
INSERT INTO orders VALUES (4, 'dora', 4);
SELECT user_id, transition FROM bucket_transitions ORDER BY id;
SELECT "check", ok FROM hogsend_health() WHERE "check" = 'attached tables';
SELECT relname, relnamespace::regnamespace FROM pg_class WHERE relname LIKE 'hogsend_feed_%' AND relkind = 'v' ORDER BY 1;
SELECT proname, pronamespace::regnamespace FROM pg_proc WHERE proname LIKE 'hogsend_feed_users' ORDER BY 1;
