-- What becomes of runs when two ids are one person: they go on as the user's, and of two that are live the older does.
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
SELECT hogsend_define_journey('a', '{lapsed}', '{bought}');
SELECT hogsend_define_journey('b', '{signup}', entry_limit => 'once');
SELECT did('v1', 'lapsed'), did('v1', 'signup');
SELECT hogsend_wait_for(1, 'called', '2 days', 'call', state => '{"x": 1}');
-- The alias's alone: it goes on as the user's, with its wait, its label and its step.
SELECT hogsend_identify('v1', 'u1');
SELECT id, user_id, journey_id, entry_count, status, step_id, label, state, wait_event, wait_until FROM journey_runs ORDER BY id;
SELECT user_id, bucket_id, due_at FROM bucket_timers;
SELECT user_id, event FROM news;
SELECT did('v1', 'called');
SELECT * FROM runs;
SELECT user_id, event, reason, label FROM news ORDER BY id DESC LIMIT 1;
SELECT idempotency_key FROM bucket_transitions ORDER BY id DESC LIMIT 1;
-- A step that was told under the other name is answered by the number of the run, as ever.
SELECT hogsend_complete(2, step => 2);
-- Both histories count under the limit.
SELECT did('u1', 'signup');
SELECT count(*) FROM runs WHERE journey_id = 'b';
-- Two live ones: the older stays, and the younger ends without a word.
SET hogsend.now = '2026-01-01 13:00+00';
SELECT did('v2', 'lapsed');
SET hogsend.now = '2026-01-01 14:00+00';
SELECT did('u2', 'lapsed');
SELECT hogsend_sleep(id, '5 hours', 'nap') FROM runs WHERE user_id = 'u2';
SELECT hogsend_sleep(id, '2 hours', 'nap') FROM runs WHERE user_id = 'v2';
SELECT hogsend_identify('v2', 'u2');
SELECT id, user_id, n, status, label, reason FROM runs WHERE user_id = 'u2' ORDER BY n;
SELECT user_id, bucket_id, due_at FROM bucket_timers WHERE user_id = 'u2';
SELECT labels FROM journey_runs WHERE user_id = 'u2' AND status = 'exited';
SELECT count(*) FROM news WHERE event LIKE '%exited%';
SET hogsend.now = '2026-01-01 16:30+00';
SELECT rearmed FROM hogsend_reconcile();
SELECT user_id, event, n, effective_at FROM news ORDER BY id DESC LIMIT 1;
-- The user's own is the older.
SELECT did('u3', 'lapsed');
SET hogsend.now = '2026-01-01 17:00+00';
SELECT did('v3', 'lapsed');
SELECT hogsend_wait_for(id, 'called', '1 day', 'w') FROM runs WHERE user_id = 'v3';
SELECT hogsend_identify('v3', 'u3');
SELECT id, user_id, n, status, label, reason FROM runs WHERE user_id = 'u3' ORDER BY n;
SELECT wait_event, wait_until FROM journey_runs WHERE user_id = 'u3' AND status = 'exited';
SELECT count(*) FROM bucket_timers WHERE user_id = 'u3';
-- Histories: what is live stands last, and the next run is numbered after all.
SELECT did('v4', 'lapsed'), did('u4', 'lapsed');
SELECT hogsend_complete(id) FROM runs WHERE user_id IN ('v4', 'u4');
SELECT did('v4', 'lapsed'), did('u4', 'lapsed');
SELECT hogsend_fail(id, 'x') FROM runs WHERE user_id = 'v4' AND n = 2;
SELECT did('v4', 'lapsed');
SELECT hogsend_complete(id) FROM runs WHERE user_id = 'v4' AND n = 3;
SELECT hogsend_identify('v4', 'u4');
SELECT id, user_id, n, status FROM runs WHERE user_id = 'u4' ORDER BY n;
SELECT hogsend_complete(id) FROM runs WHERE user_id = 'u4' AND status = 'active';
SELECT did('v4', 'lapsed');
SELECT id, user_id, n, status FROM runs WHERE user_id = 'u4' ORDER BY n DESC LIMIT 1;
SELECT count(*), count(DISTINCT idempotency_key) FROM bucket_transitions;
-- Several at once; and one who is deleted, of whom nothing goes on.
SELECT did('v5,v6,u5,v7', 'lapsed');
UPDATE contacts SET deleted_at = '2026-01-01 17:00+00' WHERE user_id = 'u5';
INSERT INTO contacts (user_id) VALUES ('u7');
UPDATE contacts SET deleted_at = '2026-01-01 17:00+00' WHERE user_id = 'u7';
SELECT hogsend_identify('{v5,v6,v7}'::text[], '{u6,u6,u7}'::text[]);
SELECT user_id, n, status, reason FROM runs WHERE user_id IN ('u6', 'u7') ORDER BY user_id, n;
SELECT count(*) FROM runs WHERE user_id LIKE 'v%';
