-- hogsend.now is read once, when it is set, in the zone of that moment; from then on it is an instant.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened', within => '1 day'));
-- What the text says, what evaluates, and what the views read.
CREATE VIEW present AS
SELECT current_setting('hogsend.now') AS said, extract(epoch FROM hogsend_now())::bigint AS epoch,
       (SELECT extract(epoch FROM e.flips_at)::bigint - 86400 FROM hogsend_explain('active', 'u') e LIMIT 1) AS evaluated;
CREATE FUNCTION opened_now() RETURNS void LANGUAGE sql AS $$
    DELETE FROM user_events; INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u', 'app.opened', hogsend_now()) $$;
SET timezone = 'America/New_York';
SET hogsend.now = '2026-01-01 12:00';
SELECT opened_now();
SELECT * FROM present;
SET timezone = 'Asia/Tokyo';
SELECT * FROM present;
SET datestyle = 'SQL, DMY';
SELECT * FROM present;
-- An abbreviation, and then another set of them.
SET hogsend.now = '2026-01-01 12:00 AST';
SHOW hogsend.now;
SET timezone_abbreviations = 'Australia';
SHOW hogsend.now;
RESET timezone_abbreviations;
-- Day and month in the order of that moment.
SET timezone = 'UTC';
SET hogsend.now = '02/03/2026 12:00';
SHOW hogsend.now;
SET datestyle = 'ISO, YMD';
SHOW hogsend.now;
SELECT opened_now();
SELECT * FROM present;
-- What moves is caught.
SET hogsend.now = 'now';
SELECT current_setting('hogsend.now')::timestamptz < now() AS was_now, hogsend_now() = current_setting('hogsend.now')::timestamptz AS is_still;
-- Set back by whatever sets settings back, while the zone is another.
SET hogsend.now = '2026-01-01 12:00';
SET timezone = 'Asia/Tokyo';
BEGIN;
SET LOCAL hogsend.now = '2026-02-02 12:00';
SHOW hogsend.now;
SAVEPOINT s;
SET LOCAL hogsend.now = '2026-03-03 12:00';
SHOW hogsend.now;
ROLLBACK TO s;
SELECT current_setting('hogsend.now') AS said, hogsend_now() AT TIME ZONE 'UTC' AS is;
COMMIT;
SELECT current_setting('hogsend.now') AS said, hogsend_now() AT TIME ZONE 'UTC' AS is;
BEGIN;
SET hogsend.now = '2026-04-04 12:00';
ROLLBACK;
SELECT current_setting('hogsend.now') AS said, hogsend_now() AT TIME ZONE 'UTC' AS is;
CREATE FUNCTION in_may() RETURNS text LANGUAGE plpgsql SET hogsend.now = '2026-05-05 12:00' AS $$
    BEGIN RETURN format('%s %s', current_setting('hogsend.now'), hogsend_now() AT TIME ZONE 'UTC'); END $$;
SELECT in_may();
SET timezone = 'UTC';
SELECT in_may();
SELECT current_setting('hogsend.now') AS said, hogsend_now() AT TIME ZONE 'UTC' AS is;
RESET hogsend.now;
SELECT current_setting('hogsend.now') AS said, hogsend_now() BETWEEN now() AND clock_timestamp() AS is_real;
-- Of a role, of a database and of a connection: read when the extension is loaded.
SELECT format('ALTER DATABASE %I SET hogsend.now = ''2026-06-06 12:00''', current_database()) \gexec
SELECT format('ALTER DATABASE %I SET timezone = ''Asia/Tokyo''', current_database()) \gexec
\c -
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
SELECT opened_now();
SET timezone = 'UTC';
SELECT current_setting('hogsend.now') AS said, hogsend_now() AT TIME ZONE 'UTC' AS is;
SET hogsend.now = '2026-07-07 12:00';
RESET hogsend.now;
SELECT current_setting('hogsend.now') AS said, hogsend_now() AT TIME ZONE 'UTC' AS is;
SELECT format('ALTER DATABASE %I RESET hogsend.now', current_database()) \gexec
SELECT format('ALTER DATABASE %I RESET timezone', current_database()) \gexec
\c -reuse-previous=on "options='-c hogsend.now=2026-08-08T12:00'"
SET timezone = 'Asia/Tokyo';
SET datestyle = 'ISO, YMD';
SELECT opened_now();
SET timezone = 'UTC';
SELECT current_setting('hogsend.now') AS said, hogsend_now() AT TIME ZONE 'UTC' AS is;
-- What is no timestamp is left out with a warning, and the session goes on by the real clock.
\c -reuse-previous=on "options='-c hogsend.now=never'"
SELECT count(*) FROM hogsend_reconcile();
SHOW hogsend.now;
SELECT hogsend_now() BETWEEN now() AND clock_timestamp() AS is_real;
-- Years before the first, and the ends of time.
SET timezone = 'UTC';
SET hogsend.now = '0044-03-15 12:00 BC';
SHOW hogsend.now;
SELECT to_char(hogsend_now(), 'YYYY-MM-DD HH24:MI BC');
SET hogsend.now = '294276-12-31 23:59:59.999999';
SHOW hogsend.now;
SET hogsend.now = '-infinity';
SHOW hogsend.now;
SELECT hogsend_now();
