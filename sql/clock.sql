-- When the clock last went. Like hogsend_instance a member of the extension that is never dumped: in
-- a restored copy no clock has gone yet. A table of its own, because definitions lock that one
-- against everybody who writes.
CREATE TABLE hogsend_clock (
    reconciled_at timestamptz,
    only_row      boolean     PRIMARY KEY DEFAULT true CHECK (only_row)
);
INSERT INTO hogsend_clock DEFAULT VALUES;
REVOKE ALL ON hogsend_clock FROM PUBLIC;

COMMENT ON TABLE hogsend_clock IS 'When hogsend_reconcile() last did its work; one row, never dumped';
COMMENT ON COLUMN hogsend_clock.reconciled_at IS 'To ten seconds, so that looking often does not write often; NULL: never';
COMMENT ON COLUMN hogsend_clock.only_row IS 'Keeps the table at one row';
