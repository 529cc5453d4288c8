-- What the clock finds about a measure is dated by the flip, also when nothing the user did is in the window any more.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 00:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('ada', 'opened', hogsend_now());
-- Nothing on any day from six hours to one hour ago: so at first, not from 1:00 to 6:00, and then again; the stay is over at 6:00.
SELECT hogsend_define_bucket('idle', hogsend_distinct('opened', of => '$day', within => '6 hours', older_than => '1 hour 0.000001 seconds',
    at_most => 0), max_dwell => '6 hours');
SET hogsend.now = '2026-03-01 14:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT event, entry_count, reason, effective_at, recorded_at FROM bucket_transitions ORDER BY id;
SELECT entry_count, status, entered_at, left_at, left_reason FROM bucket_memberships;
SELECT * FROM hogsend_verify('idle');
DROP EXTENSION hogsend CASCADE;
