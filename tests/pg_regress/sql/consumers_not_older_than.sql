-- not_older_than: what took effect too long ago, when it is first handed out, is passed over.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
SELECT hogsend_subscribe('mails', not_older_than => '1 day'), hogsend_subscribe('tasks');
SELECT hogsend_add_member('beta', 'u1');
SET hogsend.now = '2026-01-02 12:00+00';
SELECT hogsend_add_member('beta', 'u2');
SET hogsend.now = '2026-01-02 12:00:00.000001+00';
-- A microsecond too old; and that old.
SELECT consumer, rows_behind FROM bucket_lag ORDER BY 1;
SELECT user_id FROM hogsend_poll('mails');
SELECT user_id FROM hogsend_poll('tasks');
-- The same batch until it is acknowledged, however long that takes, and whatever is said meanwhile.
SET hogsend.now = '2026-02-01 12:00+00';
SELECT user_id FROM hogsend_poll('mails');
SELECT hogsend_subscribe('mails', not_older_than => '1 hour');
SELECT user_id FROM hogsend_poll('mails');
SELECT hogsend_ack('mails', batch) FROM bucket_positions WHERE consumer = 'mails';
SELECT user_id FROM hogsend_poll('mails');
-- After an outage, page by page.
SELECT hogsend_add_member('beta', ARRAY['u3', 'u4', 'u5']);
SET hogsend.now = '2026-02-01 13:30+00';
SELECT hogsend_add_member('beta', ARRAY['u6', 'u7', 'u8']);
SELECT user_id FROM hogsend_poll('mails', 2);
SELECT hogsend_ack('mails', batch) FROM bucket_positions WHERE consumer = 'mails';
SELECT user_id FROM hogsend_poll('mails', 2);
SELECT hogsend_ack('mails', batch) FROM bucket_positions WHERE consumer = 'mails';
-- Of a difference that is read already what has aged meanwhile is passed over too.
SELECT hogsend_add_member('beta', ARRAY['u9', 'u10', 'u11']);
SELECT user_id FROM hogsend_poll('mails', 2);
SELECT hogsend_ack('mails', batch) FROM bucket_positions WHERE consumer = 'mails';
SET hogsend.now = '2026-02-02 12:00+00';
SELECT user_id FROM hogsend_poll('mails', 2);
-- What it would pass over anyway is no loss to it; to others it is.
SELECT hogsend_ack('tasks', batch) FROM bucket_positions WHERE consumer = 'tasks';
SELECT hogsend_remove_member('beta', 'u1');
SET hogsend.now = '2026-02-03 12:00+00';
SELECT transitions FROM hogsend_prune(interval '1 hour', force => true);
SELECT consumer, lapsed FROM bucket_lag ORDER BY 1;
-- Said anew without it, everything is delivered.
SELECT hogsend_subscribe('mails');
SELECT not_older_than FROM bucket_consumers WHERE name = 'mails';
-- Refused.
SELECT hogsend_subscribe('mails', not_older_than => '0');
SELECT hogsend_subscribe('mails', not_older_than => '-1 day');
-- Buckets that do not exist are accepted, and said.
SET client_min_messages = notice;
SELECT hogsend_subscribe('mails', '{beta,betta,later}');
SELECT buckets FROM bucket_consumers WHERE name = 'mails';
