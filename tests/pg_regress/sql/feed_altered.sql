-- Tables and columns may be renamed and altered; what the expressions need cannot be dropped without them.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
CREATE ROLE regress_hogsend_shop;
CREATE TABLE orders (id bigint PRIMARY KEY, customer text, amount text, at timestamptz DEFAULT '2026-01-09 12:00+00');
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order'$$, occurred_at => 'at', value => 'amount::numeric', properties => '{customer}');
INSERT INTO orders VALUES (1, 'u1', '1');
ALTER TABLE orders ADD COLUMN extra integer NOT NULL DEFAULT 7;
INSERT INTO orders VALUES (2, 'u1', '2');
ALTER TABLE orders RENAME COLUMN customer TO who;
INSERT INTO orders VALUES (3, 'u1', '3');
ALTER TABLE orders RENAME TO "Bestellungen";
INSERT INTO "Bestellungen" VALUES (4, 'u1', '4');
CREATE SCHEMA shop;
ALTER TABLE "Bestellungen" SET SCHEMA shop;
INSERT INTO shop."Bestellungen" VALUES (5, 'u1', '5');
ALTER TABLE shop."Bestellungen" ALTER COLUMN extra TYPE text;
ALTER TABLE shop."Bestellungen" DROP COLUMN extra;
INSERT INTO shop."Bestellungen" VALUES (6, 'u1', '6');
CLUSTER shop."Bestellungen" USING orders_pkey;
INSERT INTO shop."Bestellungen" VALUES (7, 'u1', '7');
ALTER TABLE shop."Bestellungen" ALTER COLUMN amount TYPE numeric USING amount::numeric;
ALTER TABLE shop."Bestellungen" DROP COLUMN amount;
SELECT event, value, properties, source, idempotency_key FROM user_events ORDER BY id;
-- Another owner: what reads the rows is not theirs yet, and is handed over with it.
GRANT ALL ON SCHEMA shop, public TO regress_hogsend_shop;
ALTER TABLE shop."Bestellungen" OWNER TO regress_hogsend_shop;
INSERT INTO shop."Bestellungen" VALUES (8, 'u1', '8');
ALTER VIEW hogsend_feed_orders OWNER TO regress_hogsend_shop;
ALTER FUNCTION hogsend_feed_orders OWNER TO regress_hogsend_shop;
INSERT INTO shop."Bestellungen" VALUES (9, 'u1', '9');
SELECT value FROM user_events ORDER BY id;
SELECT feed, failed, error FROM feed_notes;
-- The schema of hogsend's tables may be another one as well.
ALTER SCHEMA public RENAME TO renamed;
INSERT INTO shop."Bestellungen" VALUES (10, 'u1', '10');
SELECT count(*) FROM renamed.user_events;
ALTER SCHEMA renamed RENAME TO public;
-- The reader goes: nothing is mirrored, and everybody writes.
ALTER TABLE shop."Bestellungen" DROP COLUMN amount CASCADE;
INSERT INTO shop."Bestellungen" VALUES (11, 'u1');
SELECT feed, failed, error FROM feed_notes ORDER BY id;
SELECT hogsend_detach('orders');
INSERT INTO shop."Bestellungen" VALUES (12, 'u1');
SELECT count(*) FROM user_events;
SELECT tgname FROM pg_trigger WHERE tgrelid = 'shop."Bestellungen"'::regclass;
DROP TABLE shop."Bestellungen";
-- A table that is gone is not attached any more.
CREATE TABLE orders (id bigint PRIMARY KEY, customer text, at timestamptz DEFAULT '2026-01-09 12:00+00');
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order'$$, occurred_at => 'at');
DROP TABLE orders;
DROP TABLE orders CASCADE;
SELECT hogsend_detach('orders');
SELECT hogsend_detach('orders');
-- Another one of its name is attached as if there had been none, whether the other was detached or not.
CREATE TABLE orders (id bigint PRIMARY KEY, customer text, at timestamptz DEFAULT '2026-01-09 12:00+00');
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order'$$, occurred_at => 'at');
DROP TABLE orders CASCADE;
CREATE TABLE orders (id bigint PRIMARY KEY, customer text, at timestamptz DEFAULT '2026-01-09 12:00+00');
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order'$$, occurred_at => 'at');
INSERT INTO orders VALUES (1, 'anew');
SELECT user_id, event FROM user_events WHERE user_id = 'anew';
DROP OWNED BY regress_hogsend_shop;
DROP ROLE regress_hogsend_shop;
