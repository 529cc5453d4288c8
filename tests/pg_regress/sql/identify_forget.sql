-- Who is erased is erased with all their names, whichever of them is given.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('b', hogsend_event('e'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('v1', 'e', '2026-01-01 11:00+00'), ('v2', 'f', '2026-01-01 11:00+00'), ('ann', 'f', '2026-01-01 11:00+00'), ('bob', 'e', '2026-01-01 11:00+00'), ('v3', 'e', '2026-01-01 11:00+00');
SELECT hogsend_identify('{v1,v2,v3}'::text[], '{ann,ann,bob}'::text[]);
SELECT user_id, idempotency_key FROM bucket_transitions ORDER BY id;
-- Three events, a contact, a stay, two pairs, and what was said of the visitor.
SELECT hogsend_forget_user('v2') AS erased;
SELECT user_id FROM contacts UNION ALL SELECT user_id FROM user_events UNION ALL SELECT user_id FROM bucket_memberships
UNION ALL SELECT alias FROM user_aliases UNION ALL SELECT user_id FROM bucket_transitions ORDER BY 1;
-- Each name may come back, as somebody else; no key comes again.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('v1', 'e', '2026-01-01 11:00+00'), ('ann', 'e', '2026-01-01 11:00+00');
SELECT user_id, idempotency_key FROM bucket_transitions WHERE user_id IN ('v1', 'ann') ORDER BY id;
SELECT user_id FROM contacts ORDER BY 1;
-- By the user's own name, too.
SELECT hogsend_forget_user('bob') AS erased;
SELECT count(*) FROM user_aliases;
SELECT user_id FROM contacts ORDER BY 1;
