-- What the consumer functions refuse, each with its error.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
-- With the SQLSTATE, and without the place in the source.
CREATE FUNCTION refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'not refused';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN format(E'%s %s\n%s\n%s', SQLSTATE, message, detail, hint);
END $$;
\pset format unaligned
\pset tuples_only on
-- hogsend_subscribe
SELECT refused($$SELECT hogsend_subscribe(NULL)$$);
SELECT refused($$SELECT hogsend_subscribe('')$$);
SELECT refused($$SELECT hogsend_subscribe('c', first_entry_only => NULL)$$);
SELECT refused($$SELECT hogsend_subscribe('c', from_beginning => NULL)$$);
SELECT refused($$SELECT hogsend_subscribe('c', shards => NULL)$$);
SELECT refused($$SELECT hogsend_subscribe('c', shards => 0)$$);
SELECT refused($$SELECT hogsend_subscribe('c', shards => 1025)$$);
SELECT refused($$SELECT hogsend_subscribe('c', transitions => '{entered,joined}')$$);
SELECT refused($$SELECT hogsend_subscribe('c', transitions => '{entered,NULL}')$$);
SELECT refused($$SELECT hogsend_subscribe('c', reasons => '{maxdwell}')$$);
SELECT refused($$SELECT hogsend_subscribe('c', reasons => '{NULL}')$$);
-- Whoever deletes a contact hears of it there: no leave for that reason is told.
SELECT refused($$SELECT hogsend_subscribe('c', reasons => '{deleted}')$$);
-- Nothing of it was stored.
SELECT count(*) FROM bucket_consumers;
-- hogsend_poll
SELECT refused($$SELECT hogsend_poll('nobody')$$);
SELECT refused($$SELECT hogsend_poll(NULL)$$);
SELECT hogsend_subscribe('c'), hogsend_subscribe('s', shards => 4);
SELECT refused($$SELECT hogsend_poll('c', 0)$$);
SELECT refused($$SELECT hogsend_poll('c', 10001)$$);
SELECT refused($$SELECT hogsend_poll('c', NULL)$$);
SELECT refused($$SELECT hogsend_poll('c', shard => 1)$$);
SELECT refused($$SELECT hogsend_poll('s', shard => 4)$$);
SELECT refused($$SELECT hogsend_poll('s', shard => -1)$$);
SELECT refused($$SELECT hogsend_poll('s', shard => NULL)$$);
-- hogsend_ack
SELECT refused($$SELECT hogsend_ack('nobody', 1)$$);
SELECT refused($$SELECT hogsend_ack(NULL, 1)$$);
-- The last of all numbers, and a name with whatever is in it, are accepted.
SELECT hogsend_subscribe('widest', shards => 1024);
SELECT hogsend_subscribe(E'it''s "a" \\ name\n', buckets => '{}', transitions => '{entered,left,dwell}',
                         reasons => '{criteria,maxDwell,manual,bucketDeleted}');
SELECT count(*) FROM hogsend_poll(E'it''s "a" \\ name\n', 10000);
SELECT count(*) FROM hogsend_poll('widest', shard => 1023);
-- Nothing is delivered in a restored copy, and that is said.
UPDATE bucket_consumers SET instance_id = gen_random_uuid() WHERE name = 'c';
SELECT refused($$SELECT hogsend_poll('c')$$);
SELECT refused($$SELECT hogsend_ack('c', 1)$$);
SELECT refused($$SELECT hogsend_subscribe('c')$$);
