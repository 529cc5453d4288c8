-- A lock that cannot be had and a deadlock are contained like any other failure: the others go on, who
-- failed is tried again later, and health tells. So is a serialization failure below SERIALIZABLE.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = error;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('fresh', hogsend_event('buy', within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'u' || n, 'buy', '2026-01-19 12:00+00' FROM generate_series(1, 8) n;
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'not %', NEW.user_id USING ERRCODE = CASE NEW.user_id WHEN 'u2' THEN '55P03' WHEN 'u5' THEN '40P01' ELSE '40001' END;
END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON bucket_memberships FOR EACH ROW WHEN (NEW.user_id IN ('u2', 'u5', 'u7')) EXECUTE FUNCTION refuse();
SET hogsend.now = '2026-01-26 12:00:01+00';
SELECT "left", remaining FROM hogsend_reconcile();
SELECT user_id, due_at, failures, error FROM bucket_timers WHERE failures > 0 ORDER BY 1;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'oldest due timer';
-- Above READ COMMITTED as well; but of a serializable transaction a serialization failure is its end.
SET hogsend.now = '2026-01-26 12:02+00';
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT "left", remaining FROM hogsend_reconcile();
SELECT user_id, failures, error FROM bucket_timers WHERE failures > 0 ORDER BY 1;
COMMIT;
SET hogsend.now = '2026-01-26 12:10+00';
BEGIN ISOLATION LEVEL SERIALIZABLE;
\set VERBOSITY sqlstate
SELECT "left", remaining FROM hogsend_reconcile();
\set VERBOSITY default
ROLLBACK;
DROP TRIGGER refuse ON bucket_memberships;
SELECT "left", remaining FROM hogsend_reconcile();
SELECT count(*) AS failing FROM bucket_timers WHERE failures > 0;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'oldest due timer';
