-- Patches of events under hogsend.evaluate = later: applied by the clock, once, in the order in which they came.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('pro', hogsend_property('plan', 'eq', 'pro')),
    ('free', hogsend_property('plan', 'eq', 'free'));
-- A later one wins, also within a statement; only the last state is judged.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, user_email, contact_properties) VALUES
    ('u1', 'a', ' First@example.com', '{"plan": "pro", "a": 1}'),
    ('u1', 'b', NULL, '{"plan": "free", "b": 1.10}');
INSERT INTO user_events (user_id, event, user_email, contact_properties) VALUES ('u1', 'c', 'LAST@example.com', '{"b": 12345678901234567890123.1}');
SELECT count(*) FROM contacts;
RESET hogsend.evaluate;
SELECT entered, "left" FROM hogsend_reconcile();
SELECT user_id, email, properties FROM contacts;
SELECT event, source, effective_at FROM bucket_transitions ORDER BY id;
-- Once: what came afterwards stays.
UPDATE contacts SET properties = '{"plan": "none"}', email = 'x@example.com' WHERE user_id = 'u1';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT email, properties FROM contacts;
-- An event that is evaluated at once and brings a patch comes after what is queued.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, user_email, contact_properties) VALUES ('u1', 'a', 'old@example.com', '{"plan": "free", "old": true}');
RESET hogsend.evaluate;
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('u1', 'a', '{"plan": "pro"}');
SELECT email, properties FROM contacts;
SELECT entered, "left" FROM hogsend_reconcile();
SELECT email, properties FROM contacts;
SELECT event FROM bucket_transitions ORDER BY id;
-- So does one that makes the contact.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('u2', 'a', '{"plan": "pro"}');
RESET hogsend.evaluate;
INSERT INTO user_events (user_id, event) VALUES ('u2', 'a');
SELECT properties FROM contacts WHERE user_id = 'u2';
SELECT event FROM bucket_transitions WHERE user_id = 'u2' ORDER BY id;
SELECT entered, "left" FROM hogsend_reconcile();
-- And what is written to the contact itself: what it changes wins, and what it leaves comes in.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, user_email, contact_properties) VALUES ('u2', 'a', 'u2@example.com', '{"plan": "free", "seats": 3}');
RESET hogsend.evaluate;
UPDATE contacts SET properties = properties || '{"plan": "trial"}' WHERE user_id = 'u2';
SELECT email, properties FROM contacts WHERE user_id = 'u2';
SELECT event FROM bucket_transitions WHERE user_id = 'u2' ORDER BY id;
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, user_email, contact_properties) VALUES
    ('u2', 'a', 'other@example.com', '{"plan": "pro", "seats": 4}'),
    ('u3', 'a', 'u3@example.com', '{"plan": "pro", "seats": 5}');
-- Under later nothing is evaluated even so.
UPDATE contacts SET email = 'newest@example.com', properties = properties || '{"seats": 5}' WHERE user_id = 'u2';
INSERT INTO contacts (user_id, properties) VALUES ('u3', '{"seats": 1}');
SELECT user_id, email, properties FROM contacts WHERE user_id IN ('u2', 'u3') ORDER BY 1;
SELECT user_id, what, name, user_email, contact_properties FROM user_queue ORDER BY id;
RESET hogsend.evaluate;
SELECT entered, "left" FROM hogsend_reconcile();
SELECT user_id, event FROM bucket_transitions WHERE user_id IN ('u2', 'u3') ORDER BY user_id, id;
-- An event that is taken away before the clock comes has said what it said.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('u4', 'a', '{"plan": "pro"}'), ('u4', 'b', NULL);
DELETE FROM user_events WHERE user_id = 'u4' AND event = 'a';
RESET hogsend.evaluate;
SELECT entered, "left" FROM hogsend_reconcile();
SELECT properties FROM contacts WHERE user_id = 'u4';
-- A patch that is no object is refused where it is given.
\set VERBOSITY terse
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('u5', 'a', '[1]');
INSERT INTO user_events (user_id, event) VALUES (repeat('u', 2001), 'a');
SELECT count(*) FROM user_queue;
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
