-- The identity of this installation. A member of the extension, and deliberately not dumped: a
-- restored copy gets another identity than the one its buckets carry, and knows by that that it
-- is a copy. Physical copies and pg_upgrade keep it. It is also the object that writers lock in
-- ROW SHARE and definitions in EXCLUSIVE mode, so that no statement is evaluated half by an old
-- and half by a new definition.
CREATE TABLE @extschema@.hogsend_instance (
    id        uuid        NOT NULL DEFAULT pg_catalog.gen_random_uuid(),
    created_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
    only_row  boolean     PRIMARY KEY DEFAULT true CHECK (only_row)
);
INSERT INTO @extschema@.hogsend_instance DEFAULT VALUES;
REVOKE ALL ON @extschema@.hogsend_instance FROM PUBLIC;

COMMENT ON TABLE @extschema@.hogsend_instance IS 'The identity of this installation of hogsend; one row, never dumped';
COMMENT ON COLUMN @extschema@.hogsend_instance.id IS 'Compared with buckets.instance_id to recognise a restored copy';
COMMENT ON COLUMN @extschema@.hogsend_instance.created_at IS 'When the extension was created here';
COMMENT ON COLUMN @extschema@.hogsend_instance.only_row IS 'Keeps the table at one row';
