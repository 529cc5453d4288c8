-- A user who cannot be evaluated does not hold up the job: the clock tries again later.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at)
SELECT 'u' || to_char(n, 'FM00'), 'buy', '2026-01-18 12:00+00' FROM generate_series(1, 40) n;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.user_id IN ('u07', 'u29') THEN RAISE EXCEPTION 'not %', NEW.user_id; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE INSERT ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION refuse();
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria) VALUES ('fresh', hogsend_event('buy', within => '7 days'));
SELECT entered, backfilled, remaining FROM hogsend_reconcile();
SELECT status, processed, joined, error FROM bucket_jobs;
SELECT user_id, due_at, silent, failures, error FROM bucket_timers WHERE failures > 0 ORDER BY 1;
-- It goes on failing.
SET hogsend.now = '2026-01-20 12:02+00';
SET client_min_messages = error;
SELECT entered FROM hogsend_reconcile();
SET client_min_messages = warning;
SELECT user_id, due_at, silent, failures, error FROM bucket_timers WHERE failures > 0 ORDER BY 1;
-- Until the cause is removed: then they join as the job would have let them.
DROP TRIGGER refuse ON bucket_memberships;
SET hogsend.now = '2026-01-20 13:00+00';
SELECT entered FROM hogsend_reconcile();
SELECT user_id, source, dwell_anchor_at FROM bucket_memberships WHERE user_id IN ('u06', 'u07', 'u29') ORDER BY 1;
SELECT user_id, silent, failures, error FROM bucket_timers WHERE user_id IN ('u07', 'u29') ORDER BY 1;
SELECT count(*) AS announced FROM bucket_transitions;
SELECT * FROM hogsend_verify('fresh');
