-- Only buckets that name the event (or a property that changed) are looked at.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('lapsed', hogsend_event('app.opened', never => true, within => '7 days')),
    ('pro', hogsend_property('plan', 'eq', 'pro'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 12:00+00');
SET hogsend.now = '2026-01-09 12:00+00';
-- u1 has lapsed since, but an event that nobody names makes nobody look, and writes nothing.
SELECT xmin AS before FROM contacts WHERE user_id = 'u1' \gset
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'mail.opened', '2026-01-09 12:00+00');
SELECT hogsend_has('lapsed', 'u1'), (SELECT count(*) FROM bucket_transitions) AS transitions;
SELECT xmin::text = :'before' AS contact_untouched FROM contacts WHERE user_id = 'u1';
-- Nor does a patch of a property that nobody names.
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('u1', 'mail.opened', '2026-01-09 12:00+00', '{"colour": "red"}');
SELECT hogsend_has('lapsed', 'u1');
-- A property that a bucket names: that bucket, and not the others.
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('u1', 'mail.opened', '2026-01-09 12:00+00', '{"plan": "pro"}');
SELECT bucket_id FROM bucket_members WHERE user_id = 'u1';
-- The clock finds what is due.
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT bucket_id FROM bucket_members WHERE user_id = 'u1' ORDER BY 1;
-- A user is looked at only for their own events.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'app.opened', '2026-01-09 12:00+00');
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
-- Names are compared exactly.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'App.Opened', '2026-01-09 12:00+00'), ('u1', 'app.opened ', '2026-01-09 12:00+00');
SELECT hogsend_has('lapsed', 'u1');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-09 12:00+00');
SELECT hogsend_has('lapsed', 'u1');
