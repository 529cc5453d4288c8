-- Shards: each user in exactly one, in order, and each acknowledges for itself.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual'), ('vip', 'manual');
INSERT INTO contacts (user_id) SELECT 'user-' || n FROM generate_series(1, 200) n;
SELECT hogsend_subscribe('mails', shards => 4);
SELECT hogsend_subscribe('whole');
-- Where a user belongs never changes: these are the values of every server and version.
SELECT u AS user_id, hogsend_shard(u, 1) AS of_1, hogsend_shard(u, 4) AS of_4, hogsend_shard(u, 7) AS of_7, hogsend_shard(u, 1024) AS of_1024
FROM unnest('{user-1,user-2,ann@example.org,"",ünï,9f0c2d8e-1c7b-4c3a-8f53-0b8f6f9b2a11}'::text[]) u;
SELECT hogsend_shard('u', NULL), hogsend_shard(NULL, 4);
SELECT hogsend_add_member('beta', (SELECT array_agg(user_id) FROM contacts));
SELECT hogsend_add_member('vip', (SELECT array_agg(user_id) FROM contacts));
SELECT hogsend_remove_member('beta', (SELECT array_agg(user_id) FROM contacts));
CREATE TABLE told (n bigint GENERATED ALWAYS AS IDENTITY, shard int, id bigint, user_id text);
CREATE PROCEDURE drain(shard int, max int) LANGUAGE plpgsql AS $$
DECLARE
    token bigint;
BEGIN
    LOOP
        INSERT INTO told (shard, id, user_id) SELECT drain.shard, p.id, p.user_id FROM hogsend_poll('mails', max, drain.shard) p;
        SELECT p.batch INTO token FROM hogsend_poll('mails', max, drain.shard) p LIMIT 1;
        EXIT WHEN NOT FOUND;
        IF NOT hogsend_ack('mails', token) THEN
            RAISE 'the acknowledgement of shard % was refused', drain.shard;
        END IF;
        COMMIT;
    END LOOP;
END $$;
-- Two of them go on while a third has a batch out and a fourth has not begun.
SELECT count(*) FROM hogsend_poll('mails', 10, 3);
CALL drain(0, 7);
CALL drain(2, 1000);
SELECT hogsend_add_member('beta', ARRAY['user-1', 'user-2', 'user-3', 'user-4', 'user-5', 'user-6']);
CALL drain(1, 20);
CALL drain(0, 20);
CALL drain(2, 20);
CALL drain(3, 10);
-- Everything once: as often, and as many, as there are transitions.
SELECT count(*), count(DISTINCT id) FROM told;
SELECT count(*) FROM bucket_transitions;
-- Each user in one shard, in the order of the numbers; and no shard is empty.
SELECT user_id FROM told GROUP BY 1 HAVING count(DISTINCT shard) > 1;
SELECT n FROM (SELECT n, id < lag(id) OVER (PARTITION BY user_id ORDER BY n) AS astray FROM told) AS t WHERE astray;
SELECT shard, count(DISTINCT user_id) BETWEEN 30 AND 70 AS a_fair_share FROM told GROUP BY 1 ORDER BY 1;
-- Tokens carry their shard: that of one does not acknowledge another's batch.
SELECT hogsend_remove_member('vip', (SELECT array_agg(user_id) FROM contacts));
SELECT max(batch) AS zero FROM hogsend_poll('mails', 5, 0) \gset
SELECT pg_sleep(0.005);
SELECT max(batch) AS one FROM hogsend_poll('mails', 5, 1) \gset
SELECT hogsend_ack('mails', :zero + 1), hogsend_ack('mails', :one - 1);
SELECT hogsend_ack('mails', :zero), hogsend_ack('mails', :zero);
SELECT shard, last_id IS NOT NULL AS batch_is_out FROM bucket_positions WHERE consumer = 'mails' ORDER BY 1;
-- A batch of each of two shards may share a transaction.
BEGIN;
SELECT count(*) FROM hogsend_poll('mails', 5, 2);
SELECT count(*) FROM hogsend_poll('mails', 5, 3);
SELECT hogsend_ack('mails', batch) FROM bucket_positions WHERE consumer = 'mails' AND shard IN (2, 3) ORDER BY shard;
COMMIT;
-- A consumer without shards is told the same, all of it.
SELECT count(*) = (SELECT count(*) FROM bucket_transitions) AS all_of_it FROM hogsend_poll('whole', 10000);
