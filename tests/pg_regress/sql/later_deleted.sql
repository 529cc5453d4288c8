-- Users in the queue who are deleted, come back, or are erased before the clock comes.
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
INSERT INTO contacts (user_id) VALUES ('deleted'), ('gone'), ('renamed'), ('erased'), ('back');
UPDATE contacts SET deleted_at = now() WHERE user_id = 'back';
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
SELECT u, 'e', '2026-01-01 11:00+00', '{"plan": "pro"}' FROM unnest(ARRAY['deleted', 'gone', 'renamed', 'erased', 'back', 'stranger', 'erased stranger']) u;
UPDATE contacts SET deleted_at = now() WHERE user_id = 'deleted';
UPDATE contacts SET deleted_at = NULL WHERE user_id = 'back';
DELETE FROM contacts WHERE user_id = 'gone';
UPDATE contacts SET user_id = 'renamed2' WHERE user_id = 'renamed';
SELECT hogsend_forget_user('erased'), hogsend_forget_user('erased stranger'), hogsend_forget_user('nobody');
SELECT user_id, what, silent FROM user_queue ORDER BY id;
-- Who comes back joins without a word.
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT user_id, email, properties, deleted_at IS NOT NULL AS deleted FROM contacts ORDER BY 1;
SELECT user_id, bucket_id, status, source FROM bucket_memberships ORDER BY 1, 2;
SELECT user_id, event, effective_at FROM bucket_transitions ORDER BY id;
SELECT count(*) FROM user_queue;
-- Nobody comes back after TRUNCATE.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('stranger', 'e', '2026-01-01 11:00+00'), ('another', 'e', '2026-01-01 11:00+00');
TRUNCATE contacts;
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT count(*) FROM contacts;
-- What was silent when it was queued stays silent; what was not is announced.
RESET hogsend.evaluate;
INSERT INTO contacts (user_id) VALUES ('quiet');
INSERT INTO user_queue (user_id, what, name, occurred_at, silent) VALUES ('quiet', 'inserted', 'e', '2026-01-01 11:00+00', true);
INSERT INTO user_queue (user_id, what, contact_properties) VALUES ('quiet', 'inserted', '{"plan": "pro"}');
SET session_replication_role = replica;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('quiet', 'e', '2026-01-01 11:00+00');
RESET session_replication_role;
SELECT entered FROM hogsend_reconcile();
SELECT bucket_id, source FROM bucket_memberships WHERE user_id = 'quiet' ORDER BY 1;
SELECT event FROM bucket_transitions WHERE user_id = 'quiet';
-- So does what came under hogsend.announce = off, whoever looks.
SET hogsend.evaluate = later;
SET hogsend.announce = off;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('imported', 'e', '2026-01-01 11:00+00', '{"plan": "pro"}');
RESET hogsend.announce;
SELECT user_id, silent, muted FROM user_queue;
RESET hogsend.evaluate;
SELECT entered FROM hogsend_reconcile();
SELECT bucket_id FROM bucket_memberships WHERE user_id = 'imported' ORDER BY 1;
SELECT event FROM bucket_transitions WHERE user_id = 'imported';
