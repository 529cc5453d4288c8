-- Of all the occurrences only the first or the last is looked at, by (occurred_at, id), back-dated ones included.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('first_mobile', '{"type": "event", "eventName": "bought", "check": "exists", "pick": "first",
                       "having": {"type": "property", "property": "device", "operator": "eq", "value": "mobile"}}'),
    ('last_mobile', '{"type": "event", "eventName": "bought", "check": "exists", "pick": "last",
                      "having": {"type": "property", "property": "device", "operator": "eq", "value": "mobile"}}'),
    ('new_customer', '{"type": "event", "eventName": "bought", "check": "exists", "pick": "first", "within": {"days": 30}}'),
    ('gone', '{"type": "event", "eventName": "bought", "check": "exists", "pick": "last", "olderThan": {"days": 45}}'),
    ('last_big_not_mobile', '{"type": "composite", "operator": "and", "conditions": [
                       {"type": "event", "eventName": "bought", "check": "exists", "where": {"type": "property", "property": "$value", "operator": "gt", "value": 50}},
                       {"type": "event", "eventName": "bought", "check": "not_exists", "pick": "last",
                        "where": {"type": "property", "property": "$value", "operator": "gt", "value": 50},
                        "having": {"type": "property", "property": "device", "operator": "eq", "value": "mobile"}}]}');
CREATE FUNCTION members() RETURNS TABLE (bucket text, members text) LANGUAGE sql AS
$$ SELECT b.id, string_agg(m.user_id, ',' ORDER BY m.user_id) FROM buckets b LEFT JOIN bucket_members m ON m.bucket_id = b.id GROUP BY b.id ORDER BY b.id $$;
INSERT INTO user_events (id, user_id, event, occurred_at, value, properties) VALUES
    (1001, 'u1', 'bought', '2026-02-20 12:00+00', 60, '{"device": "mobile"}'),
    -- Of the same instant: the greater id is the later one, wherever it lies.
    (1003, 'u2', 'bought', '2026-02-20 12:00+00', 10, '{"device": "mobile"}'),
    (1002, 'u2', 'bought', '2026-02-20 12:00+00', 70, '{"device": "desk"}'),
    (1005, 'u3', 'bought', '2026-02-20 12:00+00', 70, '{"device": "desk"}'),
    (1004, 'u3', 'bought', '2026-02-20 12:00+00', 10, '{"device": "mobile"}');
SELECT * FROM members();
-- Back-dated, and later ones.
INSERT INTO user_events (user_id, event, occurred_at, value, properties) VALUES
    ('u1', 'bought', '2026-01-10 12:00+00', 5, '{"device": "desk"}'), ('u2', 'bought', '2026-02-28 12:00+00', 80, '{"device": "mobile"}');
SELECT * FROM members();
DELETE FROM user_events WHERE user_id = 'u1' AND value = 5;
UPDATE user_events SET properties = '{"device": "mobile"}' WHERE id = 1005;
SELECT * FROM members();
-- The clock.
CREATE FUNCTION walk(instants timestamptz[]) RETURNS TABLE (at timestamptz, bucket text, members text) LANGUAGE plpgsql AS $$
BEGIN
    FOREACH at IN ARRAY instants LOOP
        PERFORM set_config('hogsend.now', at::text, false);
        PERFORM hogsend_reconcile();
        RETURN QUERY SELECT walk.at, m.bucket, m.members FROM members() m;
    END LOOP;
END $$;
SELECT * FROM walk('{2026-03-22 12:00+00, 2026-03-22 12:00:00.000001+00, 2026-04-06 12:00:00.000001+00, 2026-04-14 12:00:00.000001+00}');
INSERT INTO user_events (user_id, event, occurred_at, value, properties) VALUES ('u1', 'bought', '2026-04-14 12:00+00', 100, '{}');
SELECT * FROM members();
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
INSERT INTO buckets (id, criteria) SELECT id || '_again', criteria FROM buckets;
SELECT * FROM members() WHERE bucket LIKE '%\_again';
