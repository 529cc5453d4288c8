-- A consumer that was overtaken by hogsend_prune(force => true) is told so until somebody has taken note.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
INSERT INTO contacts (user_id) VALUES ('u1'), ('u2'), ('u3');
SELECT hogsend_subscribe('mails'), hogsend_subscribe('tasks');
SELECT hogsend_add_member('beta', ARRAY['u1', 'u2']);
SELECT hogsend_ack('tasks', max(batch)) FROM hogsend_poll('tasks');
SET hogsend.now = '2026-02-01 12:00+00';
SELECT transitions FROM hogsend_prune(interval '7 days', force => true);
SELECT hogsend_poll('mails');
-- Whoever has read all of it goes on.
SELECT count(*) FROM hogsend_poll('tasks');
-- Runners subscribe whenever they start. That must not make a gap of it that nobody has heard of.
SELECT hogsend_subscribe('mails', from_beginning => true);
SELECT hogsend_poll('mails');
SELECT hogsend_ack('mails', batch) FROM bucket_positions WHERE consumer = 'mails';
-- Once somebody has seen to it, it goes on with what is still there.
SELECT hogsend_add_member('beta', 'u3');
SELECT hogsend_unsubscribe('mails'), hogsend_subscribe('mails', from_beginning => true);
SELECT user_id FROM hogsend_poll('mails');
