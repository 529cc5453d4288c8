-- A column of ours that was given another type or collation: an error that says which and what to do,
-- at the statement, in hogsend_health() and in hogsend_migrate(); never a value that is misread.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-02 12:00+00';
SELECT hogsend_define_bucket('active', hogsend_event('app.opened', within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('1', 'app.opened', '2026-01-01 12:00+00');
-- What an ORM does.
ALTER TABLE user_events ALTER user_id TYPE bigint USING user_id::bigint;
INSERT INTO user_events (user_id, event, occurred_at) VALUES (2, 'app.opened', '2026-01-01 12:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES (2, 'other', '2026-01-01 12:00+00');
DELETE FROM user_events;
SELECT hogsend_ingest('2', 'app.opened');
SELECT remaining FROM hogsend_reconcile();
SELECT hogsend_matches('active', '1');
SELECT ok, detail FROM hogsend_health() WHERE "check" IN ('unfit columns', 'failed jobs');
SELECT hogsend_migrate();
SELECT count(*) AS contacts FROM contacts;
-- What the hint says works.
ALTER TABLE public.user_events ALTER COLUMN user_id TYPE text USING user_id::text;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('2', 'app.opened', '2026-01-01 12:00+00');
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'unfit columns';
SELECT user_id FROM bucket_members ORDER BY 1;
-- Each in turn, at the statement that reads it.
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
BEGIN; SELECT * FROM attempt('ALTER TABLE user_events ALTER occurred_at TYPE timestamp'); ROLLBACK;
BEGIN; SELECT * FROM attempt('ALTER TABLE user_events ALTER event TYPE char(10)'); ROLLBACK;
BEGIN; SELECT * FROM attempt('ALTER TABLE user_events ALTER event TYPE name'); ROLLBACK;
BEGIN; SELECT * FROM attempt('ALTER TABLE user_events ALTER contact_properties TYPE json'); ROLLBACK;
BEGIN; SELECT * FROM attempt('ALTER TABLE user_events DROP event'); ROLLBACK;
BEGIN; SELECT * FROM attempt('ALTER TABLE user_events RENAME occurred_at TO at', $$INSERT INTO user_events (user_id, event) VALUES ('3', 'app.opened')$$); ROLLBACK;
BEGIN; SELECT * FROM attempt('ALTER TABLE user_events ALTER user_id TYPE text COLLATE "C"'); ROLLBACK;
BEGIN; DROP VIEW bucket_members, bucket_stats; SELECT * FROM attempt('ALTER TABLE contacts ALTER properties TYPE text, DROP CONSTRAINT contacts_properties_object'); ROLLBACK;
BEGIN; SELECT * FROM attempt('DROP VIEW bucket_stats, bucket_forecast; ALTER TABLE bucket_timers ALTER due_at TYPE date'); ROLLBACK;
BEGIN; SELECT * FROM attempt('DROP VIEW bucket_members, bucket_stats CASCADE; ALTER TABLE bucket_memberships ALTER entry_count TYPE bigint'); ROLLBACK;
BEGIN; SELECT * FROM attempt('DROP VIEW bucket_lag, bucket_daily; ALTER TABLE bucket_transitions ALTER user_id TYPE bigint USING 1'); ROLLBACK;
BEGIN; SELECT * FROM attempt('DROP VIEW bucket_stats; DROP INDEX bucket_jobs_open; ALTER TABLE bucket_jobs DROP CONSTRAINT bucket_jobs_status_check, ALTER status DROP DEFAULT, ALTER status TYPE "char"'); ROLLBACK;
-- What is not evaluated does not keep an event from being stored.
BEGIN; SELECT * FROM attempt('ALTER TABLE user_events DROP user_email'); ROLLBACK;
BEGIN; SELECT * FROM attempt('ALTER TABLE user_events DROP user_email', $$SELECT hogsend_ingest('3', 'app.opened')$$); ROLLBACK;
BEGIN; SELECT * FROM attempt('ALTER TABLE user_events DROP value', $$SELECT hogsend_ingest('3', 'app.opened')$$); ROLLBACK;
BEGIN; SELECT * FROM attempt('DROP VIEW bucket_lag; ALTER TABLE bucket_consumers ALTER shards TYPE text'); ROLLBACK;
BEGIN; SELECT * FROM attempt('DROP VIEW bucket_lag; ALTER TABLE bucket_consumers ALTER shards TYPE text', $$SELECT hogsend_subscribe('mailer')$$); ROLLBACK;
\x off
-- Where it costs nothing to be right, it is right.
CREATE DOMAIN user_key AS text CHECK (VALUE <> '');
CREATE DOMAIN name_key AS varchar(40);
ALTER TABLE user_events ALTER user_id TYPE user_key, ALTER event TYPE name_key, ALTER occurred_at TYPE timestamptz(3);
DROP VIEW bucket_members, bucket_stats, bucket_daily, bucket_forecast, bucket_lag;
ALTER TABLE contacts ALTER user_id TYPE varchar(64), ALTER email TYPE varchar;
ALTER TABLE bucket_memberships ALTER user_id TYPE varchar, ALTER bucket_id TYPE varchar(64), ALTER status TYPE varchar(10);
ALTER TABLE bucket_timers ALTER user_id TYPE varchar, ALTER bucket_id TYPE user_key;
ALTER TABLE bucket_transitions ALTER user_id TYPE varchar, ALTER event TYPE varchar(100), ALTER reason TYPE varchar;
ALTER TABLE buckets ALTER id TYPE varchar(64), ALTER kind TYPE varchar(10);
SELECT hogsend_migrate();
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'unfit columns';
-- (plpgsql keeps the types of a row that it has seen.)
\c -
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET hogsend.now = '2026-01-02 12:00+00';
SELECT hogsend_subscribe('runner');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('4', 'app.opened', '2026-01-01 12:00+00'), ('5', 'app.opened', '2025-12-27 12:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('4', 'app.opened', '2026-01-01 13:00+00');
SELECT user_id, entry_count FROM hogsend_members('active');
SELECT hogsend_has('active', '4');
SET hogsend.now = '2026-01-04 12:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT transition, user_id, reason FROM hogsend_poll('runner');
SELECT * FROM hogsend_verify('active');
SELECT hogsend_define_bucket('inactive', hogsend_event('app.opened', never => true, within => '7 days'));
SELECT hogsend_forget_user('4');
SELECT user_id FROM bucket_members WHERE bucket_id = 'active' ORDER BY 1;
