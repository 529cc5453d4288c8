-- How the stay bears on it: since when, what holds it, what ends it, and what is announced meanwhile.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-02-01 12:00+00';
INSERT INTO buckets (id, criteria, min_dwell, max_dwell, dwell_after, dwell_every) VALUES
    ('offer', hogsend_property('plan', 'eq', 'trial'), '2 days', '30 days', '{3 days, 40 days}', '{7 days}'),
    ('recent', hogsend_event('app.opened', within => '5 days'), '1 day 02:00', NULL, '{4 days, 5 days 06:00}', '{}');
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('ann', 'app.opened', '2026-02-01 10:00+00', '{"plan": "trial"}');
CREATE FUNCTION at(instant timestamptz, bucket text) RETURNS TABLE (path text, condition text, result boolean, observed text, flips_at timestamptz) LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('hogsend.now', instant::text, false), hogsend_reconcile();
    RETURN QUERY SELECT e.* FROM hogsend_explain(bucket, 'ann') e;
END $$;
SELECT * FROM at('2026-02-01 18:00+00', 'offer');
SELECT * FROM at('2026-02-01 18:00+00', 'recent');
-- The leave is put off.
UPDATE contacts SET properties = '{"plan": "pro"}';
SELECT * FROM at('2026-02-02 12:00+00', 'offer');
UPDATE contacts SET properties = '{"plan": "trial"}';
SELECT * FROM at('2026-02-16 12:00+00', 'offer');
SELECT * FROM at('2026-02-16 12:00+00', 'recent');
-- The time was up: the criteria hold, but the clock brings nobody back.
SELECT * FROM at('2026-03-04 12:00+00', 'offer');
UPDATE contacts SET properties = '{"plan": "pro"}';
UPDATE contacts SET properties = '{"plan": "trial"}';
SELECT * FROM at('2026-03-05 12:00+00', 'offer');
-- Timers of less than an hour are told to the second.
INSERT INTO buckets (id, criteria, max_dwell, dwell_every) VALUES ('popup', hogsend_event('cart.left'), '20 minutes', '{90 seconds}');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('ann', 'cart.left', '2026-03-05 12:00+00');
SELECT * FROM at('2026-03-05 12:04:10+00', 'popup');
-- Who belonged before the bucket did counts from then.
INSERT INTO buckets (id, criteria, dwell_after) VALUES ('known', hogsend_event('app.opened'), '{60 days}');
SELECT * FROM hogsend_explain('known', 'ann');
