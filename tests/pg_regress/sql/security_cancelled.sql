-- A cancelled hogsend_reconcile() leaves nothing of its definer's rights behind, and no transaction that
-- nobody began.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_admin;
CREATE ROLE regress_hogsend_admin;
CREATE EXTENSION hogsend;
SELECT hogsend_grant('regress_hogsend_admin', 'admin');
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened', within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'u' || n, 'app.opened', hogsend_now() FROM generate_series(1, 3) n;
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE INSERT ON bucket_transitions FOR EACH ROW EXECUTE FUNCTION slow();
SET hogsend.now = '2026-01-09 12:00+00';
SET ROLE regress_hogsend_admin;
SET statement_timeout = '500ms';
-- Outside of a block no transaction is left.
SELECT count(*) FROM hogsend_reconcile();
SELECT current_user, current_setting('search_path'), now() = statement_timestamp() AS in_no_transaction;
-- In a block it is aborted, and ROLLBACK ends it.
BEGIN;
SELECT count(*) FROM hogsend_reconcile();
SELECT 1;
ROLLBACK;
SELECT current_user, current_setting('search_path');
-- A savepoint is what is gone back to.
BEGIN;
CREATE TEMP TABLE before_it AS SELECT 1 AS n;
SAVEPOINT s;
SELECT count(*) FROM hogsend_reconcile();
ROLLBACK TO s;
SELECT n, current_user, current_setting('search_path') FROM before_it;
COMMIT;
-- Whoever catches it goes on as who they were.
\set VERBOSITY terse
DO $$
BEGIN
    PERFORM hogsend_reconcile();
EXCEPTION WHEN query_canceled THEN
    RAISE WARNING '% %', current_user, current_setting('search_path');
    CREATE ROLE regress_hogsend_too_much;
END $$;
\set VERBOSITY default
SELECT current_user, current_setting('search_path');
SELECT count(*) FROM pg_roles WHERE rolname = 'regress_hogsend_too_much';
RESET statement_timeout;
RESET ROLE;
DROP TRIGGER slow ON bucket_transitions;
SELECT entered, "left" FROM hogsend_reconcile();
DROP OWNED BY regress_hogsend_admin;
DROP ROLE regress_hogsend_admin;
