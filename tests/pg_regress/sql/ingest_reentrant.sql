-- A trigger of the user's on the outbox may write events: that is one more statement inside ours.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria, min_dwell) VALUES
    ('active', hogsend_event('app.opened', within => '7 days'), NULL),
    ('welcomed', hogsend_event('mail.sent', at_least => 1), NULL),
    ('pro', hogsend_property('plan', 'eq', 'pro'), NULL);
-- Our triggers run with a pinned search_path, so that a name must be qualified in here.
CREATE FUNCTION runner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.event = 'bucket:entered:active' THEN
        INSERT INTO public.user_events (user_id, event, occurred_at, contact_properties)
        VALUES (NEW.user_id, 'mail.sent', NEW.recorded_at, '{"plan": "pro"}');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER runner AFTER INSERT ON bucket_transitions FOR EACH ROW EXECUTE FUNCTION runner();
INSERT INTO user_events (user_id, event, occurred_at)
VALUES ('u1', 'app.opened', '2026-01-01 12:00+00'), ('u2', 'app.opened', '2026-01-01 12:00+00');
SELECT user_id, string_agg(event, ' ' ORDER BY event) AS announced FROM bucket_transitions GROUP BY 1 ORDER BY 1;
-- The same from the clock.
CREATE OR REPLACE FUNCTION runner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.event = 'bucket:left:active' THEN
        UPDATE public.contacts SET properties = '{}' WHERE user_id = NEW.user_id;
    END IF;
    RETURN NULL;
END $$;
SET hogsend.now = '2026-01-09 12:00+00';
SELECT "left", remaining FROM hogsend_reconcile();
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) AS members FROM bucket_members GROUP BY 1 ORDER BY 1;
-- A runner that fails takes the statement with it: nothing is half done.
CREATE OR REPLACE FUNCTION runner() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'no mail today';
END $$;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u3', 'app.opened', '2026-01-09 12:00+00');
SELECT count(*) FROM contacts WHERE user_id = 'u3';
