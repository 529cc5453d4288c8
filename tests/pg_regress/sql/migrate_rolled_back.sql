-- A session that migrated the tables and took that back finds them as they were before.
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
INSERT INTO buckets (id, kind) VALUES ('a', 'manual');
-- As a dump of an older version brings them. A session that found them right before looks again.
SELECT hogsend_count('a');
CREATE OR REPLACE TRIGGER hogsend_check BEFORE INSERT OR UPDATE ON buckets
    FOR EACH ROW EXECUTE FUNCTION hogsend_check_bucket('0.0.9');
SELECT hogsend_count('a');
BEGIN;
SELECT hogsend_migrate();
SELECT hogsend_count('a');
ROLLBACK;
SELECT hogsend_tables_version();
SELECT hogsend_count('a');
-- And of a part of a transaction.
BEGIN;
SAVEPOINT before;
SELECT hogsend_migrate();
SELECT hogsend_count('a');
ROLLBACK TO before;
SELECT hogsend_count('a');
COMMIT;
SELECT hogsend_migrate();
SELECT hogsend_count('a');
