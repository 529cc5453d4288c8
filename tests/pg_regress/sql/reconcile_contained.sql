-- What fails for one user is put off and kept; the others go on.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('lapsed', hogsend_event('app.opened', never => true, within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at)
SELECT 'u' || i, 'app.opened', '2026-01-01 12:00+00' FROM generate_series(1, 9) i;
CREATE FUNCTION refuse_u5() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.user_id = 'u5' THEN
        RAISE EXCEPTION 'not this one';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse_u5 BEFORE INSERT ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION refuse_u5();
SET hogsend.now = '2026-01-08 12:00:01+00';
SELECT entered, remaining FROM hogsend_reconcile();
SELECT string_agg(user_id, ' ' ORDER BY user_id) AS members FROM bucket_members;
SELECT user_id, due_at, failures, error FROM bucket_timers;
-- Tried again a minute later, then after two more.
SET hogsend.now = '2026-01-08 12:01:01+00';
SELECT entered, remaining FROM hogsend_reconcile();
SELECT user_id, due_at, failures, error FROM bucket_timers;
-- As soon as it works it is done, and dated by the flip, not by the attempt.
DROP TRIGGER refuse_u5 ON bucket_memberships;
SET hogsend.now = '2026-01-08 12:03:01+00';
SELECT entered, remaining FROM hogsend_reconcile();
SELECT user_id, effective_at FROM bucket_transitions WHERE user_id = 'u5';
SELECT count(*) FROM bucket_timers;
