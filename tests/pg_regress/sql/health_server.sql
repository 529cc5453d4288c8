-- What may fill up or fall behind around our tables.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
CREATE VIEW server AS SELECT * FROM hogsend_health() WHERE "check" IN ('cron history', 'notifications', 'autovacuum');
TABLE server;
-- A queue that nobody empties fills for hours, so that how full it is is said here.
SELECT ok, detail FROM hogsend_check_notifications(0.02);
SELECT ok, detail FROM hogsend_check_notifications(0.613);
-- Dead rows that autovacuum does not get to, because it was switched off; of few nothing is said.
ALTER TABLE contacts SET (autovacuum_enabled = off);
SET session_replication_role = replica;
INSERT INTO contacts (user_id) SELECT 'u' || n FROM generate_series(1, 5001) n;
UPDATE contacts SET email = 'a@example.com';
SELECT FROM pg_stat_force_next_flush();
SELECT ok, detail FROM server WHERE "check" = 'autovacuum';
UPDATE contacts SET email = 'b@example.com';
SELECT FROM pg_stat_force_next_flush();
SELECT ok, detail FROM server WHERE "check" = 'autovacuum';
-- A table that says so waits for more of them.
ALTER TABLE contacts SET (autovacuum_vacuum_threshold = 4000);
SELECT ok, detail FROM server WHERE "check" = 'autovacuum';
ALTER TABLE contacts RESET (autovacuum_vacuum_threshold);
VACUUM contacts;
SELECT FROM pg_stat_force_next_flush();
SELECT ok, detail FROM server WHERE "check" = 'autovacuum';
-- Partitions are tables, too.
CREATE TABLE old (LIKE user_events INCLUDING DEFAULTS);
ALTER TABLE old SET (autovacuum_enabled = off);
ALTER TABLE user_events RENAME TO whole;
CREATE TABLE user_events (LIKE whole INCLUDING DEFAULTS INCLUDING IDENTITY, PRIMARY KEY (id, user_id)) PARTITION BY HASH (user_id);
ALTER TABLE user_events ATTACH PARTITION old FOR VALUES WITH (MODULUS 1, REMAINDER 0);
INSERT INTO old (id, user_id, event) SELECT n, 'u', 'e' FROM generate_series(1, 10001) n;
DELETE FROM old;
SELECT FROM pg_stat_force_next_flush();
SELECT ok, detail FROM hogsend_check_vacuum();
