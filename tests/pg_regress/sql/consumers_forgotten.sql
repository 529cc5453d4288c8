-- Users who are erased while a batch is out: it shrinks, and what is left of it goes on.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
INSERT INTO contacts (user_id) SELECT 'u' || n FROM generate_series(1, 9) n;
SELECT hogsend_subscribe('mails');
SELECT hogsend_add_member('beta', (SELECT array_agg(user_id) FROM contacts));
SELECT user_id FROM hogsend_poll('mails', 3);
SELECT max(batch) AS token FROM hogsend_poll('mails') \gset
-- One of three: the batch is the same, without the user.
SELECT hogsend_forget_user('u2') > 0;
SELECT user_id FROM hogsend_poll('mails', 3);
SELECT max(batch) = :token AS the_same FROM hogsend_poll('mails');
-- The last of it, by which its end is known.
SELECT hogsend_forget_user('u3') > 0;
SELECT user_id FROM hogsend_poll('mails', 3);
SELECT hogsend_ack('mails', :token);
SELECT user_id FROM hogsend_poll('mails', 3);
SELECT max(batch) AS token FROM hogsend_poll('mails') \gset
-- All of it: the next batch comes at once, and the token of the empty one is worth nothing.
SELECT hogsend_forget_user('u4') + hogsend_forget_user('u5') + hogsend_forget_user('u6') > 0;
SELECT user_id FROM hogsend_poll('mails', 3);
SELECT hogsend_ack('mails', :token);
SELECT user_id FROM hogsend_poll('mails', 3);
-- A worker that has the batch may still acknowledge it when its users are gone.
SELECT max(batch) AS token FROM hogsend_poll('mails') \gset
SELECT hogsend_forget_user('u7') + hogsend_forget_user('u8') + hogsend_forget_user('u9') > 0;
SELECT hogsend_ack('mails', :token);
SELECT count(*) FROM hogsend_poll('mails');
-- Nothing else was lost.
SELECT hogsend_remove_member('beta', 'u1');
SELECT user_id, transition FROM hogsend_poll('mails');
