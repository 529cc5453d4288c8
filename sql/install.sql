-- Installation, adoption and migration.
--
-- Functions and settings are members of the extension; tables, views and triggers are not. They
-- are made by the install script and then detached, so that pg_dump carries every row and column,
-- puts our triggers after the data (nothing fires in a restore), and DROP EXTENSION … CASCADE
-- takes functions and triggers but never a row.

CREATE FUNCTION hogsend_check_tables() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $check$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT c.oid::regclass AS relation, c.relname, n.nspname, w.kind, c.relkind,
               pg_get_userbyid(c.relowner) AS owner,
               o.rolsuper OR c.relowner = (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) AS trusted,
               -- Where our triggers are the tables are ours, whatever became of their columns, about which
               -- hogsend_migrate() has more to say.
               (SELECT string_agg(split_part(required, ' ', 1), ', ' ORDER BY position)
                FROM unnest(w.columns) WITH ORDINALITY AS r (required, position)
                LEFT JOIN pg_attribute a
                    ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = split_part(required, ' ', 1)
                WHERE CASE w.kind
                    WHEN 'view' THEN
                        (CASE a.atttypid WHEN 'varchar'::regtype THEN 'text'::regtype ELSE a.atttypid END
                         = to_regtype(substr(required, strpos(required, ' ') + 1))) IS NOT TRUE
                    ELSE @extschema@.hogsend_tables_version() IS NULL
                        AND (a.attname IS NULL OR EXISTS (
                            SELECT FROM @extschema@.hogsend_misfits() m
                            WHERE m.relation = c.relname AND m.column_name = a.attname))
                    END) AS lacking
        FROM (VALUES
            ('buckets', 'table', ARRAY['id text', 'enabled boolean', 'kind text', 'criteria jsonb', 'criteria_hash text', 'instance_id uuid']),
            ('contacts', 'table', ARRAY['user_id text', 'email text', 'properties jsonb', 'updated_at timestamp with time zone', 'deleted_at timestamp with time zone']),
            ('user_events', 'table', ARRAY['id bigint', 'user_id text', 'event text', 'occurred_at timestamp with time zone', 'user_email text', 'contact_properties jsonb']),
            ('bucket_memberships', 'table', ARRAY['user_id text', 'bucket_id text', 'entry_count integer', 'status text', 'dwell_counts jsonb']),
            ('bucket_timers', 'table', ARRAY['user_id text', 'bucket_id text', 'due_at timestamp with time zone', 'silent boolean']),
            ('bucket_transitions', 'table', ARRAY['id bigint', 'event text', 'user_id text', 'idempotency_key text', 'xid xid8']),
            ('bucket_consumers', 'table', ARRAY['name text', 'buckets text[]', 'first_entry_only boolean']),
            ('bucket_positions', 'table', ARRAY['consumer text', 'shard integer', 'passed pg_snapshot', 'mark bigint']),
            ('bucket_jobs', 'table', ARRAY['id bigint', 'bucket_id text', 'mode text', 'status text', 'reached text']),
            ('bucket_erasures', 'table', ARRAY['user_hash bytea', 'times integer']),
            ('bucket_counts', 'table', ARRAY['bucket_id text', 'since timestamp with time zone', 'entered bigint', 'left bigint']),
            ('bucket_refreshes', 'table', ARRAY['bucket_id text', 'role_id oid', 'mode text', 'due_at timestamp with time zone']),
            ('bucket_holdouts', 'table', ARRAY['user_id text', 'bucket_id text']),
            ('bucket_totals', 'table', ARRAY['user_id text', 'series text', 'n bigint', 'total numeric']),
            ('user_queue', 'table', ARRAY['id bigint', 'user_id text', 'what text', 'queued_at timestamp with time zone']),
            ('user_aliases', 'table', ARRAY['alias text', 'user_id text', 'identified_at timestamp with time zone']),
            ('feeds', 'table', ARRAY['name text', 'kind text', 'fields jsonb', 'search_path text', 'import text']),
            ('feed_notes', 'table', ARRAY['id bigint', 'feed text', 'skipped bigint', 'failed bigint']),
            ('journeys', 'table', ARRAY['id text', 'enabled boolean', 'starts_on text[]', 'exits_on text[]', 'instance_id uuid']),
            ('journey_runs', 'table', ARRAY['id bigint', 'user_id text', 'journey_id text', 'status text', 'wait_until timestamp with time zone']),
            ('bucket_members', 'view', ARRAY['bucket_id text', 'user_id text', 'email text']),
            ('bucket_stats', 'view', ARRAY['bucket_id text', 'active bigint', 'next_due timestamp with time zone', 'job text']),
            ('bucket_daily', 'view', ARRAY['bucket_id text', 'day date', 'entered bigint', 'left bigint']),
            ('bucket_forecast', 'view', ARRAY['bucket_id text', 'hour timestamp with time zone', 'due bigint']),
            ('bucket_lag', 'view', ARRAY['consumer text', 'shard integer', 'rows_behind bigint']),
            ('bucket_feeds', 'view', ARRAY['name text', 'kind text', 'import text', 'rows_imported bigint']),
            ('journey_stats', 'view', ARRAY['journey_id text', 'label text', 'waiting bigint', 'median_time interval'])
        ) AS w (name, kind, columns)
        JOIN pg_class c ON c.relname = w.name
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_roles o ON o.oid = c.relowner
        WHERE c.relnamespace = to_regnamespace('@extschema@')
    LOOP
        IF item.lacking IS NOT NULL OR NOT item.relkind = ANY (CASE item.kind WHEN 'view' THEN ARRAY['v'] ELSE ARRAY['r', 'p'] END::"char"[]) THEN
            RAISE EXCEPTION 'the name "%" is taken in schema "%"', item.relname, item.nspname
                USING ERRCODE = '42P07',
                      DETAIL = format('It is not a %s of hogsend%s.', item.kind,
                          CASE WHEN item.lacking IS NOT NULL THEN ': these columns are missing or of another type: ' || item.lacking ELSE '' END),
                      HINT = 'Install into a schema of its own: CREATE SCHEMA hogsend; CREATE EXTENSION hogsend SCHEMA hogsend;';
        END IF;
        IF NOT item.trusted THEN
            RAISE EXCEPTION '"%" in schema "%" belongs to another role', item.relname, item.nspname
                USING ERRCODE = '42501',
                      DETAIL = format('Its owner is %s, who could read and change what hogsend does.', item.owner),
                      HINT = format('ALTER %s %s OWNER TO %I, or install into a schema of its own.', upper(item.kind), item.relation, current_user);
        END IF;
    END LOOP;
END
$check$;
COMMENT ON FUNCTION hogsend_check_tables() IS 'Refuses to install over tables that are not ours (called by hogsend_migrate)';

CREATE FUNCTION hogsend_migrate() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $migrate$
DECLARE
    member record;
    early record;
BEGIN
    PERFORM @extschema@.hogsend_check_tables();
    PERFORM @extschema@.hogsend_make_tables();
    PERFORM @extschema@.hogsend_require_columns(NULL::text);
    PERFORM @extschema@.hogsend_make_views();
    PERFORM @extschema@.hogsend_make_triggers();
    PERFORM @extschema@.hogsend_comment_tables();
    PERFORM @extschema@.hogsend_make_event_trigger();
    FOR early IN SELECT k.problem, k.remedy FROM @extschema@.hogsend_early_keys() k LOOP
        RAISE WARNING '%', early.problem USING HINT = early.remedy || ';';
    END LOOP;

    -- Inside CREATE or ALTER EXTENSION everything that is made becomes a member: let it go.
    FOR member IN
        SELECT c.oid::regclass AS relation,
               CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
        FROM pg_depend d
        JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'hogsend'
        JOIN pg_class c ON c.oid = d.objid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_extension'::regclass
          AND d.deptype = 'e' AND c.relname NOT IN ('hogsend_instance', 'hogsend_clock')
        ORDER BY c.relkind DESC
    LOOP
        EXECUTE format('ALTER EXTENSION hogsend DROP %s %s', member.kind, member.relation);
    END LOOP;
END
$migrate$;
COMMENT ON FUNCTION hogsend_migrate() IS 'Brings the tables, views and triggers of hogsend to the state of this version; safe to repeat';
