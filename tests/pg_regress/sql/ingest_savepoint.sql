-- What is rolled back never happened: neither the stay, nor its transition, nor its timer.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened', within => '7 days'));
CREATE VIEW state AS
SELECT (SELECT string_agg(user_id, ' ' ORDER BY user_id) FROM contacts) AS contacts,
       (SELECT string_agg(user_id, ' ' ORDER BY user_id) FROM bucket_memberships) AS stays,
       (SELECT string_agg(user_id, ' ' ORDER BY user_id) FROM bucket_transitions) AS transitions,
       (SELECT string_agg(user_id, ' ' ORDER BY user_id) FROM bucket_timers) AS timers;
BEGIN;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 12:00+00');
SAVEPOINT s;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'app.opened', '2026-01-01 12:00+00');
SELECT * FROM state;
ROLLBACK TO s;
SELECT * FROM state;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u3', 'app.opened', '2026-01-01 12:00+00');
COMMIT;
SELECT * FROM state;
-- The same user again after the rollback is a first join.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'app.opened', '2026-01-01 12:00+00');
SELECT user_id, event, entry_count FROM bucket_transitions WHERE user_id = 'u2';
-- A statement that fails half-way, caught by a block.
DO $$
BEGIN
    INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u4', 'app.opened', '2026-01-01 12:00+00');
    INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u5', 'app.opened', NULL);
EXCEPTION WHEN not_null_violation THEN
    INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u6', 'app.opened', '2026-01-01 12:00+00');
END $$;
SELECT * FROM state;
-- A definition that is rolled back leaves no members.
BEGIN;
INSERT INTO buckets (id, criteria) VALUES ('gone', hogsend_event('app.opened'));
SELECT count(*) FROM bucket_memberships WHERE bucket_id = 'gone';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 12:00+00');
ROLLBACK;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 12:00+00');
SELECT count(*) FROM bucket_memberships WHERE bucket_id = 'gone';
-- The whole transaction.
BEGIN;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u7', 'app.opened', '2026-01-01 12:00+00');
ROLLBACK;
SELECT * FROM state;
