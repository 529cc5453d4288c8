-- A parallel worker is given the settings of its leader one by one, before it has a time zone, and must
-- not read a timestamp then.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
CREATE TABLE many AS SELECT n FROM generate_series(1, 500000) n;
ANALYZE many;
SET hogsend.now = '2026-01-01T00:00:00+00:00';
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SET max_parallel_workers_per_gather = 2;
EXPLAIN (COSTS OFF) SELECT count(*) FROM many;
SELECT count(*) FROM many;
-- The workers have the instant, too.
SELECT count(*) FILTER (WHERE current_setting('hogsend.now')::timestamptz = '2026-01-01 00:00+00') FROM many;
SET timezone = 'Asia/Tokyo';
SET timezone_abbreviations = 'India';
SET hogsend.now = '2026-01-01 12:00 IST';
SHOW hogsend.now;
SELECT count(*) FILTER (WHERE current_setting('hogsend.now')::timestamptz = '2026-01-01 06:30+00') FROM many;
SET hogsend.now = '-infinity';
SELECT count(*) FROM many;
SET hogsend.now = '';
SELECT count(*) FROM many;
-- Of a database: what a worker finds there is not the leader's.
SELECT format('ALTER DATABASE %I SET hogsend.now = ''2026-06-06 12:00 EST''', current_database()) \gexec
\c -
SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0;
SET parallel_tuple_cost = 0;
SELECT hogsend_now() AT TIME ZONE 'UTC';
SELECT count(*) FILTER (WHERE current_setting('hogsend.now')::timestamptz = '2026-06-06 17:00+00') FROM many;
SET hogsend.now = '2026-07-07 12:00';
SELECT count(*) FILTER (WHERE current_setting('hogsend.now')::timestamptz = '2026-07-07 12:00-07') FROM many;
-- A function of ours that may run in a worker does, and what it raises there is as ever.
SET parallel_leader_participation = off;
EXPLAIN (COSTS OFF) SELECT count(*) FROM many WHERE n <= 10 AND hogsend_canonical_text('{"type": "event", "eventName": "' || n || '", "check": "exists"}') <> '';
SELECT count(*) FROM many WHERE n <= 10 AND hogsend_canonical_text('{"type": "event", "eventName": "' || n || '", "check": "exists"}') <> '';
\set SHOW_CONTEXT never
SELECT count(*) FROM many WHERE n <= 10 AND hogsend_canonical_text('{"type": "event", "eventName": ' || n || '}') <> '';
DROP TABLE many;
