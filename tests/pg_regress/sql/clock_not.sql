-- A negation flips when what it negates does, in both directions, and is dated by it.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('lapsed', hogsend_not(hogsend_event('app.opened', within => '5 days'))),
    ('not_busy', hogsend_all(hogsend_event('app.opened'), hogsend_not(hogsend_any(
        hogsend_event('app.opened', at_least => 2, within => '2 days'), hogsend_property('plan', 'eq', 'pro')))));
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('u1', 'app.opened', '2026-01-01 12:00+00', '{"plan": "trial"}'),
    ('u1', 'app.opened', '2026-01-01 11:00+00', NULL),
    ('u2', 'app.opened', '2026-01-01 12:00+00', '{"plan": "pro"}');
SELECT user_id, bucket_id FROM bucket_members ORDER BY 1, 2;
-- Two in two days are no longer two, and after five days there is none.
SET hogsend.now = '2026-01-03 11:00:01+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT user_id, bucket_id, entered_at FROM bucket_members ORDER BY 1, 2;
SET hogsend.now = '2026-01-06 12:00:01+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT user_id, bucket_id, entered_at FROM bucket_members ORDER BY 1, 2;
-- Data: a property of those who are asked about, and what ends the silence.
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id = 'u2';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-06 12:00+00');
SELECT user_id, bucket_id FROM bucket_members ORDER BY 1, 2;
SELECT path, condition, result, observed, flips_at FROM hogsend_explain('lapsed', 'u1') WHERE path LIKE '$%';
SELECT path, condition, result, observed FROM hogsend_explain('not_busy', 'u1') WHERE path LIKE '$%';
-- Nothing differs, and a job says since when it has been so.
SELECT count(*) FROM hogsend_verify('lapsed');
SELECT count(*) FROM hogsend_verify('not_busy');
INSERT INTO buckets (id, criteria) VALUES ('lapsed_too', hogsend_not(hogsend_event('app.opened', within => '3 days')));
SELECT user_id, dwell_anchor_at FROM bucket_memberships WHERE bucket_id = 'lapsed_too' ORDER BY 1;
