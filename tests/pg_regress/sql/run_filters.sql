-- A filter lets an event end a wait, by what the event says; of a transition it asks what there is to say of it.
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
SELECT hogsend_define_journey('winback', '{lapsed}');
CREATE FUNCTION waits(filter jsonb, event text DEFAULT 'bought') RETURNS boolean LANGUAGE sql AS $$
    SELECT hogsend_wait_for(1, event, '2 days', 'w', filter) $$;
CREATE VIEW outcome AS SELECT r.status, t.event_properties, t.event_id FROM journey_runs r JOIN bucket_transitions t ON t.id = r.step_id;
SELECT did('u1', 'lapsed');
SELECT waits(hogsend_property('amount', 'gte', 50));
SELECT wait_filter FROM journey_runs;
SELECT did('u1', 'bought', '{"amount": 49.99}'), did('u1', 'bought'), did('u1', 'bought', '{"amount": "60"}'), did('u1', 'other', '{"amount": 60}');
SELECT * FROM outcome;
SELECT did('u1', 'bought', '{"amount": 50}');
SELECT * FROM outcome;
-- Of many in one statement the first that it lets through.
SELECT waits(hogsend_property('amount', 'gte', 50));
INSERT INTO user_events (user_id, event, properties)
SELECT 'u1', 'bought', jsonb_build_object('amount', n % 60, 'n', n) FROM generate_series(1, 2000) n;
SELECT * FROM outcome;
-- Trees, paths, and the columns of the event.
SELECT waits(hogsend_all(hogsend_property('$value', 'gt', 10), hogsend_not(hogsend_property('$source', 'eq', 'import')), hogsend_property(ARRAY['address', 'country'], 'in', ARRAY['DE', 'AT'])));
INSERT INTO user_events (user_id, event, value, source, properties) VALUES
    ('u1', 'bought', 9, 'shop', '{"address": {"country": "DE"}}'), ('u1', 'bought', 11, 'import', '{"address": {"country": "DE"}}'),
    ('u1', 'bought', 11, 'shop', '{"address": {"country": "US"}}');
SELECT status FROM outcome;
INSERT INTO user_events (user_id, event, value, source, properties) VALUES ('u1', 'bought', 11, 'shop', '{"address": {"country": "AT"}}');
SELECT * FROM outcome;
-- More digits than a float has.
SELECT waits('{"type": "property", "property": "id", "operator": "eq", "value": 12345678901234567890123}');
SELECT did('u1', 'bought', '{"id": 12345678901234567890124}');
SELECT status FROM outcome;
SELECT did('u1', 'bought', '{"id": 12345678901234567890123.0}'), did('u1', 'bought', '{"id": 1e400}');
SELECT status, event_properties FROM outcome;
-- Transitions: what there is to say of them.
SELECT waits(hogsend_all(hogsend_property('entryCount', 'gte', 2), hogsend_property('source', 'eq', 'event'), hogsend_property('bucketId', 'eq', 'pro')), 'bucket:entered:pro');
UPDATE contacts SET properties = '{"plan": "pro"}';
SELECT status FROM outcome;
UPDATE contacts SET properties = '{"plan": "free"}';
SELECT status FROM outcome;
UPDATE contacts SET properties = '{"plan": "pro"}';
SELECT * FROM outcome;
SELECT waits(hogsend_property('reason', 'eq', 'criteria'), 'bucket:left:pro');
UPDATE contacts SET properties = '{"plan": "free"}';
SELECT * FROM outcome;
-- JSON's null is no filter.
SELECT waits('null');
SELECT wait_filter IS NULL AS none FROM journey_runs;
-- An event that is corrected comes no second time.
UPDATE user_events SET properties = '{}' WHERE event = 'bought';
SELECT status FROM runs;
