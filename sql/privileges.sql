-- Roles: what an application, a journey runner, an analyst and an administrator need, and no more.
--
-- Nobody gets TRIGGER on our tables: hogsend writes to them with its owner's rights, and a trigger
-- there would run with them. What needs the owner (making tables, adopting them, and granting) is in no
-- preset.

CREATE FUNCTION hogsend_privileges(preset text) RETURNS TABLE (privilege text, object text)
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $privileges$
BEGIN
    IF preset IS NULL OR preset NOT IN ('ingest', 'orm', 'runner', 'analyst', 'admin') THEN
        RAISE EXCEPTION 'unknown preset %', quote_nullable(preset)
            USING ERRCODE = '22023', DETAIL = 'A preset says what a role may do with hogsend.',
                  HINT = 'Use ''ingest'' (store events), ''orm'' (that, and read them: RETURNING and ON CONFLICT with columns need it), ''runner'' (consume transitions and ask who is a member), ''analyst'' (read) or ''admin'' (all of that, define buckets and run the clock).';
    END IF;
    PERFORM @extschema@.hogsend_require_tables();
    RETURN QUERY
        SELECT 'USAGE', format('SCHEMA %I', n.nspname)
        FROM pg_namespace n WHERE n.oid = to_regnamespace('@extschema@')
        UNION ALL
        SELECT given.privileges, format('TABLE %s', c.oid::regclass)
        FROM (VALUES
            ('ingest', 'INSERT', ARRAY['user_events']),
            ('orm', 'SELECT, INSERT', ARRAY['user_events']),
            -- The view is read with the reader's rights. So what it reads is granted, by columns: of an
            -- ended stay, and of a contact who is in no bucket, a runner can see no more than of a member.
            ('runner', 'SELECT', ARRAY['bucket_members']),
            ('runner', 'SELECT (bucket_id, user_id, entered_at, entry_count, status)', ARRAY['bucket_memberships']),
            ('runner', 'SELECT (user_id, email, deleted_at)', ARRAY['contacts']),
            ('runner', 'SELECT (id)', ARRAY['buckets']),
            ('runner', 'SELECT (alias, user_id)', ARRAY['user_aliases']),
            -- The identity, so that a reader sees a restored copy for what it is.
            ('analyst', 'SELECT', ARRAY[
                'buckets', 'contacts', 'user_events', 'bucket_memberships', 'bucket_timers', 'bucket_transitions',
                'bucket_consumers', 'bucket_positions', 'bucket_jobs', 'bucket_counts', 'bucket_refreshes', 'bucket_holdouts', 'bucket_totals', 'user_queue', 'user_aliases', 'feeds', 'feed_notes', 'journeys', 'journey_runs', 'bucket_members', 'bucket_stats',
                'bucket_daily', 'bucket_forecast', 'bucket_lag', 'bucket_feeds', 'journey_stats', 'hogsend_instance']),
            ('admin', 'SELECT', ARRAY[
                'bucket_consumers', 'bucket_positions', 'bucket_jobs', 'bucket_counts', 'bucket_refreshes', 'feeds', 'feed_notes', 'bucket_members', 'bucket_stats',
                'bucket_daily', 'bucket_forecast', 'bucket_lag', 'bucket_feeds', 'journey_stats', 'hogsend_instance']),
            ('admin', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['buckets', 'contacts', 'user_events', 'journeys']),
            -- An erasure runs with the caller's rights, so that row-level security holds for it.
            ('admin', 'SELECT, DELETE', ARRAY['bucket_memberships', 'bucket_timers', 'bucket_transitions', 'bucket_holdouts', 'bucket_totals', 'user_queue', 'user_aliases', 'journey_runs'])
        ) AS given (preset, privileges, relations)
        JOIN pg_class c ON c.relnamespace = to_regnamespace('@extschema@') AND c.relname = ANY (given.relations)
        WHERE given.preset = $1
        UNION ALL
        SELECT 'EXECUTE', format('ROUTINE %s', p.oid::regprocedure)
        FROM pg_depend d
        JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'hogsend'
        JOIN pg_proc p ON p.oid = d.objid
        WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
          AND CASE $1
              WHEN 'ingest' THEN p.proname IN ('hogsend_ingest', 'hogsend_identify', 'hogsend_require_columns', 'hogsend_dropped_events')
              WHEN 'orm' THEN p.proname IN ('hogsend_ingest', 'hogsend_identify', 'hogsend_require_columns', 'hogsend_dropped_events')
              WHEN 'runner' THEN p.proname IN (
                  'hogsend_subscribe', 'hogsend_unsubscribe', 'hogsend_poll', 'hogsend_ack', 'hogsend_has',
                  'hogsend_sleep', 'hogsend_sleep_until', 'hogsend_wait_for', 'hogsend_checkpoint', 'hogsend_complete', 'hogsend_fail',
                  -- What that asks with the caller's rights.
                  'hogsend_require_tables', 'hogsend_require_bucket', 'hogsend_tables_version')
              WHEN 'analyst' THEN p.proname IN (
                  'hogsend_has', 'hogsend_count', 'hogsend_members', 'hogsend_dependencies', 'hogsend_matches', 'hogsend_may_forget', 'hogsend_explain',
                  'hogsend_preview', 'hogsend_preview_change', 'hogsend_verify', 'hogsend_verify_feed', 'hogsend_feed_differences', 'hogsend_health', 'hogsend_metrics',
                  'hogsend_explain_run',
                  'hogsend_event', 'hogsend_first', 'hogsend_last', 'hogsend_sum', 'hogsend_avg', 'hogsend_min', 'hogsend_max', 'hogsend_distinct', 'hogsend_compare', 'hogsend_sequence', 'hogsend_step',
                  'hogsend_property', 'hogsend_all', 'hogsend_any', 'hogsend_not',
                  'hogsend_everyone', 'hogsend_in_bucket', 'hogsend_sample', 'hogsend_sample_of', 'hogsend_validate', 'hogsend_report',
                  -- What that asks.
                  'hogsend_report_facts', 'hogsend_report_buckets', 'hogsend_report_delivery', 'hogsend_report_journeys', 'hogsend_report_bucket', 'hogsend_estimated_rows',
                  'hogsend_report_page',
                  -- What the builders ask.
                  'hogsend_event_leg', 'hogsend_event_span', 'hogsend_event_instant', 'hogsend_event_bound', 'hogsend_event_picked', 'hogsend_event_measure', 'hogsend_step_of',
                  'hogsend_property_leg', 'hogsend_property_number', 'hogsend_property_span', 'hogsend_property_path',
                  -- What those ask with the caller's rights.
                  'hogsend_require_tables', 'hogsend_require_bucket', 'hogsend_require_columns', 'hogsend_tables_version', 'hogsend_now',
                  'hogsend_unread_by', 'hogsend_shard',
                  'hogsend_canonical', 'hogsend_canonical_text', 'hogsend_problems', 'hogsend_missing_buckets', 'hogsend_warnings',
                  'hogsend_preview_text', 'hogsend_preview_change_of')
              -- Whoever attaches a table creates the triggers that mirror it.
              ELSE (p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) OR p.proname = 'hogsend_mirror')
                   AND p.proname NOT IN (
                       'hogsend_grant', 'hogsend_revoke', 'hogsend_adopt', 'hogsend_migrate', 'hogsend_check_tables',
                       'hogsend_make_tables', 'hogsend_index_partitions', 'hogsend_index_keys', 'hogsend_make_views', 'hogsend_make_triggers', 'hogsend_make_event_trigger',
                       'hogsend_comment_tables')
              END
        ORDER BY 2;
END
$privileges$;
COMMENT ON FUNCTION hogsend_privileges(text) IS 'What hogsend_grant() grants for a preset, as it stands in GRANT';

CREATE FUNCTION hogsend_require_role(role text) RETURNS void
LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $require$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles r WHERE r.rolname = $1) THEN
        RAISE EXCEPTION 'role % does not exist', coalesce('"' || role || '"', 'NULL')
            USING ERRCODE = '42704',
                  DETAIL = CASE WHEN role = 'public' THEN 'PUBLIC is everybody, and nothing of hogsend is for everybody.'
                                ELSE 'The name is taken as it is written, upper and lower case included.' END,
                  HINT = 'SELECT rolname FROM pg_roles lists the roles; CREATE ROLE makes one.';
    END IF;
END
$require$;
COMMENT ON FUNCTION hogsend_require_role(text) IS 'Raises an error unless the role exists';

CREATE FUNCTION hogsend_grant(role text, preset text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $grant$
DECLARE
    given record;
BEGIN
    PERFORM @extschema@.hogsend_require_role(role);
    FOR given IN SELECT p.privilege, p.object FROM @extschema@.hogsend_privileges(preset) p LOOP
        -- Most often PUBLIC may use the schema, and its owner is somebody else.
        CONTINUE WHEN given.privilege = 'USAGE' AND has_schema_privilege(role, to_regnamespace('@extschema@'), 'USAGE');
        EXECUTE format('GRANT %s ON %s TO %I', given.privilege, given.object, role);
    END LOOP;
    IF preset = 'orm' THEN
        RAISE NOTICE 'role "%" can read every event of every user', role
            USING DETAIL = 'RETURNING, and ON CONFLICT with columns, need SELECT on user_events.',
                  HINT = 'The preset ''ingest'' stores events without it; row-level security on user_events narrows what is read.';
    END IF;
END
$grant$;
COMMENT ON FUNCTION hogsend_grant(text, text)
    IS 'Grants a role what a preset needs: ingest, orm, runner, analyst or admin; can be repeated, and is to be after an update';

CREATE FUNCTION hogsend_revoke(role text) RETURNS void
LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $revoke$
DECLARE
    given record;
BEGIN
    PERFORM @extschema@.hogsend_require_role(role);
    FOR given IN
        SELECT DISTINCT p.object
        FROM unnest(ARRAY['ingest', 'orm', 'runner', 'analyst', 'admin']) AS preset
        CROSS JOIN @extschema@.hogsend_privileges(preset) p
        -- What else is in the schema is not ours.
        WHERE p.privilege <> 'USAGE'
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %I', given.object, role);
    END LOOP;
END
$revoke$;
COMMENT ON FUNCTION hogsend_revoke(text)
    IS 'Takes from a role every right on tables, views and functions of hogsend; USAGE of the schema stays';
