-- Sums, averages, extremes and numbers of different things: exact, corrected, and on time in both directions.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('avg_10', hogsend_avg('bought', exactly => 10)),
    ('cheapest_under_5', hogsend_min('bought', of => '$value', less_than => 5)),
    ('dearest_over_50', hogsend_max('bought', of => ARRAY['lines', '0', 'price'], more_than => 50)),
    ('earlier', hogsend_sum('bought', within => '60 days', older_than => '30 days', at_least => 100)),
    ('exactly_30_cents', hogsend_sum('bought', of => 'cents', exactly => 0.3)),
    ('three_days', hogsend_distinct('opened', of => '$day', at_least => 3, within => '14 days')),
    ('three_days_in_berlin', hogsend_distinct('opened', of => '$day', at_least => 3, within => '14 days', zone => 'Europe/Berlin')),
    ('two_shops', hogsend_distinct(ARRAY['bought', 'returned'], of => 'shop', at_least => 2)),
    ('spent_100', hogsend_sum('bought', within => '30 days', at_least => 100)),
    ('spent_little', hogsend_sum('bought', within => '30 days', less_than => 20));
CREATE FUNCTION members() RETURNS TABLE (bucket text, members text) LANGUAGE sql AS
$$ SELECT m.bucket_id, string_agg(m.user_id, ',' ORDER BY m.user_id) FROM bucket_members m GROUP BY 1 ORDER BY 1 $$;
INSERT INTO user_events (user_id, event, occurred_at, value, properties) VALUES
    ('u1', 'bought', '2026-02-20 12:00+00', 60, '{"cents": 0.1, "shop": "a", "lines": [{"price": 51}]}'),
    ('u1', 'bought', '2026-02-25 12:00+00', 40, '{"cents": 0.2, "shop": "b"}'),
    ('u2', 'bought', '2026-02-25 12:00+00', 10, '{"shop": 1}'),
    ('u2', 'returned', '2026-02-26 12:00+00', NULL, '{"shop": "1"}'),
    ('u3', 'bought', '2026-01-15 12:00+00', 99.999999999999999999999999, '{}'),
    ('u3', 'bought', '2026-01-16 12:00+00', 0.000000000000000000000001, '{"shop": 1.0}');
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u1', 'opened', '2026-02-27 23:30+00'), ('u1', 'opened', '2026-02-28 22:30+00'), ('u1', 'opened', '2026-02-28 23:30+00'),
    ('u2', 'opened', '2026-02-26 10:00+00'), ('u2', 'opened', '2026-02-27 23:30+00'), ('u2', 'opened', '2026-02-28 10:00+00');
SELECT * FROM members();
-- What is no number is left out.
INSERT INTO user_events (user_id, event, occurred_at, value, properties) VALUES
    ('u4', 'bought', '2026-02-20 12:00+00', 'NaN', '{"cents": "0.3"}'), ('u4', 'bought', '2026-02-20 12:00+00', 'Infinity', '{"cents": [0.3]}'),
    ('u4', 'bought', '2026-02-21 12:00+00', 10, '{"cents": 0.3, "lines": "50"}'), ('u4', 'bought', '2026-02-21 12:00+00', NULL, '{"cents": null, "lines": [{}]}');
INSERT INTO user_events (user_id, event, occurred_at, properties)
    SELECT 'u5', 'bought', '2026-02-20 12:00+00', jsonb_build_object('cents', n)
    FROM (VALUES (0.3), (('1' || repeat('0', 10000))::numeric), (-('1' || repeat('0', 10000))::numeric), (('0.' || repeat('1', 10000))::numeric), (-('0.' || repeat('1', 10000))::numeric)) v (n);
SELECT * FROM members();
-- Corrections.
UPDATE user_events SET value = 39.99 WHERE value = 40;
UPDATE user_events SET properties = properties - 'shop' WHERE properties ->> 'shop' = 'b';
SELECT bucket_id, user_id, transition, effective_at FROM bucket_transitions WHERE transition = 'left' ORDER BY id;
UPDATE user_events SET value = 40 WHERE value = 39.99;
DELETE FROM user_events WHERE user_id = 'u5' AND properties -> 'cents' = to_jsonb(0.3);
SELECT * FROM members();
SELECT condition, result, observed, flips_at FROM hogsend_explain('spent_100', 'u1') UNION ALL
SELECT condition, result, observed, flips_at FROM hogsend_explain('earlier', 'u3') UNION ALL
SELECT condition, result, observed, flips_at FROM hogsend_explain('avg_10', 'u4') UNION ALL
SELECT condition, result, observed, flips_at FROM hogsend_explain('three_days_in_berlin', 'u2') UNION ALL
SELECT condition, result, observed, flips_at FROM hogsend_explain('dearest_over_50', 'u4') UNION ALL
SELECT condition, result, observed, flips_at FROM hogsend_explain('spent_100', 'u3');
SELECT hogsend_matches('spent_100', 'u1', '2026-03-22 12:00+00'), hogsend_matches('spent_100', 'u1', '2026-03-22 12:00:00.000001+00'),
    hogsend_matches('earlier', 'u1', '2026-03-27 12:00+00'), hogsend_matches('earlier', 'u1', '2026-03-27 12:00:00.000001+00');
-- The clock, late: each is dated by its instant.
SET hogsend.now = '2026-04-30 12:00+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT bucket_id, user_id, transition, reason, effective_at FROM bucket_transitions WHERE source = 'reconcile' ORDER BY effective_at, id;
SELECT * FROM members();
SELECT v.* FROM buckets b, hogsend_verify(b.id) v;
-- Backfilled in a job, and while it runs.
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria) VALUES ('ever_100', hogsend_sum('bought', at_least => 100));
INSERT INTO user_events (user_id, event, occurred_at, value) VALUES ('u2', 'bought', '2026-04-29 12:00+00', 100);
UPDATE user_events SET value = 50 WHERE value = 60;
SELECT hogsend_reconcile() IS NOT NULL AS run;
SELECT * FROM members() WHERE bucket = 'ever_100';
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
-- And left to the clock.
SET hogsend.evaluate = later;
UPDATE user_events SET value = 60 WHERE value = 50;
DELETE FROM user_events WHERE value = 100;
SELECT hogsend_reconcile() IS NOT NULL AS run;
SELECT * FROM members() WHERE bucket = 'ever_100';
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
DROP EXTENSION hogsend CASCADE;
