-- Partitions of an attached table have its triggers, whenever they come, and lose them when they go.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
CREATE TABLE logins (id bigint, at timestamptz NOT NULL, who text, PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
CREATE TABLE l1 PARTITION OF logins FOR VALUES FROM ('2026-01-01') TO ('2026-02-01');
-- Its columns are in another order.
CREATE TABLE l2 (who text, junk integer, at timestamptz NOT NULL, id bigint NOT NULL);
ALTER TABLE l2 DROP COLUMN junk;
ALTER TABLE logins ATTACH PARTITION l2 FOR VALUES FROM ('2026-02-01') TO ('2026-03-01');
SELECT hogsend_attach_events('l1', key => 'id', user_id => 'who', event => $$'login'$$, occurred_at => 'at');
SELECT hogsend_attach_events('logins', key => 'id', user_id => 'who', event => $$'login'$$, occurred_at => 'at');
SELECT hogsend_attach_events('logins', key => $$id || ' ' || extract(day FROM at)::integer$$, user_id => 'who', event => $$'login'$$, occurred_at => 'at', name => 'l');
CREATE VIEW seen AS SELECT user_id, idempotency_key, occurred_at::date FROM user_events ORDER BY idempotency_key;
INSERT INTO logins VALUES (1, '2026-01-05', 'a'), (2, '2026-02-05', 'b');
INSERT INTO l1 VALUES (3, '2026-01-05', 'a');
INSERT INTO l2 (id, at, who) VALUES (4, '2026-02-05', 'b');
SELECT * FROM seen;
-- Rows that move from one to another.
UPDATE logins SET at = at + interval '1 month' WHERE id IN (1, 3);
SELECT * FROM seen;
-- Partitions that come later.
CREATE TABLE l3 PARTITION OF logins FOR VALUES FROM ('2026-03-01') TO ('2026-04-01') PARTITION BY RANGE (at);
CREATE TABLE l3a PARTITION OF l3 FOR VALUES FROM ('2026-03-01') TO ('2026-03-11');
CREATE TABLE l4 (LIKE logins);
INSERT INTO l4 VALUES (9, '2026-04-05', 'z');
ALTER TABLE logins ATTACH PARTITION l4 FOR VALUES FROM ('2026-04-01') TO ('2026-05-01');
SELECT relation, count(*) FROM hogsend_feed_triggers('l') GROUP BY 1 ORDER BY relation::text;
INSERT INTO l3a VALUES (5, '2026-03-05', 'c');
INSERT INTO l3 VALUES (6, '2026-03-05', 'c');
INSERT INTO l4 VALUES (7, '2026-04-05', 'd');
SELECT * FROM seen WHERE user_id IN ('c', 'd');
TRUNCATE l3;
DELETE FROM l4 WHERE id = 9;
SELECT * FROM seen WHERE user_id IN ('c', 'd');
-- Partitions that go. What came of their rows stays.
ALTER TABLE logins DETACH PARTITION l4;
ALTER TABLE logins DETACH PARTITION l1 CONCURRENTLY;
INSERT INTO l4 VALUES (8, '2026-04-05', 'd');
SELECT relation, count(*) FROM hogsend_feed_triggers('l') GROUP BY 1 ORDER BY relation::text;
SELECT * FROM seen WHERE user_id IN ('c', 'd');
-- Where nobody looked, the clock does.
ALTER EVENT TRIGGER hogsend_on_partitions DISABLE;
CREATE TABLE l5 PARTITION OF logins FOR VALUES FROM ('2026-05-01') TO ('2026-06-01');
ALTER TABLE logins DETACH PARTITION l3;
SELECT * FROM hogsend_feed_gaps();
SELECT hogsend_feed_relation('l');
CALL hogsend_run('0');
SELECT * FROM hogsend_feed_gaps();
SELECT relation, count(*) FROM hogsend_feed_triggers('l') GROUP BY 1 ORDER BY relation::text;
ALTER EVENT TRIGGER hogsend_on_partitions ENABLE;
-- What stands in the way is a warning, and no failure of the command.
CREATE TABLE l6 (LIKE logins);
CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER hogsend_insert_l AFTER INSERT ON l6 FOR EACH STATEMENT EXECUTE FUNCTION mine();
ALTER TABLE logins ATTACH PARTITION l6 FOR VALUES FROM ('2026-06-01') TO ('2026-07-01');
SELECT * FROM hogsend_feed_gaps();
-- The whole.
TRUNCATE logins;
SELECT * FROM seen;
SELECT hogsend_detach('l');
SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'hogsend%\_l';
SELECT feed, skipped, failed, error FROM feed_notes;
