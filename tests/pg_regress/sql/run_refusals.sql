-- What a runner may not say.
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
SELECT did('u1', 'lapsed');
SELECT hogsend_sleep(NULL, '1 day', 'x');
SELECT hogsend_sleep(99, '1 day', 'x');
SELECT hogsend_complete(99);
-- Labels.
SELECT hogsend_sleep(1, '1 day', NULL);
SELECT hogsend_checkpoint(1, '');
SELECT hogsend_checkpoint(1, repeat('ä', 101));
SELECT hogsend_checkpoint(1, repeat('ä', 100));
-- Times.
SELECT hogsend_sleep(1, NULL, 'x');
SELECT hogsend_sleep(1, '-1 second', 'x');
SELECT hogsend_sleep(1, '1 month', 'x');
SELECT hogsend_sleep(1, '3654 days', 'x');
SELECT hogsend_sleep(1, '3653 days 00:00:00.000001', 'x');
SELECT hogsend_sleep(1, '3653 days', 'x');
SELECT hogsend_sleep(1, '2147483647 days', 'x');
SELECT hogsend_wait_for(1, 'called', NULL, 'x');
SELECT hogsend_wait_for(1, 'called', '11 years', 'x');
SELECT hogsend_sleep_until(1, NULL, 'x');
SELECT hogsend_sleep_until(1, 'infinity', 'x');
SELECT hogsend_sleep_until(1, '-infinity', 'x');
SELECT hogsend_sleep_until(1, '2036-01-03', 'x');
SELECT hogsend_sleep_until(1, '2036-01-01', 'x');
-- Names.
SELECT hogsend_wait_for(1, NULL, '1 day', 'x');
SELECT hogsend_wait_for(1, '', '1 day', 'x');
SELECT hogsend_wait_for(1, repeat('n', 501), '1 day', 'x');
SELECT hogsend_wait_for(1, 'journey:started:other', '1 day', 'x');
SELECT hogsend_wait_for(1, 'bucket:joined:pro', '1 day', 'x');
-- Filters: as those of criteria.
SELECT hogsend_wait_for(1, 'called', '1 day', 'x', '[]');
SELECT hogsend_wait_for(1, 'called', '1 day', 'x', '{"type": "event", "eventName": "x"}');
SELECT hogsend_wait_for(1, 'called', '1 day', 'x', '{"type": "property", "property": "$user", "operator": "eq", "value": 1}');
SELECT hogsend_wait_for(1, 'called', '1 day', 'x', '{"type": "composite", "operator": "and", "conditions": [{"type": "property", "property": "a", "operator": "eqq", "value": 1}, {"type": "property", "property": "b", "operator": "gt", "value": "x"}]}');
SELECT hogsend_wait_for(1, 'called', '1 day', 'x', '{"type": "property", "property": "at", "operator": "within_last", "value": "1 day"}');
SELECT hogsend_wait_for(1, 'called', '1 day', 'x', '{"type": "property", "property": "a", "operator": "eq", "value": 1e400}');
-- Sizes.
SELECT hogsend_checkpoint(1, 'x', jsonb_build_object('x', repeat('x', 1100000)));
SELECT hogsend_checkpoint(1, 'x', jsonb_build_object('x', repeat('x', 1000000)));
SELECT hogsend_fail(1, repeat('x', 1100000));
SELECT hogsend_fail(1, NULL);
SELECT hogsend_wait_for(1, 'called', '1 day', 'x', jsonb_build_object('type', 'property', 'property', 'a', 'operator', 'eq', 'value', repeat('x', 1100000)));
-- Nothing of all that was done by half.
SELECT status, label, length(state::text) AS state, wait_event, wait_until FROM journey_runs;
SELECT waits_for FROM journeys;
-- Too many different names.
UPDATE journeys SET waits_for = ARRAY(SELECT 'name-' || n FROM generate_series(1, 1000) n);
SELECT hogsend_wait_for(1, 'name-1001', '1 day', 'x');
SELECT hogsend_wait_for(1, 'name-1000', '1 day', 'x');
-- A restored copy says nothing.
UPDATE journeys SET instance_id = gen_random_uuid();
SELECT hogsend_sleep(1, '1 day', 'y');
SELECT hogsend_wait_for(1, 'new', '1 day', 'y');
SELECT label FROM runs;
-- Only who may.
CREATE ROLE regress_hogsend_nobody;
GRANT USAGE ON SCHEMA public TO regress_hogsend_nobody;
SET ROLE regress_hogsend_nobody;
SELECT hogsend_complete(1);
RESET ROLE;
SELECT hogsend_grant('regress_hogsend_nobody', 'runner');
SELECT hogsend_adopt();
SET ROLE regress_hogsend_nobody;
SELECT hogsend_complete(1);
RESET ROLE;
DROP OWNED BY regress_hogsend_nobody;
DROP ROLE regress_hogsend_nobody;
SELECT status FROM runs;
