-- Events whose name begins with bucket: are stored and otherwise ignored.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('pro', hogsend_property('plan', 'eq', 'pro')),
    ('planless', hogsend_all(hogsend_property('plan', 'not_exists'), hogsend_event('signup', never => true, within => '1 day')));
INSERT INTO user_events (user_id, event, occurred_at, user_email, contact_properties)
VALUES ('u1', 'bucket:entered:pro', '2026-01-01 12:00+00', 'u1@example.com', '{"plan": "pro"}');
SELECT user_id, event FROM user_events;
SELECT (SELECT count(*) FROM contacts) AS contacts, (SELECT count(*) FROM bucket_memberships) AS stays,
       (SELECT count(*) FROM bucket_transitions) AS transitions, (SELECT count(*) FROM bucket_timers) AS timers;
-- A known user, and another row beside it in the same statement.
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('u2', 'signup', '2026-01-01 12:00+00', '{"plan": "free"}'),
    ('u2', 'bucket:left:pro', '2026-01-01 12:00+00', '{"plan": "pro"}');
SELECT user_id, properties FROM contacts;
SELECT count(*) FROM bucket_memberships;
-- The prefix, not the letters: these are events like any other.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u3', 'bucket', '2026-01-01 12:00+00'), ('u4', 'Bucket:x', '2026-01-01 12:00+00');
SELECT user_id FROM contacts ORDER BY 1;
