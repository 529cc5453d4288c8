-- A bucket of an id that no bucket had before is filled without asking what is there of it; all that one
-- statement defines come to the same as one after the other, and an id that was there before is known.
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
-- What is counted is what is read by index, without SQL.
SET hogsend.test_no_direct = off;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO user_events (user_id, event, value, occurred_at, contact_properties)
SELECT 'u' || n % 60, CASE WHEN n % 7 < 5 THEN 'buy' ELSE 'sell' END, n % 11, timestamptz '2026-01-19 00:00+00' - n % 29 * interval '11 hours',
       jsonb_build_object('plan', CASE WHEN n % 60 < 40 THEN 'pro' ELSE 'free' END)
FROM generate_series(0, 899) n;
UPDATE contacts SET deleted_at = '2026-01-20 12:00+00' WHERE user_id IN ('u1', 'u11');
CREATE TABLE asked (id text, criteria jsonb, max_dwell interval, dwell_after interval[] DEFAULT '{}', entry_limit text DEFAULT 'unlimited');
INSERT INTO asked VALUES
    ('buyers', hogsend_event('buy', within => '5 days'), NULL, '{}', 'unlimited'),
    ('timed', hogsend_event('buy', within => '5 days'), '9 days', '{1 day}', 'once'),
    ('few', hogsend_event('buy', at_most => 1, within => '3 days'), NULL, '{}', 'unlimited'),
    ('lapsed', hogsend_event('sell', never => true, within => '2 days'), NULL, '{}', 'unlimited'),
    ('pro', hogsend_property('plan', 'eq', 'pro'), NULL, '{}', 'unlimited'),
    ('both', hogsend_all(hogsend_property('plan', 'eq', 'pro'), hogsend_event('buy', at_least => 4, within => '6 days')), '30 days', '{}', 'unlimited'),
    ('dear', hogsend_event('buy', within => '8 days', filter => hogsend_property('$value', 'gte', 9)), NULL, '{}', 'unlimited'),
    ('nobody', hogsend_event('none', within => '5 days'), NULL, '{}', 'unlimited');
CREATE FUNCTION stays(prefix text) RETURNS TABLE (bucket text, user_id text, entry_count integer, status text, source text, entered_at timestamptz,
    max_dwell_at timestamptz, dwell_anchor_at timestamptz, announced boolean) LANGUAGE sql AS
$$ SELECT split_part(bucket_id, '.', 2), user_id, entry_count, status, source, entered_at, max_dwell_at, dwell_anchor_at, announced
   FROM bucket_memberships WHERE split_part(bucket_id, '.', 1) = prefix $$;
CREATE FUNCTION timers(prefix text) RETURNS TABLE (bucket text, user_id text, due_at timestamptz, silent boolean, muted boolean, failures integer)
LANGUAGE sql AS
$$ SELECT split_part(bucket_id, '.', 2), user_id, due_at, silent, muted, failures FROM bucket_timers WHERE split_part(bucket_id, '.', 1) = prefix $$;
CREATE FUNCTION jobs(prefix text) RETURNS TABLE (bucket text, mode text, status text, total bigint, processed bigint, joined bigint, "left" bigint, reached text)
LANGUAGE sql AS
$$ SELECT split_part(bucket_id, '.', 2), mode, status, total, processed, joined, "left", reached FROM bucket_jobs WHERE split_part(bucket_id, '.', 1) = prefix $$;
CREATE FUNCTION differences(one text, other text) RETURNS TABLE (what text, is_there boolean, differences bigint) LANGUAGE sql AS $$
    SELECT 'stays', (SELECT count(*) FROM stays(one)) > 100, count(*) FROM (
        (SELECT * FROM stays(one) EXCEPT SELECT * FROM stays(other)) UNION ALL (SELECT * FROM stays(other) EXCEPT SELECT * FROM stays(one))) d UNION ALL
    SELECT 'timers', (SELECT count(*) FROM timers(one)) > 100, count(*) FROM (
        (SELECT * FROM timers(one) EXCEPT SELECT * FROM timers(other)) UNION ALL (SELECT * FROM timers(other) EXCEPT SELECT * FROM timers(one))) d UNION ALL
    SELECT 'jobs', (SELECT count(*) FROM jobs(one)) = 8, count(*) FROM (
        (SELECT * FROM jobs(one) EXCEPT SELECT * FROM jobs(other)) UNION ALL (SELECT * FROM jobs(other) EXCEPT SELECT * FROM jobs(one))) d $$;
CREATE FUNCTION define(prefix text, asked_id text) RETURNS void LANGUAGE sql AS
$$ INSERT INTO buckets (id, criteria, max_dwell, dwell_after, entry_limit)
   SELECT prefix || '.' || id, criteria, max_dwell, dwell_after, entry_limit FROM asked WHERE id LIKE asked_id $$;
-- As many look-ups of stays as there were in this transaction.
CREATE FUNCTION looked_up() RETURNS bigint LANGUAGE sql AS
$$ SELECT pg_stat_get_xact_numscans('bucket_memberships_pkey'::regclass) $$;

-- One statement for all of them, one each, and in a transaction that has had too many: of the last two
-- those who are new to a bucket are looked for.
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT define('all', '%');
SELECT looked_up();
COMMIT;
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT define('each', id) FROM asked;
SELECT looked_up();
COMMIT;
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT count(*) FROM generate_series(1, 33) n, LATERAL hogsend_define_bucket('one-' || n, hogsend_event('buy', within => '5 days')) d;
SELECT define('old', '%');
SELECT looked_up() > 0 AS looked_up;
COMMIT;
SELECT * FROM differences('all', 'each');
SELECT * FROM differences('all', 'old');
-- Everything is asked in SQL.
BEGIN;
SET LOCAL hogsend.test_no_direct = on;
SELECT define('sql', '%');
COMMIT;
SELECT * FROM differences('all', 'sql');
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT define('rr', '%');
COMMIT;
SELECT * FROM differences('all', 'rr');
SELECT * FROM jobs('all') ORDER BY 1;
SELECT bucket, count(*), count(DISTINCT entered_at), min(dwell_anchor_at), max(dwell_anchor_at) FROM stays('all') GROUP BY 1 ORDER BY 1;
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v ORDER BY 1, 2;
SELECT count(*) AS told FROM bucket_transitions;

-- A bucket that was there before, of which the last stays alone were kept: entries go on from those.
CREATE FUNCTION redefine() RETURNS text LANGUAGE sql AS
$$ SELECT hogsend_define_bucket('again', hogsend_event('buy', within => '5 days')) $$;
CREATE FUNCTION entries() RETURNS TABLE (entry_count integer, status text, stays bigint) LANGUAGE sql AS
$$ SELECT entry_count, status, count(*) FROM bucket_memberships WHERE bucket_id = 'again' GROUP BY 1, 2 ORDER BY 1 $$;
SELECT redefine();
UPDATE buckets SET criteria = hogsend_event('none') WHERE id = 'again';
UPDATE buckets SET criteria = hogsend_event('buy', within => '5 days') WHERE id = 'again';
SET hogsend.now = '2026-01-20 12:10+00';
DELETE FROM buckets WHERE id = 'again';
SET hogsend.now = '2026-01-20 12:20+00';
SELECT memberships FROM hogsend_prune(memberships_older_than => '1 minute');
SELECT * FROM entries();
SELECT redefine();
SELECT * FROM entries();
-- The same where nothing was counted, where all buckets were deleted, and in the transaction of that.
DELETE FROM bucket_memberships WHERE bucket_id = 'again' AND status = 'left';
DELETE FROM bucket_counts;
DELETE FROM buckets WHERE id = 'again';
SELECT bucket_id, since, entered, "left", entered_silently, left_silently FROM bucket_counts;
SELECT redefine();
SELECT * FROM entries();
DELETE FROM bucket_memberships WHERE bucket_id = 'again' AND status = 'left';
DELETE FROM bucket_counts;
SET hogsend.now = '2026-01-20 12:30+00';
BEGIN;
TRUNCATE buckets;
SELECT redefine();
SELECT * FROM entries();
COMMIT;
SELECT count(*), count(DISTINCT bucket_id), min(since), max(since) FROM bucket_counts;
-- A mark is made once.
DELETE FROM buckets WHERE id = 'again';
SELECT count(*) FROM bucket_counts WHERE bucket_id = 'again';
-- Of a day on which nobody came or went nothing is said.
SELECT hogsend_define_bucket('empty', hogsend_event('none'));
DELETE FROM buckets WHERE id = 'empty';
SELECT count(*) FROM bucket_counts WHERE bucket_id = 'empty';
SELECT * FROM bucket_daily WHERE bucket_id = 'empty';

-- Where there is no mark, because triggers were off, the stays tell.
DELETE FROM bucket_counts;
DELETE FROM bucket_memberships;
SELECT redefine();
SET session_replication_role = replica;
DELETE FROM buckets;
UPDATE bucket_memberships SET status = 'left', left_at = '2026-01-20 12:30+00', left_reason = 'criteria' WHERE bucket_id = 'again';
SET session_replication_role = origin;
SELECT redefine();
SELECT * FROM entries();
-- And of several buckets, all are done once more.
SET session_replication_role = replica;
DELETE FROM buckets;
UPDATE bucket_memberships SET status = 'left', left_at = '2026-01-20 12:30+00', left_reason = 'criteria' WHERE bucket_id = 'again' AND status = 'active';
SET session_replication_role = origin;
INSERT INTO buckets (id, criteria) SELECT id, hogsend_event('buy', within => '5 days') FROM unnest(ARRAY['again', 'new']) id;
SELECT * FROM entries();
SELECT entry_count, status, count(*) FROM bucket_memberships WHERE bucket_id = 'new' GROUP BY 1, 2;
SELECT bucket_id, status, processed, joined FROM bucket_jobs WHERE bucket_id IN ('again', 'new') ORDER BY id DESC LIMIT 2;

-- Tables of an earlier release: what is left of buckets says which were there.
INSERT INTO bucket_memberships (user_id, bucket_id, entry_count, status, entered_at, left_at, left_reason, source)
SELECT 'u' || n, 'once', 4, 'left', '2026-01-10', '2026-01-11', 'bucketDeleted', 'event' FROM generate_series(40, 59) n;
DROP TABLE bucket_counts CASCADE;
SELECT hogsend_migrate();
SELECT bucket_id, entered, "left" FROM bucket_counts;
SELECT hogsend_define_bucket('once', hogsend_property('plan', 'exists'));
SELECT entry_count, status, count(*) FROM bucket_memberships WHERE bucket_id = 'once' GROUP BY 1, 2 ORDER BY 1, 2;
