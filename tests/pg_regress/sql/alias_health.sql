-- An alias that has a contact or events nonetheless is shown, with what to do; that mends it.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('twice', hogsend_event('bought', at_least => 2)), ('pro', hogsend_property('plan', 'eq', 'pro'));
INSERT INTO user_events (user_id, event) VALUES ('ada', 'bought'), ('visitor', 'seen');
SELECT hogsend_identify('visitor', 'ada');
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'aliases';
-- Restored by parts, or written while triggers were off.
SET session_replication_role = replica;
INSERT INTO user_events (user_id, event) VALUES ('visitor', 'bought'), ('visitor', 'bucket:entered:x');
INSERT INTO contacts (user_id, properties) VALUES ('visitor', '{"plan": "pro"}');
SET session_replication_role = origin;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'aliases';
-- What the clock has yet to fetch is no fault.
DELETE FROM contacts WHERE user_id = 'visitor';
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'aliases';
SELECT entered FROM hogsend_reconcile();
SELECT entered FROM hogsend_reconcile();
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'aliases';
SELECT user_id, event FROM user_events ORDER BY id;
-- Later on it is one, and what is said mends it.
SET session_replication_role = replica;
INSERT INTO user_events (user_id, event) VALUES ('visitor', 'bought');
INSERT INTO contacts (user_id, properties) VALUES ('visitor', '{"plan": "pro"}');
SET session_replication_role = origin;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'aliases';
BEGIN;
DELETE FROM user_aliases WHERE alias = 'visitor';
SELECT hogsend_identify('visitor', 'ada');
COMMIT;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'aliases';
SELECT user_id, count(*) FROM user_events GROUP BY 1;
SELECT user_id, properties FROM contacts;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
-- Pairs that were written by hand.
INSERT INTO user_aliases (alias, user_id) VALUES ('x', 'visitor');
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'aliases';
DROP EXTENSION hogsend CASCADE;
