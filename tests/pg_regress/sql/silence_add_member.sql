-- hogsend_add_member(…, silent => true): one call without a word.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind, entry_limit, dwell_after) VALUES ('beta', 'manual', 'once', '{1 day}');
INSERT INTO buckets (id, criteria) VALUES ('known', hogsend_any(hogsend_property('country', 'exists'), hogsend_property('plan', 'neq', 'pro')));
-- The first fill, whom it makes known included.
SELECT hogsend_add_member('beta', ARRAY['u1', 'u2', 'u3'], silent => true);
SELECT hogsend_add_member('beta', 'u4', silent => true);
SELECT hogsend_add_member('beta', 'u4', silent => true);
SELECT bucket_id, count(*), bool_or(announced) AS announced FROM bucket_memberships GROUP BY 1 ORDER BY 1;
SELECT count(*) AS announced FROM bucket_transitions;
-- The next call is not silent, whatever the first was.
SELECT hogsend_add_member('beta', ARRAY['u4', 'u5'], false);
SELECT hogsend_add_member('beta', 'u6');
SELECT user_id, event FROM bucket_transitions WHERE bucket_id = 'beta' ORDER BY id;
-- A silent stay counts under the entry limit, and is left and dwelt in aloud.
SELECT hogsend_remove_member('beta', 'u1');
SELECT hogsend_add_member('beta', 'u1');
SET hogsend.now = '2026-01-02 12:00+00';
SELECT dwelled FROM hogsend_reconcile();
SELECT user_id, event, entry_count FROM bucket_transitions WHERE user_id IN ('u1', 'u2') ORDER BY user_id, id;
SELECT hogsend_add_member('beta', 'u7', silent => NULL);
