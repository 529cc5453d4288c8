-- hogsend.retention: the clock prunes what is old and everybody has passed, a little each time.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('signed', hogsend_event('signup'));
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'u' || n, 'signup', '2026-01-01 12:00+00' FROM generate_series(1, 10) n;
SET hogsend.now = '2026-02-01 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'v' || n, 'signup', '2026-02-01 12:00+00' FROM generate_series(1, 5) n;
-- Not asked to.
SELECT remaining FROM hogsend_reconcile();
SELECT count(*) FROM bucket_transitions;
SET hogsend.retention = '30d';
SHOW hogsend.retention;
SELECT remaining FROM hogsend_reconcile(4);
SELECT count(*), min(id) FROM bucket_transitions;
SELECT remaining FROM hogsend_reconcile();
SELECT count(*), min(id) FROM bucket_transitions;
-- A consumer that does not read keeps what it has not read.
SELECT hogsend_subscribe('slow', from_beginning => true);
SET hogsend.now = '2026-06-01 12:00+00';
SELECT remaining FROM hogsend_reconcile();
SELECT count(*) FROM bucket_transitions;
SELECT consumer, rows_behind, age, lapsed FROM bucket_lag;
SELECT hogsend_unsubscribe('slow');
SELECT remaining FROM hogsend_reconcile();
SELECT count(*) FROM bucket_transitions;
-- Superusers only: whoever sets it decides what is thrown away.
CREATE ROLE regress_hogsend_retention;
SET ROLE regress_hogsend_retention;
SET hogsend.retention = '1s';
RESET ROLE;
DROP ROLE regress_hogsend_retention;
SET hogsend.retention = -1;
