-- What waits for the clock under another id waits under the user's, and a patch that waits is the other id's.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('twice', hogsend_event('e', at_least => 2)), ('pro', hogsend_property('plan', 'eq', 'pro')), ('f', hogsend_event('f'));
INSERT INTO contacts (user_id, properties) VALUES ('ann', '{"plan": "free"}'), ('v1', '{}');
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties, user_email) VALUES
    ('v1', 'e', '2026-01-01 10:00+00', '{"plan": "pro", "page": "/a"}', 'V1@example.org'),
    ('v2', 'e', '2026-01-01 10:00+00', '{"page": "/b", "lang": "de"}', NULL),
    ('ann', 'f', '2026-01-01 11:00+00', '{"lang": "en"}', NULL);
RESET hogsend.evaluate;
SELECT hogsend_identify('{v1,v2}'::text[], '{ann,ann}'::text[]);
SELECT user_id, what, name, user_email, contact_properties FROM user_queue ORDER BY id;
SELECT user_id, email, properties FROM contacts ORDER BY 1;
SELECT user_id, event, source FROM bucket_transitions ORDER BY id;
-- The clock finds what was put off, once, and applies the user's own patch over what came with the other ids.
SELECT entered, "left" FROM hogsend_reconcile();
SELECT count(*) FROM user_queue;
SELECT user_id, email, properties FROM contacts ORDER BY 1;
SELECT user_id, event, source FROM bucket_transitions ORDER BY id;
-- Whom nobody had looked at, because evaluation was off, and of whom nothing is to be said.
SET hogsend.evaluate = off;
SET hogsend.announce = off;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('v3', 'f', '2026-01-01 11:00+00');
RESET hogsend.evaluate;
RESET hogsend.announce;
SELECT user_id, bucket_id, muted FROM bucket_timers ORDER BY 1, 2;
SELECT hogsend_identify('v3', 'bob');
SELECT user_id, bucket_id FROM bucket_members WHERE user_id = 'bob';
SELECT user_id, event FROM bucket_transitions WHERE user_id IN ('v3', 'bob');
SELECT user_id, bucket_id FROM bucket_timers WHERE user_id = 'v3';
-- And whatever is identified in silence.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('v4', 'e', '2026-01-01 11:00+00'), ('carl', 'e', '2026-01-01 11:00+00');
SET hogsend.announce = off;
SELECT hogsend_identify('v4', 'carl');
SELECT user_id, bucket_id FROM bucket_members WHERE user_id = 'carl';
SELECT user_id, event FROM bucket_transitions WHERE user_id IN ('v4', 'carl');
