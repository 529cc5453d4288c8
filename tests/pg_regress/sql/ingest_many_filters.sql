-- Of very many buckets that filter one event, somebody new is looked at for those alone that count what they
-- did: in the first event, in events from before there was a contact, and in more of them than are told apart.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
INSERT INTO buckets (id, criteria)
SELECT 'c' || n, hogsend_event('buy', filter => hogsend_property('category', 'eq', 'c' || n)) FROM generate_series(1, 40) n;
INSERT INTO buckets (id, criteria) VALUES
  ('dear',     hogsend_event('buy', filter => hogsend_property('$value', 'gt', 100))),
  ('any',      hogsend_event('buy')),
  ('january',  hogsend_event('buy', since => date '2026-01-01', until => date '2026-02-01')),
  ('never-c7', hogsend_event('buy', within => '60 days', never => true, filter => hogsend_property('category', 'eq', 'c7'))),
  ('c7-gone',  hogsend_all(hogsend_event('seen'), hogsend_event('buy', never => true, filter => hogsend_property('category', 'eq', 'c7'))));
CREATE VIEW who AS
SELECT user_id, array_agg(bucket_id ORDER BY bucket_id) AS buckets
FROM bucket_memberships WHERE status = 'active' GROUP BY user_id ORDER BY user_id;

-- One new user, then two at once.
INSERT INTO user_events (user_id, event, value, properties, occurred_at)
VALUES ('ada', 'buy', 120, '{"category": "c3"}', '2026-01-20 12:00+00');
INSERT INTO user_events (user_id, event, value, properties, occurred_at) VALUES
  ('ben', 'buy', 20, '{"category": "c7"}', '2026-02-20 12:00+00'),
  ('ben', 'buy', NULL, '{"category": "c8"}', '2026-01-31 23:59+00'),
  ('cem', 'buy', NULL, '{"category": "none"}', '2026-02-01 00:00+00'),
  ('cem', 'seen', NULL, '{}', '2026-02-01 00:00+00');
SELECT * FROM who;

-- Whose events were there before anybody was known, few of them and many.
SET session_replication_role = replica;
INSERT INTO user_events (user_id, event, value, properties, occurred_at)
SELECT 'dia', 'buy', n, jsonb_build_object('category', 'c' || n), '2026-02-20 12:00+00' FROM generate_series(5, 8) n
UNION ALL
SELECT 'eva', 'buy', n, jsonb_build_object('category', CASE n WHEN 200 THEN 'c9' ELSE 'c10' END), timestamptz '2026-02-20 12:00+00' - n * interval '3 hours'
FROM generate_series(1, 200) n;
RESET session_replication_role;
INSERT INTO contacts (user_id) VALUES ('dia'), ('eva');
SELECT * FROM who WHERE user_id IN ('dia', 'eva');

-- Who is deleted and comes back.
UPDATE contacts SET deleted_at = '2026-03-01 12:00+00' WHERE user_id IN ('ben', 'eva');
UPDATE contacts SET deleted_at = NULL WHERE user_id IN ('ben', 'eva');
SELECT * FROM who WHERE user_id IN ('ben', 'eva');
SELECT count(*) FROM buckets b, LATERAL hogsend_verify(b.id);
