-- An INSERT for an alias does not fail where the events may not be changed, or pairs lead in a circle: they stay, and it is said.
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET timezone = 'UTC';
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('buyer', hogsend_event('bought'));
INSERT INTO contacts (user_id) VALUES ('ada');
INSERT INTO user_aliases (alias, user_id) VALUES ('visitor', 'ada'), ('a', 'b'), ('b', 'a'), ('self', 'self');
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'events are not changed'; END $$;
CREATE TRIGGER append_only BEFORE UPDATE ON user_events FOR EACH ROW EXECUTE FUNCTION append_only();
INSERT INTO user_events (user_id, event) VALUES ('visitor', 'bought'), ('eve', 'bought');
SELECT user_id, event FROM user_events ORDER BY id;
SELECT user_id FROM contacts ORDER BY 1;
DROP TRIGGER append_only ON user_events;
-- The clock brings it to the user once it can.
SELECT entered FROM hogsend_reconcile();
SELECT user_id, event FROM user_events ORDER BY id;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
-- One that says nothing and does nothing.
CREATE FUNCTION ignore() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER ignored BEFORE UPDATE ON user_events FOR EACH ROW EXECUTE FUNCTION ignore();
INSERT INTO user_events (user_id, event) VALUES ('visitor', 'bought');
DROP TRIGGER ignored ON user_events;
-- Circles, written by hand.
INSERT INTO user_events (user_id, event) VALUES ('a', 'bought');
INSERT INTO user_events (user_id, event) VALUES ('self', 'bought');
SELECT user_id FROM contacts ORDER BY 1;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
DROP EXTENSION hogsend CASCADE;
DROP FUNCTION append_only, ignore;
