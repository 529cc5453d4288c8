-- Erasure: no row of the user stays, and nobody else is touched.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened', within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u1', 'app.opened', '2026-01-01 12:00+00'), ('u1', 'other', '2026-01-01 12:00+00'),
    ('u2', 'app.opened', '2026-01-01 12:00+00');
CREATE VIEW traces AS
SELECT user_id, (SELECT count(*) FROM contacts t WHERE t.user_id = u.user_id) AS contacts,
       (SELECT count(*) FROM user_events t WHERE t.user_id = u.user_id) AS events,
       (SELECT count(*) FROM bucket_memberships t WHERE t.user_id = u.user_id) AS stays,
       (SELECT count(*) FROM bucket_timers t WHERE t.user_id = u.user_id) AS timers,
       (SELECT count(*) FROM bucket_transitions t WHERE t.user_id = u.user_id) AS transitions
FROM (VALUES ('u1'), ('u2')) AS u (user_id) ORDER BY 1;
SELECT * FROM traces;
SELECT hogsend_forget_user('u1');
SELECT * FROM traces;
-- Twice, or somebody unknown: nothing to erase.
SELECT hogsend_forget_user('u1'), hogsend_forget_user('nobody');
-- Whoever comes back is new.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 12:00+00');
SELECT user_id, event, entry_count FROM bucket_transitions WHERE user_id = 'u1';
-- While evaluation is put off nobody is queued who was erased.
SET hogsend.evaluate = off;
SELECT hogsend_forget_user('u1');
RESET hogsend.evaluate;
SELECT * FROM traces;
SELECT hogsend_forget_user(NULL);
