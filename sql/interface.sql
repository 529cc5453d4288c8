-- Which functions are for users. All others are parts of hogsend: their comments say so, and the reference leaves
-- them out.

DO $interface$
DECLARE
    inner_part record;
BEGIN
    FOR inner_part IN
        SELECT p.oid::pg_catalog.regprocedure AS signature, pg_catalog.obj_description(p.oid, 'pg_proc') AS comment
        FROM pg_catalog.pg_depend d
        JOIN pg_catalog.pg_extension e ON e.oid OPERATOR(pg_catalog.=) d.refobjid
        JOIN pg_catalog.pg_proc p ON p.oid OPERATOR(pg_catalog.=) d.objid
        WHERE e.extname OPERATOR(pg_catalog.=) 'hogsend' AND d.deptype OPERATOR(pg_catalog.=) 'e'
          AND d.classid OPERATOR(pg_catalog.=) 'pg_catalog.pg_proc'::pg_catalog.regclass
          AND d.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_extension'::pg_catalog.regclass
          AND p.proname OPERATOR(pg_catalog.<>) ALL (ARRAY[
              -- Define buckets.
              'hogsend_define_bucket', 'hogsend_validate', 'hogsend_preview', 'hogsend_preview_change',
              -- Say who belongs to them.
              'hogsend_event', 'hogsend_first', 'hogsend_last', 'hogsend_sum', 'hogsend_avg', 'hogsend_min', 'hogsend_max',
              'hogsend_distinct', 'hogsend_compare', 'hogsend_sequence', 'hogsend_step', 'hogsend_property', 'hogsend_all', 'hogsend_any',
              'hogsend_not', 'hogsend_everyone', 'hogsend_in_bucket', 'hogsend_sample', 'hogsend_sample_of',
              -- Bring in what happens.
              'hogsend_ingest', 'hogsend_attach_events', 'hogsend_attach_contacts', 'hogsend_detach', 'hogsend_import',
              'hogsend_verify_feed', 'hogsend_identify', 'hogsend_forget_user', 'hogsend_forget_users', 'hogsend_may_forget',
              -- Move members.
              'hogsend_add_member', 'hogsend_remove_member', 'hogsend_refresh',
              -- Ask.
              'hogsend_has', 'hogsend_count', 'hogsend_members', 'hogsend_dependencies', 'hogsend_matches', 'hogsend_explain', 'hogsend_verify',
              -- Consume.
              'hogsend_subscribe', 'hogsend_unsubscribe', 'hogsend_poll', 'hogsend_ack',
              -- Journeys.
              'hogsend_define_journey', 'hogsend_sleep', 'hogsend_sleep_until', 'hogsend_wait_for', 'hogsend_checkpoint',
              'hogsend_complete', 'hogsend_fail', 'hogsend_explain_run',
              -- Operate.
              'hogsend_reconcile', 'hogsend_run', 'hogsend_schedule', 'hogsend_unschedule', 'hogsend_backfill',
              'hogsend_health', 'hogsend_report', 'hogsend_metrics', 'hogsend_prune', 'hogsend_migrate', 'hogsend_adopt',
              -- Grant.
              'hogsend_grant', 'hogsend_revoke', 'hogsend_privileges']::pg_catalog.name[])
    LOOP
        EXECUTE pg_catalog.format('COMMENT ON ROUTINE %s IS %L', inner_part.signature,
            pg_catalog.concat('Internal: ', inner_part.comment));
    END LOOP;
END
$interface$;
