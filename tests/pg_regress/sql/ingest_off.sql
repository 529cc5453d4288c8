-- hogsend.evaluate = off: nothing is evaluated, and nothing is lost.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('active', hogsend_event('app.opened', within => '7 days')),
    ('pro', hogsend_property('plan', 'eq', 'pro'));
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('u0', 'app.opened', '2026-01-01 12:00+00', '{"plan": "pro"}');
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event, occurred_at, user_email, contact_properties) VALUES
    ('u1', 'app.opened', '2026-01-01 11:00+00', 'U1@example.com', '{"plan": "pro"}'),
    ('u2', 'app.opened', '2025-12-01 11:00+00', NULL, NULL);
COPY user_events (user_id, event, occurred_at) FROM stdin;
u3	app.opened	2026-01-01 11:30+00
\.
INSERT INTO contacts (user_id, properties) VALUES ('u4', '{"plan": "pro"}');
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id = 'u0';
DELETE FROM user_events WHERE user_id = 'u0';
SELECT bucket_id, user_id FROM bucket_memberships ORDER BY 1, 2;
SELECT count(*) FROM bucket_transitions;
RESET hogsend.evaluate;
-- The next reconcile evaluates them, and announces what became of them.
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT user_id, event, reason, source FROM bucket_transitions ORDER BY user_id, transition, bucket_id;
SELECT user_id, email, properties FROM contacts ORDER BY user_id;
SELECT entered, "left", remaining FROM hogsend_reconcile();
-- The timers are as if nothing had been deferred.
SELECT user_id, bucket_id, due_at FROM bucket_timers WHERE user_id <> 'u0' ORDER BY 1, 2;
-- TRUNCATE too.
SET hogsend.evaluate = off;
TRUNCATE user_events;
RESET hogsend.evaluate;
SELECT entered, "left", remaining FROM hogsend_reconcile();
