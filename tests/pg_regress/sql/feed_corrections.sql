-- A correction is one: nobody leaves and comes back for it, and what says nothing new writes nothing.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
CREATE TABLE orders (id integer PRIMARY KEY, customer text, amount numeric, at timestamptz DEFAULT '2026-01-09 12:00+00', status text DEFAULT 'paid', note text);
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order.' || status$$, occurred_at => 'at',
    value => 'amount', condition => $$status IN ('paid', 'sent')$$);
SELECT hogsend_define_bucket('buyers', hogsend_event(ARRAY['order.paid', 'order.sent'], within => '30 days'));
SELECT hogsend_define_bucket('big', hogsend_event('order.paid', at_least => 1, filter => hogsend_property('$value', 'gt', 10)));
CREATE VIEW told AS SELECT event, user_id, entry_count FROM bucket_transitions ORDER BY id;
INSERT INTO orders VALUES (1, 'ann', 5);
SELECT * FROM told;
-- The event stays the same one, with its number.
UPDATE orders SET amount = 50, at = '2026-01-08 12:00+00', status = 'sent' WHERE id = 1;
UPDATE orders SET status = 'paid' WHERE id = 1;
SELECT * FROM told;
SELECT id, event, occurred_at, value FROM user_events;
-- What is nothing to the feed, or the same again, leaves the row as it is.
SELECT xmin::text AS before FROM user_events \gset
UPDATE orders SET note = 'x';
UPDATE orders SET amount = 50.0, status = 'paid';
INSERT INTO orders VALUES (1, 'ann', 50) ON CONFLICT (id) DO UPDATE SET amount = excluded.amount;
SELECT xmin::text = :'before' AS untouched FROM user_events;
-- The condition takes it away and brings it back.
UPDATE orders SET status = 'refunded';
SELECT * FROM told;
SELECT count(*) FROM user_events;
UPDATE orders SET status = 'paid';
SELECT * FROM told;
-- It was somebody else's: one comes and one goes.
UPDATE orders SET customer = 'bob';
SELECT * FROM told;
SELECT user_id, event, value, idempotency_key FROM user_events;
-- Gone, and again under the same key in one statement.
WITH gone AS (DELETE FROM orders RETURNING *) INSERT INTO orders SELECT 2, customer, amount, at, status FROM gone;
SELECT * FROM told;
SELECT user_id, idempotency_key FROM user_events;
-- Of an alias.
SELECT hogsend_identify('visitor', 'bob');
INSERT INTO orders VALUES (3, 'visitor', 1);
UPDATE orders SET customer = 'bob' WHERE id = 3;
UPDATE orders SET amount = 2 WHERE id = 3;
SELECT user_id, value, idempotency_key FROM user_events ORDER BY id;
DELETE FROM orders WHERE id = 3;
SELECT user_id, idempotency_key FROM user_events ORDER BY id;
-- Detached, the events stay; attached again they are taken up.
SELECT hogsend_detach('orders');
UPDATE orders SET amount = 99;
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order.' || status$$, occurred_at => 'at', value => 'amount');
UPDATE orders SET amount = 100;
SELECT user_id, value, idempotency_key FROM user_events ORDER BY id;
SELECT feed, skipped, failed, error FROM feed_notes;
