-- Who was deleted under another id, or is under their own.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('b', hogsend_event('e')), ('thrice', hogsend_event('e', at_least => 3));
INSERT INTO user_events (user_id, event, occurred_at) SELECT u, 'e', '2026-01-01 11:00+00' FROM unnest('{v1,v2,v3,w1,w1,w2}'::text[]) u;
INSERT INTO contacts (user_id) VALUES ('ann'), ('bob'), ('carl');
UPDATE contacts SET deleted_at = '2026-01-01 12:00+00' WHERE user_id IN ('v1', 'bob', 'v3', 'w2');
TRUNCATE bucket_transitions;
-- The visitor was deleted, the user is not: as if the visitor had come back, they are in without a word.
SELECT hogsend_identify('v1', 'ann');
SELECT user_id, bucket_id, entry_count, status, left_reason, announced FROM bucket_memberships WHERE user_id = 'ann' ORDER BY 2, 3;
-- The user is deleted: the visitor's stay ends, and nobody is in.
SELECT hogsend_identify('v2', 'bob');
SELECT user_id, bucket_id, entry_count, status, left_reason, left_announced FROM bucket_memberships WHERE user_id = 'bob' ORDER BY 2, 3;
SELECT user_id, deleted_at FROM contacts WHERE user_id = 'bob';
-- Nobody knew the user: they are not deleted.
SELECT hogsend_identify('v3', 'zoe');
SELECT user_id, bucket_id, entry_count, status, left_reason, announced FROM bucket_memberships WHERE user_id = 'zoe' ORDER BY 2, 3;
SELECT count(*) AS announced FROM bucket_transitions;
-- What both together make true is news, whoever was deleted.
SELECT hogsend_identify('{w1,w2}'::text[], '{carl,carl}'::text[]);
SELECT user_id, bucket_id, entry_count, status, left_reason, announced FROM bucket_memberships WHERE user_id = 'carl' ORDER BY 2, 3;
SELECT user_id, event FROM bucket_transitions;
SELECT * FROM hogsend_verify('b') UNION ALL SELECT * FROM hogsend_verify('thrice');
