-- Very many pairs in one statement; and of some it is held against what comes of saying them one after the other.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria, entry_limit) VALUES
    ('twice', hogsend_event('e', at_least => 2), 'unlimited'),
    ('not-f', hogsend_all(hogsend_event('e'), hogsend_not(hogsend_event('f'))), 'once'),
    ('pro', hogsend_property('plan', 'eq', 'pro'), 'unlimited');
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
-- Visitors 1 to 10,000; users 1 to 7,000, of whom some have several of them, and some are new.
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key, contact_properties)
SELECT 'v' || n, CASE WHEN n % 5 = 0 THEN 'f' ELSE 'e' END, timestamptz '2026-01-01 11:00+00' - n * interval '1 second',
       CASE WHEN n % 3 = 0 THEN 'k' || (1 + n * 7 % 7000) / 10 END, CASE WHEN n % 11 = 0 THEN '{"plan": "pro"}'::jsonb END
FROM generate_series(1, 10000) n;
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key, contact_properties)
SELECT 'u' || n, 'e', '2026-01-01 11:30+00', 'k' || n / 10, CASE WHEN n % 2 = 0 THEN '{"plan": "free"}'::jsonb END
FROM generate_series(1, 5000) n;
SELECT hogsend_add_member('beta', array_agg('v' || n)) FROM generate_series(1, 10000, 7) n;
SELECT hogsend_add_member('beta', array_agg('u' || n)) FROM generate_series(1, 5000, 3) n;
CREATE TABLE pairs AS SELECT n, 'v' || n AS alias, 'u' || 1 + n * 7 % 7000 AS user_id FROM generate_series(1, 10000) n;
CREATE VIEW summary AS
    SELECT 'contacts' AS of, count(*), md5(string_agg(concat_ws('|', user_id, email, properties), ',' ORDER BY user_id COLLATE "C")) FROM contacts
    UNION ALL SELECT 'events', count(*), md5(string_agg(concat_ws('|', user_id, event, occurred_at, idempotency_key), ',' ORDER BY user_id COLLATE "C", event, occurred_at, idempotency_key)) FROM user_events
    UNION ALL SELECT 'aliases', count(*), md5(string_agg(concat_ws('|', alias, user_id), ',' ORDER BY alias COLLATE "C")) FROM user_aliases
    UNION ALL SELECT 'members', count(*), md5(string_agg(concat_ws('|', bucket_id, user_id), ',' ORDER BY bucket_id, user_id COLLATE "C")) FROM bucket_members
    UNION ALL SELECT 'timers', count(*), md5(string_agg(concat_ws('|', bucket_id, user_id), ',' ORDER BY bucket_id, user_id COLLATE "C")) FROM bucket_timers;
BEGIN;
SELECT count(*) FILTER (WHERE hogsend_identify(p.alias, p.user_id)) FROM (SELECT * FROM pairs WHERE n > 9600 ORDER BY n) p;
SELECT bucket_id, count(*) AS wrong FROM (SELECT b.id AS bucket_id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v WHERE b.kind = 'dynamic') w GROUP BY 1;
\o /dev/null
SELECT set_config('test.one_by_one', (SELECT string_agg(s::text, ';' ORDER BY s.of) FROM summary s), false) AS one_by_one \gset
\o
ROLLBACK;
BEGIN;
SELECT hogsend_identify(array_agg(alias ORDER BY n), array_agg(user_id ORDER BY n)) FROM pairs WHERE n > 9600;
SELECT (SELECT string_agg(s::text, ';' ORDER BY s.of) FROM summary s) = :'one_by_one' AS same;
ROLLBACK;
SELECT hogsend_identify(array_agg(alias ORDER BY n), array_agg(user_id ORDER BY n)) FROM pairs;
SELECT "of", count FROM summary ORDER BY 1;
SELECT b.id, count(v.*) AS wrong FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v WHERE b.kind = 'dynamic' GROUP BY 1;
-- No key of the outbox twice, no number twice, and nobody is anything under another id.
SELECT count(*) - count(DISTINCT idempotency_key) AS repeated FROM bucket_transitions;
SELECT count(*) FROM bucket_memberships m JOIN user_aliases a ON a.alias = m.user_id;
SELECT count(*) FROM contacts c JOIN user_aliases a ON a.alias = c.user_id;
-- Active stays come last.
SELECT count(*) FROM bucket_memberships m JOIN bucket_memberships l USING (user_id, bucket_id) WHERE m.status = 'active' AND l.entry_count > m.entry_count;
-- Said again it is nothing.
SELECT hogsend_identify(array_agg(alias ORDER BY n), array_agg(user_id ORDER BY n)) FROM pairs;
