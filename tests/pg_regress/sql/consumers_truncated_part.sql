-- TRUNCATE of a partition of the outbox by its own name, as whoever keeps it short by partitions does.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
DROP VIEW bucket_stats, bucket_lag;
ALTER TABLE bucket_transitions RENAME TO outbox_was;
CREATE TABLE bucket_transitions (LIKE outbox_was INCLUDING ALL) PARTITION BY RANGE (id);
DROP TABLE outbox_was;
CREATE TABLE outbox_1 PARTITION OF bucket_transitions FOR VALUES FROM (1) TO (4);
CREATE TABLE outbox_2 PARTITION OF bucket_transitions FOR VALUES FROM (4) TO (7);
CREATE TABLE outbox_3 PARTITION OF bucket_transitions DEFAULT;
SELECT hogsend_migrate();
SELECT tgrelid::regclass FROM pg_trigger WHERE tgname = 'hogsend_before' AND tgrelid::regclass::text ~ 'outbox|transitions' ORDER BY tgrelid::regclass::text;
SELECT hogsend_subscribe('all'), hogsend_subscribe('three'), hogsend_subscribe('four'), hogsend_subscribe('none');
SELECT hogsend_add_member('beta', ARRAY['u1', 'u2', 'u3', 'u4', 'u5', 'u6', 'u7']);
CREATE FUNCTION read(consumer text, max integer DEFAULT 100) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    told text;
    token bigint;
BEGIN
    SELECT string_agg(p.id || ' ' || p.user_id, ', ' ORDER BY p.id), max(p.batch) INTO told, token FROM hogsend_poll(consumer, max) p;
    RETURN concat_ws('; ', told, 'ack ' || hogsend_ack(consumer, token));
EXCEPTION WHEN OTHERS THEN
    RETURN SQLSTATE || ' ' || SQLERRM;
END $$;
SELECT read('all'), read('three', 3), read('four', 4);
-- Who has read all of the first goes on as if nothing had happened, with numbers that go on, too.
TRUNCATE outbox_1;
SELECT consumer, lapsed_at IS NOT NULL AS lapsed, lapsed_up_to FROM bucket_positions ORDER BY 1;
SELECT read('none');
SELECT hogsend_unsubscribe('none');
-- One has read none of the second, one a part of it.
BEGIN;
TRUNCATE outbox_2;
SELECT consumer, lapsed_at IS NOT NULL AS lapsed, lapsed_up_to FROM bucket_positions ORDER BY 1;
ROLLBACK;
SELECT read('three'), read('four'), read('all');
TRUNCATE outbox_2 RESTART IDENTITY;
SELECT hogsend_add_member('beta', 'u8');
SELECT read('three'), read('four'), read('all');
-- The whole: everybody begins anew with the numbers.
TRUNCATE bucket_transitions RESTART IDENTITY;
SELECT hogsend_add_member('beta', 'u9');
SELECT read('three'), read('four'), read('all');
