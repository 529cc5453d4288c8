-- What a table has when it is attached is imported at once, if it is little, and nobody is told of it: not of
-- entries, and not of dwells that are long past.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
INSERT INTO buckets (id, criteria, dwell_after) VALUES ('buyers', hogsend_event('order.placed'), '{1 day}'), ('lapsed', hogsend_event('order.placed', never => true, within => '30 days'), '{}');
CREATE TABLE orders (id bigint PRIMARY KEY, customer text, amount numeric, status text, created_at timestamptz NOT NULL);
INSERT INTO orders SELECT n, 'c' || n % 5, n, CASE WHEN n % 4 = 0 THEN 'open' ELSE 'paid' END, timestamptz '2026-03-01 12:00+00' - n * interval '5 days' FROM generate_series(1, 20) n;
INSERT INTO orders VALUES (21, NULL, 1, 'paid', '2026-02-01'), (22, '', 1, 'paid', '2026-02-01'), (23, NULL, 1, 'open', '2026-02-01');
SET client_min_messages = notice;
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order.placed'$$,
    occurred_at => 'created_at', value => 'amount', properties => '{status}', condition => $$status = 'paid'$$);
SELECT import, rows_total, rows_imported, rows_skipped, rows_failed, error, part, file, block, imported_at FROM feeds;
SELECT user_id, event, value, properties, source, idempotency_key, occurred_at FROM user_events ORDER BY value;
SELECT bucket_id, count(*), bool_or(announced) AS announced FROM bucket_memberships WHERE status = 'active' GROUP BY 1 ORDER BY 1;
SELECT count(*) AS told FROM bucket_transitions;
SELECT * FROM hogsend_verify_feed('orders');
SELECT * FROM hogsend_verify('buyers');
SELECT * FROM hogsend_verify('lapsed');
-- The dwell that the import passed over is not told later, and what happens from now on is.
SET hogsend.now = '2026-03-01 13:00+00';
SELECT entered, "left", dwelled FROM hogsend_reconcile();
INSERT INTO orders VALUES (30, 'new', 1, 'paid', '2026-03-01 12:30+00');
SELECT user_id, transition, bucket_id FROM bucket_transitions;
-- Again changes nothing.
CREATE TEMP TABLE before AS SELECT ctid::text AS place, xmin::text AS writer, e.* FROM user_events e;
SET client_min_messages = warning;
CALL hogsend_import('orders');
SELECT count(*) FROM user_events e JOIN before b ON b.place = e.ctid::text AND b.writer = e.xmin::text;
SELECT import, rows_imported, rows_skipped FROM feeds;
SELECT count(*) AS told FROM bucket_transitions;
