-- A wait ends by the first event of its name, or when its time is up; then its runner has the next word.
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
SELECT hogsend_define_journey('winback', '{lapsed}');
SELECT did('u1,u2', 'lapsed');
SELECT hogsend_wait_for(1, 'bought', '2 days', 'first', state => '{"mails": 1}'), hogsend_wait_for(2, 'bought', '2 days', 'first');
SELECT status, label, state, wait_event, wait_filter, wait_until, step FROM journey_runs ORDER BY id;
SELECT * FROM bucket_timers ORDER BY user_id;
-- What it does not wait for does nothing.
SELECT did('u1', 'looked');
SELECT * FROM runs;
SET hogsend.now = '2026-01-02 12:00+00';
INSERT INTO user_events (user_id, event, properties, occurred_at) VALUES
    ('u1', 'looked', '{}', '2026-01-02 11:00+00'), ('u1', 'bought', '{"amount": 5}', '2026-01-02 11:00+00'), ('u1', 'bought', '{"amount": 6}', '2026-01-02 10:00+00');
SELECT * FROM runs;
SELECT * FROM news;
SELECT run_id, event_id, event_properties, idempotency_key FROM bucket_transitions ORDER BY id DESC LIMIT 1;
SELECT state, wait_event, wait_filter, wait_until FROM journey_runs WHERE id = 1;
-- Now nothing of that name does anything, until it waits again.
SELECT did('u1', 'bought');
SELECT step, status FROM runs WHERE id = 1;
-- The same label again, and a state of null leaves what is there.
SELECT hogsend_wait_for(1, 'bought', '1 day', 'first'), hogsend_wait_for(1, 'bought', '1 day', 'first', state => 'null');
SELECT state, labels FROM journey_runs WHERE id = 1;
-- The clock: at its time and no sooner, and dated by it.
SET hogsend.now = '2026-01-03 11:59:59.999999+00';
SELECT rearmed, remaining FROM hogsend_reconcile();
SELECT id, status FROM runs;
SET hogsend.now = '2026-01-03 13:00+00';
SELECT rearmed, remaining FROM hogsend_reconcile();
SELECT * FROM runs;
SELECT * FROM news WHERE source = 'reconcile';
SELECT event_id, event_properties, idempotency_key FROM bucket_transitions WHERE source = 'reconcile' ORDER BY id;
SELECT * FROM bucket_timers;
SELECT rearmed FROM hogsend_reconcile();
-- An event that comes after the time is up, and before the clock does, ends the wait as one that came in time: when it
-- comes counts, and nobody was told otherwise.
SELECT hogsend_wait_for(1, 'bought', '1 hour', 'late');
SET hogsend.now = '2026-01-03 15:00+00';
SELECT did('u1', 'bought');
SELECT status, label, step FROM runs WHERE id = 1;
SELECT event, reason, timed_out, effective_at FROM news ORDER BY id DESC LIMIT 1;
-- The timer of a wait that has ended is left for the clock, and brings nobody back.
SELECT * FROM bucket_timers;
SELECT rearmed FROM hogsend_reconcile();
SELECT * FROM bucket_timers;
SELECT status, label, step FROM runs WHERE id = 1;
-- Whoever waits and is told anew waits anew.
SELECT hogsend_wait_for(1, 'bought', '1 hour', 'a'), hogsend_sleep(1, '3 hours', 'b');
SELECT did('u1', 'bought');
SELECT status, label FROM runs WHERE id = 1;
SELECT wait_event, wait_until FROM journey_runs WHERE id = 1;
SELECT bucket_id, due_at FROM bucket_timers;
SELECT hogsend_wait_for(1, 'called', '5 hours', 'c');
SELECT bucket_id, due_at FROM bucket_timers;
-- Only the user's own events count.
SELECT did('u2', 'called');
SELECT status, label FROM runs WHERE id = 1;
-- No time at all: by the clock's next turn.
SELECT hogsend_wait_for(1, 'called', '0', 'd');
SELECT rearmed FROM hogsend_reconcile();
SELECT status, label, step FROM runs WHERE id = 1;
