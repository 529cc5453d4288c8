-- Four statements of the README's first page need nothing but this one.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
-- The tables and views are there, in the current schema.
SELECT c.relname, c.relkind
FROM pg_class c
WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'v')
  AND c.relname IN ('buckets', 'contacts', 'user_events', 'bucket_memberships', 'bucket_timers',
                    'bucket_transitions', 'bucket_consumers', 'bucket_jobs', 'bucket_members',
                    'bucket_stats', 'bucket_daily', 'bucket_forecast', 'bucket_lag', 'bucket_positions', 'bucket_erasures', 'bucket_counts', 'user_queue', 'user_aliases', 'feeds', 'feed_notes', 'journeys', 'journey_runs', 'hogsend_clock', 'hogsend_instance')
ORDER BY c.relname COLLATE "C";
-- Of relations only what the installation knows of itself is a member: no row of a user can be
-- dropped with the extension.
SELECT c.relname
FROM pg_depend d JOIN pg_class c ON c.oid = d.objid
WHERE d.classid = 'pg_class'::regclass AND d.deptype = 'e'
  AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'hogsend') ORDER BY 1;
-- Triggers are no members either.
SELECT count(*)
FROM pg_depend d
WHERE d.classid = 'pg_trigger'::regclass AND d.deptype = 'e';
-- Every function that is documented is there.
SELECT name
FROM unnest(ARRAY[
    'hogsend_ack', 'hogsend_add_member', 'hogsend_adopt', 'hogsend_all', 'hogsend_any', 'hogsend_attach_contacts', 'hogsend_attach_events', 'hogsend_backfill',
    'hogsend_count', 'hogsend_define_bucket', 'hogsend_detach', 'hogsend_event', 'hogsend_explain', 'hogsend_forget_user', 'hogsend_grant', 'hogsend_has', 'hogsend_health',
    'hogsend_ingest', 'hogsend_matches', 'hogsend_members', 'hogsend_migrate', 'hogsend_poll', 'hogsend_preview',
    'hogsend_preview_change', 'hogsend_privileges', 'hogsend_property', 'hogsend_prune', 'hogsend_reconcile', 'hogsend_remove_member',
    'hogsend_revoke', 'hogsend_run', 'hogsend_schedule', 'hogsend_subscribe', 'hogsend_unschedule', 'hogsend_unsubscribe', 'hogsend_validate', 'hogsend_verify']) AS name
WHERE NOT EXISTS (SELECT FROM pg_proc p WHERE p.proname = name)
ORDER BY name;
-- It stays where it was put.
SELECT extrelocatable FROM pg_extension WHERE extname = 'hogsend';
