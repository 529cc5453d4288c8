-- More is due at once than one call takes: nobody starves, nobody is taken twice.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('active', hogsend_event('app.opened', within => '7 days')),
    ('lapsed', hogsend_event('app.opened', never => true, within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at)
SELECT 'u' || n, 'app.opened', timestamptz '2026-01-01 12:00+00' - n * interval '1 second' FROM generate_series(1, 12000) n;
SELECT bucket_id, count(*) FROM bucket_timers GROUP BY 1 ORDER BY 1;
SET hogsend.now = '2026-01-09 12:00+00';
-- Oldest first, and at most as many users as asked for.
SELECT entered > 0 AND "left" > 0 AS did_something, entered <= 100 AS bounded, remaining, oldest_due > interval '1 day' AS late
FROM hogsend_reconcile(100);
SELECT count(*) > 0 AS oldest_first FROM bucket_transitions WHERE user_id = 'u12000' AND source = 'reconcile';
CREATE FUNCTION catch_up() RETURNS TABLE (calls integer, everybody boolean) LANGUAGE plpgsql AS $$
DECLARE
    again boolean := true;
BEGIN
    calls := 0;
    WHILE again AND calls < 20 LOOP
        SELECT remaining INTO again FROM hogsend_reconcile();
        calls := calls + 1;
    END LOOP;
    everybody := NOT again;
    RETURN NEXT;
END $$;
SELECT calls > 1 AS more_than_one_call, everybody FROM catch_up();
SELECT bucket_id, transition, count(*), count(DISTINCT user_id) AS users FROM bucket_transitions GROUP BY 1, 2 ORDER BY 1, 2;
SELECT hogsend_count('active'), hogsend_count('lapsed'), (SELECT count(*) FROM bucket_timers) AS timers;
SELECT entered, "left", dwelled, rearmed, backfilled, remaining, oldest_due FROM hogsend_reconcile();
-- Bad arguments.
SELECT * FROM hogsend_reconcile(0);
SELECT * FROM hogsend_reconcile(-1);
SELECT * FROM hogsend_reconcile(NULL);
