-- Manual buckets: membership follows calls.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind, max_dwell, dwell_after) VALUES ('beta', 'manual', '10 days', '{1 day}');
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened'));
INSERT INTO contacts (user_id) VALUES ('u1'), ('u2'), ('u3');
SELECT hogsend_add_member('beta', 'u1');
SELECT hogsend_add_member('beta', 'u1');
SELECT hogsend_add_member('beta', ARRAY['u1', 'u2', 'u3', 'u2']);
SELECT hogsend_remove_member('beta', 'u2');
SELECT hogsend_remove_member('beta', 'u2');
SELECT hogsend_remove_member('beta', ARRAY['u2', 'nobody']);
SELECT user_id, event, entry_count, reason, source, effective_at FROM bucket_transitions ORDER BY user_id, id;
SELECT user_id, status, source, max_dwell_at FROM bucket_memberships ORDER BY 1;
-- Events and properties do not concern it.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 12:00+00');
UPDATE contacts SET properties = '{"a": 1}';
SELECT string_agg(user_id, ' ' ORDER BY user_id) AS members FROM bucket_members WHERE bucket_id = 'beta';
-- Dwell and max_dwell do.
SET hogsend.now = '2026-01-02 12:00+00';
SELECT dwelled FROM hogsend_reconcile();
SET hogsend.now = '2026-01-11 12:00+00';
SELECT "left" FROM hogsend_reconcile();
SELECT user_id, reason, source FROM bucket_transitions WHERE recorded_at = '2026-01-11 12:00+00' ORDER BY 1;
-- Deletion of the contact does.
SELECT hogsend_add_member('beta', 'u3');
UPDATE contacts SET deleted_at = '2026-01-11 12:00+00' WHERE user_id = 'u3';
SELECT left_reason FROM bucket_memberships WHERE user_id = 'u3' AND entry_count = 2;
SELECT hogsend_add_member('beta', 'u3');
-- A dynamic bucket is not anybody's to change by hand; an unknown one is unknown.
SELECT hogsend_add_member('active', 'u2');
SELECT hogsend_add_member('nope', 'u2');
-- A manual bucket is never backfilled.
SELECT bucket_id FROM bucket_jobs ORDER BY 1;
-- Deleting it tells flows to exit.
SELECT hogsend_add_member('beta', 'u1');
DELETE FROM buckets WHERE id = 'beta';
SELECT event, entry_count, reason FROM bucket_transitions ORDER BY id DESC LIMIT 1;
