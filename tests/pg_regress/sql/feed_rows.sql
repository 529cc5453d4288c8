-- What a row of an attached table is to hogsend: an event, nothing, or something that cannot be read, which is counted and keeps nobody from writing.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
CREATE TABLE orders (id integer PRIMARY KEY, customer text, amount text, at timestamptz, status text DEFAULT 'paid', country text);
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order.' || status$$, occurred_at => 'at',
    value => 'amount::numeric', properties => '{country}', condition => $$status <> 'open'$$);
INSERT INTO orders VALUES (1, 'u1', '5', '2026-01-09 12:00+00', 'paid', 'DE');
-- Of several rows the bad ones alone are left out.
INSERT INTO orders VALUES (2, 'u1', 'many', '2026-01-09 12:00+00'), (3, 'u2', '7', '2026-01-09 12:00+00'), (4, NULL, '7', '2026-01-09 12:00+00'),
    (5, '', '7', '2026-01-09 12:00+00'), (6, 'u2', '7', NULL), (8, 'u2', NULL, '2026-01-09 12:00+00');
INSERT INTO orders VALUES (7, 'u2', '7', '2026-01-09 12:00+00', 'open');
-- What no index holds is no event.
INSERT INTO orders VALUES (9, repeat('u', 3000), '1', '2026-01-09 12:00+00');
CREATE VIEW seen AS SELECT user_id, event, occurred_at, value, properties, source, idempotency_key FROM user_events ORDER BY idempotency_key;
SELECT * FROM seen;
SELECT feed, skipped, failed, error FROM feed_notes ORDER BY id;
-- What was bad is put right, and the other way round.
UPDATE orders SET amount = '9' WHERE id = 2;
UPDATE orders SET amount = 'few' WHERE id = 3;
UPDATE orders SET customer = 'u4' WHERE id = 4;
SELECT user_id, event, value, idempotency_key FROM seen;
-- Instants and numbers at the end of what there is, and properties that are no object.
INSERT INTO orders VALUES (20, 'u3', 'NaN', 'infinity'), (21, 'u3', 'Infinity', '-infinity'), (22, 'u3', '1e300', '4713-01-01 BC');
SELECT idempotency_key, occurred_at, value = 1e300 AS is_great, value = 'NaN' AS is_nan FROM seen WHERE user_id = 'u3';
-- Ten megabytes, more than a statement keeps in memory.
INSERT INTO orders VALUES (30, 'big', '1', '2026-01-09 12:00+00', 'paid', repeat('ä', 5000000));
SELECT octet_length(properties ->> 'country') FROM seen WHERE user_id = 'big';
UPDATE orders SET country = 'DE' WHERE id = 30;
SELECT properties FROM seen WHERE user_id = 'big';
INSERT INTO orders SELECT n, 'big', '1', '2026-01-09 12:00+00', 'paid', repeat('ö', 500000) FROM generate_series(31, 40) n;
SELECT count(*), min(octet_length(properties ->> 'country')) FROM seen WHERE user_id = 'big' AND event = 'order.paid';
