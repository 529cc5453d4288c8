-- Where the contacts of an attached table are not as its rows say.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
CREATE TABLE users (id text PRIMARY KEY, mail text, plan text, locale text, gone boolean NOT NULL DEFAULT false);
INSERT INTO users VALUES ('u1', ' A@Example.org ', 'pro', 'de', false), ('u2', NULL, NULL, 'en', false), ('u3', '', 'free', NULL, false), ('u4', 'd@example.org', 'pro', 'de', true), ('u5', 'e@example.org', 'pro', 'de', true);
INSERT INTO contacts (user_id, properties) VALUES ('u1', '{"plan": "old", "own": 1}'), ('u5', '{}'), ('u9', '{}');
SELECT hogsend_attach_contacts('users', user_id => 'id', email => 'mail', properties => '{plan,locale}', condition => 'NOT gone');
SELECT user_id, email, properties, deleted_at FROM contacts ORDER BY 1;
SELECT * FROM hogsend_verify_feed('users');
UPDATE contacts SET email = 'x@example.org' WHERE user_id = 'u1';
UPDATE contacts SET properties = '{"plan": "pro", "locale": "fr"}' WHERE user_id = 'u2';
UPDATE contacts SET deleted_at = '2026-03-01' WHERE user_id = 'u3';
UPDATE contacts SET deleted_at = NULL WHERE user_id = 'u5';
SELECT * FROM hogsend_verify_feed('users') ORDER BY key;
CALL hogsend_import('users');
SELECT * FROM hogsend_verify_feed('users') ORDER BY key;
SELECT count(*) AS told FROM bucket_transitions;
-- By an expression: the properties that a row names.
SELECT hogsend_attach_contacts('users', user_id => 'id', properties => $$jsonb_build_object('tier', plan)$$, condition => 'NOT gone', name => 'tiers');
SELECT user_id, properties FROM contacts ORDER BY 1;
SELECT * FROM hogsend_verify_feed('tiers');
DELETE FROM contacts WHERE user_id = 'u1';
SELECT * FROM hogsend_verify_feed('tiers');
