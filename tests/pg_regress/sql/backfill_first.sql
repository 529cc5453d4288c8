-- A bucket over data that is there already: its members were members before anybody watched.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('u1', 'app.opened', '2026-01-18 12:00+00', '{"plan": "pro"}'),
    ('u2', 'app.opened', '2026-01-10 12:00+00', '{"plan": "pro"}'),
    ('u3', 'signup', '2026-01-18 12:00+00', NULL),
    ('u4', 'app.opened', '2026-01-19 12:00+00', '{"plan": "free"}'),
    ('u5', 'app.opened', '2026-01-19 12:00+00', '{"plan": "pro"}');
UPDATE contacts SET deleted_at = '2026-01-20 12:00+00' WHERE user_id = 'u5';
INSERT INTO buckets (id, criteria, dwell_after, max_dwell) VALUES
    ('active', hogsend_event('app.opened', within => '7 days'), '{}', '30 days'),
    ('lapsed', hogsend_event('app.opened', never => true, within => '7 days'), '{1 day, 5 days}', NULL),
    ('pro', hogsend_property('plan', 'eq', 'pro'), '{}', NULL);
SELECT bucket_id, user_id, entry_count, source, entered_at, max_dwell_at FROM bucket_memberships ORDER BY 1, 2;
SELECT count(*) AS announced FROM bucket_transitions;
-- The data tells when u2 stopped; nobody knows since when somebody has been pro.
SELECT bucket_id, user_id, dwell_anchor_at FROM bucket_memberships WHERE bucket_id IN ('lapsed', 'pro') ORDER BY 1, 2;
SELECT bucket_id, mode, status, total, processed, joined, "left", error FROM bucket_jobs ORDER BY bucket_id;
-- So dwell is honest: a day of lapse is over, five are not.
SELECT dwelled FROM hogsend_reconcile();
SELECT event, user_id, dwell_count, effective_at FROM bucket_transitions;
SET hogsend.now = '2026-01-22 12:00:00.000001+00';
SELECT dwelled FROM hogsend_reconcile();
-- From here on everything is news: the window, and new members.
SET hogsend.now = '2026-01-25 12:30+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u3', 'app.opened', '2026-01-25 12:00+00');
SELECT event, user_id, entry_count, source, effective_at FROM bucket_transitions WHERE transition <> 'dwell' ORDER BY user_id, event;
-- Those who do not match yet have their timers from the backfill.
SET hogsend.now = '2026-01-26 12:30+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT user_id, bucket_id FROM bucket_members ORDER BY 1, 2;
