-- A setting that cannot be meant is refused when it is set, not when it is used.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_nobody;
CREATE ROLE regress_hogsend_nobody;
CREATE EXTENSION hogsend;
SET hogsend.notify = 'loud';
SET hogsend.evaluate = 'maybe';
SET hogsend.install = 'some';
SET hogsend.now = 'tea time';
SET hogsend.now = '2026-02-30 12:00+00';
SET hogsend.inline_backfill = 'many';
SET hogsend.inline_backfill = -1;
SHOW hogsend.inline_backfill;
SHOW hogsend.now;
SHOW hogsend.notify;
SHOW hogsend.evaluate;
SET hogsend.notify = 'WAKE';
SET hogsend.notify = off;
SET hogsend.now = '2026-01-01 12:00+00';
SET hogsend.now = '';
-- The clock decides who is a member: only superusers set it.
SET ROLE regress_hogsend_nobody;
SET hogsend.now = '2026-01-01 12:00+00';
SET hogsend.evaluate = off;
SET hogsend.notify = wake;
RESET ROLE;
DROP ROLE regress_hogsend_nobody;
-- An error inside of a function does not leave the setting half set.
SET hogsend.now = '2026-01-01 12:00+00';
DO $$ BEGIN PERFORM set_config('hogsend.now', 'never', false); EXCEPTION WHEN OTHERS THEN RAISE WARNING '%', SQLSTATE; END $$;
SHOW hogsend.now;
