-- The system's clock was ahead and is set right: what runs wait for counts from where it was found out.
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
SELECT hogsend_define_journey('winback', '{lapsed}'), hogsend_define_journey('rarely', '{lapsed}', entry_limit => 'once_per_period', entry_period => '1 day');
SELECT did('u1', 'lapsed');
SELECT hogsend_sleep(1, '5 days', 'nap');
SELECT rearmed FROM hogsend_reconcile();
-- A year ahead, runs begin, wait, and end.
SET hogsend.now = '2027-01-01 12:00+00';
SELECT rearmed FROM hogsend_reconcile();
SELECT did('u2', 'lapsed');
SELECT hogsend_wait_for(id, 'called', '2 days', 'call') FROM runs WHERE user_id = 'u2' AND journey_id = 'winback';
SELECT hogsend_complete(id) FROM runs WHERE user_id = 'u2' AND journey_id = 'rarely';
SELECT hogsend_sleep(id, '2 days', 'again') FROM runs WHERE user_id = 'u1' AND journey_id = 'winback';
SET hogsend.now = '2026-01-01 12:10+00';
SELECT rearmed, remaining FROM hogsend_reconcile();
SELECT user_id, journey_id, status, started_at, since, wait_until, ended_at FROM journey_runs ORDER BY id;
SELECT user_id, bucket_id, due_at FROM bucket_timers ORDER BY 1, 2;
-- It goes on as if it had been now.
SET hogsend.now = '2026-01-03 12:10+00';
SELECT rearmed, remaining FROM hogsend_reconcile();
SELECT user_id, event, label, timed_out, effective_at FROM news ORDER BY id DESC LIMIT 2;
SELECT did('u2', 'lapsed');
SELECT user_id, journey_id, n, status FROM runs WHERE user_id = 'u2' ORDER BY id;
