-- What goes wrong in a definition is said shortly: no statement of ours is shown.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE FUNCTION context_of(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    said text;
    context text;
BEGIN
    EXECUTE statement;
EXCEPTION WHEN query_canceled OR OTHERS THEN
    GET STACKED DIAGNOSTICS said = MESSAGE_TEXT, context = PG_EXCEPTION_CONTEXT;
    RETURN NEXT said;
    -- Without the last two, which are of this function.
    context := regexp_replace(context, '\nSQL statement "SELECT public.hogsend_define_bucket.*$', '');
    RETURN QUERY SELECT regexp_replace(regexp_replace(line, 'line \d+', 'line n'), '\(text.*\)', '(…)')
                 FROM regexp_split_to_table(context, '\n') line;
END $$;
SELECT context_of($$SELECT public.hogsend_define_bucket('b', '{"type": "event"}')$$);
SELECT context_of($$SELECT public.hogsend_define_bucket('b', hogsend_event('app.opened'), entry_period => interval '1 month')$$);
SELECT context_of($$SELECT public.hogsend_define_bucket(NULL, hogsend_event('app.opened'))$$);
-- An error while it is filled, of a trigger of the user's; and it is cancelled.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 12:00+00');
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'refused'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION refuse();
SELECT context_of($$SELECT public.hogsend_define_bucket('b', hogsend_event('app.opened'))$$);
CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); RETURN NEW; END $$;
DROP TRIGGER refuse ON bucket_memberships;
CREATE TRIGGER wait BEFORE INSERT ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION wait();
SET statement_timeout = '500ms';
SELECT context_of($$SELECT public.hogsend_define_bucket('b', hogsend_event('app.opened'))$$);
RESET statement_timeout;
DROP TRIGGER wait ON bucket_memberships;
-- And what goes well does as ever.
SELECT hogsend_define_bucket('b', hogsend_event('app.opened'));
SELECT hogsend_define_bucket('b', hogsend_event('app.opened'));
SELECT hogsend_define_bucket('b', hogsend_event('app.opened'), description => 'Opened');
SELECT user_id FROM bucket_members;
