-- A sleep ends when its time is up, and by nothing else that happens to go on.
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
SELECT did('u1,u2,u3', 'lapsed');
SELECT hogsend_sleep(1, '36 hours', 'nap', '{"a": 1}'), hogsend_sleep_until(2, '2026-01-05 08:00+02', 'monday'), hogsend_sleep_until(3, '2025-01-01', 'over');
SELECT id, status, label, state, wait_event, wait_until FROM journey_runs ORDER BY id;
SELECT did('u1', 'lapsed');
SELECT rearmed FROM hogsend_reconcile();
SELECT * FROM runs;
SELECT * FROM news WHERE event LIKE '%resumed%';
SET hogsend.now = '2026-01-06 12:00+00';
SELECT rearmed FROM hogsend_reconcile();
SELECT * FROM news WHERE event LIKE '%resumed%';
SELECT id, label, state, labels FROM journey_runs ORDER BY id;
-- From a wait to a sleep: nothing of the wait is left.
SELECT hogsend_wait_for(1, 'called', '1 day', 'w', hogsend_property('a', 'eq', 1)), hogsend_sleep(1, '2 days', 's');
SELECT wait_event, wait_filter, wait_until FROM journey_runs WHERE id = 1;
SELECT did('u1', 'called', '{"a": 1}');
SELECT status, label FROM runs WHERE id = 1;
-- A checkpoint says where the run is, and changes nothing about what it waits for.
SELECT hogsend_checkpoint(1, 'dreaming', '{"deep": true}');
SELECT status, label, state, since, wait_until FROM journey_runs WHERE id = 1;
SELECT count(*) FROM news WHERE user_id = 'u1';
SET hogsend.now = '2026-01-08 12:00+00';
SELECT rearmed FROM hogsend_reconcile();
SELECT event, label, timed_out FROM news ORDER BY id DESC LIMIT 1;
-- To its end, and to one that it did not have in mind.
SELECT hogsend_complete(1), hogsend_fail(2, 'address unknown');
SELECT id, status, ended_at, label, error, reason FROM journey_runs ORDER BY id;
SELECT count(*) FROM news WHERE id > (SELECT max(id) FROM news WHERE label = 'dreaming');
SELECT * FROM bucket_timers;
-- A run may end while it waits.
SELECT hogsend_sleep(3, '1 day', 'last'), hogsend_complete(3);
SELECT id, status, wait_until FROM journey_runs WHERE id = 3;
SELECT * FROM bucket_timers;
