-- What is not announced begins no run, ends none, and lets none go on.
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
SELECT hogsend_define_bucket('once', hogsend_property('plan', 'eq', 'pro'), entry_limit => 'once');
SELECT hogsend_define_bucket('beta', kind => 'manual');
SELECT hogsend_define_journey('winback', '{lapsed,bucket:entered:pro,bucket:entered:beta}', '{bought}');
SELECT hogsend_define_journey('first', '{bucket:entered:once}');
SELECT did('u1', 'lapsed');
SELECT hogsend_wait_for(1, 'called', '1 hour', 'call');
-- A session that says nothing.
SET hogsend.announce = off;
SELECT did('u2', 'lapsed'), did('u1', 'called'), did('u1', 'bought');
INSERT INTO contacts (user_id, properties) VALUES ('u3', '{"plan": "pro"}');
SELECT hogsend_add_member('beta', 'u4');
SELECT * FROM runs;
-- Nor does the clock of such a session; it leaves that to the next.
SET hogsend.now = '2026-01-01 13:30+00';
SELECT rearmed, remaining FROM hogsend_reconcile();
SELECT status FROM runs;
SELECT due_at FROM bucket_timers;
RESET hogsend.announce;
SET hogsend.now = '2026-01-01 13:31+00';
SELECT rearmed, remaining FROM hogsend_reconcile();
SELECT * FROM news;
-- What the runner says is said all the same.
SET hogsend.announce = off;
SELECT hogsend_sleep(1, '1 hour', 'nap');
RESET hogsend.announce;
SELECT status, label FROM runs;
-- Members that are added without a word; entries that the limit keeps back; a bucket that is filled.
SELECT hogsend_add_member('beta', 'u5', silent => true), hogsend_add_member('beta', 'u6');
INSERT INTO contacts (user_id, properties) VALUES ('u7', '{"plan": "pro"}');
UPDATE contacts SET properties = '{}' WHERE user_id = 'u7';
SELECT hogsend_complete(id) FROM runs WHERE user_id = 'u7';
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'u7';
SELECT hogsend_define_bucket('filled', hogsend_property('plan', 'eq', 'pro'));
SELECT hogsend_define_journey('of-filled', '{bucket:entered:filled,bucket:left:filled}');
SELECT user_id, journey_id, n, status FROM runs ORDER BY id;
-- Its leaves are announced, by whatever they come.
SELECT hogsend_define_bucket('filled', hogsend_property('plan', 'eq', 'gold'));
SELECT user_id, journey_id, n FROM runs WHERE journey_id = 'of-filled' ORDER BY user_id;
SELECT user_id, event, reason, source FROM news ORDER BY id DESC LIMIT 4;
-- An event that is stored while evaluation is off begins nothing, nor when the clock catches up; what the clock then
-- announces of buckets does.
SET hogsend.evaluate = off;
SELECT did('u8', 'lapsed');
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('u9', 'lapsed', '{"plan": "pro"}');
RESET hogsend.evaluate;
SELECT user_id, bucket_id FROM bucket_timers WHERE bucket_id = '*' ORDER BY user_id;
SELECT entered FROM hogsend_reconcile();
SELECT user_id, journey_id, n FROM runs WHERE user_id IN ('u8', 'u9') ORDER BY id;
SELECT user_id, event, reason FROM news WHERE user_id = 'u9' ORDER BY id;
-- Before quiet_before nothing is announced.
SELECT hogsend_define_bucket('pro', hogsend_property('plan', 'eq', 'pro'), quiet_before => '2027-01-01');
INSERT INTO contacts (user_id, properties) VALUES ('u10', '{"plan": "pro"}');
SELECT journey_id FROM runs WHERE user_id = 'u10';
