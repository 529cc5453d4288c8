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
-- The next run goes on after what is gone.
SELECT pruned_up_to FROM hogsend_clock;
-- A consumer that does not read keeps what it has not read.
SELECT hogsend_subscribe('slow', from_beginning => true);
SET hogsend.now = '2026-06-01 12:00+00';
SELECT remaining FROM hogsend_reconcile();
SELECT count(*) FROM bucket_transitions;
SELECT consumer, rows_behind, age, lapsed FROM bucket_lag;
SELECT hogsend_unsubscribe('slow');
SELECT remaining FROM hogsend_reconcile();
SELECT count(*) FROM bucket_transitions;
-- A number that is younger than those after it holds them up until it is old, too.
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'w' || n, 'signup', '2026-06-01 12:00+00' FROM generate_series(1, 6) n;
UPDATE bucket_transitions SET recorded_at = '2026-06-02 12:00+00' WHERE id = 18;
SET hogsend.now = '2026-07-02 11:00+00';
SELECT remaining FROM hogsend_reconcile();
SELECT pruned_up_to, (SELECT string_agg(id::text, ' ' ORDER BY id) FROM bucket_transitions) AS kept FROM hogsend_clock;
SET hogsend.now = '2026-07-02 13:00+00';
SELECT remaining FROM hogsend_reconcile();
SELECT pruned_up_to, (SELECT string_agg(id::text, ' ' ORDER BY id) FROM bucket_transitions) AS kept FROM hogsend_clock;
-- Who commits so late that the clock has gone past their numbers is left to hogsend_prune().
INSERT INTO bucket_transitions (id, event, bucket_id, user_id, transition, entry_count, source, effective_at, recorded_at, idempotency_key)
VALUES (3, 'bucket:entered:signed', 'signed', 'u3', 'entered', 1, 'event', '2026-01-01 12:00+00', '2026-01-01 12:00+00', 'bucket:signed:u3:entered:1');
SELECT remaining FROM hogsend_reconcile();
SELECT count(*) FROM bucket_transitions;
SELECT transitions FROM hogsend_prune('30 days');
-- Of a sequence that was set back by hand the numbers are new, and are pruned like any others.
DELETE FROM bucket_transitions;
ALTER SEQUENCE bucket_transitions_id_seq RESTART;
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'x' || n, 'signup', '2026-07-02 13:00+00' FROM generate_series(1, 2) n;
SELECT pruned_up_to, (SELECT string_agg(id::text, ' ' ORDER BY id) FROM bucket_transitions) AS kept FROM hogsend_clock;
SET hogsend.now = '2026-08-02 13:00+00';
SELECT remaining FROM hogsend_reconcile();
SELECT pruned_up_to, (SELECT string_agg(id::text, ' ' ORDER BY id) FROM bucket_transitions) AS kept FROM hogsend_clock;
-- Superusers only: whoever sets it decides what is thrown away.
CREATE ROLE regress_hogsend_retention;
SET ROLE regress_hogsend_retention;
SET hogsend.retention = '1s';
RESET ROLE;
DROP ROLE regress_hogsend_retention;
\set VERBOSITY sqlstate
SET hogsend.retention = -1;
