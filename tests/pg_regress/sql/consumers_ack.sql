-- Acknowledging is fenced: only the batch that is out, by who has it, once.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
INSERT INTO contacts (user_id) SELECT 'u' || n FROM generate_series(1, 6) n;
SELECT hogsend_subscribe('mails'), hogsend_subscribe('tasks');
SELECT hogsend_add_member('beta', ARRAY['u1', 'u2', 'u3', 'u4', 'u5', 'u6']);
-- Nothing is out: nothing to acknowledge, whatever the number.
SELECT hogsend_ack('mails', n) FROM unnest('{0,1,-1,1024,9223372036854775807,-9223372036854775808,NULL}'::bigint[]) n;
SELECT hogsend_ack('mails', batch) FROM bucket_positions WHERE consumer = 'mails';

SELECT max(batch) AS first FROM hogsend_poll('mails', 2) \gset
SELECT pg_sleep(0.005);
SELECT max(batch) AS of_tasks FROM hogsend_poll('tasks', 2) \gset
-- Garbage, and the tokens of two consumers mixed up, while a batch is out.
SELECT hogsend_ack('mails', n) FROM unnest(ARRAY[0, NULL, -:first, :first + 1, :first - 1, :first + 1024, :first - 1024]) n;
SELECT hogsend_ack('mails', :of_tasks), hogsend_ack('tasks', :first);
SELECT id FROM hogsend_poll('mails');
SELECT id FROM hogsend_poll('tasks');
-- Once; the second time it is late.
SELECT hogsend_ack('mails', :first);
SELECT hogsend_ack('mails', :first);
SELECT id FROM hogsend_poll('mails', 2);
-- Late: the next batch is out, and stays.
SELECT hogsend_ack('mails', :first);
SELECT id FROM hogsend_poll('mails', 2);
SELECT max(batch) > :first AS rises FROM hogsend_poll('mails');
-- A savepoint that is rolled back takes the acknowledgement with it.
BEGIN;
SAVEPOINT effects;
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
ROLLBACK TO SAVEPOINT effects;
SELECT id FROM hogsend_poll('mails', 2);
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
COMMIT;
SELECT id FROM hogsend_poll('mails', 2);
-- Poll, effects and acknowledgements of several batches may share a transaction.
BEGIN;
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
SELECT count(*) FROM hogsend_poll('mails', 2);
COMMIT;
