-- max_dwell ends a stay whatever the criteria say.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria, max_dwell) VALUES
    ('onboarding', hogsend_event('signup'), '7 days'),
    ('quiet', hogsend_event('app.opened', never => true, within => '2 days'), '1 day');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'signup', '2026-01-01 12:00+00');
SELECT bucket_id, max_dwell_at FROM bucket_memberships;
SET hogsend.now = '2026-01-08 11:59:59.999999+00';
SELECT entered, "left" FROM hogsend_reconcile();
SET hogsend.now = '2026-01-08 12:30+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT event, reason, source, effective_at, recorded_at FROM bucket_transitions ORDER BY id DESC LIMIT 1;
-- The criteria are true all the while, but the clock alone brings nobody back.
SET hogsend.now = '2026-02-01 12:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT hogsend_matches('onboarding', 'u1'), hogsend_has('onboarding', 'u1');
-- An event that evaluates them does.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'other', '2026-02-01 12:00+00');
SELECT hogsend_has('onboarding', 'u1');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'signup', '2026-02-01 11:00+00');
SELECT event, entry_count, effective_at FROM bucket_transitions ORDER BY id DESC LIMIT 1;
SELECT entry_count, status, max_dwell_at FROM bucket_memberships ORDER BY 1;
-- After a lapse the clock brings them back, too. In by the clock, out by max_dwell, …
SET hogsend.now = '2026-03-01 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'app.opened', '2026-03-01 12:00+00');
SET hogsend.now = '2026-03-03 12:01+00';
SELECT entered FROM hogsend_reconcile();
SET hogsend.now = '2026-03-04 12:01+00';
SELECT "left" FROM hogsend_reconcile();
SET hogsend.now = '2026-03-06 12:01+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
-- … an event makes the criteria false, …
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'app.opened', '2026-03-06 12:00+00');
SET hogsend.now = '2026-03-08 12:00+00';
SELECT entered FROM hogsend_reconcile();
-- … and time makes them true again.
SET hogsend.now = '2026-03-08 12:00:00.000001+00';
SELECT entered FROM hogsend_reconcile();
SELECT transition, entry_count, reason, effective_at FROM bucket_transitions WHERE user_id = 'u2' ORDER BY id;
-- It wins over criteria, also when both are overdue.
INSERT INTO buckets (id, criteria, max_dwell, entry_limit) VALUES ('active', hogsend_event('x', within => '1 day'), '3 days', 'once');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u3', 'x', '2026-03-08 12:00+00');
SET hogsend.now = '2026-03-20 12:00+00';
SELECT "left" FROM hogsend_reconcile();
SELECT event, reason, effective_at FROM bucket_transitions WHERE user_id = 'u3' ORDER BY id DESC LIMIT 1;
-- The re-join is under the entry limit: the stay is kept, the announcement is not made.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u3', 'x', '2026-03-20 12:00+00');
SELECT count(*) FROM bucket_transitions WHERE user_id = 'u3';
SELECT entry_count, status FROM bucket_memberships WHERE user_id = 'u3' ORDER BY 1;
-- A second look at everybody is no reason to come back; other criteria are, as of the leave.
INSERT INTO buckets (id, criteria, max_dwell) VALUES ('ever', hogsend_event('x'), '3 days');
SET hogsend.now = '2026-03-24 12:00+00';
SELECT "left" FROM hogsend_reconcile();
UPDATE buckets SET dwell_after = '{1 day}' WHERE id = 'ever';
UPDATE buckets SET enabled = false WHERE id = 'ever';
UPDATE buckets SET enabled = true WHERE id = 'ever';
SELECT mode, status, joined FROM bucket_jobs WHERE bucket_id = 'ever' ORDER BY id;
SELECT hogsend_count('ever');
UPDATE buckets SET criteria = hogsend_event('x', within => '60 days') WHERE id = 'ever';
SELECT entry_count, status, source, entered_at, dwell_anchor_at FROM bucket_memberships WHERE bucket_id = 'ever' ORDER BY 1;
SELECT transition, entry_count, reason FROM bucket_transitions WHERE bucket_id = 'ever' ORDER BY id;
