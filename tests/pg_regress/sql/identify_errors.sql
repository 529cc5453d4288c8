-- What cannot be meant is refused, with what to do, and nothing is done.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
INSERT INTO user_events (user_id, event) VALUES ('a', 'e'), ('b', 'e'), ('c', 'e'), ('d', 'e');
CREATE FUNCTION refused(call text) RETURNS TABLE (code text, message text, detail text, hint text) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE call;
    RETURN;
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS code = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT;
END $$;
\x
SELECT * FROM refused($$SELECT hogsend_identify(NULL, 'a')$$);
SELECT * FROM refused($$SELECT hogsend_identify('a', NULL)$$);
SELECT * FROM refused($$SELECT hogsend_identify('', 'a')$$);
SELECT * FROM refused($$SELECT hogsend_identify('a', '')$$);
SELECT * FROM refused($$SELECT hogsend_identify('a', 'a')$$);
SELECT * FROM refused($$SELECT hogsend_identify(repeat('x', 2001), 'a')$$);
SELECT * FROM refused($$SELECT hogsend_identify(NULL::text[], '{a}'::text[])$$);
SELECT * FROM refused($$SELECT hogsend_identify('{a}'::text[], NULL::text[])$$);
SELECT * FROM refused($$SELECT hogsend_identify('{a,b}'::text[], '{c}'::text[])$$);
SELECT * FROM refused($$SELECT hogsend_identify('{a,NULL}'::text[], '{c,d}'::text[])$$);
-- Within one statement, and by what is known: circles, and an id that is somebody else's.
SELECT * FROM refused($$SELECT hogsend_identify('{a,b}'::text[], '{b,a}'::text[])$$);
SELECT * FROM refused($$SELECT hogsend_identify('{a,b,c}'::text[], '{b,c,a}'::text[])$$);
SELECT * FROM refused($$SELECT hogsend_identify('{a,a}'::text[], '{b,c}'::text[])$$);
\x
SELECT count(*) FROM user_aliases;
SELECT hogsend_identify('a', 'b'), hogsend_identify('b', 'c');
\x
SELECT * FROM refused($$SELECT hogsend_identify('b', 'a')$$);
SELECT * FROM refused($$SELECT hogsend_identify('c', 'a')$$);
SELECT * FROM refused($$SELECT hogsend_identify('a', 'd')$$);
\x
SELECT alias, user_id FROM user_aliases ORDER BY 1;
SELECT user_id, count(*) FROM user_events GROUP BY 1 ORDER BY 1;
-- Nobody is fine.
SELECT hogsend_identify('{}'::text[], '{}'::text[]);
