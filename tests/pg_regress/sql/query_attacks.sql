-- What a query cannot do, and what is left of one that tried: nothing.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (id text);
INSERT INTO users VALUES ('u1');
CREATE SEQUENCE numbers;
CREATE FUNCTION act(deed text) RETURNS text LANGUAGE plpgsql VOLATILE AS $$ BEGIN EXECUTE deed; RETURN 'acted'; END $$;
CREATE PROCEDURE ending() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;
CREATE FUNCTION tried(deed text) RETURNS TABLE (entered bigint, error text, same boolean) LANGUAGE plpgsql AS $$
DECLARE
    before text := concat_ws(' ', current_user, session_user, current_setting('search_path'), current_setting('transaction_read_only'),
                             current_setting('hogsend.evaluate'), current_setting('work_mem'), current_setting('role'));
BEGIN
    DELETE FROM buckets WHERE id = 'q';
    INSERT INTO buckets (id, kind, query) VALUES ('q', 'query', format('SELECT act(%L)', deed));
    SELECT r.entered, r.error INTO entered, error FROM hogsend_refresh('q') r;
    same := before = concat_ws(' ', current_user, session_user, current_setting('search_path'), current_setting('transaction_read_only'),
                               current_setting('hogsend.evaluate'), current_setting('work_mem'), current_setting('role'));
    -- And one may write again.
    INSERT INTO users VALUES ('after');
    RETURN NEXT;
END $$;
SET client_min_messages = error;
SELECT * FROM tried('SELECT 1');
SELECT * FROM tried('DELETE FROM users');
SELECT * FROM tried('CREATE TABLE t (a int)');
SELECT * FROM tried('CREATE TEMP TABLE t (a int)');
SELECT * FROM tried('SELECT nextval(''numbers'')');
SELECT * FROM tried('SELECT id FROM users FOR UPDATE');
SELECT * FROM tried('SET ROLE pg_monitor');
SELECT * FROM tried('RESET ROLE');
SELECT * FROM tried('SET SESSION AUTHORIZATION DEFAULT');
SELECT * FROM tried('SET transaction_read_only = off');
SELECT * FROM tried('COMMIT');
SELECT * FROM tried('CALL ending()');
SELECT * FROM tried('SELECT hogsend_ingest(''u1'', ''x'')');
SELECT * FROM tried('SELECT hogsend_refresh(''q'')');
SELECT * FROM tried('SELECT hogsend_reconcile()');
SELECT * FROM tried('SELECT 1 / 0');
-- Settings are its own.
SELECT * FROM tried('SET search_path = nowhere');
SELECT * FROM tried('SET hogsend.evaluate = off');
SELECT * FROM tried('SELECT set_config(''work_mem'', ''64kB'', false)');
SELECT entered, same, error FROM tried('SELECT set_config(''hogsend.query_timeout'', ''0'', false)');
-- Of the time that it is given it takes no more, and nothing else is cancelled.
SET hogsend.query_timeout = '100ms';
SELECT * FROM tried('SELECT pg_sleep(30)');
SELECT * FROM tried('SELECT 1');
SELECT pg_sleep(0.2) IS NOT NULL AS undisturbed;
-- Somebody else's limit is an error as ever, and leaves nothing behind either.
RESET hogsend.query_timeout;
UPDATE buckets SET query = 'SELECT act(''SELECT pg_sleep(30)'')';
SET statement_timeout = '300ms';
SELECT * FROM hogsend_refresh('q');
RESET statement_timeout;
SHOW transaction_read_only;
SELECT current_user = session_user AS same, current_setting('search_path');
SELECT current_user = session_user AS same, count(*) > 0 AS alive FROM users;
SELECT relname FROM pg_class WHERE relname = 't';
