-- Our statements are planned to find rows by index, and that is nobody else's business: a trigger of the
-- user's on our tables sees the planner's settings as they are, and what it sets is put back by the end of
-- its transaction and by nobody before.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('buyers', hogsend_event('buy', within => '7 days'));
SET jit = on;
CREATE TABLE seen (place text, tablename name, settings text);
CREATE FUNCTION settings() RETURNS text LANGUAGE sql SET search_path FROM CURRENT AS $$
    SELECT concat_ws(' ', 'seqscan', current_setting('enable_seqscan'), 'bitmapscan', current_setting('enable_bitmapscan'), 'jit', current_setting('jit'))
$$;
CREATE FUNCTION look() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    INSERT INTO seen VALUES (TG_ARGV[0], TG_TABLE_NAME, settings());
    IF TG_ARGV[0] = 'sets' THEN
        SET LOCAL enable_seqscan = on;
        SET LOCAL enable_bitmapscan = on;
        SET LOCAL jit = on;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER look AFTER INSERT ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION look('looks');
CREATE TRIGGER look AFTER INSERT ON bucket_transitions FOR EACH STATEMENT EXECUTE FUNCTION look('looks');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'buy', '2026-01-20 11:00+00');
-- Several rows are read from a transition table, by a statement that is planned each time.
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u2', 'buy', '2026-01-20 11:00+00'), ('u3', 'buy', '2026-01-20 11:00+00');
TABLE seen;
-- What it sets holds until the end of the transaction.
TRUNCATE seen;
DROP TRIGGER look ON bucket_memberships;
DROP TRIGGER look ON bucket_transitions;
CREATE TRIGGER look AFTER INSERT ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION look('sets');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u4', 'buy', '2026-01-20 11:00+00');
SELECT settings();
SET enable_seqscan = off;
BEGIN;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u5', 'buy', '2026-01-20 11:00+00');
SELECT settings();
COMMIT;
SELECT settings();
RESET enable_seqscan;
SELECT settings();
TABLE seen;
-- So does one that the clock fires when it prunes.
DROP TRIGGER look ON bucket_memberships;
TRUNCATE seen;
CREATE TRIGGER look AFTER DELETE ON bucket_transitions FOR EACH STATEMENT EXECUTE FUNCTION look('looks');
SET hogsend.now = '2026-01-21 12:00+00';
SET hogsend.retention = '1h';
SELECT FROM hogsend_reconcile();
TABLE seen;
SELECT count(*) FROM bucket_transitions;
RESET hogsend.retention;
SET hogsend.now = '2026-01-20 12:00+00';
DROP TRIGGER look ON bucket_transitions;
-- However plans are chosen, and when the kept ones are no longer valid: ours find rows by index.
CREATE VIEW scans AS
SELECT coalesce(sum(seq_scan), 0) AS scans FROM pg_stat_xact_user_tables
WHERE relname IN ('contacts', 'user_events', 'bucket_memberships', 'bucket_timers', 'bucket_transitions');
ANALYZE;
BEGIN;
SELECT scans AS before FROM scans \gset
CREATE FUNCTION alter_tables() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ANALYZE %I.bucket_memberships, %1$I.bucket_transitions, %1$I.bucket_timers', TG_TABLE_SCHEMA);
    RETURN NEW;
END $$;
CREATE TRIGGER alter_tables BEFORE UPDATE ON bucket_timers FOR EACH ROW EXECUTE FUNCTION alter_tables();
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'buy', '2026-01-20 11:10+00');
SET LOCAL plan_cache_mode = force_custom_plan;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'buy', '2026-01-20 11:20+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u2', 'buy', '2026-01-20 11:20+00'), ('u3', 'buy', '2026-01-20 11:20+00');
SELECT scans - :before AS read_from_end_to_end FROM scans;
COMMIT;
