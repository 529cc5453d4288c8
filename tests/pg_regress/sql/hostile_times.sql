-- Events at both ends of the calendar and beyond: evaluated, explained and verified like others.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria, dwell_after, max_dwell) VALUES
    ('within', hogsend_event('x', within => '7 days'), '{1 day}', '100000 days'),
    ('ever', hogsend_event('x'), '{}', NULL),
    ('seldom', hogsend_event('x', at_most => 2, within => '7 days'), '{}', NULL),
    ('lapsed', hogsend_event('x', within => '7 days', never => true), '{}', NULL);
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('infinity', 'x', 'infinity'), ('-infinity', 'x', '-infinity'), ('year 1', 'x', '0001-01-01 00:00+00'),
    ('4713 BC', 'x', '4713-01-01 00:00+00 BC'), ('year 200000', 'x', '200000-01-01 00:00+00'),
    ('the end', 'x', '294276-12-31 23:59:59.999999+00');
SELECT event, user_id, effective_at FROM bucket_transitions ORDER BY bucket_id, user_id COLLATE "C";
SELECT user_id, bucket_id, due_at FROM bucket_timers ORDER BY user_id COLLATE "C", bucket_id;
SELECT c.user_id, e.observed, e.result, e.flips_at FROM contacts c, hogsend_explain('within', c.user_id) e WHERE e.path = '$' ORDER BY c.user_id COLLATE "C";
SELECT v.* FROM buckets b, hogsend_verify(b.id) v;
-- The same people by a backfill.
INSERT INTO buckets (id, criteria, dwell_every) VALUES
    ('late', hogsend_any(hogsend_event('x', within => '100000 days'), hogsend_event('x', at_least => 2)), '{1 ms}');
SELECT user_id, dwell_anchor_at FROM bucket_memberships WHERE bucket_id = 'late' ORDER BY user_id COLLATE "C";
SELECT * FROM hogsend_preview(hogsend_event('x', within => '7 days'));
-- Asked of any instant.
SELECT at, hogsend_matches('within', 'infinity', at) AS infinity, hogsend_matches('within', 'the end', at) AS the_end,
       hogsend_matches('lapsed', 'the end', at) AS lapsed
FROM unnest(ARRAY['-infinity', '4713-01-01 BC', '2026-01-01', '294276-12-31 23:59:59.999999+00', 'infinity']::timestamptz[]) at;
SELECT at, e.path, e.result, e.flips_at
FROM unnest(ARRAY['-infinity', 'infinity']::timestamptz[]) at, hogsend_explain('within', 'year 200000', at) e ORDER BY at, e.path;
-- The clock.
SET hogsend.now = '2026-01-09 12:00+00';
SELECT entered, "left", dwelled, remaining FROM hogsend_reconcile();
-- The last instant there is: what would be due later is due never, and can be dumped.
SET hogsend.now = '294276-12-31 23:59:59.999999+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('last', 'x', '294276-12-31 23:59:59.999999+00');
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT max_dwell_at FROM bucket_memberships WHERE user_id = 'last' AND bucket_id = 'within';
SELECT count(*) AS unreadable FROM bucket_timers t WHERE t.due_at::text::timestamptz IS DISTINCT FROM t.due_at;
SELECT count(*) AS unreadable FROM bucket_memberships m WHERE m.max_dwell_at::text::timestamptz IS DISTINCT FROM m.max_dwell_at;
SELECT v.* FROM buckets b, hogsend_verify(b.id) v;
-- And the first.
SET hogsend.now = '4713-01-01 BC';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('first', 'x', '4713-01-01 BC');
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT hogsend_has('within', 'first');
SET hogsend.now = 'infinity';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('beyond', 'x', '2026-01-01');
