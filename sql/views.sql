-- Views. Like the tables they are ordinary objects of the user's database.

CREATE FUNCTION hogsend_make_views() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $views$
BEGIN
    IF to_regclass('@extschema@.bucket_members') IS NULL THEN
        CREATE VIEW @extschema@.bucket_members AS
        SELECT m.bucket_id, m.user_id, c.email, m.entered_at, m.entry_count
        FROM @extschema@.bucket_memberships m
        JOIN @extschema@.contacts c ON c.user_id = m.user_id
        WHERE m.status = 'active' AND c.deleted_at IS NULL;
    END IF;
END
$views$;
COMMENT ON FUNCTION hogsend_make_views() IS 'Creates those views of hogsend that do not exist yet (called by hogsend_migrate)';
