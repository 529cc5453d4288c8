-- What becomes of stays when two ids are one person.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria, max_dwell, dwell_after, dwell_every, entry_limit) VALUES
    ('seen', hogsend_event('seen'), '30 days', '{2 days}', '{1 day}', 'unlimited'),
    ('never-bought', hogsend_all(hogsend_event('seen'), hogsend_not(hogsend_event('bought'))), NULL, '{}', '{}', 'unlimited'),
    ('bought', hogsend_event('bought'), NULL, '{}', '{}', 'unlimited'),
    ('thrice', hogsend_event('seen', at_least => 3), NULL, '{}', '{}', 'unlimited'),
    ('fourth-quietly', hogsend_event('seen', at_least => 3), NULL, '{}', '{}', 'once');
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual'), ('staff', 'manual');
CREATE VIEW stays AS
    SELECT bucket_id, user_id, entry_count, status, entered_at, left_at, left_reason, left_announced, max_dwell_at, dwell_counts
    FROM bucket_memberships ORDER BY user_id, bucket_id, entry_count;
CREATE VIEW news AS
    SELECT event, user_id, entry_count, reason, source, effective_at, idempotency_key FROM bucket_transitions ORDER BY id;
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('v1', 'seen', '2026-01-01 11:00+00'), ('v1', 'seen', '2026-01-01 11:10+00'),
    ('ann', 'seen', '2026-01-01 11:20+00'), ('ann', 'bought', '2026-01-01 11:30+00'),
    ('v2', 'seen', '2026-01-01 11:00+00');
SELECT hogsend_add_member('beta', '{v1,v2}'::text[]), hogsend_add_member('staff', '{v1,ann}'::text[]);
SET hogsend.now = '2026-01-02 18:00+00';
SELECT entered, "left", dwelled FROM hogsend_reconcile();
SELECT * FROM stays;
TRUNCATE bucket_transitions;
SET hogsend.now = '2026-01-02 20:00+00';
-- Both were in 'seen' and 'staff': the other id's stays end. It alone was in 'never-bought', to which the person
-- does not belong, and in 'beta', where they are in now, as they were. Both together have seen thrice.
SELECT hogsend_identify('v1', 'ann');
SELECT * FROM stays WHERE user_id IN ('v1', 'ann');
SELECT * FROM news;
SELECT user_id, bucket_id, due_at FROM bucket_timers ORDER BY 1, 2;
SELECT * FROM hogsend_verify('seen') UNION ALL SELECT * FROM hogsend_verify('never-bought') UNION ALL SELECT * FROM hogsend_verify('thrice');
-- A new user takes everything over, with its count, its time, and what was said of it; no word of it.
TRUNCATE bucket_transitions;
SELECT hogsend_identify('v2', 'bob');
SELECT * FROM stays WHERE user_id IN ('v2', 'bob');
SELECT * FROM news;
-- The clock goes on with it where it was.
SET hogsend.now = '2026-01-03 13:00+00';
SELECT entered, "left", dwelled FROM hogsend_reconcile();
SELECT * FROM news WHERE user_id = 'bob';
-- The user's own stay, which the other id's events end, ends aloud.
TRUNCATE bucket_transitions;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('carl', 'seen', '2026-01-03 12:00+00'), ('v3', 'bought', '2026-01-03 12:30+00');
SELECT hogsend_identify('v3', 'carl');
SELECT * FROM stays WHERE user_id IN ('v3', 'carl');
SELECT * FROM news;
