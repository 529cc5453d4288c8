-- A journey that is no more ends its runs, and tells their runners.
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
SELECT hogsend_define_journey('winback', '{lapsed}'), hogsend_define_journey('other', '{lapsed}'), hogsend_define_journey('third', '{lapsed}');
SELECT did('u1,u2', 'lapsed');
SELECT hogsend_wait_for(id, 'called', '2 days', 'call') FROM runs WHERE user_id = 'u1';
SET hogsend.now = '2026-01-01 13:00+00';
DELETE FROM journeys WHERE id = 'winback';
SELECT * FROM runs ORDER BY journey_id, user_id;
SELECT * FROM news WHERE event LIKE '%exited%';
SELECT run_id, event_id, event_properties, idempotency_key FROM bucket_transitions WHERE transition = 'exited';
SELECT user_id, bucket_id FROM bucket_timers;
SELECT hogsend_complete(id) FROM runs WHERE journey_id = 'winback';
SELECT did('u1,u3', 'lapsed');
SELECT count(*) FROM runs WHERE journey_id = 'winback';
-- Defined anew it begins anew; what its runs waited for is forgotten, and learned again.
SELECT hogsend_define_journey('winback', '{lapsed}');
SELECT did('u1', 'lapsed');
SELECT user_id, n, status FROM runs WHERE journey_id = 'winback' ORDER BY id;
SELECT hogsend_wait_for(max(id), 'called', '2 days', 'call') FROM runs WHERE journey_id = 'winback';
SELECT did('u1', 'called');
SELECT user_id, n, status FROM runs WHERE journey_id = 'winback' ORDER BY id DESC LIMIT 1;
-- In silence: they end all the same.
SET hogsend.announce = off;
DELETE FROM journeys WHERE id = 'other';
RESET hogsend.announce;
SELECT user_id, status, reason FROM runs WHERE journey_id = 'other' ORDER BY id;
SELECT count(*) FROM news WHERE event LIKE '%exited:other';
SELECT user_id, bucket_id FROM bucket_timers;
-- All of them; of many users, and whatever happens to the statement.
INSERT INTO user_events (user_id, event) SELECT 'm' || n, 'lapsed' FROM generate_series(1, 1500) n;
BEGIN;
TRUNCATE journeys;
SELECT count(*) FROM runs WHERE ended_at IS NULL;
ROLLBACK;
SELECT journey_id, count(*) FROM runs WHERE ended_at IS NULL GROUP BY 1 ORDER BY 1;
SELECT did('late', 'lapsed');
TRUNCATE journeys;
SELECT journey_id, status, reason, count(*) FROM runs GROUP BY 1, 2, 3 ORDER BY 1, 2, 3;
SELECT count(*) FROM news WHERE reason = 'journeyDeleted';
SELECT count(*) FROM bucket_timers;
SELECT did('u1', 'lapsed');
SELECT count(*) FROM runs WHERE ended_at IS NULL;
