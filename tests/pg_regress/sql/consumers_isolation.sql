-- REPEATABLE READ and SERIALIZABLE: a batch is what the transaction's snapshot has.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
INSERT INTO contacts (user_id) SELECT 'u' || n FROM generate_series(1, 8) n;
CREATE TABLE sent (user_id text);
SELECT hogsend_subscribe('mails');
SELECT hogsend_add_member('beta', ARRAY['u1', 'u2']);
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT user_id FROM hogsend_poll('mails', 1);
INSERT INTO sent SELECT user_id FROM hogsend_poll('mails');
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
-- More of the same snapshot.
SELECT user_id FROM hogsend_poll('mails', 1);
INSERT INTO sent SELECT user_id FROM hogsend_poll('mails');
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
-- Its own transitions are not in it.
SELECT hogsend_add_member('beta', 'u3');
SELECT count(*) FROM hogsend_poll('mails');
COMMIT;
SELECT user_id FROM sent;
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT user_id FROM hogsend_poll('mails');
INSERT INTO sent SELECT user_id FROM hogsend_poll('mails');
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
SELECT hogsend_ack('mails', batch) FROM bucket_positions;
COMMIT;
SELECT count(*) FROM hogsend_poll('mails');
-- Subscribing in them.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT hogsend_subscribe('tasks');
SELECT hogsend_add_member('beta', 'u4');
COMMIT;
SELECT user_id FROM hogsend_poll('tasks');
BEGIN ISOLATION LEVEL SERIALIZABLE;
SELECT hogsend_subscribe('tasks', buckets => '{beta}');
SELECT user_id FROM hogsend_poll('tasks');
COMMIT;
-- READ ONLY transactions may ask while there is nothing, and are told so otherwise.
SELECT hogsend_ack('tasks', max(batch)) FROM hogsend_poll('tasks');
BEGIN READ ONLY;
SELECT count(*) FROM hogsend_poll('tasks');
COMMIT;
SELECT hogsend_add_member('beta', 'u5');
BEGIN READ ONLY;
SELECT count(*) FROM hogsend_poll('tasks');
COMMIT;
SELECT user_id FROM hogsend_poll('tasks');
