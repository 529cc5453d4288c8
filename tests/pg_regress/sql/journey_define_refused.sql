-- What cannot be meant by a journey is refused, with what to do.
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
\set VERBOSITY verbose
\set SHOW_CONTEXT never
CREATE FUNCTION refusal(statement text) RETURNS TABLE (what text, said text) LANGUAGE plpgsql AS $$
DECLARE
    state text; message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN QUERY VALUES ('nothing', 'was refused');
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS state = RETURNED_SQLSTATE, message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN QUERY VALUES (state, message), ('detail', detail), ('hint', hint);
END $$;
\pset format unaligned
\pset tuples_only
SELECT * FROM refusal($$SELECT hogsend_define_journey('a journey', '{signup}')$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey(repeat('j', 201), '{signup}')$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey(NULL, '{signup}')$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', NULL)$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{}')$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{signup}', NULL)$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{{signup},{order}}')$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', ARRAY['signup', NULL])$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{signup}', ARRAY[''])$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', ARRAY(SELECT 'e' || n FROM generate_series(1, 21) n))$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{journey:started:j}')$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{signup}', '{journey:completed:other}')$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', ARRAY[repeat('n', 501)])$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{bucket:entered}')$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{bucket:joined:lapsed}')$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{bucket:dwell:lapsed}')$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{signup,order}', '{paid,order}')$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{signup}', entry_limit => 'twice')$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{signup}', entry_limit => NULL)$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{signup}', entry_period => '1 month')$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{signup}', entry_period => '-1 day')$$);
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{signup}', enabled => NULL)$$);
SELECT hogsend_define_journey('j', '{signup}', entry_period => '30 days');
-- A month equals 30 days and is none.
SELECT * FROM refusal($$SELECT hogsend_define_journey('j', '{signup}', entry_period => '1 month')$$);
SELECT * FROM refusal($$UPDATE journeys SET id = 'k'$$);
SELECT * FROM refusal($$UPDATE journeys SET waits_for = NULL$$);
SELECT * FROM refusal($$INSERT INTO journeys (id, starts_on) VALUES ('j', '{signup}')$$);
-- Nothing of it is there.
SELECT id, starts_on, entry_period FROM journeys;
