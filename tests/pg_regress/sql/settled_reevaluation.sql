-- While a job after the first one is open, an event that by itself can change nothing still has its user
-- looked at: TRUNCATE took the events that made a member, or the criteria are other ones by now.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
SELECT hogsend_define_bucket('seen', hogsend_event('seen', within => '1 hour'));
SELECT hogsend_define_bucket('unseen', '{"type":"event","eventName":"seen","check":"not_exists","within":{"hours":1}}');
INSERT INTO contacts (user_id) VALUES ('u1'), ('u2'), ('u3');
INSERT INTO user_events (user_id, event, occurred_at)
    SELECT 'u' || n, 'seen', '2026-01-20 11:45+00' FROM generate_series(1, 3) n;
SELECT bucket_id, user_id, status FROM bucket_memberships ORDER BY 1, 2;

-- Of whoever the session remembers, of whoever it does not, and of many at once.
SET hogsend.inline_backfill = 0;
TRUNCATE user_events;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'seen', '2026-01-20 08:00+00');
\c
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at)
    SELECT 'u' || n, 'seen', '2026-01-20 08:00+00' FROM generate_series(2, 3) n;
SELECT bucket_id, mode, status, processed FROM bucket_jobs WHERE status <> 'done' ORDER BY 1;
SELECT bucket_id, user_id, status, left_at FROM bucket_memberships ORDER BY 1, 2;
SELECT * FROM hogsend_verify('seen');
SELECT * FROM hogsend_verify('unseen');
