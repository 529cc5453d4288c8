-- A tree is explained node by node, in the order of the document, with the paths of hogsend_validate.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-02-28 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('stuck', hogsend_all(
    hogsend_property('plan', 'eq', 'trial'),
    hogsend_any(
        hogsend_event('activated', within => '7 days', never => true),
        hogsend_event('feature.used', within => '14 days', less_than => 3)),
    hogsend_event('session.started', within => '30 days')));
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('ann', 'session.started', '2026-02-20 08:15+00', '{"plan": "trial"}'),
    ('ann', 'activated', '2026-02-26 09:00+00', NULL),
    ('ann', 'feature.used', '2026-02-26 09:05+00', NULL),
    ('ann', 'feature.used', '2026-02-15 17:00+00', NULL),
    ('ann', 'feature.used', '2026-02-16 17:00+00', NULL),
    ('bob', 'session.started', '2026-02-20 08:15+00', '{"plan": "pro"}');
SELECT * FROM hogsend_explain('stuck', 'ann');
SELECT * FROM hogsend_explain('stuck', 'bob');
-- The whole flips with whichever part makes it; ann's bucket, day by day.
SELECT day, r.result, r.observed, r.flips_at
FROM generate_series(timestamptz '2026-02-28 12:00+00', '2026-03-24 12:00+00', '4 days') day, hogsend_explain('stuck', 'ann', day) r WHERE r.path = '$';
-- As deep as it goes.
DO $$
DECLARE
    criteria jsonb := hogsend_event('app.opened');
BEGIN
    FOR level IN 1 .. 31 LOOP
        criteria := hogsend_any(criteria, hogsend_property('level' || level, 'exists'));
    END LOOP;
    INSERT INTO buckets (id, criteria) VALUES ('deep', criteria);
END $$;
SELECT count(*), max(length(path)), bool_or(result) FROM hogsend_explain('deep', 'ann') WHERE path LIKE '$%';
