-- Events enter a range by the clock as they leave it, on time and in both directions.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('between', '{"type": "event", "eventName": "bought", "check": "exists", "within": {"days": 60}, "olderThan": {"days": 30}}'),
    ('long_ago', '{"type": "event", "eventName": "bought", "check": "count", "operator": "gte", "value": 2, "olderThan": {"days": 30}}'),
    ('in_march', '{"type": "event", "eventName": "bought", "check": "count", "operator": "gte", "value": 2,
                   "since": "2026-03-01", "until": "2026-04-01"}'),
    ('quiet', '{"type": "composite", "operator": "and", "conditions": [
                   {"type": "event", "eventName": "bought", "check": "exists", "within": {"days": 60}, "olderThan": {"days": 30}},
                   {"type": "event", "eventName": "bought", "check": "not_exists", "within": {"days": 30}}]}');
CREATE FUNCTION members() RETURNS TABLE (bucket text, members text) LANGUAGE sql AS
$$ SELECT b.id, string_agg(m.user_id, ',' ORDER BY m.user_id) FROM buckets b LEFT JOIN bucket_members m ON m.bucket_id = b.id GROUP BY b.id ORDER BY b.id $$;
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u1', 'bought', '2026-03-01 12:00+00'), ('u2', 'bought', '2026-01-20 12:00+00'), ('u2', 'bought', '2026-02-20 12:00+00'),
    ('u3', 'bought', '2025-12-01 12:00+00'), ('u3', 'bought', '2026-03-01 00:00+00'), ('u3', 'bought', '2026-03-31 23:59+00'),
    ('u4', 'bought', '2026-02-28 23:59:59+00'), ('u4', 'bought', '2026-04-01 00:00+00');
SELECT * FROM members();
SELECT user_id, bucket_id, due_at FROM bucket_timers ORDER BY 1, 2;
-- One that begins to matter only after the timer that is set anyway writes nothing.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'bought', '2026-03-01 11:00+00');
SELECT bucket_id, due_at FROM bucket_timers WHERE user_id = 'u1' ORDER BY 1;
CREATE FUNCTION walk(instants timestamptz[]) RETURNS TABLE (at timestamptz, bucket text, members text) LANGUAGE plpgsql AS $$
BEGIN
    FOREACH at IN ARRAY instants LOOP
        PERFORM set_config('hogsend.now', at::text, false);
        PERFORM hogsend_reconcile();
        RETURN QUERY SELECT walk.at, m.bucket, m.members FROM members() m;
    END LOOP;
END $$;
SELECT * FROM walk('{2026-03-22 12:00+00, 2026-03-22 12:00:00.000001+00, 2026-03-31 12:00+00, 2026-03-31 12:00:00.000001+00}');
SELECT * FROM walk('{2026-04-30 11:00:00.000001+00, 2026-04-30 12:00+00, 2026-04-30 12:00:00.000001+00, 2026-06-01 12:00+00}');
SELECT bucket_id, user_id, transition, effective_at FROM bucket_transitions ORDER BY bucket_id, user_id, id;
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
SELECT count(*) FROM bucket_timers WHERE bucket_id <> '*';
