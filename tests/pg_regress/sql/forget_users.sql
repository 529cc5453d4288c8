-- Erasing several users at once, by any of their names.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened', within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'u' || n, 'app.opened', '2026-01-01 12:00+00' FROM generate_series(1, 2500) n;
CREATE VIEW traces AS
SELECT (SELECT count(*) FROM contacts) AS contacts, (SELECT count(*) FROM user_events) AS events, (SELECT count(*) FROM bucket_memberships) AS stays,
       (SELECT count(*) FROM bucket_timers) AS timers, (SELECT count(*) FROM bucket_transitions) AS transitions, (SELECT count(*) FROM user_aliases) AS aliases;
SELECT * FROM traces;
SELECT hogsend_forget_users('{u1,u2,u2,nobody}');
SELECT * FROM traces;
-- As many statements for thousands as for one, a thousand at a time.
CREATE TABLE statements (on_table text);
CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.statements VALUES (TG_TABLE_NAME); RETURN NULL; END';
CREATE TRIGGER note AFTER DELETE ON user_events FOR EACH STATEMENT EXECUTE FUNCTION note();
CREATE TRIGGER note AFTER DELETE ON bucket_memberships FOR EACH STATEMENT EXECUTE FUNCTION note();
CREATE TRIGGER note AFTER DELETE ON bucket_transitions FOR EACH STATEMENT EXECUTE FUNCTION note();
CREATE TRIGGER note AFTER DELETE ON contacts FOR EACH STATEMENT EXECUTE FUNCTION note();
SELECT hogsend_forget_users(ARRAY(SELECT 'u' || n FROM generate_series(3, 2400) n));
SELECT on_table, count(*) FROM statements GROUP BY 1 ORDER BY 1;
SELECT * FROM traces;
-- The aliases go with the user, whichever of the names is given.
INSERT INTO user_aliases (alias, user_id) VALUES ('visitor 1', 'u2401'), ('visitor 2', 'u2401'), ('visitor 3', 'u2402');
SELECT hogsend_forget_user('visitor 1');
SELECT alias, user_id FROM user_aliases;
SELECT hogsend_forget_users('{u2402}');
SELECT * FROM traces;
-- Nobody, nothing, and NULL.
SELECT hogsend_forget_users('{}'), hogsend_forget_users('{nobody,""}');
SELECT hogsend_forget_users(NULL);
SELECT hogsend_forget_users('{u2403,NULL}');
SELECT * FROM traces;
