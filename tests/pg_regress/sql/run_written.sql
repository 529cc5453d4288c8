-- Runs are written with all that the user has made of the tables: triggers, columns, rules of his own.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE VIEW runs AS
    SELECT id, user_id, journey_id, entry_count AS n, status, step, label, since, ended_at, reason FROM journey_runs ORDER BY id;
CREATE VIEW news AS
    SELECT id, user_id, event, entry_count AS n, reason, source, label, timed_out, effective_at FROM bucket_transitions ORDER BY id;
CREATE FUNCTION did(users text, event text, properties jsonb DEFAULT '{}') RETURNS void LANGUAGE sql BEGIN ATOMIC
    INSERT INTO user_events (user_id, event, properties, occurred_at)
    SELECT u, event, properties, current_setting('hogsend.now')::timestamptz FROM unnest(string_to_array(users, ',')) u;
END;
SELECT hogsend_define_journey('winback', '{lapsed}', '{bought}');
CREATE TABLE log (what text);
CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.log VALUES (format('%s %s %s', TG_TABLE_NAME, TG_OP, NEW.user_id));
    RETURN NEW;
END $$;
CREATE TRIGGER log AFTER INSERT OR UPDATE ON journey_runs FOR EACH ROW EXECUTE FUNCTION log();
CREATE TRIGGER log AFTER INSERT ON bucket_transitions FOR EACH ROW EXECUTE FUNCTION log();
SELECT did('u1', 'lapsed');
SELECT hogsend_wait_for(1, 'called', '1 day', 'w');
SELECT did('u1', 'called');
SELECT hogsend_checkpoint(1, 'c'), hogsend_sleep(1, '1 day', 's');
SELECT did('u1', 'bought');
SELECT what, count(*) FROM log GROUP BY 1 ORDER BY 1;
SELECT * FROM runs;
SELECT id, event FROM news;
DROP TRIGGER log ON journey_runs;
DROP TRIGGER log ON bucket_transitions;
-- A column with a default, and one that Postgres makes.
ALTER TABLE journey_runs ADD COLUMN region text DEFAULT 'eu', ADD COLUMN long_label text GENERATED ALWAYS AS (journey_id || ' ' || label) STORED;
SELECT did('u1', 'lapsed');
SELECT hogsend_sleep(2, '1 day', 'zzz');
SELECT region, long_label FROM journey_runs ORDER BY id;
-- A trigger that keeps a run from beginning keeps it from being told.
CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER keep_out BEFORE INSERT ON journey_runs FOR EACH ROW WHEN (NEW.user_id = 'banned') EXECUTE FUNCTION keep_out();
SELECT did('banned', 'lapsed');
SELECT did('banned,fine', 'lapsed');
SELECT id, user_id FROM runs WHERE id > 2;
SELECT count(*) FROM news WHERE user_id = 'banned';
-- A run that was made by hand is in the way of none that begins.
DROP TRIGGER keep_out ON journey_runs;
ALTER TABLE journey_runs DROP COLUMN region, DROP COLUMN long_label;
INSERT INTO journey_runs (user_id, journey_id, entry_count, status, started_at, since) VALUES ('odd', 'winback', 7, 'active', '2026-01-01', '2026-01-01');
SELECT did('odd', 'lapsed');
SELECT user_id, n, status, step FROM runs WHERE user_id = 'odd';
SELECT did('odd', 'bought');
SELECT user_id, n, status, step FROM runs WHERE user_id = 'odd';
SELECT event, n FROM news WHERE user_id = 'odd';
