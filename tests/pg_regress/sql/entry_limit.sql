-- The entry limit gates the announcement of entries, never the stay.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria, entry_limit, entry_period) VALUES
    ('always', hogsend_property('plan', 'eq', 'pro'), 'unlimited', NULL),
    ('once', hogsend_property('plan', 'eq', 'pro'), 'once', NULL),
    ('period', hogsend_property('plan', 'eq', 'pro'), 'once_per_period', '10 days'),
    ('loose', hogsend_property('plan', 'eq', 'pro'), 'once_per_period', NULL);
CREATE FUNCTION plan(instant timestamptz, plan text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    last bigint := coalesce((SELECT max(id) FROM bucket_transitions), 0);
BEGIN
    PERFORM set_config('hogsend.now', instant::text, false);
    INSERT INTO contacts (user_id, properties) VALUES ('u1', jsonb_build_object('plan', plan))
    ON CONFLICT (user_id) DO UPDATE SET properties = excluded.properties;
    RETURN (SELECT string_agg(transition || ' ' || bucket_id, ', ' ORDER BY bucket_id) FROM bucket_transitions WHERE id > last);
END $$;
-- The first time is always announced.
SELECT plan('2026-01-01 12:00+00', 'pro');
SELECT plan('2026-01-05 12:00+00', 'free');
-- Ten days after the entry, but not after the leave.
SELECT plan('2026-01-15 11:59:59.999999+00', 'pro');
SELECT plan('2026-01-16 12:00+00', 'free');
-- Exactly ten days after the last leave.
SELECT plan('2026-01-26 12:00+00', 'pro');
-- All stays are there, announced or not.
SELECT bucket_id, max(entry_count) AS entries, count(*) AS stays FROM bucket_memberships GROUP BY 1 ORDER BY 1;
SELECT bucket_id, transition, entry_count FROM bucket_transitions WHERE bucket_id IN ('once', 'period') ORDER BY bucket_id, id;
-- A silent first stay (by backfill) counts as a prior stay.
INSERT INTO buckets (id, criteria, entry_limit) VALUES ('late', hogsend_property('plan', 'eq', 'pro'), 'once');
SELECT plan('2026-02-01 12:00+00', 'free');
SELECT plan('2026-03-01 12:00+00', 'pro');
SELECT entry_count, status, source FROM bucket_memberships WHERE bucket_id = 'late' ORDER BY 1;
