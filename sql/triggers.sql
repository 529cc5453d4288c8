-- Trigger functions and triggers. Definer rights: whoever may INSERT an event needs no right on
-- the tables that follow from it.

-- The doorkeeper: runs with the caller's rights, knows what its own memory and the lock on the user's
-- contact tell, runs no SQL, and lets pass what concerns no bucket or changes nothing. Definer rights
-- and a search_path cost as much as all it does.
CREATE FUNCTION hogsend_on_user_events() RETURNS trigger
LANGUAGE c
AS 'MODULE_PATHNAME', 'hogsend_on_user_events';
COMMENT ON FUNCTION hogsend_on_user_events() IS 'Calls hogsend_evaluate_user_events() for statements on user_events that may change something';

CREATE FUNCTION hogsend_evaluate_user_events() RETURNS trigger
LANGUAGE c SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'hogsend_evaluate_user_events';
COMMENT ON FUNCTION hogsend_evaluate_user_events() IS 'Evaluates the buckets that a statement on user_events concerns';

CREATE FUNCTION hogsend_before_contacts() RETURNS trigger
LANGUAGE c SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'hogsend_before_contacts';
COMMENT ON FUNCTION hogsend_before_contacts() IS 'Keeps definitions from changing while a statement on contacts runs';

CREATE FUNCTION hogsend_on_contacts() RETURNS trigger
LANGUAGE c SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'hogsend_on_contacts';
COMMENT ON FUNCTION hogsend_on_contacts() IS 'Evaluates the buckets that a statement on contacts concerns';

CREATE FUNCTION hogsend_before_buckets() RETURNS trigger
LANGUAGE c SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'hogsend_before_buckets';
COMMENT ON FUNCTION hogsend_before_buckets() IS 'Waits for the writers who were evaluated without the definition, and holds new ones off';

CREATE FUNCTION hogsend_on_buckets() RETURNS trigger
LANGUAGE c SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'hogsend_on_buckets';
COMMENT ON FUNCTION hogsend_on_buckets() IS 'Brings memberships in line with new, changed and deleted definitions';

CREATE FUNCTION hogsend_before_journeys() RETURNS trigger
LANGUAGE c SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'hogsend_before_journeys';
COMMENT ON FUNCTION hogsend_before_journeys() IS 'Waits for the writers who were evaluated without the journey, and holds new ones off';

CREATE FUNCTION hogsend_on_journeys() RETURNS trigger
LANGUAGE c SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'hogsend_on_journeys';
COMMENT ON FUNCTION hogsend_on_journeys() IS 'Tells all sessions of new, changed and deleted journeys, and ends the runs of those that are gone';

CREATE FUNCTION hogsend_before_transitions() RETURNS trigger
LANGUAGE c SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS 'MODULE_PATHNAME', 'hogsend_before_transitions';
COMMENT ON FUNCTION hogsend_before_transitions() IS 'Keeps consumers from missing anything when TRUNCATE empties the outbox';

-- With the rights of whoever writes the row, because it takes down who that is; so it runs no SQL.
CREATE FUNCTION hogsend_sign_bucket() RETURNS trigger
LANGUAGE c
AS 'MODULE_PATHNAME', 'hogsend_sign_bucket';
COMMENT ON FUNCTION hogsend_sign_bucket() IS 'Takes down with whose rights and search_path a query bucket runs: of who defined it, or changed it';

CREATE FUNCTION hogsend_make_triggers() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $triggers$
DECLARE
    source text;
    relation regclass;
    operation text;
    is_unseen boolean;
BEGIN
    -- What was written to a table of events while our triggers were not on it was added to no total.
    IF to_regclass('@extschema@.bucket_totals') IS NOT NULL THEN
        FOR relation IN
            SELECT t.relid FROM (
                SELECT to_regclass('@extschema@.user_events')
                UNION
                SELECT p.relid FROM pg_partition_tree(to_regclass('@extschema@.user_events')) p) AS t (relid)
            JOIN pg_class c ON c.oid = t.relid AND c.relkind IN ('r', 'p')
            WHERE (SELECT count(*) FROM pg_trigger g
                   WHERE g.tgrelid = t.relid AND g.tgname IN ('hogsend_insert', 'hogsend_update', 'hogsend_delete', 'hogsend_truncate')
                     AND g.tgenabled IN ('O', 'A')) < 4
        LOOP
            EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', relation);
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', relation) INTO is_unseen;
            IF is_unseen THEN
                DELETE FROM @extschema@.bucket_totals;
                EXIT;
            END IF;
        END LOOP;
    END IF;
    -- Partitions, too: a statement fires the triggers of the table that it names, and no others.
    FOR source, relation IN
        SELECT s.name, c.oid::regclass
        FROM unnest(ARRAY['user_events', 'contacts', 'buckets', 'journeys']) AS s (name)
        CROSS JOIN LATERAL (
            SELECT to_regclass('@extschema@.' || s.name)
            UNION
            SELECT t.relid FROM pg_partition_tree(to_regclass('@extschema@.' || s.name)) t) AS t (relid)
        JOIN pg_class c ON c.oid = t.relid AND c.relkind IN ('r', 'p')
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER hogsend_insert AFTER INSERT ON %s
            REFERENCING NEW TABLE AS hogsend_new
            FOR EACH STATEMENT EXECUTE FUNCTION %s.hogsend_on_%s()', relation, '@extschema@', source);
        EXECUTE format('CREATE OR REPLACE TRIGGER hogsend_update AFTER UPDATE ON %s
            REFERENCING OLD TABLE AS hogsend_old NEW TABLE AS hogsend_new
            FOR EACH STATEMENT EXECUTE FUNCTION %s.hogsend_on_%s()', relation, '@extschema@', source);
        EXECUTE format('CREATE OR REPLACE TRIGGER hogsend_delete AFTER DELETE ON %s
            REFERENCING OLD TABLE AS hogsend_old
            FOR EACH STATEMENT EXECUTE FUNCTION %s.hogsend_on_%s()', relation, '@extschema@', source);
        EXECUTE format('CREATE OR REPLACE TRIGGER hogsend_truncate AFTER TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION %s.hogsend_on_%s()', relation, '@extschema@', source);
        FOREACH operation IN ARRAY ARRAY['insert', 'update', 'delete', 'truncate'] LOOP
            EXECUTE format('COMMENT ON TRIGGER hogsend_%s ON %s IS %L', operation, relation,
                CASE source WHEN 'journeys' THEN 'Keeps runs in line with what ' || upper(operation) || ' on journeys changes'
                            ELSE format('Keeps buckets in line with what %s on %s changes', upper(operation), source) END);
        END LOOP;
    END LOOP;
    CREATE OR REPLACE TRIGGER hogsend_before BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @extschema@.contacts
        FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.hogsend_before_contacts();
    COMMENT ON TRIGGER hogsend_before ON @extschema@.contacts IS 'Keeps definitions from changing while the statement runs';
    CREATE OR REPLACE TRIGGER hogsend_before BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @extschema@.buckets
        FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.hogsend_before_buckets();
    COMMENT ON TRIGGER hogsend_before ON @extschema@.buckets IS 'Keeps writers out while the definition changes';
    CREATE OR REPLACE TRIGGER hogsend_before BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @extschema@.journeys
        FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.hogsend_before_journeys();
    COMMENT ON TRIGGER hogsend_before ON @extschema@.journeys IS 'Keeps writers out while the journey changes';
    CREATE OR REPLACE TRIGGER hogsend_check BEFORE INSERT OR UPDATE ON @extschema@.journeys
        FOR EACH ROW EXECUTE FUNCTION @extschema@.hogsend_check_journey();
    COMMENT ON TRIGGER hogsend_check ON @extschema@.journeys IS 'Refuses journeys that cannot be meant';
    FOR relation IN
        SELECT to_regclass('@extschema@.bucket_transitions')
        UNION
        SELECT t.relid FROM pg_partition_tree(to_regclass('@extschema@.bucket_transitions')) t
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER hogsend_before BEFORE TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION %s.hogsend_before_transitions()', relation, '@extschema@');
        EXECUTE format('COMMENT ON TRIGGER hogsend_before ON %s IS ''Keeps consumers from missing anything''', relation);
    END LOOP;
    -- How far an import came is nobody else's to know.
    CREATE OR REPLACE TRIGGER hogsend_changed AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF name, kind, fields, on_delete, owned, search_path, import
        ON @extschema@.feeds FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.hogsend_on_feeds();
    COMMENT ON TRIGGER hogsend_changed ON @extschema@.feeds IS 'Tells all sessions that a feed is another one';
    -- Before hogsend_check, which is the order of names.
    CREATE OR REPLACE TRIGGER hogsend_author BEFORE INSERT OR UPDATE ON @extschema@.buckets
        FOR EACH ROW EXECUTE FUNCTION @extschema@.hogsend_sign_bucket();
    COMMENT ON TRIGGER hogsend_author ON @extschema@.buckets IS 'Takes down who defined a query, whose rights it has';
    -- The argument tells hogsend_tables_version() what these tables are made for. A trigger goes where
    -- its table goes, and is made anew by each hogsend_migrate().
    EXECUTE format('CREATE OR REPLACE TRIGGER hogsend_check BEFORE INSERT OR UPDATE ON %1$s.buckets
        FOR EACH ROW EXECUTE FUNCTION %1$s.hogsend_check_bucket(%2$L)', '@extschema@',
        (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'hogsend'));
    COMMENT ON TRIGGER hogsend_check ON @extschema@.buckets IS 'Refuses definitions that cannot be meant';
END
$triggers$;
COMMENT ON FUNCTION hogsend_make_triggers() IS 'Creates or replaces the triggers of hogsend (called by hogsend_migrate)';
