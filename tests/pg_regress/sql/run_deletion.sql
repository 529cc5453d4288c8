-- A contact that is deleted takes its runs along, without a word; one that is back begins anew.
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
SELECT hogsend_define_journey('other', '{lapsed}');
SELECT did('u1,u2,u3,u4,u5', 'lapsed');
SELECT hogsend_wait_for(id, 'called', '2 days', 'call') FROM runs WHERE journey_id = 'winback' AND user_id IN ('u1', 'u2', 'u3');
SELECT hogsend_sleep(id, '2 days', 'nap') FROM runs WHERE journey_id = 'other' AND user_id = 'u1';
SET hogsend.now = '2026-01-01 13:00+00';
-- Softly, and for good.
UPDATE contacts SET deleted_at = '2026-01-01 13:00+00' WHERE user_id = 'u1';
DELETE FROM contacts WHERE user_id = 'u2';
SELECT user_id, journey_id, status, label, ended_at, reason FROM runs ORDER BY user_id, journey_id;
SELECT labels, wait_event, wait_until FROM journey_runs WHERE user_id = 'u1' AND journey_id = 'winback';
SELECT count(*) FROM news WHERE event NOT LIKE '%started%';
SELECT user_id, bucket_id FROM bucket_timers;
-- Nobody does anything to them any more.
SELECT hogsend_complete(id) FROM runs WHERE user_id = 'u1';
-- What a deleted contact does begins nothing; what the user does whose contact is made anew does.
SELECT did('u1,u2', 'lapsed');
SELECT user_id, journey_id, n, status FROM runs WHERE user_id IN ('u1', 'u2') ORDER BY user_id, journey_id, n;
-- Back again: joins without a word, and no run.
UPDATE contacts SET deleted_at = NULL, properties = '{"plan": "pro"}' WHERE user_id = 'u1';
SELECT status FROM bucket_memberships WHERE user_id = 'u1';
SELECT count(*) FROM runs WHERE user_id = 'u1' AND ended_at IS NULL;
SELECT did('u1', 'lapsed');
SELECT user_id, journey_id, n, status FROM runs WHERE user_id = 'u1' ORDER BY journey_id, n;
-- Of a contact that another trigger has taken away the functions tell, too.
ALTER TABLE contacts DISABLE TRIGGER USER;
UPDATE contacts SET deleted_at = now() WHERE user_id = 'u3';
DELETE FROM contacts WHERE user_id = 'u4';
ALTER TABLE contacts ENABLE TRIGGER USER;
SELECT hogsend_checkpoint(id, 'x') FROM runs WHERE user_id IN ('u3', 'u4') AND journey_id = 'winback';
SELECT user_id, journey_id, status, reason FROM runs WHERE user_id IN ('u3', 'u4') ORDER BY user_id, journey_id;
-- All at once.
TRUNCATE contacts;
SELECT count(*) FROM runs WHERE ended_at IS NULL;
SELECT user_id, journey_id, status, reason FROM runs WHERE user_id = 'u5';
SELECT count(*) FROM bucket_timers;
SELECT count(*) FROM news WHERE event LIKE '%exited%';
