-- Numbers that are set back would be skipped: consumers say so, and nothing of it is pruned.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
SELECT hogsend_subscribe('mails'), hogsend_subscribe('slow');
SELECT hogsend_add_member('beta', ARRAY['u1', 'u2', 'u3', 'u4']);
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
-- DELETE and setval. Who has yet to read them goes by the rows.
DELETE FROM bucket_transitions;
SELECT setval(pg_get_serial_sequence('bucket_transitions', 'id'), 1, false);
SELECT hogsend_poll('mails');
SELECT hogsend_add_member('beta', 'u5');
SELECT hogsend_poll('mails');
SELECT user_id FROM hogsend_poll('slow');
SELECT hogsend_ack('slow', batch) FROM bucket_positions WHERE consumer = 'slow';
SELECT detail FROM hogsend_health() WHERE "check" = 'lapsed consumers';
-- Pruning does not make a gap of it that nobody hears of.
SET hogsend.now = '2026-03-01 12:00+00';
SELECT transitions FROM hogsend_prune(interval '7 days');
SELECT hogsend_poll('mails');
SELECT transitions FROM hogsend_prune(interval '7 days', force => true);
SELECT hogsend_poll('mails');
SELECT hogsend_unsubscribe('mails');
-- Back into the middle, while higher numbers are there still.
SELECT hogsend_subscribe('mails');
SELECT setval(pg_get_serial_sequence('bucket_transitions', 'id'), 100);
SELECT hogsend_add_member('beta', 'u6');
SELECT id, user_id FROM hogsend_poll('mails');
SELECT hogsend_ack('mails', batch) FROM bucket_positions WHERE consumer = 'mails';
ALTER SEQUENCE bucket_transitions_id_seq RESTART WITH 50;
SELECT hogsend_add_member('beta', 'u7');
SELECT hogsend_poll('mails');
SELECT hogsend_unsubscribe('mails'), hogsend_subscribe('mails', from_beginning => true);
SELECT id, user_id FROM hogsend_poll('mails');
