-- A restored copy evaluates and emits nothing until somebody says that it is meant to.

CREATE FUNCTION hogsend_adopt() RETURNS void
LANGUAGE sql SET search_path = pg_catalog, pg_temp
AS $$
    UPDATE @extschema@.buckets b SET instance_id = i.id
    FROM @extschema@.hogsend_instance i WHERE b.instance_id IS DISTINCT FROM i.id
$$;
COMMENT ON FUNCTION hogsend_adopt() IS 'Makes this database the home of its buckets: evaluation goes on, and everybody is looked at again';
