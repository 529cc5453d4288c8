-- When the clock last went, and how far it has pruned. Like hogsend_instance a member of the extension
-- that is never dumped: in a restored copy no clock has gone yet. A table of its own, because
-- definitions lock that one against everybody who writes.
CREATE TABLE @extschema@.hogsend_clock (
    reconciled_at   timestamptz,
    pruned_up_to    bigint      NOT NULL DEFAULT 0,
    only_row        boolean     PRIMARY KEY DEFAULT true CHECK (only_row),
    cut_short_at    timestamptz,
    cut_short_after interval,
    cut_short_role  name,
    zone_rules      text,
    zones_seen_at   timestamptz
);
INSERT INTO @extschema@.hogsend_clock DEFAULT VALUES;
REVOKE ALL ON @extschema@.hogsend_clock FROM PUBLIC;

COMMENT ON TABLE @extschema@.hogsend_clock IS 'What hogsend_reconcile() keeps of itself; one row, never dumped';
COMMENT ON COLUMN @extschema@.hogsend_clock.reconciled_at IS 'When it last did its work, to ten seconds, so that looking often does not write often; NULL: never';
COMMENT ON COLUMN @extschema@.hogsend_clock.pruned_up_to IS 'Transitions up to this number were removed for hogsend.retention';
COMMENT ON COLUMN @extschema@.hogsend_clock.only_row IS 'Keeps the table at one row';
COMMENT ON COLUMN @extschema@.hogsend_clock.cut_short_at IS 'When hogsend_run() last ended early, because statement_timeout would have cancelled it; NULL: the last one did not';
COMMENT ON COLUMN @extschema@.hogsend_clock.cut_short_after IS 'How long it had gone on by then';
COMMENT ON COLUMN @extschema@.hogsend_clock.cut_short_role IS 'The role that called it';
COMMENT ON COLUMN @extschema@.hogsend_clock.zone_rules IS 'The server''s time zones as they were seen last, in a few letters; NULL: no bucket has named one';
COMMENT ON COLUMN @extschema@.hogsend_clock.zones_seen_at IS 'When it last compared them';
