-- A job that is going to ask for many rows of the events reads them through once, whatever it asks of them, and comes
-- to the same as one that looks each user up.
SET timezone = 'UTC';
SET client_min_messages = warning;
SET hogsend.now = '2026-03-01 12:00+00';
SET hogsend.test_no_direct = off;
SET hogsend.inline_backfill = 0;
CREATE EXTENSION hogsend;
-- Several at one instant, some of whom nobody knows, some deleted, and other events among them.
INSERT INTO user_events (user_id, event, value, source, properties, occurred_at)
SELECT 'u' || to_char(u, 'FM000'), (ARRAY['bought', 'bought', 'rented', 'seen'])[1 + (u * 7 + n) % 4], (u * 31 + n * 17) % 100,
       CASE n % 3 WHEN 0 THEN 'web' END, jsonb_build_object('category', (ARRAY['music', 'books'])[1 + (u + n * n) % 2]),
       timestamptz '2026-03-01 12:00+00' - (n / 2) * (u % 9) * interval '13 hours'
FROM generate_series(1, 200) u, generate_series(1, 24) n;
DELETE FROM contacts WHERE user_id LIKE '%7';
UPDATE contacts SET deleted_at = now() WHERE user_id LIKE '%9';
CREATE FUNCTION pg_temp.value(number numeric) RETURNS jsonb LANGUAGE sql AS $$ SELECT hogsend_property('$value', 'gte', number) $$;
CREATE TEMP TABLE asked (id text, criteria jsonb);
INSERT INTO asked VALUES
    ('equal', hogsend_event('bought', at_least => 4, within => '5 days', filter => hogsend_property('category', 'eq', 'music'))),
    ('few', hogsend_event('bought', at_most => 2, within => '5 days', filter => pg_temp.value(50))),
    ('last', hogsend_last('bought', matching => pg_temp.value(50))),
    ('first', hogsend_first('bought', matching => pg_temp.value(50))),
    ('several', hogsend_event(ARRAY['bought', 'rented'], at_least => 9, within => '10 days')),
    ('range', hogsend_event('bought', at_least => 2, since => '2026-02-20', until => '2026-02-27')),
    ('two', hogsend_all(hogsend_event('bought', filter => pg_temp.value(90)), hogsend_event('rented', never => true, within => '3 days', filter => hogsend_property('$source', 'eq', 'web'))));
INSERT INTO buckets (id, criteria) SELECT id, criteria FROM asked;
CREATE FUNCTION pg_temp.read_through() RETURNS bigint LANGUAGE sql AS
    $$ SELECT pg_stat_get_xact_numscans('user_events'::regclass) $$;
-- How often each has the events read through.
CREATE TABLE scans (bucket text, scans bigint);
DO $$
DECLARE
    bucket text;
    before bigint;
    is_done boolean;
BEGIN
    FOR bucket IN SELECT id FROM asked ORDER BY id LOOP
        before := pg_temp.read_through();
        LOOP
            SELECT done INTO is_done FROM hogsend_backfill_chunk(bucket, 20);
            EXIT WHEN is_done;
        END LOOP;
        INSERT INTO scans VALUES (bucket, pg_temp.read_through() - before);
    END LOOP;
END $$;
SELECT * FROM scans ORDER BY 1;
CREATE TABLE ahead AS SELECT user_id, bucket_id, dwell_anchor_at, due_at FROM bucket_memberships LEFT JOIN bucket_timers USING (user_id, bucket_id);
SELECT bucket_id, count(*), min(user_id), max(user_id), min(dwell_anchor_at), max(due_at) FROM ahead GROUP BY 1 ORDER BY 1;
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
-- Looked up.
DELETE FROM buckets;
TRUNCATE bucket_memberships, bucket_timers, bucket_transitions;
SET hogsend.test_no_direct = on;
INSERT INTO buckets (id, criteria) SELECT id, criteria FROM asked;
SELECT sum(joined) FROM asked, hogsend_backfill_chunk(id, 1000);
SELECT count(*) FROM bucket_memberships;
(SELECT user_id, bucket_id, dwell_anchor_at, due_at FROM bucket_memberships LEFT JOIN bucket_timers USING (user_id, bucket_id) EXCEPT ALL TABLE ahead)
UNION ALL
(TABLE ahead EXCEPT ALL SELECT user_id, bucket_id, dwell_anchor_at, due_at FROM bucket_memberships LEFT JOIN bucket_timers USING (user_id, bucket_id));
