-- How far each consumer is behind: what it has yet to acknowledge, by its own filter.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('active', hogsend_event('app.opened', within => '1 day')),
    ('signed', hogsend_event('signup'));
SELECT hogsend_subscribe('all'), hogsend_subscribe('signups', buckets => '{signed}'),
       hogsend_subscribe('exits', transitions => '{left}'), hogsend_subscribe('spread', shards => 3);
SELECT consumer, shard, rows_behind, age, batch_is_out, last_ack, lapsed FROM bucket_lag ORDER BY 1, 2;
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'u' || n, 'app.opened', '2026-01-01 12:00+00' FROM generate_series(1, 6) n;
SET hogsend.now = '2026-01-03 12:00+00';
SELECT "left" FROM hogsend_reconcile();
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'u' || n, 'signup', '2026-01-03 12:00+00' FROM generate_series(1, 3) n;
SET hogsend.now = '2026-01-03 13:00+00';
SELECT consumer, sum(rows_behind) AS rows_behind, max(age) AS age FROM bucket_lag GROUP BY 1 ORDER BY 1;
-- A batch that is out is not acknowledged yet; a part that is, is no longer behind.
SELECT count(*), max(batch) AS token FROM hogsend_poll('all', 4) \gset
SELECT rows_behind, age, batch_is_out FROM bucket_lag WHERE consumer = 'all';
SELECT hogsend_ack('all', :token);
SELECT rows_behind, age, batch_is_out, last_ack IS NOT NULL AS acked FROM bucket_lag WHERE consumer = 'all';
SELECT count(*), max(batch) AS token FROM hogsend_poll('all', 100) \gset
SELECT hogsend_ack('all', :token);
SELECT rows_behind, age, batch_is_out FROM bucket_lag WHERE consumer = 'all';
-- The view and the poll find the same.
SELECT l.consumer, l.shard, l.rows_behind, (SELECT count(*) FROM hogsend_poll(l.consumer, 100, l.shard)) AS polled
FROM bucket_lag l ORDER BY 1, 2;
