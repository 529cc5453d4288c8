-- Whatever writes to an attached table is mirrored in the same statement: ON CONFLICT, COPY, MERGE-like WITH, loops, savepoints, prepared statements, triggers that write to the table again.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
CREATE TABLE orders (id integer PRIMARY KEY, customer text, amount numeric, at timestamptz DEFAULT '2026-01-09 12:00+00');
CREATE TABLE refunds (id uuid PRIMARY KEY, customer integer, at timestamptz DEFAULT '2026-01-09 12:00+00');
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order'$$, occurred_at => 'at', value => 'amount');
SELECT hogsend_attach_events('refunds', key => 'id', user_id => 'customer', event => $$'refund'$$, occurred_at => 'at');
CREATE VIEW seen AS SELECT user_id, event, value, idempotency_key FROM user_events ORDER BY idempotency_key COLLATE "C";
INSERT INTO orders VALUES (10, '1', 1) ON CONFLICT DO NOTHING;
INSERT INTO orders VALUES (10, '1', 2), (11, '1', 3) ON CONFLICT (id) DO UPDATE SET amount = excluded.amount;
SELECT * FROM seen;
COPY orders (id, customer, amount) FROM stdin;
20	2	1
21	2	2
\.
-- Two attached tables at once.
WITH gone AS (DELETE FROM orders WHERE id = 20 RETURNING *), changed AS (UPDATE orders SET amount = 77 WHERE id = 21),
     back AS (INSERT INTO refunds SELECT '00000000-0000-0000-0000-000000000001', customer::integer FROM gone)
INSERT INTO orders SELECT 22, customer, amount FROM gone;
SELECT * FROM seen WHERE user_id = '2';
-- Keys that move past each other.
ALTER TABLE orders DROP CONSTRAINT orders_pkey, ADD PRIMARY KEY (id) DEFERRABLE;
UPDATE orders SET id = id + 1;
SELECT * FROM seen WHERE event = 'order';
-- A join.
UPDATE orders o SET amount = o.amount + r.customer FROM refunds r WHERE r.customer::text = o.customer;
SELECT * FROM seen WHERE user_id = '2';
-- What is undone is undone there as well.
BEGIN;
INSERT INTO orders VALUES (40, '4', 1);
SAVEPOINT a;
INSERT INTO orders VALUES (41, '4', 1);
UPDATE orders SET amount = 5 WHERE id = 40;
ROLLBACK TO a;
COMMIT;
DO $$
BEGIN
    FOR n IN 50..52 LOOP
        INSERT INTO orders VALUES (n, '5', n);
        BEGIN
            UPDATE orders SET customer = '6' WHERE id = n;
            INSERT INTO orders VALUES (n + 50, '5', n);
            RAISE EXCEPTION 'not so';
        EXCEPTION WHEN raise_exception THEN NULL;
        END;
    END LOOP;
END $$;
SELECT * FROM seen WHERE user_id > '3';
PREPARE again AS INSERT INTO orders VALUES ($1, '7', $2);
EXECUTE again(70, 1); EXECUTE again(71, 2); EXECUTE again(72, 3);
ALTER TABLE orders ADD COLUMN note text NOT NULL DEFAULT 'none';
EXECUTE again(73, 4);
SELECT * FROM seen WHERE user_id = '7';
BEGIN ISOLATION LEVEL REPEATABLE READ;
INSERT INTO orders VALUES (80, '8', 1); UPDATE orders SET amount = 2 WHERE id = 80; DELETE FROM orders WHERE id = 70;
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
UPDATE orders SET amount = 3 WHERE id = 80; DELETE FROM orders WHERE id = 71;
COMMIT;
SELECT * FROM seen WHERE user_id IN ('7', '8');
-- Nobody is told of what a replica applies.
SET session_replication_role = replica;
INSERT INTO orders VALUES (90, '9', 1);
RESET session_replication_role;
SELECT count(*) FROM seen WHERE user_id = '9';
-- A trigger of the user's that writes to the table again.
CREATE FUNCTION once_more() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF pg_trigger_depth() < 3 THEN
        INSERT INTO orders SELECT n.id + 1000, n.customer, n.amount FROM n;
        UPDATE orders SET amount = amount + 1 WHERE id IN (SELECT n.id FROM n);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER a_first AFTER INSERT ON orders REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION once_more();
INSERT INTO orders VALUES (100, '10', 1);
SELECT * FROM seen WHERE user_id = '10';
DROP TRIGGER a_first ON orders;
CREATE TRIGGER z_last AFTER INSERT ON orders REFERENCING NEW TABLE AS n FOR EACH STATEMENT EXECUTE FUNCTION once_more();
INSERT INTO orders VALUES (200, '11', 1);
SELECT * FROM seen WHERE user_id = '11';
TRUNCATE orders;
SELECT event, count(*) FROM seen GROUP BY 1;
SELECT feed, skipped, failed, error FROM feed_notes ORDER BY id;
-- Whoever cancels it cancels all of it.
CREATE FUNCTION slowly(text) RETURNS text STABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN $1; END $$;
CREATE TABLE slow (id integer PRIMARY KEY, customer text, at timestamptz DEFAULT '2026-01-09 12:00+00');
SELECT hogsend_attach_events('slow', key => 'id', user_id => 'slowly(customer)', event => $$'slow'$$, occurred_at => 'at');
SET statement_timeout = '100ms';
INSERT INTO slow VALUES (1, 's');
RESET statement_timeout;
SELECT count(*) FROM slow;
SELECT count(*) FROM seen WHERE event = 'slow';
