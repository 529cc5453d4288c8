-- Dwell: how long somebody has been in, said by the clock.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria, dwell_after, dwell_every) VALUES
    ('pro', hogsend_property('plan', 'eq', 'pro'), '{1 day, 3 days}', '{2 days}');
INSERT INTO contacts (user_id, properties) VALUES ('u1', '{"plan": "pro"}');
CREATE FUNCTION at(instant timestamptz) RETURNS TABLE (dwelled integer, dwells text) LANGUAGE plpgsql AS $$
DECLARE
    last bigint := coalesce((SELECT max(id) FROM bucket_transitions), 0);
BEGIN
    PERFORM set_config('hogsend.now', instant::text, false);
    SELECT r.dwelled INTO dwelled FROM hogsend_reconcile() r;
    SELECT string_agg(format('%s #%s as of %s', t.dwell_label, t.dwell_count, to_char(t.effective_at, 'MM-DD HH24:MI')), ', ' ORDER BY t.dwell_label)
    INTO dwells FROM bucket_transitions t WHERE t.id > last AND t.transition = 'dwell';
    RETURN NEXT;
END $$;
SELECT due_at FROM bucket_timers;
SELECT * FROM at('2026-01-02 11:59:59.999999+00');
SELECT * FROM at('2026-01-02 12:00+00');
SELECT * FROM at('2026-01-02 12:00+00');
SELECT * FROM at('2026-01-03 13:00+00');
-- What was missed comes as one, with its true ordinal.
SELECT * FROM at('2026-01-10 11:00+00');
SELECT due_at FROM bucket_timers;
SELECT event, transition, reason, source, dwell_label, dwell_count, idempotency_key FROM bucket_transitions ORDER BY id DESC LIMIT 1;
-- Data does not make anybody dwell, though it be due.
SET hogsend.now = '2026-01-12 12:00+00';
UPDATE contacts SET properties = '{"plan": "pro", "n": 1}';
SELECT count(*) FROM bucket_transitions WHERE transition = 'dwell';
-- Who leaves in a run does not dwell in it.
INSERT INTO buckets (id, criteria, dwell_after) VALUES ('recent', hogsend_event('app.opened', within => '1 day'), '{12 hours}');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'app.opened', '2026-01-12 12:00+00');
SET hogsend.now = '2026-01-14 12:00+00';
SELECT "left", dwelled FROM hogsend_reconcile();
SELECT transition FROM bucket_transitions WHERE user_id = 'u2' ORDER BY id;
-- A re-join starts over: counts from one, and the key carries the entry.
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id = 'u1';
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'u1';
SELECT * FROM at('2026-01-15 12:00+00');
SELECT idempotency_key FROM bucket_transitions ORDER BY id DESC LIMIT 1;
-- The same length spelled twice is one schedule. (u1, too, has been in for two days now.)
INSERT INTO buckets (id, criteria, dwell_after, dwell_every) VALUES ('twice', hogsend_property('t', 'exists'), '{1 day, 24:00:00}', '{1 day}');
UPDATE contacts SET properties = '{"t": 1}' WHERE user_id = 'u2';
SELECT * FROM at('2026-01-16 12:00+00');
SELECT idempotency_key FROM bucket_transitions GROUP BY 1 HAVING count(*) > 1;
