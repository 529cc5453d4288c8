-- Under hogsend.evaluate = later events are put by for the clock, and runs begin, go on and end by them when it comes.
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
SELECT hogsend_define_journey('winback', '{lapsed,bucket:entered:pro}', '{bought}');
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, properties, occurred_at) VALUES ('u1', 'lapsed', '{"since": 3}', '2026-01-01 11:00+00'), ('u1', 'other', '{}', '2026-01-01 11:00+00'), ('u2', 'other', '{}', '2026-01-01 11:00+00');
SELECT count(*) FROM runs;
SELECT user_id, what, name FROM user_queue ORDER BY id;
SET hogsend.now = '2026-01-01 12:01+00';
SELECT rearmed, remaining FROM hogsend_reconcile();
SELECT * FROM runs;
SELECT * FROM news;
SELECT event_id, event_properties FROM bucket_transitions;
-- A known user's event that nobody mentions is not put by.
SELECT did('u1', 'other'), did('u1', 'called');
SELECT count(*) FROM user_queue;
-- What came before the wait does not end it, though the clock sees it after.
SELECT did('u1', 'called');
SELECT hogsend_wait_for(1, 'called', '2 days', 'call', hogsend_property('minutes', 'gt', 3));
SELECT did('u1', 'called', '{"minutes": 4}');
SELECT user_id, what, name FROM user_queue ORDER BY id;
UPDATE journey_runs SET since = since + interval '1 minute';
SELECT rearmed FROM hogsend_reconcile();
SELECT status, label FROM runs;
SET hogsend.now = '2026-01-01 12:05+00';
SELECT did('u1', 'called', '{"minutes": 2}'), did('u1', 'called', '{"minutes": 4}'), did('u1', 'called', '{"minutes": 5}');
SET hogsend.now = '2026-01-01 12:06+00';
SELECT rearmed FROM hogsend_reconcile();
SELECT status, label, step FROM runs;
SELECT user_id, event, source, timed_out, effective_at FROM news ORDER BY id DESC LIMIT 1;
SELECT event_properties FROM bucket_transitions ORDER BY id DESC LIMIT 1;
-- Of an event that is gone by then no filter can tell; without one its name is enough.
SELECT hogsend_wait_for(1, 'called', '2 days', 'again', hogsend_property('minutes', 'gt', 3));
SELECT did('u1', 'called', '{"minutes": 4}');
SET hogsend.evaluate = on;
DELETE FROM user_events WHERE event = 'called';
SELECT rearmed FROM hogsend_reconcile();
SELECT status, label FROM runs;
-- Exits, and a patch with the transition that comes of it.
SET hogsend.evaluate = later;
SELECT did('u1', 'bought');
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('u3', 'other', '{"plan": "pro"}');
SELECT rearmed FROM hogsend_reconcile();
SELECT user_id, n, status, reason FROM runs ORDER BY id;
-- In which order those of several users are told is nobody's business.
SELECT user_id, event, reason, source FROM news WHERE user_id = 'u3' OR reason = 'bought' ORDER BY user_id, id;
-- What came after the exit begins anew; what came before it does not.
SET hogsend.now = '2026-01-01 13:00+00';
SELECT did('u4', 'lapsed');
SET hogsend.now = '2026-01-01 13:01+00';
SELECT did('u4,u5', 'bought');
SET hogsend.now = '2026-01-01 13:02+00';
SELECT did('u5', 'lapsed');
SELECT rearmed FROM hogsend_reconcile();
SELECT user_id, n, status FROM runs WHERE user_id IN ('u4', 'u5');
-- Without a word: begins nothing.
SET hogsend.announce = off;
SELECT did('u6', 'lapsed');
RESET hogsend.announce;
SELECT rearmed FROM hogsend_reconcile();
SELECT count(*) FROM runs WHERE user_id = 'u6';
-- The clock had nobody whom it did not know.
SELECT count(*) FROM user_queue;
