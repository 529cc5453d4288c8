-- A batch: the same until it is acknowledged, as large as asked, and page after page.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
INSERT INTO contacts (user_id) SELECT 'u' || n FROM generate_series(1, 9) n;
SELECT hogsend_subscribe('mails'), hogsend_subscribe('tasks');
SELECT hogsend_add_member('beta', ARRAY['u1', 'u2', 'u3', 'u4', 'u5']);
-- Every column of the outbox, and the token.
\x on
SELECT batch > 0 AS token, id, event, bucket_id, user_id, transition, entry_count, reason, source,
       dwell_label, dwell_count, effective_at, recorded_at, idempotency_key
FROM hogsend_poll('mails', 1);
\x off
-- The same batch, whatever is asked now and whatever has happened since.
SELECT hogsend_remove_member('beta', 'u1');
SELECT id, user_id FROM hogsend_poll('mails', 3);
SELECT count(DISTINCT batch) FROM (SELECT batch FROM hogsend_poll('mails', 10000) UNION ALL SELECT batch FROM hogsend_poll('mails')) AS b;
-- Page after page of what was there when the first was asked for. The leave came later.
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
SELECT id, user_id, transition FROM hogsend_poll('mails', 2);
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
SELECT id, user_id, transition FROM hogsend_poll('mails', 2);
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
-- That page was the last and full; what follows is the next difference.
SELECT id, user_id, transition FROM hogsend_poll('mails', 2);
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
SELECT count(*) FROM hogsend_poll('mails', 2);
-- The last page was full, and then there is nothing.
SELECT hogsend_add_member('beta', ARRAY['u6', 'u7']);
SELECT id, user_id FROM hogsend_poll('mails', 2);
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
SELECT count(*) FROM hogsend_poll('mails', 2);
SELECT hogsend_add_member('beta', 'u8');
SELECT id, user_id FROM hogsend_poll('mails', 2);
-- The other consumer goes its own way.
SELECT count(*), min(id), max(id) FROM hogsend_poll('tasks');
-- A poll that is rolled back has not been: the same transitions come again, under another token.
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
SELECT hogsend_add_member('beta', 'u9');
BEGIN;
SELECT id, user_id FROM hogsend_poll('mails');
SELECT max(batch) AS rolled_back FROM hogsend_poll('mails') \gset
SELECT hogsend_ack('mails', :rolled_back);
SELECT count(*) FROM hogsend_poll('mails');
ROLLBACK;
SELECT pg_sleep(0.005);
SELECT id, user_id, batch > :rolled_back AS another_token FROM hogsend_poll('mails');
SELECT hogsend_ack('mails', :rolled_back);
-- A transaction is not told of its own transitions until they are committed.
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
BEGIN;
SELECT hogsend_remove_member('beta', 'u9');
SELECT count(*) FROM hogsend_poll('mails');
COMMIT;
SELECT user_id, transition FROM hogsend_poll('mails');
