-- Who cannot be added to what, or removed from it, and why.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened'));
INSERT INTO contacts (user_id) VALUES ('u1'), ('u2');
-- A bucket that follows its criteria.
SELECT hogsend_add_member('active', 'u1');
SELECT hogsend_remove_member('active', ARRAY['u1']);
-- None at all.
SELECT hogsend_add_member('nope', 'u1');
SELECT hogsend_remove_member('nope', 'u1');
SELECT hogsend_add_member(NULL, 'u1');
SELECT hogsend_remove_member(NULL, ARRAY['u1']);
-- Nobody: NULL is a mistake, an empty array is not, and no array is nobody.
SELECT hogsend_add_member('beta', NULL::text);
SELECT hogsend_add_member('beta', ARRAY['u1', NULL]);
SELECT hogsend_remove_member('beta', NULL::text);
SELECT hogsend_add_member('beta', '{}'::text[]), hogsend_remove_member('beta', '{}'::text[]), hogsend_add_member('beta', NULL::text[]);
SELECT count(*) FROM bucket_memberships;
-- All or none: what comes before a mistake is not done.
SELECT user_id FROM contacts ORDER BY 1;
-- A bucket that is disabled stays as it is.
SELECT hogsend_add_member('beta', 'u1');
UPDATE buckets SET enabled = false WHERE id = 'beta';
SELECT hogsend_add_member('beta', 'u2');
SELECT hogsend_remove_member('beta', 'u1');
UPDATE buckets SET enabled = true WHERE id = 'beta';
SELECT string_agg(user_id, ' ' ORDER BY user_id) AS members FROM bucket_members WHERE bucket_id = 'beta';
-- A deleted contact is nobody to add, and in nothing any more.
UPDATE contacts SET deleted_at = '2026-01-01 12:00+00';
SELECT hogsend_add_member('beta', ARRAY['u1', 'u2', 'u3']);
SELECT hogsend_remove_member('beta', ARRAY['u1', 'u2', 'u3']);
-- Neither criteria nor a backfill go with it; enabling it again looked at its members.
UPDATE buckets SET criteria = hogsend_event('app.opened') WHERE id = 'beta';
SELECT hogsend_matches('beta', 'u1');
CALL hogsend_backfill('beta');
SELECT bucket_id, mode FROM bucket_jobs ORDER BY 1;
-- A restored copy adds nobody before it is adopted.
UPDATE buckets SET instance_id = NULL;
SELECT hogsend_add_member('beta', 'u4');
SELECT hogsend_remove_member('beta', 'u3');
SELECT hogsend_adopt();
SELECT hogsend_add_member('beta', 'u4');
