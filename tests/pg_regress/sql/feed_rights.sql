-- Who may attach and detach, and what whoever writes to an attached table may do by it: nothing more.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_shop, regress_hogsend_boss, regress_hogsend_writer, regress_hogsend_mallory;
CREATE ROLE regress_hogsend_shop;
CREATE ROLE regress_hogsend_boss;
CREATE ROLE regress_hogsend_writer;
CREATE ROLE regress_hogsend_mallory;
CREATE SCHEMA crm;
CREATE EXTENSION hogsend SCHEMA crm;
SELECT crm.hogsend_grant('regress_hogsend_boss', 'admin');
CREATE SCHEMA shop AUTHORIZATION regress_hogsend_shop;
CREATE SCHEMA evil AUTHORIZATION regress_hogsend_mallory;
GRANT USAGE ON SCHEMA evil, shop TO PUBLIC;
SET ROLE regress_hogsend_shop;
CREATE TABLE shop.orders (id integer PRIMARY KEY, customer text, at timestamptz);
GRANT SELECT, INSERT, UPDATE, DELETE ON shop.orders TO regress_hogsend_writer;
GRANT CREATE ON SCHEMA shop TO regress_hogsend_boss;
CREATE FUNCTION shop.helper() RETURNS text STABLE LANGUAGE sql RETURN 'shop';
-- What it looks up by name, and by setting.
CREATE FUNCTION shop.told(customer text) RETURNS text STABLE LANGUAGE plpgsql AS $$
BEGIN
    RETURN customer || ' as ' || current_user || ' by ' || helper() || ' at ' || timestamptz '2026-01-09 12:00+00' || ', ' || current_setting('search_path') || ', ' || (SELECT count(*) FROM pg_class WHERE relname = 'orders' AND pg_table_is_visible(oid));
END $$;
-- The owner has no right on hogsend, and whoever has is not the owner.
SELECT crm.hogsend_attach_events('shop.orders', key => 'id', user_id => 'customer', event => $$'order'$$, occurred_at => 'at');
RESET ROLE;
SET ROLE regress_hogsend_boss;
SELECT crm.hogsend_attach_events('shop.orders', key => 'id', user_id => 'customer', event => $$'order'$$, occurred_at => 'at');
RESET ROLE;
SELECT crm.hogsend_grant('regress_hogsend_shop', 'admin');
SET ROLE regress_hogsend_shop;
SET search_path = shop;
SELECT crm.hogsend_attach_events('shop.orders', key => 'id', user_id => 'told(customer)', event => $$'order'$$, occurred_at => 'at');
RESET search_path;
RESET ROLE;
-- A writer, in a session that is full of traps.
SET ROLE regress_hogsend_mallory;
CREATE FUNCTION evil.helper() RETURNS text STABLE LANGUAGE sql RETURN 'evil';
CREATE FUNCTION evil.told(text) RETURNS text STABLE LANGUAGE sql RETURN 'evil';
CREATE FUNCTION evil.hogsend_feed_orders(text, integer, timestamptz) RETURNS text STABLE LANGUAGE sql RETURN 'evil';
CREATE VIEW evil.hogsend_feed_orders AS SELECT 'k' AS key, 'mallory' AS user_id;
CREATE FUNCTION evil.join(text, text) RETURNS text STABLE LANGUAGE sql RETURN 'evil';
CREATE OPERATOR evil.|| (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.join);
RESET ROLE;
SET ROLE regress_hogsend_writer;
CREATE TEMP TABLE orders (nothing integer);
CREATE TEMP TABLE hogsend_new (id integer, customer text, at timestamptz);
CREATE TEMP TABLE pg_class (relname text, oid oid);
SET search_path = pg_temp, evil, shop, pg_catalog;
SET timezone = 'Asia/Tokyo';
SET datestyle = 'German';
INSERT INTO shop.orders VALUES (1, 'u1', '2026-01-09 12:00+00');
INSERT INTO shop.orders VALUES (2, 'u2', '2026-01-09 12:00+00'), (3, 'u3', '2026-01-09 12:00+00');
SELECT current_user, current_setting('search_path'), current_setting('timezone');
SELECT * FROM crm.user_events;
RESET search_path;
RESET timezone;
RESET datestyle;
DROP TABLE pg_temp.orders, pg_temp.hogsend_new, pg_temp.pg_class;
RESET ROLE;
SELECT user_id, occurred_at FROM crm.user_events ORDER BY id;
SELECT feed, skipped, failed, error FROM crm.feed_notes;
-- Functions of the owner's run with the owner's rights, and as long as they read.
SET ROLE regress_hogsend_shop;
CREATE FUNCTION shop.tries(what text) RETURNS text STABLE LANGUAGE plpgsql AS $$ BEGIN EXECUTE what; RETURN current_user; END $$;
CREATE TABLE shop.tries (id integer PRIMARY KEY, what text);
SELECT crm.hogsend_attach_events('shop.tries', key => 'id', user_id => 'shop.tries(what)', event => $$'tried'$$, occurred_at => $$timestamptz '2026-01-09 12:00+00'$$);
CREATE FUNCTION shop.tries_volatile(what text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN EXECUTE what; RETURN current_user; END $$;
CREATE OR REPLACE FUNCTION shop.tries(what text) RETURNS text VOLATILE LANGUAGE plpgsql AS $$ BEGIN EXECUTE what; RETURN current_user; END $$;
RESET ROLE;
INSERT INTO shop.tries VALUES (1, 'SELECT 1'), (2, 'RESET ROLE'), (3, 'SET SESSION AUTHORIZATION DEFAULT'), (4, 'DELETE FROM crm.user_events'), (5, 'DELETE FROM shop.orders'),
    (6, 'SET LOCAL transaction_read_only = off'), (7, 'CREATE TEMP TABLE t (x integer)'), (8, 'COMMIT'), (9, 'SET search_path = evil'), (10, 'SET ROLE regress_hogsend_boss'),
    (11, 'ALTER ROLE regress_hogsend_shop SUPERUSER'), (12, 'LISTEN x');
SELECT user_id, idempotency_key FROM crm.user_events WHERE event = 'tried' ORDER BY id;
SELECT feed, failed, error FROM crm.feed_notes;
INSERT INTO shop.tries VALUES (20, 'DELETE FROM shop.orders');
INSERT INTO shop.tries VALUES (21, 'RESET ROLE');
INSERT INTO shop.tries VALUES (22, 'SET LOCAL transaction_read_only = off');
SELECT failed, error FROM crm.feed_notes ORDER BY id;
SELECT current_user, current_setting('transaction_read_only'), (SELECT count(*) FROM shop.orders);
-- A superuser attaches what is another's: it is read with that one's rights from the first moment.
CREATE TABLE shop.theirs (a integer, b integer, PRIMARY KEY (a, b));
ALTER TABLE shop.theirs OWNER TO regress_hogsend_shop;
INSERT INTO shop.theirs VALUES (1, 1);
CREATE OR REPLACE FUNCTION shop.says(a integer, b integer) RETURNS text STABLE LANGUAGE plpgsql AS $$ BEGIN RAISE WARNING 'read as %', current_user; RETURN a || ' ' || b; END $$;
SELECT crm.hogsend_attach_events('shop.theirs', key => 'shop.says(a, b)', user_id => 'a', event => $$'e'$$, occurred_at => $$timestamptz '2026-01-09 12:00+00'$$);
-- Who is not the owner changes nothing of what is attached.
SET ROLE regress_hogsend_boss;
SELECT crm.hogsend_detach('orders');
SELECT crm.hogsend_drop_feed('orders');
SELECT crm.hogsend_note_feed('orders', 'events', '{}', 'mark', NULL, 'evil', 'boss');
SELECT crm.hogsend_repeated_key('theirs', 'shop.theirs'::regclass);
UPDATE crm.feeds SET search_path = 'evil';
DELETE FROM crm.feed_notes;
CREATE TRIGGER t AFTER INSERT ON shop.orders FOR EACH STATEMENT EXECUTE FUNCTION crm.hogsend_mirror('orders');
RESET ROLE;
SET ROLE regress_hogsend_mallory;
CREATE TABLE evil.orders (id integer, customer text, at timestamptz);
CREATE TRIGGER t AFTER INSERT ON evil.orders REFERENCING NEW TABLE AS hogsend_new FOR EACH STATEMENT EXECUTE FUNCTION crm.hogsend_mirror('orders');
RESET ROLE;
-- As a trigger of another kind than those that are made, it does nothing, and keeps nobody from writing.
CREATE TABLE odd (id integer, customer text, at timestamptz);
CREATE TRIGGER a AFTER INSERT ON odd FOR EACH STATEMENT EXECUTE FUNCTION crm.hogsend_mirror('orders');
CREATE TRIGGER b AFTER INSERT ON odd FOR EACH ROW EXECUTE FUNCTION crm.hogsend_mirror('orders');
CREATE TRIGGER c AFTER INSERT ON odd REFERENCING NEW TABLE AS another FOR EACH STATEMENT EXECUTE FUNCTION crm.hogsend_mirror('orders');
CREATE TRIGGER d BEFORE TRUNCATE ON odd FOR EACH STATEMENT EXECUTE FUNCTION crm.hogsend_mirror('none');
CREATE TRIGGER e AFTER INSERT ON odd FOR EACH STATEMENT EXECUTE FUNCTION crm.hogsend_on_feeds();
INSERT INTO odd VALUES (1, 'u', '2026-01-09 12:00+00');
TRUNCATE odd;
CREATE TRIGGER z AFTER INSERT ON odd REFERENCING NEW TABLE AS another FOR EACH STATEMENT EXECUTE FUNCTION crm.hogsend_mirror();
INSERT INTO odd VALUES (1, 'u', '2026-01-09 12:00+00');
SELECT crm.hogsend_mirror();
SELECT count(*) FROM crm.user_events WHERE source = 'orders';
DROP SCHEMA shop, evil, crm CASCADE;
DROP OWNED BY regress_hogsend_shop, regress_hogsend_boss, regress_hogsend_writer, regress_hogsend_mallory;
DROP ROLE regress_hogsend_shop, regress_hogsend_boss, regress_hogsend_writer, regress_hogsend_mallory;
