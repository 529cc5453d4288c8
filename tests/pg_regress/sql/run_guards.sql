-- A step is answered once: whoever names it and comes too late is told so, and changes nothing.
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
SELECT did('u1', 'lapsed');
-- Another number than that of its last step: false.
SELECT hogsend_sleep(1, '1 day', 'x', step => 2), hogsend_sleep_until(1, '2027-01-01', 'x', step => 0), hogsend_wait_for(1, 'y', '1 day', 'x', step => -1),
       hogsend_checkpoint(1, 'x', step => 2), hogsend_complete(1, step => 2), hogsend_fail(1, 'no', step => 2);
SELECT status, label, step, waits_for FROM runs, journeys;
-- A checkpoint does not answer it.
SELECT hogsend_checkpoint(1, 'mailed', step => 1), hogsend_checkpoint(1, 'mailed again', step => 1), hogsend_wait_for(1, 'called', '1 day', 'wait', step => 1);
-- Somebody else is late with the same batch.
SELECT hogsend_checkpoint(1, 'late', step => 1), hogsend_wait_for(1, 'called', '5 days', 'late', step => 1), hogsend_sleep(1, '5 days', 'late', step => 1), hogsend_complete(1, step => 1), hogsend_fail(1, 'late', step => 1);
SELECT status, label, wait_until FROM journey_runs;
-- Who names no step may let it wait anew.
SELECT hogsend_wait_for(1, 'called', '2 days', 'wait');
SELECT status, label, wait_until FROM journey_runs;
-- The next step has a number of its own, and the last is over.
SELECT did('u1', 'called');
SELECT step, step_id FROM journey_runs;
SELECT hogsend_complete(1, step => 1), hogsend_sleep(1, '1 day', 'nap', step => 2);
-- An exit comes first.
SELECT did('u1', 'bought');
SELECT hogsend_complete(1, step => 2), hogsend_complete(1, step => 3), hogsend_complete(1);
SELECT status, reason FROM runs;
-- Rolled back, it has not been said.
SELECT did('u1', 'lapsed');
BEGIN;
SELECT hogsend_complete(2, step => 4);
ROLLBACK;
BEGIN;
SAVEPOINT s;
SELECT hogsend_sleep(2, '1 day', 'x', step => 4);
ROLLBACK TO s;
SELECT hogsend_wait_for(2, 'called', '1 day', 'y', step => 4);
COMMIT;
SELECT id, status, label FROM runs;
SELECT bucket_id, due_at FROM bucket_timers;
