-- Who is in.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('active', hogsend_event('app.opened', within => '7 days')),
    ('many', hogsend_event('bulk')),
    ('empty', hogsend_event('nothing'));
INSERT INTO user_events (user_id, event, occurred_at, user_email) VALUES
    ('u1', 'app.opened', '2026-01-20 12:00+00', 'u1@example.com'),
    ('u2', 'app.opened', '2026-01-19 12:00+00', NULL),
    ('u3', 'app.opened', '2026-01-18 12:00+00', 'u3@example.com'),
    ('u4', 'app.opened', '2026-01-01 12:00+00', NULL),
    ('u5', 'app.opened', '2026-01-20 12:00+00', 'u5@example.com');
SELECT hogsend_has('active', 'u1'), hogsend_has('active', 'u4'), hogsend_has('active', 'nobody'), hogsend_has('active', NULL);
SELECT hogsend_count('active'), hogsend_count('empty');
SELECT * FROM hogsend_members('active');
-- Page by page.
SELECT user_id FROM hogsend_members('active', 2);
SELECT user_id FROM hogsend_members('active', 2, 'u2');
SELECT user_id FROM hogsend_members('active', max => 2, after => 'u5');
-- The view, in joins.
SELECT b.id, m.user_id, m.email FROM buckets b JOIN bucket_members m ON m.bucket_id = b.id ORDER BY 1, 2;
-- At most a hundred a call; fifty without asking.
INSERT INTO user_events (user_id, event, occurred_at)
SELECT 'm' || to_char(n, 'FM000'), 'bulk', '2026-01-20 12:00+00' FROM generate_series(1, 120) n;
SELECT (SELECT count(*) FROM hogsend_members('many')) AS without_asking,
       (SELECT count(*) FROM hogsend_members('many', 100)) AS hundred;
SELECT hogsend_count('many');
SELECT min(user_id), max(user_id), count(*) FROM hogsend_members('many', 100, 'm100');
-- Deleted contacts never show, by any of them.
UPDATE contacts SET deleted_at = '2026-01-20 12:00+00' WHERE user_id = 'u1';
SELECT hogsend_has('active', 'u1'), hogsend_count('active'), hogsend_matches('active', 'u1'),
       (SELECT string_agg(user_id, ' ') FROM hogsend_members('active')) AS members,
       (SELECT string_agg(user_id, ' ' ORDER BY user_id) FROM bucket_members WHERE bucket_id = 'active') AS in_view;
-- Not even where the extension was not there to see it.
SET session_replication_role = replica;
UPDATE contacts SET deleted_at = '2026-01-20 12:00+00' WHERE user_id = 'u2';
RESET session_replication_role;
SELECT hogsend_has('active', 'u2'), hogsend_count('active'), hogsend_matches('active', 'u2'),
       (SELECT string_agg(user_id, ' ') FROM hogsend_members('active')) AS members;
-- The exact truth at an instant, whatever the clock is doing.
SELECT hogsend_matches('active', 'u3'), hogsend_matches('active', 'u3', '2026-01-25 12:00+00'),
       hogsend_matches('active', 'u3', '2026-01-25 12:00:00.000001+00'), hogsend_matches('active', 'u4', '2026-01-05 12:00+00');
SET hogsend.now = '2026-02-20 12:00+00';
SELECT hogsend_matches('active', 'u3'), hogsend_has('active', 'u3') AS not_reconciled_yet;
-- An unknown bucket is an error everywhere, not an empty answer.
SELECT hogsend_has('nope', 'u1');
SELECT hogsend_count('nope');
SELECT hogsend_members('nope');
SELECT hogsend_matches('nope', 'u1');
-- Reading takes no transaction id: it works on a standby, and in a read-only transaction.
BEGIN READ ONLY;
SELECT hogsend_has('active', 'u3'), hogsend_count('active'), hogsend_matches('active', 'u3'), (SELECT count(*) FROM hogsend_members('active')) AS members;
SELECT pg_current_xact_id_if_assigned() IS NULL AS none_taken;
COMMIT;
