-- Under evaluate = later nobody asks whose an id is; the clock does, and what was done is the user's.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('buyer', hogsend_event('bought')), ('pro', hogsend_property('plan', 'eq', 'pro'));
INSERT INTO user_events (user_id, event, idempotency_key) VALUES ('ada', 'seen', 'k1');
INSERT INTO user_aliases (alias, user_id) VALUES ('visitor', 'ada'), ('phone', 'bob');
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, idempotency_key, contact_properties) VALUES
    ('visitor', 'bought', 'k1', '{"plan": "dropped"}'), ('visitor', 'bought', 'k2', '{"seats": 1}'), ('visitor', 'looked', NULL, NULL),
    ('phone', 'looked', NULL, NULL), ('eve', 'bought', NULL, NULL);
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('phone', 'looked', '{"plan": "pro"}');
RESET hogsend.evaluate;
SELECT user_id, count(*) FROM user_queue GROUP BY 1 ORDER BY 1;
SELECT entered, remaining FROM hogsend_reconcile();
SELECT user_id, event, idempotency_key FROM user_events ORDER BY id;
SELECT user_id, properties FROM contacts ORDER BY user_id;
SELECT event, user_id FROM bucket_transitions ORDER BY user_id, event;
SELECT count(*) FROM user_queue;
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
-- An event of a contact that became an alias while its transaction was open: it is stored under the alias,
-- and the clock fetches it.
SET session_replication_role = replica;
INSERT INTO user_events (user_id, event) VALUES ('phone', 'bought');
SET session_replication_role = origin;
UPDATE user_aliases SET open_until = '0' WHERE alias = 'phone';
SELECT entered FROM hogsend_reconcile();
SELECT user_id FROM user_events WHERE event = 'bought' ORDER BY id;
SELECT alias, open_until IS NULL AS settled FROM user_aliases ORDER BY alias;
SELECT entered FROM hogsend_reconcile();
SELECT alias, open_until IS NULL AS settled FROM user_aliases ORDER BY alias;
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
DROP EXTENSION hogsend CASCADE;
