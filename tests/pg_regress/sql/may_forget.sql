-- Up to when events may go without changing who is in a bucket.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
SELECT hogsend_define_bucket('week', hogsend_event('x', within => '7 days'));
SELECT hogsend_define_bucket('longest', hogsend_any(hogsend_event('x', within => '7 days'), hogsend_event('y', within => '60 days', older_than => '30 days')));
SELECT hogsend_define_bucket('ever', hogsend_all(hogsend_event('x', within => '7 days'), hogsend_event('y', at_least => 3)));
SELECT hogsend_define_bucket('since', hogsend_event('x', at_least => 3, since => '2025-12-01'));
SELECT hogsend_define_bucket('last', hogsend_last('x', within => '3 days'));
SELECT hogsend_define_bucket('first', hogsend_first('x', within => '3 days'));
-- Whoever did it once, and not lately.
SELECT hogsend_define_bucket('lapsed', hogsend_all(hogsend_event('x', at_least => 1), hogsend_not(hogsend_event('x', within => '7 days'))));
SELECT hogsend_define_bucket('few', hogsend_event('x', at_most => 2, within => '7 days'));
SELECT hogsend_define_bucket('quiet', hogsend_all(hogsend_everyone(), hogsend_not(hogsend_event('x', within => '7 days'))));
SELECT hogsend_define_bucket('pro', hogsend_property('plan', 'eq', 'pro'));
SELECT hogsend_define_bucket('manual', kind => 'manual');
INSERT INTO buckets (id, kind, query) VALUES ('query', 'query', 'SELECT DISTINCT user_id FROM user_events');
SELECT b.id, f.before, f.reason FROM buckets b CROSS JOIN LATERAL hogsend_may_forget(b.id) f ORDER BY b.id;
SELECT * FROM hogsend_may_forget('none');
SELECT * FROM hogsend_may_forget(NULL);
-- It is as it says.
INSERT INTO user_events (user_id, event, occurred_at)
SELECT 'u' || n % 40, CASE WHEN n % 3 = 0 THEN 'y' ELSE 'x' END, '2026-01-10 12:00+00'::timestamptz - n * interval '5 hours' FROM generate_series(0, 400) n;
CREATE VIEW who AS SELECT bucket_id, count(*), md5(string_agg(user_id, ',' ORDER BY user_id)) FROM bucket_members WHERE bucket_id IN ('week', 'longest', 'since', 'last', 'quiet') GROUP BY 1 ORDER BY 1;
CREATE TEMP TABLE before AS SELECT * FROM who;
SELECT bucket_id, count FROM before;
SELECT count(*) FROM bucket_transitions \gset told_
DELETE FROM user_events WHERE occurred_at < (SELECT min(f.before) FROM buckets b CROSS JOIN LATERAL hogsend_may_forget(b.id) f WHERE b.id IN ('week', 'longest', 'since', 'last', 'quiet', 'pro'));
SELECT count(*) > 100 AS left, count(*) < 390 AS gone FROM user_events;
SELECT * FROM who EXCEPT SELECT * FROM before;
SELECT hogsend_verify(id) FROM buckets WHERE id IN ('week', 'longest', 'since', 'last', 'quiet');
