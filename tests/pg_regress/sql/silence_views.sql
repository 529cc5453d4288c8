-- bucket_stats and bucket_daily show apart who was announced and who was not, and pruning changes no day.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO contacts (user_id, properties) SELECT 'u' || n, '{"plan": "pro"}' FROM generate_series(1, 5) n;
INSERT INTO buckets (id, criteria, entry_limit) VALUES ('pro', hogsend_property('plan', 'eq', 'pro'), 'once');
-- The first fill.
SELECT entered_24h, left_24h, entered_silently_24h, left_silently_24h FROM bucket_stats;
SELECT * FROM bucket_daily;
-- An entry that is announced, a deleted contact, one who leaves, and one whom the limit holds back.
INSERT INTO contacts (user_id, properties) VALUES ('u6', '{"plan": "pro"}');
UPDATE contacts SET deleted_at = '2026-01-01 12:00+00' WHERE user_id = 'u1';
UPDATE contacts SET properties = '{}' WHERE user_id IN ('u2', 'u6');
SET hogsend.now = '2026-01-01 23:50+00';
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id IN ('u2', 'u6');
SELECT active, left_total, entered_24h, left_24h, entered_silently_24h, left_silently_24h FROM bucket_stats;
SELECT * FROM bucket_daily ORDER BY day;
SET hogsend.now = '2026-01-02 00:10+00';
UPDATE contacts SET properties = '{}' WHERE user_id = 'u6';
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'u6';
CREATE FUNCTION days(zone text) RETURNS TABLE (day date, entered bigint, "left" bigint, entered_silently bigint, left_silently bigint)
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('timezone', zone, true);
    RETURN QUERY SELECT d.day, d.entered, d."left", d.entered_silently, d.left_silently FROM bucket_daily d;
    PERFORM set_config('timezone', 'UTC', true);
END $$;
CREATE TEMP TABLE before AS SELECT zone, d.* FROM unnest(ARRAY['UTC', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/St_Johns']) zone, days(zone) d;
SELECT zone, count(*) AS days FROM before GROUP BY 1 ORDER BY 1;
SELECT left_total FROM bucket_stats;
-- Twice, a part each time.
SET hogsend.now = '2026-02-01 12:00+00';
SELECT memberships FROM hogsend_prune(memberships_older_than => interval '30 days 12:30');
SELECT memberships FROM hogsend_prune(memberships_older_than => interval '1 day');
SELECT since, entered, "left", entered_silently, left_silently FROM bucket_counts ORDER BY 1;
SELECT zone, d.* FROM unnest(ARRAY['UTC', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/St_Johns']) zone, days(zone) d
EXCEPT SELECT * FROM before;
SELECT count(*) = (SELECT count(*) FROM before) AS as_many FROM unnest(ARRAY['UTC', 'Asia/Kolkata', 'Asia/Kathmandu', 'America/St_Johns']) zone, days(zone) d;
SELECT left_total FROM bucket_stats;
-- Views of an earlier release are brought up to date, and whoever may read them still may.
CREATE ROLE silence_reader;
GRANT SELECT ON bucket_daily TO silence_reader;
DROP VIEW bucket_stats;
CREATE OR REPLACE FUNCTION pg_temp.older() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    DROP VIEW bucket_daily;
    CREATE VIEW bucket_daily AS
    SELECT m.bucket_id, m.entered_at::date AS day, count(*) AS entered, count(*) AS "left" FROM bucket_memberships m GROUP BY 1, 2;
    GRANT SELECT ON bucket_daily TO silence_reader;
END $$;
SELECT pg_temp.older();
CREATE VIEW mine AS SELECT * FROM bucket_daily;
SELECT hogsend_migrate();
SELECT has_table_privilege('silence_reader', 'bucket_daily', 'SELECT') AS still_may;
SELECT * FROM days('UTC') ORDER BY day;
SELECT count(*) AS members FROM pg_depend d JOIN pg_class c ON c.oid = d.objid AND d.classid = 'pg_class'::regclass
WHERE d.deptype = 'e' AND c.relkind = 'v';
DROP OWNED BY silence_reader;
DROP ROLE silence_reader;
