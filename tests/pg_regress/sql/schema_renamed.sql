-- A trigger of the user's renames our schema while a statement of ours runs, and calls us by the new name:
-- plans that are made for the other name are forgotten, and not freed while they are being run.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE SCHEMA crm;
CREATE EXTENSION hogsend SCHEMA crm;
SET hogsend.now = '2026-01-10 12:00+00';
SELECT crm.hogsend_define_bucket('openers', crm.hogsend_event('app.opened', within => '7 days'));
CREATE FUNCTION public.meddle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    ALTER SCHEMA crm RENAME TO elsewhere;
    EXECUTE 'SELECT count(*) FROM elsewhere.hogsend_verify(''openers'')';
    ALTER SCHEMA elsewhere RENAME TO crm;
    RETURN NULL;
END $$;
CREATE TRIGGER meddle AFTER INSERT ON crm.bucket_transitions FOR EACH ROW
    WHEN (NEW.user_id LIKE 'meddler%') EXECUTE FUNCTION public.meddle();
-- The plans are kept from here on.
INSERT INTO crm.user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-10 12:00+00');
INSERT INTO crm.user_events (user_id, event, occurred_at) VALUES ('u2', 'app.opened', '2026-01-10 12:00+00');
INSERT INTO crm.user_events (user_id, event, occurred_at) VALUES ('meddler1', 'app.opened', '2026-01-10 12:00+00');
INSERT INTO crm.user_events (user_id, event, occurred_at) VALUES
    ('meddler2', 'app.opened', '2026-01-10 12:00+00'), ('meddler3', 'app.opened', '2026-01-10 12:00+00');
INSERT INTO crm.user_events (user_id, event, occurred_at) VALUES ('u3', 'app.opened', '2026-01-10 12:00+00');
SELECT user_id FROM crm.bucket_members ORDER BY user_id;
SELECT * FROM crm.hogsend_verify('openers');
