-- An erasure that a trigger, a rule or a policy keeps from erasing: an error that says what remains, and
-- nothing is erased by half.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-02 12:00+00';
SELECT hogsend_define_bucket('active', hogsend_event('app.opened', within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at) SELECT u, 'app.opened', '2026-01-01 12:00+00' FROM unnest('{u1,u1,u2}'::text[]) u;
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
-- A trigger that keeps each row, or some.
BEGIN;
CREATE TRIGGER keep BEFORE DELETE ON user_events FOR EACH ROW EXECUTE FUNCTION keep();
SAVEPOINT s;
SELECT hogsend_forget_user('u1');
ROLLBACK TO s;
SELECT count(*) FROM bucket_members WHERE user_id = 'u1';
SELECT hogsend_forget_user('u9');
ROLLBACK;
BEGIN;
CREATE TRIGGER keep BEFORE DELETE ON bucket_transitions FOR EACH ROW WHEN (old.transition = 'entered') EXECUTE FUNCTION keep();
SELECT hogsend_forget_user('u1');
ROLLBACK;
-- A rule.
BEGIN;
CREATE RULE keep AS ON DELETE TO contacts DO INSTEAD NOTHING;
SELECT hogsend_forget_user('u1');
ROLLBACK;
-- Once it is gone nothing of it is left in what the session has planned.
BEGIN;
SELECT hogsend_forget_user('u1');
ROLLBACK;
BEGIN;
CREATE RULE keep AS ON DELETE TO bucket_memberships DO INSTEAD UPDATE bucket_memberships SET left_at = now(), status = 'left', left_reason = 'deleted' WHERE user_id = old.user_id;
SELECT hogsend_forget_user('u1');
ROLLBACK;
-- A row that is written because of the deletion is erased in turn; one that always comes back is not.
BEGIN;
CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.user_events (user_id, event) VALUES (old.user_id, old.event || ''!''); RETURN NULL; END';
CREATE TRIGGER back AFTER DELETE ON user_events FOR EACH ROW WHEN (length(old.event) < 11) EXECUTE FUNCTION back();
SELECT hogsend_forget_user('u2');
SELECT count(*) FROM user_events WHERE user_id = 'u2';
DROP TRIGGER back ON user_events;
CREATE TRIGGER back AFTER DELETE ON user_events FOR EACH ROW EXECUTE FUNCTION back();
SELECT hogsend_forget_user('u1');
ROLLBACK;
-- A policy hides the rows from whoever erases, and not from the look at what remains.
DROP ROLE IF EXISTS regress_hogsend_eraser;
CREATE ROLE regress_hogsend_eraser;
SELECT hogsend_grant('regress_hogsend_eraser', 'admin');
ALTER TABLE user_events ENABLE ROW LEVEL SECURITY;
CREATE POLICY own ON user_events USING (user_id <> 'u1');
SET ROLE regress_hogsend_eraser;
SELECT count(*) FROM user_events WHERE user_id = 'u1';
SELECT hogsend_forget_user('u1');
SELECT current_user, current_setting('role');
SELECT hogsend_forget_user('u2');
RESET ROLE;
ALTER TABLE user_events DISABLE ROW LEVEL SECURITY;
SET ROLE regress_hogsend_eraser;
SELECT hogsend_forget_user('u1');
RESET ROLE;
SELECT (SELECT count(*) FROM user_events) + (SELECT count(*) FROM contacts) + (SELECT count(*) FROM bucket_memberships) + (SELECT count(*) FROM bucket_transitions) AS remain;
SELECT hogsend_revoke('regress_hogsend_eraser');
DROP ROLE regress_hogsend_eraser;
