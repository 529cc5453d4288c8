-- hogsend.evaluate = later: nothing is evaluated, and the clock announces what became of it as ever.
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
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at, user_email, contact_properties) VALUES
    ('u1', 'app.opened', '2026-01-01 11:00+00', 'U1@example.com', '{"plan": "pro"}'),
    ('u2', 'app.opened', '2025-12-01 11:00+00', NULL, NULL);
COPY user_events (user_id, event, occurred_at) FROM stdin;
u3	app.opened	2026-01-01 11:30+00
\.
-- Of what no bucket references, one event of each user whom nobody knows yet.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u0', 'x', '2026-01-01 12:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u5', 'x', '2026-01-01 12:00+00'), ('u5', 'y', '2026-01-01 12:00+00'), ('u0', 'y', '2026-01-01 12:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u6', 'bucket:own', '2026-01-01 12:00+00');
INSERT INTO contacts (user_id, properties) VALUES ('u4', '{"plan": "pro"}');
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id = 'u0';
UPDATE user_events SET occurred_at = '2025-11-01 12:00+00' WHERE user_id = 'u0' AND event = 'app.opened';
-- To lose an event makes nobody known.
DELETE FROM user_events WHERE user_id IN ('u0', 'u3');
SELECT bucket_id, user_id FROM bucket_memberships ORDER BY 1, 2;
SELECT user_id, what, name, event_id, occurred_at, user_email, contact_properties, silent, queued_at FROM user_queue ORDER BY id;
SELECT user_id FROM contacts ORDER BY 1;
SELECT count(*) FROM bucket_transitions;
-- Nobody in it is a difference, and whoever asks is told.
SELECT * FROM hogsend_verify('active');
SELECT * FROM hogsend_verify('pro');
SELECT path, result, observed FROM hogsend_explain('active', 'u0') WHERE path = 'membership';
SELECT path, result, observed FROM hogsend_explain('active', 'u1') WHERE path IN ('contact', 'membership');
SELECT hogsend_has('active', 'u0'), hogsend_matches('active', 'u0');
SELECT * FROM hogsend_health() WHERE "check" = 'oldest queued user';
SET hogsend.now = '2026-01-01 12:05:01+00';
SELECT * FROM hogsend_health() WHERE "check" = 'oldest queued user';
SET hogsend.now = '2026-01-01 12:00:10+00';
RESET hogsend.evaluate;
-- The source is the event, and so is the instant since when it holds.
SELECT entered, "left", dwelled, rearmed, remaining, oldest_due FROM hogsend_reconcile();
SELECT user_id, event, reason, source, effective_at, recorded_at FROM bucket_transitions WHERE user_id <> 'u0' OR transition = 'left' ORDER BY user_id, transition, bucket_id;
SELECT user_id, email, properties FROM contacts ORDER BY user_id;
SELECT entered, "left", rearmed, remaining, oldest_due FROM hogsend_reconcile();
SELECT count(*) FROM user_queue;
SELECT user_id, bucket_id, due_at FROM bucket_timers WHERE user_id <> 'u0' ORDER BY 1, 2;
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
-- A part at a time.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'many' || n, 'app.opened', '2026-01-01 12:00+00' FROM generate_series(1, 2500) n;
RESET hogsend.evaluate;
SELECT entered, rearmed, remaining, oldest_due FROM hogsend_reconcile(1000);
SELECT entered, rearmed, remaining, oldest_due FROM hogsend_reconcile();
SELECT count(*) FROM user_queue;
-- Rows of the queue that somebody takes away leave nobody broken.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u7', 'app.opened', '2026-01-01 12:00+00');
TRUNCATE user_queue;
SELECT entered FROM hogsend_reconcile();
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u7', 'app.opened', '2026-01-01 12:00+00');
SELECT entered FROM hogsend_reconcile();
-- TRUNCATE of events is a job, as ever.
TRUNCATE user_events;
SELECT entered, "left" > 2500 AS "left" FROM hogsend_reconcile();
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
