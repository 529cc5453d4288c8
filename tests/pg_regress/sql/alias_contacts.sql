-- No contact is made of an alias: what an INSERT says of it is said of the user, and no UPDATE gives its name to anybody.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('pro', hogsend_property('plan', 'eq', 'pro')), ('known', hogsend_everyone());
INSERT INTO contacts (user_id, email, properties) VALUES ('ada', 'ada@example.com', '{"plan": "free", "seats": 1}');
INSERT INTO user_aliases (alias, user_id) VALUES ('visitor', 'ada'), ('phone', 'bob'), ('tablet', 'ada');
INSERT INTO contacts (user_id, properties) VALUES ('visitor', '{"plan": "pro"}');
SELECT user_id, email, properties FROM contacts ORDER BY user_id;
-- Several rows of one person, of somebody not known yet, and of others; a deleted one says nothing.
INSERT INTO contacts (user_id, email, properties, deleted_at) VALUES
    ('visitor', ' V@Example.com', '{"seats": 2}', NULL), ('tablet', NULL, '{"seats": 3, "city": "Oslo"}', NULL), ('eve', NULL, '{"plan": "pro"}', NULL),
    ('phone', NULL, '{"plan": "pro"}', now());
SELECT user_id, email, properties, deleted_at FROM contacts ORDER BY user_id;
INSERT INTO contacts (user_id, email, properties) VALUES ('phone', 'bob@example.com', '{"plan": "pro"}');
INSERT INTO contacts (user_id, email) VALUES ('visitor', 'new@example.com') ON CONFLICT (user_id) DO UPDATE SET email = excluded.email;
SELECT user_id, email, properties FROM contacts ORDER BY user_id;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
UPDATE contacts SET user_id = 'tablet' WHERE user_id = 'eve';
UPDATE contacts SET user_id = 'eva' WHERE user_id = 'eve';
SELECT user_id FROM contacts ORDER BY user_id;
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
-- The same where the clock is to evaluate it.
SET hogsend.evaluate = later;
INSERT INTO contacts (user_id, properties) VALUES ('tablet', '{"plan": "free"}');
RESET hogsend.evaluate;
SELECT user_id, what, name FROM user_queue;
SELECT "left" FROM hogsend_reconcile();
SELECT user_id, properties FROM contacts ORDER BY user_id;
DROP EXTENSION hogsend CASCADE;
