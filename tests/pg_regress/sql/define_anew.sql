-- A bucket that is new is written without looking for what is there of it, row by row; and what is there
-- all the same is found.
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
-- What is counted is what is read by index, without SQL.
SET hogsend.test_no_direct = off;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at)
SELECT 'u' || n % 50, 'buy', timestamptz '2026-01-18 00:00+00' + n * interval '1 minute' FROM generate_series(0, 499) n;
CREATE FUNCTION are_read(times integer) RETURNS boolean LANGUAGE sql AS
$$ SELECT pg_stat_get_xact_tuples_returned(indexrelid) >= 400 * times FROM pg_stat_user_indexes
   WHERE relname = 'user_events' AND pg_get_indexdef(indexrelid) LIKE '%(user_id, event, occurred_at)' $$;
CREATE FUNCTION define(bucket text, days integer) RETURNS text LANGUAGE sql AS
$$ SELECT hogsend_define_bucket(bucket, hogsend_event('buy', within => make_interval(days => days))) $$;
CREATE FUNCTION stays(bucket text) RETURNS TABLE (entry_count integer, status text, source text, announced boolean, stays bigint)
LANGUAGE sql AS
$$ SELECT entry_count, status, source, announced, count(*) FROM bucket_memberships WHERE bucket_id = bucket
   GROUP BY 1, 2, 3, 4 ORDER BY 1, 2 $$;
CREATE FUNCTION timers(bucket text) RETURNS TABLE (timers bigint, earliest timestamptz, latest timestamptz, failures bigint)
LANGUAGE sql AS
$$ SELECT count(*), min(due_at), max(due_at), sum(failures) FROM bucket_timers WHERE bucket_id = bucket $$;

-- One after the other: the events of so many are read for the first of them alone.
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT define('a', 7);
SELECT are_read(1);
COMMIT;
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT define('b', 7);
SELECT define('c', 6), define('d', 6), define('e', 6), define('f', 6);
-- Whoever commits in between has them read once more, autovacuum for one.
SELECT are_read(4);
COMMIT;
SELECT * FROM stays('a');
SELECT * FROM timers('a');
SELECT * FROM stays('f');
SELECT * FROM timers('f');

-- More in one transaction than subtransactions are good for.
BEGIN;
SELECT count(*) FROM generate_series(1, 40) n, LATERAL define('many-' || n, 5) d WHERE d = 'created';
COMMIT;
SELECT count(DISTINCT m.bucket_id), count(*) FROM bucket_members m WHERE m.bucket_id LIKE 'many-%';
SELECT count(DISTINCT t.bucket_id), count(*) FROM bucket_timers t WHERE t.bucket_id LIKE 'many-%';

-- Defined anew: everybody has been in it.
DELETE FROM buckets WHERE id = 'a';
SELECT * FROM timers('a');
SELECT define('a', 4);
SELECT * FROM stays('a');
SELECT * FROM timers('a');
-- Some have been in it.
DELETE FROM buckets WHERE id = 'b';
DELETE FROM bucket_memberships WHERE bucket_id = 'b' AND user_id LIKE 'u1%';
SELECT define('b', 4);
SELECT * FROM stays('b');

-- Timers that nobody took away, as those of a bucket that went while triggers were off.
SET session_replication_role = replica;
DELETE FROM buckets WHERE id = 'c';
DELETE FROM bucket_memberships WHERE bucket_id = 'c';
UPDATE bucket_timers SET due_at = '2026-03-01 00:00+00', failures = 3 WHERE bucket_id = 'c' AND user_id LIKE 'u1%';
DELETE FROM bucket_timers WHERE bucket_id = 'c' AND user_id LIKE 'u2%';
SET session_replication_role = origin;
SELECT define('c', 4);
SELECT * FROM stays('c');
SELECT * FROM timers('c');

-- A trigger keeps some from joining: they are not counted.
CREATE FUNCTION keep_out() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RETURN CASE WHEN NEW.user_id IN ('u3', 'u33') THEN NULL ELSE NEW END; END $$;
CREATE TRIGGER keep_out BEFORE INSERT ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION keep_out();
SELECT define('g', 4);
SELECT * FROM stays('g');
SELECT joined, processed, total, status FROM bucket_jobs WHERE bucket_id = 'g';
DROP TRIGGER keep_out ON bucket_memberships;
-- A trigger on the timers fails, and so does the definition.
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'no timer for %', NEW.user_id; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON bucket_timers FOR EACH ROW WHEN (NEW.user_id = 'u3') EXECUTE FUNCTION refuse();
\set VERBOSITY terse
SELECT define('h', 4);
DROP TRIGGER refuse ON bucket_timers;
SELECT define('h', 4);
SELECT * FROM stays('h');
SELECT * FROM timers('h');
-- Nobody is wrong but who was kept out.
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v WHERE length(b.id) = 1 ORDER BY 1, 2;
