-- Patches in the queue belong to the contact: with another user_id they go with it, and nothing else does.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('did', hogsend_event('e')),
    ('pro', hogsend_property('plan', 'eq', 'pro'));
INSERT INTO contacts (user_id, properties) VALUES ('a', '{"plan": "free", "n": 1}'), ('b', '{}'), ('c', '{}'), ('d', '{}'), ('s', '{}');
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at, user_email, contact_properties) VALUES
    ('a', 'e', '2026-01-01 11:00+00', 'a@example.com', '{"plan": "pro"}'),
    ('a', 'e', '2026-01-01 11:00+00', NULL, '{"seats": 3}'),
    ('b', 'e', '2026-01-01 11:00+00', NULL, '{"plan": "pro"}'),
    ('c', 'e', '2026-01-01 11:00+00', NULL, '{"plan": "team"}'),
    ('t', 'e', '2026-01-01 11:00+00', 't@example.com', '{"plan": "none", "n": 2, "t": true}');
RESET hogsend.evaluate;
-- Evaluated at once, and announced.
UPDATE contacts SET user_id = 'a2' WHERE user_id = 'a';
SELECT email, properties FROM contacts WHERE user_id = 'a2';
SELECT user_id, event FROM bucket_transitions ORDER BY id;
SELECT user_id, what, user_email, contact_properties FROM user_queue ORDER BY id;
-- One takes the other's place in the same statement.
ALTER TABLE contacts DROP CONSTRAINT contacts_pkey, ADD CONSTRAINT contacts_pkey PRIMARY KEY (user_id) DEFERRABLE;
UPDATE contacts SET user_id = CASE user_id WHEN 'c' THEN 'c2' ELSE 'c' END WHERE user_id IN ('b', 'c');
SELECT user_id, properties FROM contacts WHERE user_id IN ('b', 'c', 'c2') ORDER BY 1;
-- Under later, too; what waited for the new name gives way to what the contact is.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('a2', 'e', '2026-01-01 11:30+00', '{"plan": "free"}');
UPDATE contacts SET user_id = 't' WHERE user_id = 'a2';
SELECT email, properties FROM contacts WHERE user_id = 't';
-- What came without a word goes without one.
SET hogsend.announce = off;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('d', 'x', '2026-01-01 11:30+00', '{"plan": "pro"}');
RESET hogsend.announce;
UPDATE contacts SET user_id = 'd2', properties = properties || '{"seats": 1}' WHERE user_id = 'd';
SELECT user_id, what, name, silent, muted FROM user_queue ORDER BY id;
RESET hogsend.evaluate;
SELECT entered, "left" FROM hogsend_reconcile();
SELECT user_id, email, properties FROM contacts ORDER BY 1;
SELECT user_id, bucket_id, status, announced FROM bucket_memberships ORDER BY 1, 2, entry_count;
SELECT user_id, event FROM bucket_transitions ORDER BY id;
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
