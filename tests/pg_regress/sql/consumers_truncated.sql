-- TRUNCATE of the outbox, as test cleaners do it: what comes after it is delivered, and what was unread is
-- no silent gap.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
SELECT hogsend_subscribe('all'), hogsend_subscribe('none'), hogsend_subscribe('page'), hogsend_subscribe('out'),
       hogsend_subscribe('left', transitions => '{left}');
SELECT hogsend_add_member('beta', ARRAY['u1', 'u2', 'u3']);
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
-- One has read all, one a page, one has a batch that it has not acknowledged, to one nothing is of interest.
SELECT read('all'), read('page', 2);
SELECT id, user_id FROM hogsend_poll('out');
TRUNCATE bucket_transitions RESTART IDENTITY;
SELECT hogsend_add_member('beta', 'u4'), hogsend_add_member('beta', 'u5');
SELECT hogsend_remove_member('beta', 'u4');
SELECT read('all'), read('left');
SELECT read('none'), read('page'), read('out');
SELECT hogsend_poll('none');
SELECT ok, regexp_replace(detail, '\(.*?\)', '(…)') AS detail FROM hogsend_health() WHERE "check" = 'lapsed consumers';
SELECT hogsend_unsubscribe(c) FROM unnest(ARRAY['none', 'page', 'out']) c;
-- Without a restart it is the same.
SELECT hogsend_subscribe('late');
SELECT hogsend_add_member('beta', 'u6');
SELECT read('all');
TRUNCATE bucket_transitions;
SELECT hogsend_add_member('beta', 'u7');
SELECT read('all'), read('left'), read('late');
SELECT hogsend_unsubscribe('late');
-- Whatever the isolation: its snapshot may not have what goes.
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM bucket_transitions;
TRUNCATE bucket_transitions RESTART IDENTITY;
COMMIT;
SELECT hogsend_add_member('beta', 'u8');
SELECT read('all');
-- Undone, nothing has happened.
BEGIN;
SELECT hogsend_add_member('beta', 'u9');
TRUNCATE bucket_transitions RESTART IDENTITY;
ROLLBACK;
SELECT hogsend_add_member('beta', 'u10');
SELECT read('all');
-- Everything at once, as cleaners do, and the retention begins anew too.
UPDATE hogsend_clock SET pruned_up_to = 1000;
TRUNCATE buckets, contacts, user_events, bucket_memberships, bucket_timers, bucket_transitions, bucket_jobs,
         bucket_consumers, bucket_positions RESTART IDENTITY;
SELECT pruned_up_to FROM hogsend_clock;
SELECT read('all');
