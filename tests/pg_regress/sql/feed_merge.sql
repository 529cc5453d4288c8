-- MERGE into an attached table is mirrored as the inserts, updates and deletes that it is.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('buyers', hogsend_event('e', at_least => 1)), ('pro', hogsend_property('plan', 'eq', 'pro'));
CREATE TABLE o (id integer PRIMARY KEY, who text, a numeric, at timestamptz DEFAULT '2026-01-09 12:00+00');
CREATE TABLE p (id text PRIMARY KEY, plan text);
SELECT hogsend_attach_events('o', key => 'id', user_id => 'who', event => $$'e'$$, occurred_at => 'at', value => 'a');
SELECT hogsend_attach_contacts('p', user_id => 'id', properties => '{plan}', on_delete => 'forget');
INSERT INTO o VALUES (1, 'u1', 1), (2, 'u2', 2), (3, 'u3', 3);
INSERT INTO p VALUES ('u1', 'free'), ('u2', 'pro'), ('u3', 'pro');
TRUNCATE bucket_transitions;
-- One is corrected, one goes, one comes, one stays.
MERGE INTO o USING (VALUES (1, 'u1', 10), (2, 'u2', NULL), (4, 'u4', 4)) AS s (id, who, a) ON o.id = s.id
WHEN MATCHED AND s.a IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET a = s.a
WHEN NOT MATCHED THEN INSERT (id, who, a) VALUES (s.id, s.who, s.a);
SELECT user_id, value, idempotency_key FROM user_events ORDER BY idempotency_key;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
TRUNCATE bucket_transitions;
MERGE INTO p USING (VALUES ('u1', 'pro'), ('u3', NULL), ('u4', 'pro'), ('u5', 'free')) AS s (id, plan) ON p.id = s.id
WHEN MATCHED AND s.plan IS NULL THEN DELETE
WHEN MATCHED THEN UPDATE SET plan = s.plan
WHEN NOT MATCHED THEN INSERT VALUES (s.id, s.plan);
SELECT user_id, properties FROM contacts ORDER BY user_id;
SELECT event, user_id FROM bucket_transitions ORDER BY event, user_id;
SELECT user_id FROM user_events ORDER BY 1;
TRUNCATE bucket_transitions;
-- Rows that are replaced by it; one takes the place of another.
MERGE INTO p USING (VALUES ('u1', 'd'), ('u2', 'd'), ('u1', 'i'), ('u2', 'i')) AS s (id, what) ON p.id = s.id AND s.what = 'd'
WHEN MATCHED THEN DELETE
WHEN NOT MATCHED THEN INSERT VALUES (s.id, 'pro');
MERGE INTO o USING (VALUES (1, 4), (4, 1)) AS s (id, other) ON o.id = s.id
WHEN MATCHED THEN UPDATE SET a = s.other * 100;
SELECT user_id, properties FROM contacts ORDER BY user_id;
SELECT user_id, value, idempotency_key FROM user_events ORDER BY idempotency_key;
SELECT event, user_id FROM bucket_transitions ORDER BY event, user_id;
SELECT f, v.* FROM unnest('{o,p}'::text[]) f, hogsend_verify_feed(f) v;
SELECT * FROM feed_notes;
DROP EXTENSION hogsend CASCADE;
DROP TABLE o, p CASCADE;
