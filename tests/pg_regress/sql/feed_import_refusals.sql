-- Imports that cannot be: what is not attached, what is hidden, what is in somebody else's hands.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
CALL hogsend_import('nope');
CALL hogsend_import(NULL);
SELECT * FROM hogsend_verify_feed('nope');
SELECT * FROM hogsend_verify_feed(NULL);
CREATE TABLE orders (id bigint PRIMARY KEY, customer text);
INSERT INTO orders VALUES (1, 'c1'), (2, 'c2');
SELECT * FROM hogsend_import_chunk('orders', 0);
SELECT * FROM hogsend_import_chunk(NULL, 5);
SELECT * FROM hogsend_import_chunk('orders', NULL);
-- A table that hides rows from its owner.
CREATE ROLE regress_feed_owner;
SELECT hogsend_grant('regress_feed_owner', 'admin');
GRANT CREATE ON SCHEMA public TO regress_feed_owner;
GRANT EXECUTE ON FUNCTION hogsend_mirror TO regress_feed_owner;
ALTER TABLE orders OWNER TO regress_feed_owner;
ALTER TABLE orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
CREATE POLICY one ON orders USING (id = 1);
SET ROLE regress_feed_owner;
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order'$$, occurred_at => $$timestamptz '2026-02-01'$$);
ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order'$$, occurred_at => $$timestamptz '2026-02-01'$$);
ALTER TABLE orders FORCE ROW LEVEL SECURITY;
CALL hogsend_import('orders');
SELECT * FROM hogsend_verify_feed('orders');
ALTER TABLE orders NO FORCE ROW LEVEL SECURITY;
CALL hogsend_import('orders');
SELECT * FROM hogsend_verify_feed('orders');
RESET ROLE;
-- An owner who may not lock the rows.
REVOKE ALL ON orders FROM regress_feed_owner;
\set VERBOSITY terse
CALL hogsend_import('orders');
SELECT hogsend_reconcile() IS NOT NULL;
SELECT import, error FROM bucket_feeds;
\set VERBOSITY default
GRANT ALL ON orders TO regress_feed_owner;
CALL hogsend_import('orders');
SELECT import, error FROM bucket_feeds;
-- A table that is gone.
DROP TABLE orders CASCADE;
CALL hogsend_import('orders');
SELECT * FROM hogsend_verify_feed('orders');
SELECT name, relation, is_whole FROM bucket_feeds;
SELECT hogsend_detach('orders');
SELECT count(*) FROM bucket_feeds;
DROP OWNED BY regress_feed_owner;
DROP ROLE regress_feed_owner;
