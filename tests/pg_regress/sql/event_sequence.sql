-- Several things, one after the other, and what did not come in time.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
SELECT hogsend_sequence(hogsend_step('a'), hogsend_step(ARRAY['b', 'c'], within => '1 hour', filter => hogsend_property('$value', 'gt', 5), never => true));
SELECT hogsend_sequence(ARRAY[hogsend_step('a'), hogsend_step('b')], within => '3 days', older_than => '1 day', since => '2026-01-01', matching => ARRAY['order']);
INSERT INTO buckets (id, criteria) VALUES
    ('abandoned', hogsend_sequence(ARRAY[hogsend_step('added_to_cart'), hogsend_step('order.placed', within => '1 hour', never => true)], within => '3 days')),
    ('abandoned_that_cart', hogsend_sequence(ARRAY[hogsend_step('added_to_cart'), hogsend_step('order.placed', within => '1 hour', never => true)], within => '3 days', matching => ARRAY['cart'])),
    ('activated', hogsend_sequence(hogsend_step('signed_up'), hogsend_step('invited', within => '7 days'), hogsend_step('paid', within => '7 days')));
CREATE FUNCTION members() RETURNS TABLE (bucket text, members text) LANGUAGE sql AS
$$ SELECT m.bucket_id, string_agg(m.user_id, ',' ORDER BY m.user_id) FROM bucket_members m GROUP BY 1 ORDER BY 1 $$;
INSERT INTO user_events (user_id, event, occurred_at, properties) VALUES
    ('u1', 'added_to_cart', '2026-03-01 11:30+00', '{"cart": 1}'),
    ('u2', 'added_to_cart', '2026-03-01 10:30+00', '{"cart": 1}'), ('u2', 'order.placed', '2026-03-01 11:30+00', '{"cart": 1}'),
    ('u3', 'added_to_cart', '2026-03-01 10:30+00', '{"cart": 1}'), ('u3', 'order.placed', '2026-03-01 11:30:00.000001+00', '{"cart": 1}'),
    ('u4', 'added_to_cart', '2026-03-01 10:30+00', '{"cart": 1}'), ('u4', 'order.placed', '2026-03-01 11:00+00', '{"cart": 2}'),
    ('u5', 'added_to_cart', '2026-03-01 10:30+00', '{}'), ('u5', 'order.placed', '2026-03-01 10:30+00', '{}'),
    ('u6', 'signed_up', '2026-02-01 10:00+00', '{}'), ('u6', 'invited', '2026-02-07 10:00+00', '{}'), ('u6', 'paid', '2026-02-14 10:00+00', '{}'),
    ('u7', 'signed_up', '2026-02-01 10:00+00', '{}'), ('u7', 'paid', '2026-02-02 10:00+00', '{}'), ('u7', 'invited', '2026-02-07 10:00+00', '{}');
SELECT * FROM members();
SELECT condition, result, observed, flips_at FROM hogsend_explain('abandoned', 'u1') WHERE path = '$' UNION ALL
SELECT condition, result, observed, flips_at FROM hogsend_explain('abandoned', 'u3') WHERE path = '$' UNION ALL
SELECT condition, result, observed, flips_at FROM hogsend_explain('abandoned_that_cart', 'u2') WHERE path = '$' UNION ALL
SELECT condition, result, observed, flips_at FROM hogsend_explain('activated', 'u7') WHERE path = '$' UNION ALL
SELECT condition, result, observed, flips_at FROM hogsend_explain('activated', 'u1') WHERE path = '$';
-- What comes in time, late, out of order, back-dated; and what goes.
INSERT INTO user_events (user_id, event, occurred_at, properties) VALUES
    ('u3', 'order.placed', '2026-03-01 11:15+00', '{"cart": 1}'), ('u7', 'paid', '2026-02-13 10:00+00', '{}');
DELETE FROM user_events WHERE user_id = 'u2' AND event = 'order.placed';
UPDATE user_events SET properties = '{"cart": 1}' WHERE user_id = 'u4';
SELECT * FROM members();
-- The clock, in both directions, each dated by its instant.
SET hogsend.now = '2026-03-01 12:45+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT * FROM members();
SET hogsend.now = '2026-03-20 12:00+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT bucket_id, user_id, transition, effective_at FROM bucket_transitions WHERE source = 'reconcile' ORDER BY effective_at, id;
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
SELECT id, hogsend_may_forget(id) FROM buckets ORDER BY 1;
-- What is refused.
CREATE FUNCTION wrong(rest text) RETURNS TABLE (path text, message text, hint text) LANGUAGE sql AS
$$ SELECT v.path, v.message, v.hint FROM hogsend_validate(format('{"type": "sequence", %s}', rest)::jsonb) v WHERE severity = 'problem' $$;
SELECT * FROM wrong('"within": "1 day"');
SELECT * FROM wrong('"steps": [{"eventName": "a"}]');
SELECT * FROM wrong('"steps": {"eventName": "a"}, "match": "x", "zone": "UTC"');
SELECT * FROM wrong('"steps": [{"eventName": "a", "within": "1 day", "never": true}, {"eventName": "b", "check": "exists", "never": "yes"}, 5]');
SELECT * FROM wrong('"steps": [{"eventName": "a", "never": true}, {"eventName": "b"}], "within": "1 day"');
SELECT * FROM wrong('"steps": [{"eventName": "a"}, {"eventName": "b", "never": true}]');
SELECT * FROM wrong('"steps": [{"eventName": "a"}, {"eventName": "b"}], "match": [[], "$day", ["a", "b"]]');
SELECT * FROM wrong(format('"steps": [%s]', (SELECT string_agg('{"eventName": "a"}', ',') FROM generate_series(1, 9))));
DROP EXTENSION hogsend CASCADE;
