-- Tables of earlier releases know no stay that was merged; whatever their constraint is called, it learns of it.
\set VERBOSITY terse
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
CREATE VIEW reasons AS
    SELECT conname, pg_get_constraintdef(oid) AS def FROM pg_constraint
    WHERE conrelid = 'bucket_memberships'::regclass AND contype = 'c' AND pg_get_constraintdef(oid) LIKE '%reason%' ORDER BY 1;
SELECT * FROM reasons;
ALTER TABLE bucket_memberships DROP CONSTRAINT bucket_memberships_left_reason_check,
    ADD CONSTRAINT "Reasons, known" CHECK (left_reason IN ('criteria', 'maxDwell', 'manual', 'bucketDeleted', 'deleted'));
-- One of the user's own stays as it is.
ALTER TABLE bucket_memberships ADD CONSTRAINT mine CHECK (left_reason <> 'nothing');
SELECT hogsend_migrate();
SELECT * FROM reasons;
INSERT INTO bucket_memberships (user_id, bucket_id, entry_count, status, entered_at, left_at, left_reason, source)
VALUES ('u', 'b', 1, 'left', now(), now(), 'merged', 'event');
INSERT INTO bucket_memberships (user_id, bucket_id, entry_count, status, entered_at, left_at, left_reason, source)
VALUES ('u', 'b', 2, 'left', now(), now(), 'forgotten', 'event');
