-- Subscribing: new, again, with another filter, by another number of shards, and no more.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual'), ('vip', 'manual');
INSERT INTO contacts (user_id) VALUES ('u1'), ('u2'), ('u3'), ('u4');
SELECT hogsend_add_member('beta', 'u1');
-- True when it is new. It starts with what commits from now on.
SELECT hogsend_subscribe('mails');
SELECT count(*) FROM hogsend_poll('mails');
SELECT hogsend_add_member('beta', 'u2');
-- Said again it changes nothing, and the position stays.
SELECT hogsend_subscribe('mails');
SELECT user_id FROM hogsend_poll('mails');
-- Another filter holds at once, also for a batch that is out, and keeps the position.
SELECT hogsend_subscribe('mails', buckets => '{vip}');
SELECT count(*) FROM hogsend_poll('mails');
SELECT hogsend_add_member('beta', 'u3'), hogsend_add_member('vip', 'u3');
SELECT user_id, bucket_id FROM hogsend_poll('mails');
SELECT name, buckets, transitions, reasons, first_entry_only, shards FROM bucket_consumers;
-- A filter that is left out is none.
SELECT hogsend_subscribe('mails');
SELECT user_id, bucket_id FROM hogsend_poll('mails');
SELECT name, buckets, transitions, reasons, first_entry_only, shards FROM bucket_consumers;
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
-- from_beginning counts only for a new one.
SELECT hogsend_subscribe('mails', from_beginning => true);
SELECT count(*) FROM hogsend_poll('mails');
-- With another number of shards users would change shards; the filter stays as it was, too.
SELECT hogsend_subscribe('mails', buckets => '{vip}', shards => 2);
SELECT buckets, shards FROM bucket_consumers;
-- The way there: read everything, unsubscribe, subscribe again.
SELECT hogsend_unsubscribe('mails');
SELECT hogsend_unsubscribe('mails');
SELECT hogsend_unsubscribe(NULL);
SELECT count(*) FROM bucket_positions;
SELECT hogsend_poll('mails');
SELECT hogsend_subscribe('mails', shards => 2);
SELECT count(*) FROM bucket_positions;
-- A token of the subscription before does not fit the one of now.
SELECT hogsend_unsubscribe('mails'), hogsend_subscribe('mails');
SELECT hogsend_add_member('beta', 'u4');
SELECT max(batch) AS earlier FROM hogsend_poll('mails') \gset
SELECT hogsend_unsubscribe('mails'), hogsend_subscribe('mails', from_beginning => true);
SELECT count(*) FROM hogsend_poll('mails');
SELECT hogsend_ack('mails', :earlier);
