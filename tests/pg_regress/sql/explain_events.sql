-- Why is this user (not) in this bucket? Each event leg, in words.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-02-28 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('opened', hogsend_event('app.opened', within => '7 days')),
    ('lapsed', hogsend_event('app.opened', within => '7 days', never => true)),
    ('regular', hogsend_event('feature.used', within => '30 days', at_least => 10)),
    ('heavy', hogsend_event('feature.used', within => '30 days', more_than => 2)),
    ('light', hogsend_event('feature.used', within => '30 days', at_most => 2)),
    ('lighter', hogsend_event('feature.used', within => '36 hours', less_than => 1)),
    ('thrice', hogsend_event('feature.used', within => '30 days 06:00', exactly => 3)),
    ('ever', hogsend_event('app.opened')),
    ('typing', hogsend_event('key.pressed', within => '90 seconds'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('ann', 'app.opened', '2026-02-27 10:00+00'),
    ('ann', 'app.opened', '2026-02-25 18:30+00'),
    ('ann', 'feature.used', '2026-01-31 09:14+00'),
    ('ann', 'feature.used', '2026-02-11 16:45+00'),
    ('ann', 'feature.used', '2026-02-27 10:00+00'),
    ('ann', 'key.pressed', '2026-02-28 11:58:45+00'),
    ('bob', 'app.opened', '2026-01-19 08:00+00'),
    ('bob', 'feature.used', '2026-01-29 05:00+00'),
    ('cid', 'app.opened', '2026-02-21 11:00+00'),
    ('cid', 'key.pressed', '2026-02-28 11:59:10+00'),
    ('cid', 'feature.used', '2026-03-01 09:00+00');
INSERT INTO user_events (user_id, event, occurred_at)
SELECT 'dan', 'feature.used', timestamptz '2026-02-28 06:00+00' - n * interval '2 days' FROM generate_series(0, 11) n;
INSERT INTO user_events (user_id, event, occurred_at)
SELECT 'eve', 'feature.used', timestamptz '2026-02-28 06:00+00' - n * interval '1 second' FROM generate_series(0, 1499) n;
CREATE FUNCTION why(bucket_id text) RETURNS TABLE (who text, condition text, result boolean, observed text, flips_at timestamptz) LANGUAGE sql AS $$
    SELECT u, e.condition, e.result, e.observed, e.flips_at
    FROM unnest('{ann,bob,cid,dan,eve}'::text[]) u, hogsend_explain($1, u) e WHERE e.path = '$' ORDER BY u
$$;
SELECT * FROM why('opened');
SELECT * FROM why('lapsed');
SELECT * FROM why('regular');
SELECT * FROM why('heavy');
SELECT * FROM why('light');
SELECT * FROM why('lighter');
SELECT * FROM why('thrice');
SELECT * FROM why('ever');
-- Windows of less than an hour are told to the second.
SELECT * FROM why('typing');
-- A count is exact below a thousand.
INSERT INTO buckets (id, criteria) VALUES
    ('obsessed', hogsend_event('feature.used', at_least => 1200)),
    ('possessed', hogsend_event('feature.used', at_least => 2000)),
    ('moderate', hogsend_event('feature.used', within => '30 days', at_most => 1200));
SELECT b, e.condition, e.result, e.observed FROM unnest('{obsessed,possessed,moderate}'::text[]) b, hogsend_explain(b, 'eve') e WHERE path = '$';
-- The evaluator agrees, now, at each flip and just before it; who is out of scope matches nothing.
SELECT count(*) AS asked, count(e.flips_at) AS flips,
       bool_and((e.result AND s.path IS NULL) = hogsend_matches(b.id, u)) AS now,
       bool_and(e.result = hogsend_matches(b.id, u, e.flips_at - interval '1 microsecond')) FILTER (WHERE e.flips_at IS NOT NULL) AS before_flip,
       bool_and(e.result <> hogsend_matches(b.id, u, e.flips_at)) FILTER (WHERE e.flips_at IS NOT NULL) AS at_flip
FROM unnest('{ann,bob,cid,dan,eve}'::text[]) u CROSS JOIN buckets b
CROSS JOIN LATERAL hogsend_explain(b.id, u) e
LEFT JOIN LATERAL hogsend_explain(b.id, u) s ON s.path = 'scope'
WHERE e.path = '$';
