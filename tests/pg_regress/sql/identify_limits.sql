-- The history of both ids is one, in which the latest leave is the last: entry limits go by it.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
INSERT INTO buckets (id, kind, entry_limit, entry_period) VALUES
    ('once', 'manual', 'once', NULL), ('weekly', 'manual', 'once_per_period', '7 days');
CREATE VIEW stays AS
    SELECT bucket_id, entry_count, status, entered_at, left_at, left_reason, announced FROM bucket_memberships
    WHERE user_id = 'ann' ORDER BY bucket_id, entry_count;
-- The visitor was in twice, and left first; the user once, and left later.
SET hogsend.now = '2026-01-01 12:00+00';
SELECT hogsend_add_member(id, 'v'), hogsend_add_member(id, 'ann') FROM buckets ORDER BY id;
SET hogsend.now = '2026-01-02 12:00+00';
SELECT hogsend_remove_member(id, 'v') FROM buckets ORDER BY id;
SET hogsend.now = '2026-01-03 12:00+00';
SELECT hogsend_add_member(id, 'v') FROM buckets ORDER BY id;
SET hogsend.now = '2026-01-04 12:00+00';
SELECT hogsend_remove_member(id, 'v') FROM buckets ORDER BY id;
SET hogsend.now = '2026-01-10 12:00+00';
SELECT hogsend_remove_member(id, 'ann') FROM buckets ORDER BY id;
TRUNCATE bucket_transitions;
SET hogsend.now = '2026-01-12 12:00+00';
SELECT hogsend_identify('v', 'ann');
SELECT * FROM stays;
-- So neither is said.
SELECT hogsend_add_member(id, 'ann') FROM buckets ORDER BY id;
SELECT * FROM stays WHERE status = 'active';
-- Another visitor, who left when the user was in: the user's stay is the last, and goes on under a number that has
-- never been said.
SET hogsend.now = '2026-01-13 12:00+00';
SELECT hogsend_add_member(id, 'w') FROM buckets ORDER BY id;
SELECT hogsend_remove_member(id, 'w') FROM buckets ORDER BY id;
TRUNCATE bucket_transitions;
SELECT hogsend_identify('w', 'ann');
SELECT * FROM stays WHERE status = 'active' OR entered_at = hogsend_now();
SELECT hogsend_remove_member('weekly', 'ann');
SELECT user_id, event, entry_count, idempotency_key FROM bucket_transitions ORDER BY id;
-- One who left last of all: what is asked from then on is when they left.
SET hogsend.now = '2026-01-20 13:00+00';
SELECT hogsend_add_member('weekly', 'x');
SELECT hogsend_remove_member('weekly', 'x');
SELECT hogsend_identify('x', 'ann');
TRUNCATE bucket_transitions;
SET hogsend.now = '2026-01-21 12:00+00';
SELECT hogsend_add_member('weekly', 'ann');
SELECT * FROM stays WHERE bucket_id = 'weekly';
SELECT count(*) FROM bucket_transitions;
-- A visitor who is in where the user was: the stay goes on behind the user's own.
SET hogsend.now = '2026-02-01 12:00+00';
SELECT hogsend_remove_member('once', 'ann'), hogsend_add_member('once', 'y');
TRUNCATE bucket_transitions;
SELECT hogsend_identify('y', 'ann');
SELECT * FROM stays WHERE bucket_id = 'once';
SELECT count(*) FROM bucket_transitions;
-- Of two visitors who are both in, it is the stay of the first.
SELECT hogsend_add_member('once', '{z1,z2}'::text[]);
SELECT hogsend_identify('{z2,z1}'::text[], '{zoe,zoe}'::text[]);
SELECT user_id, entry_count, status, left_reason FROM bucket_memberships WHERE user_id LIKE 'z%' ORDER BY 1, 2;
