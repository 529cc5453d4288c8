-- How many buckets there are is nothing to one that is defined after them.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
CREATE FUNCTION pg_temp.read() RETURNS bigint LANGUAGE sql AS
$$ SELECT pg_stat_get_xact_tuples_returned('buckets'::regclass) + sum(pg_stat_get_xact_tuples_returned(indexrelid))
   FROM pg_index WHERE indrelid = 'buckets'::regclass $$;
INSERT INTO user_events (user_id, event) SELECT 'u' || n, 'buy' FROM generate_series(1, 100) n;
INSERT INTO buckets (id, criteria) SELECT 'b' || n, hogsend_event('buy', within => '20 days') FROM generate_series(1, 400) n;
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT hogsend_define_bucket('one', hogsend_event('buy', within => '20 days'));
SELECT pg_temp.read() BETWEEN 1 AND 40 AS "reads few";
COMMIT;
SELECT hogsend_count('one');
