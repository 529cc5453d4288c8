-- In a restored copy nothing is delivered until somebody says so; then each consumer goes on with
-- what it had not read. The copy is made by giving this installation another identity, and old
-- transactions ids that lie in its future.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('signed', hogsend_event('signup'));
SELECT hogsend_subscribe('done'), hogsend_subscribe('halfway'), hogsend_subscribe('fresh', from_beginning => true);
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'u' || n, 'signup', '2026-01-01 12:00+00' FROM generate_series(1, 6) n;
SELECT hogsend_ack('done', max(batch)) FROM hogsend_poll('done');
SELECT hogsend_ack('halfway', max(batch)) FROM hogsend_poll('halfway', 2);
SELECT count(*) FROM hogsend_poll('halfway', 2);
UPDATE hogsend_instance SET id = '00000000-0000-0000-0000-000000000001';
UPDATE bucket_transitions SET xid = (xid::text::bigint + 1000000)::text::xid8;
UPDATE bucket_positions SET passed = format('%s:%s:', pg_snapshot_xmin(passed)::text::bigint + 1000000, pg_snapshot_xmax(passed)::text::bigint + 1000000)::pg_snapshot;
UPDATE bucket_positions SET reading = format('%s:%s:', pg_snapshot_xmin(reading)::text::bigint + 1000000, pg_snapshot_xmax(reading)::text::bigint + 1000000)::pg_snapshot WHERE reading IS NOT NULL;
-- A restored copy is a server that nobody was connected to before.
\c -
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
SET hogsend.now = '2026-01-01 12:00+00';
SELECT count(*) FROM hogsend_poll('done');
SELECT hogsend_ack('done', 1);
SELECT hogsend_subscribe('done');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('v1', 'signup', '2026-01-01 12:00+00');
SELECT count(*) FROM bucket_transitions;
SELECT hogsend_adopt();
-- Who matched by what came while it was suspended is in, silently like everybody who is looked at again.
SELECT hogsend_has('signed', 'v1');
SELECT user_id FROM hogsend_poll('done') ORDER BY id;
SELECT user_id FROM hogsend_poll('halfway') ORDER BY id;
SELECT user_id FROM hogsend_poll('fresh') ORDER BY id;
SELECT hogsend_ack('done', max(batch)), hogsend_ack('halfway', (SELECT max(batch) FROM hogsend_poll('halfway'))) FROM hogsend_poll('done');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('v2', 'signup', '2026-01-01 12:00+00');
SELECT user_id FROM hogsend_poll('done') ORDER BY id;
SELECT user_id FROM hogsend_poll('halfway') ORDER BY id;
-- At home nothing is moved by it.
SELECT hogsend_adopt();
SELECT user_id FROM hogsend_poll('done') ORDER BY id;
