-- How every bucket is doing.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, name, criteria, entry_limit, min_dwell, max_dwell) VALUES
    ('active', 'Active', hogsend_event('app.opened', within => '7 days'), 'once', '1 hour', '30 days');
INSERT INTO buckets (id, criteria, enabled) VALUES ('off', hogsend_event('app.opened'), false);
INSERT INTO buckets (id, kind) VALUES ('hand', 'manual');
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u1', 'app.opened', '2026-01-01 12:00+00'), ('u2', 'app.opened', '2026-01-01 12:01+00'),
    ('u3', 'app.opened', '2026-01-01 12:02+00'), ('u4', 'app.opened', '2026-01-01 12:03+00');
\x on
SELECT * FROM bucket_stats ORDER BY bucket_id;
\x off
-- One leaves ten minutes late, two an hour and more; that is a stay of a week, give or take.
SET hogsend.now = '2026-01-08 12:10:00.000001+00';
SELECT "left" FROM hogsend_reconcile(1);
SET hogsend.now = '2026-01-08 13:10:00+00';
SELECT "left" FROM hogsend_reconcile(2);
SELECT active, left_total, entered_24h, left_24h, average_stay, next_due, lateness_p50, lateness_p99
FROM bucket_stats WHERE bucket_id = 'active';
-- A day goes by, to the microsecond: what is 24 hours old no longer counts.
SET hogsend.now = '2026-01-09 12:10:00+00';
SELECT left_24h, lateness_p50, lateness_p99 FROM bucket_stats WHERE bucket_id = 'active';
SET hogsend.now = '2026-01-09 12:10:00.000001+00';
SELECT left_24h, lateness_p50, lateness_p99 FROM bucket_stats WHERE bucket_id = 'active';
SET hogsend.now = '2026-01-09 13:10:00+00';
SELECT left_total, left_24h, average_stay, lateness_p50, lateness_p99 FROM bucket_stats WHERE bucket_id = 'active';
-- What an event causes is not late, and has no part in it.
SET hogsend.now = '2026-01-09 14:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u5', 'app.opened', '2026-01-09 13:00+00');
SELECT active, entered_24h, lateness_p50 FROM bucket_stats WHERE bucket_id = 'active';
-- Members are those whom hogsend_count() counts, deleted contacts not among them, even unnoticed ones.
UPDATE contacts SET deleted_at = '2026-01-09 14:00+00' WHERE user_id = 'u4';
SET session_replication_role = replica;
UPDATE contacts SET deleted_at = '2026-01-09 14:00+00' WHERE user_id = 'u5';
RESET session_replication_role;
SELECT bucket_id, active, active = hogsend_count(bucket_id) AS as_counted, left_total FROM bucket_stats ORDER BY bucket_id;
-- What happened before all time is dated by the evaluation that found it, so it can be subtracted.
INSERT INTO buckets (id, criteria) VALUES ('ever', hogsend_event('app.installed'));
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u6', 'app.installed', '-infinity');
RESET hogsend.evaluate;
SELECT entered FROM hogsend_reconcile();
SELECT source, effective_at FROM bucket_transitions WHERE bucket_id = 'ever';
SELECT active, lateness_p99 FROM bucket_stats WHERE bucket_id = 'ever';

-- How a query bucket comes along.
CREATE FUNCTION vips() RETURNS SETOF text LANGUAGE sql AS 'SELECT ''u1'' UNION SELECT ''u2''';
INSERT INTO buckets (id, kind, query, refresh_every) VALUES ('vips', 'query', 'SELECT * FROM vips()', '10 minutes');
CREATE VIEW refreshes AS
SELECT active, job, refreshed_at, refresh_took IS NOT NULL AS took, next_refresh, refresh_error FROM bucket_stats WHERE bucket_id = 'vips';
TABLE refreshes;
SELECT FROM hogsend_refresh('vips');
TABLE refreshes;
UPDATE buckets SET query = 'SELECT * FROM vips() LIMIT 1' WHERE id = 'vips';
TABLE refreshes;
DROP FUNCTION vips;
SET client_min_messages = error;
SELECT FROM hogsend_refresh('vips');
SET client_min_messages = warning;
TABLE refreshes;
SELECT DISTINCT job, refreshed_at, refresh_took, next_refresh, refresh_error FROM bucket_stats WHERE bucket_id <> 'vips';
DROP VIEW refreshes;
DELETE FROM buckets WHERE id = 'vips';

-- Without hogsend.now the clock is the real one.
RESET hogsend.now;
INSERT INTO user_events (user_id, event) VALUES ('u7', 'app.opened');
SELECT bucket_id, entered_24h FROM bucket_stats ORDER BY bucket_id;

-- The job in words: what is open comes first, and a failure is told until another job is done.
TRUNCATE bucket_jobs;
CREATE FUNCTION pg_temp.job(mode text, status text, processed bigint DEFAULT 0, total bigint DEFAULT NULL, error text DEFAULT NULL)
RETURNS text LANGUAGE sql AS $$
    INSERT INTO bucket_jobs (bucket_id, mode, status, processed, total, error) VALUES ('ever', mode, status, processed, total, error);
    SELECT job FROM bucket_stats WHERE bucket_id = 'ever';
$$;
SELECT pg_temp.job('backfill', 'done', 10, 10);
SELECT pg_temp.job('reevaluate', 'failed', 10, 20, 'somebody''s trigger failed');
SELECT pg_temp.job('reevaluate', 'running', 1234567, 20000000);
DELETE FROM bucket_jobs WHERE status = 'running';
SELECT pg_temp.job('backfill', 'running', 0, 0);
DELETE FROM bucket_jobs WHERE status = 'running';
SELECT pg_temp.job('backfill', 'running', 40000);
UPDATE bucket_jobs SET status = 'pending', processed = 0 WHERE status = 'running';
SELECT pg_temp.job('reevaluate', 'failed', 10);
DELETE FROM bucket_jobs WHERE status = 'pending';
SELECT job FROM bucket_stats WHERE bucket_id = 'ever';
SELECT pg_temp.job('reevaluate', 'done', 20, 20);
SELECT count(*), count(job) FROM bucket_stats;

-- One bucket asked for: every table that is read is asked for that bucket only. (The contacts are
-- the members', who are looked up or, where that is cheaper, all read.)
CREATE FUNCTION pg_temp.read_in(query text) RETURNS TABLE (relation text, only_that_bucket boolean) LANGUAGE plpgsql AS $$
DECLARE
    plan jsonb;
BEGIN
    EXECUTE 'EXPLAIN (FORMAT JSON, COSTS OFF) ' || query INTO plan;
    RETURN QUERY
        SELECT node ->> 'Relation Name', node::text LIKE '%''active''::text%'
        FROM jsonb_path_query(plan, 'strict $.** ? (exists (@."Relation Name"))') AS node
        ORDER BY 1;
END $$;
SELECT * FROM pg_temp.read_in($$SELECT * FROM bucket_stats WHERE bucket_id = 'active'$$);
SELECT * FROM pg_temp.read_in($$SELECT * FROM bucket_daily WHERE bucket_id = 'active'$$);
SELECT * FROM pg_temp.read_in($$SELECT * FROM bucket_forecast WHERE bucket_id = 'active'$$);
-- And what is not asked for is not read.
SELECT relation FROM pg_temp.read_in('SELECT bucket_id, next_due FROM bucket_stats');
