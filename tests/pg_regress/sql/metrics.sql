-- hogsend_metrics(): numbers for programs, and of each how it was come by.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_monitor;
CREATE ROLE regress_hogsend_monitor;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE FUNCTION samples(name text) RETURNS TABLE (sample text) LANGUAGE sql AS $$
    SELECT l FROM regexp_split_to_table(hogsend_metrics(), '\n') AS l WHERE l ~ ('^' || name || '[_a-z]*({| )') $$;
-- Each metric has a TYPE, a UNIT where its name ends in one, and a HELP that says how it is known.
SELECT l FROM regexp_split_to_table(hogsend_metrics(), '\n') WITH ORDINALITY AS m (l, n) WHERE l LIKE '#%' AND l NOT LIKE '# UNIT%' ORDER BY n;
SELECT * FROM samples('hogsend_(check_ok|ready|info)');
-- Before anything happened.
SELECT * FROM samples('hogsend_(buckets|members|transitions|clock_age_seconds|timers_due|oldest_timer_seconds|jobs|errors|lateness_seconds)');
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened', within => '1 day')), ('signed', hogsend_event('signup'));
INSERT INTO buckets (id, kind, enabled) VALUES ('hand', 'manual', false);
SELECT hogsend_subscribe('mailer'), hogsend_subscribe(E'odd "\\ name\n', shards => 2);
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'u' || n, 'app.opened', '2026-01-01 12:00+00'::timestamptz - n * interval '1 second' FROM generate_series(0, 5) n;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'signup', '2026-01-01 12:00+00');
SELECT * FROM samples('hogsend_(buckets|members|bucket_members|transitions|recent_transitions|consumer_behind)');
-- Some are due, and those who leave do so up to seven seconds late.
SET hogsend.now = '2026-01-02 12:00:02+00';
SELECT * FROM samples('hogsend_(clock_age_seconds|timers_due|oldest_timer_seconds)');
SELECT "left" FROM hogsend_reconcile();
SELECT * FROM samples('hogsend_(clock_age_seconds|timers_due|recent_transitions|lateness_seconds|recent_seconds)');
SET hogsend.now = '2026-01-02 12:10+00';
SELECT * FROM samples('hogsend_(bucket_members|consumer_behind|consumer_age_seconds|consumer_lapsed|clock_age_seconds)');
SELECT hogsend_ack('mailer', max(batch)) FROM hogsend_poll('mailer');
SELECT * FROM samples('hogsend_consumer_(behind|age_seconds)') WHERE sample LIKE '%"mailer"%';
-- What is older than a quarter of an hour is not recent.
SET hogsend.now = '2026-01-02 12:30+00';
SELECT * FROM samples('hogsend_(recent_transitions|lateness_seconds)');
-- Work that waits, and what goes wrong.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u7', 'signup', '2026-01-02 12:30+00');
RESET hogsend.evaluate;
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria) VALUES ('late', hogsend_event('signup')), ('later', hogsend_event('signup'));
UPDATE bucket_jobs SET status = 'failed', error = 'of a test' WHERE bucket_id = 'later';
INSERT INTO buckets (id, kind, query) VALUES ('q', 'query', 'SELECT user_id FROM contacts WHERE substr(user_id, 1, 8)::integer > 0');
SET hogsend.now = '2026-01-02 12:31+00';
SELECT * FROM samples('hogsend_(queued|oldest_queued_seconds|jobs|jobs_rested_seconds|errors|refresh_late_seconds)');
-- Tables by what VACUUM and ANALYZE left.
SELECT sample FROM samples('hogsend_table_rows');
ANALYZE;
SELECT sample FROM samples('hogsend_table_rows');
SELECT count(*) AS tables, bool_and(split_part(sample, ' ', 2)::bigint > 0) AS have_bytes FROM samples('hogsend_table_bytes');
SELECT * FROM samples('hogsend_notification_queue_ratio');
-- A monitor needs no more than to call it, and who may not, may not.
SELECT hogsend_metrics() LIKE E'%\n# EOF' AS ends;
SET ROLE regress_hogsend_monitor;
SELECT hogsend_metrics();
RESET ROLE;
GRANT EXECUTE ON FUNCTION hogsend_metrics() TO regress_hogsend_monitor;
SET ROLE regress_hogsend_monitor;
SELECT * FROM samples('hogsend_(members|ready)');
SELECT count(*) FROM bucket_memberships;
RESET ROLE;
-- Without tables there is little to tell, and that is told.
DROP TABLE bucket_jobs CASCADE;
SELECT l FROM regexp_split_to_table(hogsend_metrics(), '\n') WITH ORDINALITY AS m (l, n)
WHERE l NOT LIKE '#%' AND l !~ '^hogsend_metrics_seconds' OR l = '# EOF' ORDER BY n;
DROP OWNED BY regress_hogsend_monitor;
DROP ROLE regress_hogsend_monitor;
