-- Rows outlive the extension, and a new one takes them over.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 12:00+00');
ALTER TABLE user_events ADD COLUMN mine text DEFAULT 'kept';
-- Not by accident: the triggers stand on the functions.
DO $$
BEGIN
    DROP EXTENSION hogsend;
EXCEPTION WHEN dependent_objects_still_exist THEN
    RAISE WARNING '%', SQLERRM;
END $$;
-- On purpose: triggers and functions go, rows stay.
DROP EXTENSION hogsend CASCADE;
SELECT 'user_events' AS of, count(*) FROM user_events
UNION ALL SELECT 'contacts', count(*) FROM contacts
UNION ALL SELECT 'buckets', count(*) FROM buckets
UNION ALL SELECT 'bucket_memberships', count(*) FROM bucket_memberships
UNION ALL SELECT 'bucket_transitions', count(*) FROM bucket_transitions
ORDER BY 1;
SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal;
SELECT count(*) FROM pg_proc WHERE proname LIKE 'hogsend%';
-- Again, over the same tables.
CREATE EXTENSION hogsend;
SELECT count(*) FROM pg_trigger WHERE NOT tgisinternal AND tgname LIKE 'hogsend%';
SELECT c.relname
FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e'
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'hogsend') ORDER BY 1;
SELECT user_id, event, mine FROM user_events ORDER BY id;
-- It is another installation than the one that defined the buckets, so somebody must say that
-- these buckets are to act here.
DO $$ BEGIN PERFORM hogsend_adopt(); END $$;
INSERT INTO user_events (user_id, event, occurred_at)
VALUES ('u1', 'app.opened', '2026-01-01 12:00+00'), ('u2', 'app.opened', '2026-01-01 12:00+00');
SELECT event, user_id, entry_count FROM bucket_transitions ORDER BY id;
SELECT user_id, status, entry_count FROM bucket_memberships ORDER BY user_id;
