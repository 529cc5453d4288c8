-- A poll that finds nothing writes nothing, and takes no transaction id.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
INSERT INTO contacts (user_id) VALUES ('u1'), ('u2');
SELECT hogsend_subscribe('mails'), hogsend_subscribe('picky', buckets => '{other}'), hogsend_subscribe('sharded', shards => 2);
-- A new consumer, nothing to tell.
BEGIN;
SELECT count(*) FROM hogsend_poll('mails');
SELECT count(*) FROM hogsend_poll('picky');
SELECT count(*) FROM hogsend_poll('sharded', shard => 1);
SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS wrote;
COMMIT;
-- An acknowledgement that is not one writes nothing either.
BEGIN;
SELECT hogsend_ack('mails', 1), hogsend_ack('mails', NULL);
SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS wrote;
COMMIT;
-- What does not concern a consumer is passed once, and not looked at again.
SELECT hogsend_add_member('beta', 'u1');
BEGIN;
SELECT count(*) FROM hogsend_poll('picky');
SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS wrote;
COMMIT;
BEGIN;
SELECT count(*) FROM hogsend_poll('picky');
SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS wrote;
COMMIT;
-- A batch writes once: it is out, and asking again does not write.
SELECT count(*) FROM hogsend_poll('mails');
BEGIN;
SELECT count(*) FROM hogsend_poll('mails');
SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS wrote;
COMMIT;
-- Read to the end, it is idle again.
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails');
BEGIN;
SELECT count(*) FROM hogsend_poll('mails');
SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS wrote;
COMMIT;
-- The same after a page that was full.
SELECT hogsend_add_member('beta', 'u2');
SELECT hogsend_ack('mails', max(batch)) FROM hogsend_poll('mails', 1);
SELECT count(*) FROM hogsend_poll('mails', 1);
BEGIN;
SELECT count(*) FROM hogsend_poll('mails', 1);
SELECT pg_current_xact_id_if_assigned() IS NOT NULL AS wrote;
COMMIT;
