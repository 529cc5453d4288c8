-- Any tree of and/or, with property legs mixed in, flips on time in both directions.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    -- Absence and a property: includes those who never did it.
    ('stalled', hogsend_all(hogsend_property('plan', 'eq', 'trial'), hogsend_event('activated', never => true, within => '7 days'))),
    -- An or of absences.
    ('quiet', hogsend_any(hogsend_event('mail.opened', never => true, within => '3 days'), hogsend_event('app.opened', never => true, within => '5 days'))),
    -- Once active, now not.
    ('lapsed', hogsend_all(hogsend_event('app.opened'), hogsend_event('app.opened', never => true, within => '5 days'))),
    -- A tree that flips more than once by the clock alone: in, out, in again.
    ('pulse', hogsend_any(
        hogsend_event('app.opened', within => '2 days'),
        hogsend_all(hogsend_event('mail.opened', within => '10 days'), hogsend_event('app.opened', never => true, within => '5 days'))));
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('u1', 'app.opened', '2026-01-01 12:00+00', '{"plan": "trial"}'),
    ('u1', 'mail.opened', '2026-01-01 12:00+00', NULL),
    ('u1', 'activated', '2026-01-01 12:00+00', NULL),
    ('u2', 'signup', '2026-01-01 12:00+00', '{"plan": "trial"}'),
    ('u3', 'mail.opened', '2026-01-01 12:00+00', '{"plan": "pro"}');
SELECT user_id, string_agg(bucket_id, ' ' ORDER BY bucket_id) AS buckets FROM bucket_members GROUP BY 1 ORDER BY 1;
-- Day by day.
CREATE FUNCTION day(day date) RETURNS TABLE (reconciled text, members text) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('hogsend.now', day || ' 12:00:01+00', false);
    SELECT format('%s in, %s out', entered, "left") INTO reconciled FROM hogsend_reconcile();
    SELECT string_agg(m.bucket_id || ':' || m.user_id, ' ' ORDER BY m.bucket_id, m.user_id) INTO members FROM bucket_members m;
    RETURN NEXT;
END $$;
SELECT d.day, reconciled, members
FROM generate_series(date '2026-01-02', '2026-01-13', '1 day') AS g (at), LATERAL (SELECT at::date AS day) d, day(d.day);
-- Data in the middle of it.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'activated', '2026-01-13 12:00+00'), ('u1', 'app.opened', '2026-01-13 12:00+00');
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'u2';
SELECT user_id, string_agg(bucket_id, ' ' ORDER BY bucket_id) AS buckets FROM bucket_members GROUP BY 1 ORDER BY 1;
