-- What somebody did under another id they did, whatever they are called.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key, contact_properties, user_email) VALUES
    ('visitor', 'seen', '2026-01-01 10:00+00', 'k1', '{"plan": "trial", "page": "/a"}', 'v@example.org'),
    ('visitor', 'seen', '2026-01-01 10:30+00', 'k2', NULL, NULL),
    ('visitor', 'bucket:note', '2026-01-01 10:31+00', NULL, NULL, NULL),
    ('ann', 'seen', '2026-01-01 11:00+00', 'k2', '{"plan": "pro", "seats": null}', NULL),
    ('ann', 'bought', '2026-01-01 11:30+00', 'k3', NULL, NULL),
    ('other', 'seen', '2026-01-01 11:00+00', 'k1', NULL, NULL);
UPDATE contacts SET created_at = '2025-12-01 00:00+00' WHERE user_id = 'visitor';
-- True: it was not known.
SELECT hogsend_identify('visitor', 'ann');
-- One key under both names is one event: that of the user.
SELECT user_id, event, occurred_at, idempotency_key FROM user_events ORDER BY user_id, occurred_at;
-- The user's own values win, missing ones are filled, and the user is as old as the older id.
SELECT user_id, email, properties, created_at, updated_at, deleted_at FROM contacts ORDER BY 1;
SELECT alias, user_id, identified_at FROM user_aliases;
-- Said again it is no error, and nothing.
SELECT hogsend_identify('visitor', 'ann');
-- Neither needs to be known. Whose name is used from then on is.
SELECT hogsend_identify('nobody', 'somebody');
SELECT user_id, email, properties FROM contacts WHERE user_id IN ('nobody', 'somebody');
-- Who is known by the other id alone goes on under the new one.
SELECT hogsend_identify('other', 'olga');
SELECT user_id, event FROM user_events WHERE user_id IN ('other', 'olga');
SELECT user_id FROM contacts ORDER BY 1;
-- A deleted user stays deleted, whatever the other id was, and one who is not does not become so.
INSERT INTO contacts (user_id, deleted_at) VALUES ('deleted', '2026-01-01 11:00+00'), ('deleted visitor', '2026-01-01 11:00+00');
INSERT INTO contacts (user_id) VALUES ('live'), ('live visitor');
SELECT hogsend_identify('{live visitor,deleted visitor}'::text[], '{deleted,live}'::text[]);
SELECT user_id, deleted_at FROM contacts WHERE user_id LIKE '%live%' OR user_id LIKE '%deleted%' ORDER BY 1;
