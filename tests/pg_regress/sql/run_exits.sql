-- What ends a run from outside: any event or transition of exits_on, whatever the run was about.
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
SELECT hogsend_define_bucket('pro', hogsend_property('plan', 'eq', 'pro'));
SELECT hogsend_define_journey('winback', '{lapsed}', '{bought,closed,bucket:entered:pro}');
SELECT did('u1,u2,u3,u4', 'lapsed');
SELECT hogsend_wait_for(1, 'called', '2 days', 'call'), hogsend_sleep(2, '2 days', 'nap'), hogsend_checkpoint(3, 'mail');
SET hogsend.now = '2026-01-01 13:00+00';
-- One that waits, one that sleeps, one that is in its runner's hands.
SELECT did('u1,u2,u3', 'bought', '{"amount": 5}');
SELECT * FROM runs;
SELECT * FROM news WHERE event LIKE '%exited%';
SELECT event_id, event_properties, idempotency_key FROM bucket_transitions WHERE transition = 'exited';
-- Nothing of the wait is left.
SELECT wait_event, wait_until, labels FROM journey_runs WHERE ended_at IS NOT NULL;
SELECT * FROM bucket_timers;
-- By a transition.
INSERT INTO contacts (user_id, properties) VALUES ('u4', '{"plan": "pro"}') ON CONFLICT (user_id) DO UPDATE SET properties = excluded.properties;
SELECT * FROM news ORDER BY id DESC LIMIT 2;
-- A run that has ended never comes back.
SELECT hogsend_complete(1), hogsend_fail(1, 'no'), hogsend_sleep(1, '1 day', 'x'), hogsend_sleep_until(1, '2027-01-01', 'x'), hogsend_wait_for(1, 'x', '1 day', 'x'), hogsend_checkpoint(1, 'x');
SELECT did('u1', 'bought');
SELECT status, label, reason FROM runs WHERE id = 1;
SELECT waits_for FROM journeys;
-- Nor does an exit of nothing do anything, or of one who is nobody yet.
SELECT did('u9', 'bought');
SELECT count(*) FROM runs WHERE user_id = 'u9';
-- Of start and exit in one statement the exit wins: nothing begins, in whatever order they stand.
INSERT INTO user_events (user_id, event) VALUES ('u5', 'lapsed'), ('u5', 'bought'), ('u6', 'closed'), ('u6', 'lapsed');
SELECT count(*) FROM runs WHERE user_id IN ('u5', 'u6');
-- Of exit and start of one who is under way too: the run ends, and none begins.
SELECT did('u5', 'lapsed');
INSERT INTO user_events (user_id, event) VALUES ('u5', 'bought'), ('u5', 'lapsed');
SELECT user_id, n, status FROM runs WHERE user_id = 'u5';
SELECT did('u5', 'lapsed');
SELECT user_id, n, status FROM runs WHERE user_id = 'u5';
-- Of wait and exit in one statement the exit wins, with one row.
SELECT hogsend_wait_for(id, 'called', '2 days', 'call') FROM runs WHERE user_id = 'u5' AND n = 2;
INSERT INTO user_events (user_id, event) VALUES ('u5', 'called'), ('u5', 'closed');
SELECT user_id, event, reason, label FROM news WHERE user_id = 'u5' ORDER BY id DESC LIMIT 2;
-- What it waits for can be what ends it.
SELECT did('u5', 'lapsed');
SELECT hogsend_wait_for(id, 'closed', '2 days', 'call') FROM runs WHERE user_id = 'u5' AND n = 3;
SELECT did('u5', 'closed');
SELECT user_id, event, reason, label, timed_out FROM news WHERE user_id = 'u5' ORDER BY id DESC LIMIT 1;
