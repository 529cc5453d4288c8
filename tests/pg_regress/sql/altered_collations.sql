-- A column of ours under whose collation different texts are equal: an error, as for a column of another type
-- (altered_types).
-- Some servers are built without ICU, and then there is nothing to see.
SELECT NOT EXISTS (SELECT FROM pg_collation WHERE collname = 'en-x-icu') AS has_no_icu \gset
\if :has_no_icu
\quit
\endif
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-02 12:00+00';
SELECT hogsend_define_bucket('active', hogsend_event('app.opened', within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('1', 'app.opened', '2026-01-01 12:00+00');
CREATE FUNCTION attempt(alteration text, statement text DEFAULT $$INSERT INTO user_events (user_id, event, occurred_at) VALUES ('3', 'app.opened', '2026-01-01 12:00+00')$$)
RETURNS TABLE (code text, message text, detail text, hint text) LANGUAGE plpgsql AS $attempt$
BEGIN
    EXECUTE alteration;
    BEGIN
        EXECUTE statement;
        code := 'none';
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    END;
    RETURN NEXT;
    SELECT h.detail INTO detail FROM hogsend_health() h WHERE h."check" = 'unfit columns' AND NOT h.ok;
    code := 'health'; message := NULL; hint := NULL;
    RETURN NEXT;
END $attempt$;
\x on
CREATE COLLATION ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
BEGIN; SELECT * FROM attempt('ALTER TABLE user_events ALTER event TYPE text COLLATE ci'); ROLLBACK;
BEGIN; DROP VIEW bucket_members, bucket_stats; SELECT * FROM attempt('ALTER TABLE contacts ALTER user_id TYPE text COLLATE ci'); ROLLBACK;
