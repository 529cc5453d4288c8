-- The entry limit of a journey gates the beginning itself, and counts from the end of the last run.
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
SELECT hogsend_define_journey('always', '{go}'), hogsend_define_journey('once', '{go}', entry_limit => 'once'),
       hogsend_define_journey('period', '{go}', entry_limit => 'once_per_period', entry_period => '10 days'),
       hogsend_define_journey('loose', '{go}', entry_limit => 'once_per_period');
CREATE FUNCTION go(instant timestamptz) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    last bigint := coalesce((SELECT max(id) FROM bucket_transitions), 0);
BEGIN
    PERFORM set_config('hogsend.now', instant::text, false);
    PERFORM did('u1', 'go');
    RETURN (SELECT string_agg(journey_id || ' ' || entry_count, ', ' ORDER BY id) FROM bucket_transitions WHERE id > last);
END $$;
SELECT go('2026-01-01 12:00+00');
-- While it is live none begins.
SELECT go('2026-01-02 12:00+00');
SET hogsend.now = '2026-01-03 12:00+00';
SELECT hogsend_complete(id) FROM runs;
-- Ten days after it began, but not after it ended.
SELECT go('2026-01-13 11:59:59.999999+00');
SELECT go('2026-01-13 12:00+00');
-- What did not begin leaves nothing behind, and does not count.
SELECT journey_id, n, status FROM runs ORDER BY journey_id, n;
-- A run that failed, or exited, counts as one that came to its end.
SELECT hogsend_fail(id, 'no') FROM runs WHERE ended_at IS NULL;
SELECT go('2026-01-20 12:00+00');
-- Disabled it begins none, and whoever is under way goes on; enabled it begins again.
UPDATE journeys SET enabled = false WHERE id = 'always';
SELECT hogsend_wait_for(id, 'bought', '1 day', 'wait') FROM runs WHERE ended_at IS NULL;
SELECT did('u1', 'bought');
SELECT did('u2', 'go');
SELECT user_id, event, entry_count FROM bucket_transitions WHERE recorded_at = '2026-01-20 12:00+00' ORDER BY id;
UPDATE journeys SET enabled = true WHERE id = 'always';
SELECT did('u2', 'go');
SELECT user_id, journey_id, n FROM runs WHERE user_id = 'u2' ORDER BY journey_id;
