-- Many buckets on one event, one after the other: what users did is read for the first of them, and read
-- again as soon as there may be anything else to see, however it came about.
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
-- What is counted is what is read by index, without SQL.
SET hogsend.test_no_direct = off;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at)
SELECT 'u' || n % 4, 'buy', timestamptz '2026-01-18 00:00+00' + n * interval '1 minute' FROM generate_series(0, 399) n;
-- Whether all events have been read in this transaction; and of whom there are members.
CREATE FUNCTION are_read() RETURNS boolean LANGUAGE sql AS
$$ SELECT pg_stat_get_xact_tuples_returned(indexrelid) >= 400 FROM pg_stat_user_indexes
   WHERE relname = 'user_events' AND pg_get_indexdef(indexrelid) LIKE '%(user_id, event, occurred_at)' $$;
CREATE FUNCTION members(bucket text) RETURNS text LANGUAGE sql AS
$$ SELECT coalesce(string_agg(user_id, ' ' ORDER BY user_id), '-') FROM bucket_members WHERE bucket_id = bucket $$;
CREATE FUNCTION define(bucket text) RETURNS text LANGUAGE sql AS
$$ SELECT hogsend_define_bucket(bucket, hogsend_event('buy', at_least => 101, within => '7 days')) $$;
-- Statistics that are left from before are not of the transaction.
SELECT pg_stat_force_next_flush();
BEGIN;
SELECT define('b1');
SELECT are_read();
COMMIT;
SELECT pg_stat_force_next_flush();
-- In a second transaction, and in the same again; whatever the way of defining.
BEGIN;
SELECT define('b2');
INSERT INTO buckets (id, criteria) VALUES ('b3', hogsend_event('buy', within => '1 day')), ('b4', hogsend_event('buy', within => '3 days'));
UPDATE buckets SET criteria = hogsend_event('buy', at_least => 100, within => '7 days') WHERE id = 'b3';
SELECT define('b5');
SELECT are_read();
COMMIT;
SELECT members(b) FROM unnest(ARRAY['b1', 'b2', 'b3', 'b4', 'b5']) b;
SELECT DISTINCT bucket_id, dwell_anchor_at FROM bucket_memberships ORDER BY 1, 2;
-- An event in between, in a transaction of its own.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u0', 'buy', '2026-01-19 12:00+00');
SELECT define('one');
SELECT members('one');
SELECT define('same');
-- In the transaction of the definitions.
BEGIN;
SELECT define('two');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'buy', '2026-01-19 12:00+00');
SELECT define('three');
COMMIT;
SELECT members('two'), members('three');
-- Past our triggers.
BEGIN;
SELECT define('four');
SET LOCAL session_replication_role = replica;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'buy', '2026-01-19 12:00+00');
SET LOCAL session_replication_role = origin;
SELECT define('five');
COMMIT;
SELECT members('four'), members('five');
-- The same after the last definition of a transaction, and in one that follows.
BEGIN;
SELECT define('six');
SET LOCAL session_replication_role = replica;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u3', 'buy', '2026-01-19 12:00+00');
COMMIT;
SELECT define('seven');
SELECT members('six'), members('seven');
SET session_replication_role = replica;
DELETE FROM user_events WHERE user_id = 'u3' AND occurred_at = '2026-01-19 12:00+00';
SET session_replication_role = origin;
SELECT define('eight');
SELECT members('eight');
BEGIN;
SET LOCAL session_replication_role = replica;
DELETE FROM user_events WHERE user_id = 'u2' AND occurred_at = '2026-01-19 12:00+00';
SET LOCAL session_replication_role = origin;
SELECT define('nine');
COMMIT;
SELECT members('nine');
-- What was seen is taken back.
BEGIN;
SAVEPOINT before;
DELETE FROM user_events WHERE user_id = 'u1';
SELECT define('ten');
SELECT members('ten');
ROLLBACK TO before;
SELECT define('ten');
SELECT members('ten');
ROLLBACK;
BEGIN;
DELETE FROM user_events WHERE user_id = 'u0';
SELECT define('eleven');
SELECT members('eleven');
ROLLBACK;
SELECT define('eleven');
SELECT members('eleven');
-- Between two buckets of one statement: who joins the first of them does more.
CREATE FUNCTION more() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF NEW.bucket_id = 'first' THEN
        INSERT INTO user_events (user_id, event, occurred_at) SELECT NEW.user_id, 'buy', '2026-01-19 13:00+00' FROM generate_series(1, 5);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER more AFTER INSERT ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION more();
INSERT INTO buckets (id, criteria) VALUES
    ('first', hogsend_event('buy', at_least => 101, within => '7 days')),
    ('second', hogsend_event('buy', at_least => 106, within => '7 days'));
SELECT members('first'), members('second');
SELECT user_id, bucket_id, transition FROM bucket_transitions WHERE bucket_id IN ('first', 'second') ORDER BY id;
DROP TRIGGER more ON bucket_memberships;
-- TRUNCATE, and a table that is made anew.
BEGIN;
SELECT define('twelve');
TRUNCATE user_events;
SELECT define('thirteen');
SELECT members('thirteen');
ROLLBACK;
SELECT define('thirteen');
SELECT members('thirteen');
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v ORDER BY 1;
