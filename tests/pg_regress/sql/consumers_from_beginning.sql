-- From the beginning: all that is in the outbox, then what comes.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual'), ('vip', 'manual');
INSERT INTO contacts (user_id) VALUES ('u1'), ('u2'), ('u3');
-- An empty outbox.
SELECT hogsend_subscribe('earliest', from_beginning => true);
SELECT count(*) FROM hogsend_poll('earliest');
SELECT hogsend_add_member('beta', ARRAY['u1', 'u2', 'u3']);
SELECT hogsend_add_member('vip', 'u1');
SELECT hogsend_remove_member('beta', 'u2');
SELECT hogsend_subscribe('later', from_beginning => true);
SELECT hogsend_subscribe('later_vip', buckets => '{vip}', from_beginning => true, shards => 2);
SELECT hogsend_subscribe('now');
SELECT id, user_id, transition, bucket_id FROM hogsend_poll('earliest');
SELECT id, user_id, transition, bucket_id FROM hogsend_poll('later', 3);
SELECT hogsend_ack('later', max(batch)) FROM hogsend_poll('later');
SELECT hogsend_remove_member('beta', 'u3');
SELECT id, user_id, transition, bucket_id FROM hogsend_poll('later', 3);
SELECT hogsend_ack('later', max(batch)) FROM hogsend_poll('later');
SELECT id, user_id, transition, bucket_id FROM hogsend_poll('later', 3);
SELECT hogsend_ack('later', max(batch)) FROM hogsend_poll('later');
SELECT count(*) FROM hogsend_poll('later', 3);
SELECT id, user_id, transition, bucket_id FROM hogsend_poll('now');
SELECT s AS shard, p.id, p.user_id FROM generate_series(0, 1) s, hogsend_poll('later_vip', 10, s) p;
