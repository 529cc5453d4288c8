-- hogsend.announce = off: the session's statements move members without a word.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO buckets (id, criteria, entry_limit, dwell_after) VALUES
    ('active', hogsend_event('opened', within => '10 days'), 'unlimited', '{2 days}'),
    ('pro', hogsend_property('plan', 'eq', 'pro'), 'once', '{}');
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
SHOW hogsend.announce;
SET hogsend.announce = off;
-- An import, by events, contacts and calls.
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('u1', 'opened', '2026-01-09 00:00+00', '{"plan": "pro"}'), ('u2', 'opened', '2026-01-10 00:00+00', NULL);
INSERT INTO contacts (user_id, properties) VALUES ('u3', '{"plan": "pro"}');
SELECT hogsend_ingest('u4', 'opened', occurred_at => '2026-01-09 00:00+00');
SELECT hogsend_add_member('beta', ARRAY['u1', 'u2']);
-- And a leave.
SELECT hogsend_remove_member('beta', 'u1');
UPDATE contacts SET properties = '{}' WHERE user_id = 'u3';
SELECT bucket_id, user_id, status, source, announced, left_announced, dwell_anchor_at FROM bucket_memberships ORDER BY 1, 2;
SELECT count(*) AS announced FROM bucket_transitions;
SET hogsend.announce = on;
-- The silent stay counts: under once the next is not announced.
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'u3';
SELECT entry_count, announced FROM bucket_memberships WHERE user_id = 'u3' ORDER BY 1;
SELECT count(*) AS announced FROM bucket_transitions;
-- What the clock does later is announced as ever.
SET hogsend.now = '2026-01-12 12:00+00';
SELECT dwelled FROM hogsend_reconcile();
SET hogsend.now = '2026-01-20 00:00+00';
SELECT "left" FROM hogsend_reconcile();
SELECT user_id, event, entry_count FROM bucket_transitions ORDER BY user_id, id;
-- What a definition moves is silent as well.
BEGIN;
SET LOCAL hogsend.announce = off;
UPDATE buckets SET criteria = hogsend_property('plan', 'eq', 'team') WHERE id = 'pro';
DELETE FROM buckets WHERE id = 'beta';
COMMIT;
SELECT bucket_id, user_id, left_reason, left_announced FROM bucket_memberships
WHERE bucket_id IN ('pro', 'beta') AND status = 'left' ORDER BY 1, 2, entry_count;
SELECT count(*) AS announced FROM bucket_transitions WHERE bucket_id IN ('pro', 'beta');
-- It is a matter of each session, and anybody's.
CREATE ROLE silence_app;
SELECT hogsend_grant('silence_app', 'ingest');
SET ROLE silence_app;
SET hogsend.announce = off;
INSERT INTO user_events (user_id, event) VALUES ('u9', 'opened');
RESET ROLE;
SELECT status, announced FROM bucket_memberships WHERE user_id = 'u9';
SET hogsend.announce = maybe;
RESET hogsend.announce;
SELECT hogsend_revoke('silence_app');
DROP OWNED BY silence_app;
DROP ROLE silence_app;
