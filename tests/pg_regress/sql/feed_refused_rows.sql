-- What user_events refuses of a statement is left out, and nothing else of it.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('buyers', hogsend_event('e', at_least => 1)), ('dear', hogsend_event('e', filter => hogsend_property('$value', 'gt', 50)));
CREATE TABLE o (id integer PRIMARY KEY, who text, a numeric, at timestamptz DEFAULT '2026-01-09 12:00+00');
SELECT hogsend_attach_events('o', key => 'id', user_id => 'who', event => $$'e'$$, occurred_at => 'at', value => 'a');
ALTER TABLE user_events ADD CONSTRAINT no_bad CHECK (user_id <> 'bad' AND value < 100);
INSERT INTO o VALUES (1, 'u1', 1), (2, 'bad', 2), (3, 'u3', 3), (4, 'u4', 400), (5, 'u5', 5), (6, NULL, 6), (7, 'u1', 7);
SELECT user_id, value, idempotency_key FROM user_events ORDER BY idempotency_key;
SELECT user_id, bucket_id FROM bucket_memberships WHERE status = 'active' ORDER BY 1, 2;
SELECT skipped, failed, error FROM feed_notes ORDER BY id;
TRUNCATE feed_notes;
-- Corrections: of one the value is refused, of another the user; what was said of them stays.
UPDATE o SET a = CASE id WHEN 3 THEN 300 ELSE 60 END, who = CASE id WHEN 5 THEN 'bad' WHEN 7 THEN 'u7' ELSE who END;
SELECT user_id, value, idempotency_key FROM user_events ORDER BY idempotency_key;
SELECT user_id, bucket_id FROM bucket_memberships WHERE status = 'active' ORDER BY 1, 2;
SELECT skipped, failed, error FROM feed_notes ORDER BY id;
SELECT key, user_id, problem FROM hogsend_verify_feed('o') ORDER BY 1, 2;
TRUNCATE feed_notes;
-- A row whose event must stay.
ALTER TABLE user_events DROP CONSTRAINT no_bad;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF OLD.user_id = 'u3' THEN RAISE EXCEPTION 'not u3'; END IF; RETURN OLD; END $$;
CREATE TRIGGER r BEFORE DELETE ON user_events FOR EACH ROW EXECUTE FUNCTION refuse();
DELETE FROM o WHERE id IN (1, 2, 3, 4, 7);
SELECT user_id, value, idempotency_key FROM user_events ORDER BY idempotency_key;
SELECT user_id, bucket_id FROM bucket_memberships WHERE status = 'active' ORDER BY 1, 2;
SELECT skipped, failed, error FROM feed_notes ORDER BY id;
TRUNCATE feed_notes, o;
DROP TRIGGER r ON user_events;
DELETE FROM user_events;
-- Very many that are refused: after the first thousand the rest of them go together.
ALTER TABLE user_events ADD CONSTRAINT few CHECK (value >= 9000);
INSERT INTO o SELECT n, 'u' || n, n FROM generate_series(1, 10000) n;
SELECT skipped, failed, error FROM feed_notes ORDER BY id;
SELECT count(*) FROM o;
SELECT count(*) > 0 AS some FROM user_events;
ALTER TABLE user_events DROP CONSTRAINT few;
CALL hogsend_import('o');
SELECT count(*) FROM user_events;
SELECT * FROM hogsend_verify_feed('o');
DROP EXTENSION hogsend CASCADE;
