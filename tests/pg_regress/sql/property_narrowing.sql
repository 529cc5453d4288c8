-- A change of a property concerns a bucket only if some leg is of another truth for the new value than for the old
-- one. Whether somebody was looked at shows by who has lapsed without the clock having come yet.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE FUNCTION lapsed(plan jsonb) RETURNS jsonb LANGUAGE sql AS $$
SELECT hogsend_all(hogsend_event('opened', never => true, within => '7 days'), plan)
$$;
INSERT INTO buckets (id, criteria) VALUES
    ('not-free', lapsed(hogsend_property('plan', 'neq', 'free'))),
    ('in', lapsed(hogsend_not(hogsend_property('plan', 'in', ARRAY['free', 'trial'])))),
    ('any-case', lapsed(hogsend_not(hogsend_property('plan', 'eq', 'FREE', ignore_case => true)))),
    ('long', lapsed(hogsend_not(hogsend_property('plan', 'in', (SELECT array_agg('free' || n) FROM generate_series(1, 1000) n))))),
    ('set', lapsed(hogsend_property('plan', 'exists'))),
    ('starts', lapsed(hogsend_not(hogsend_property('plan', 'starts_with', 'f')))),
    ('city', lapsed(hogsend_property(ARRAY['plan', 'city'], 'not_exists')));
INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
SELECT 'u' || n, 'opened', hogsend_now(), '{"plan": "pro"}' FROM generate_series(1, 6) n;
SET hogsend.now = '2026-01-09 12:00+00';
-- One contact, several, a patch and the queue: from one plan to another that no leg tells from it.
UPDATE contacts SET properties = '{"plan": "team"}' WHERE user_id = 'u1';
UPDATE contacts SET properties = '{"plan": "team"}' WHERE user_id IN ('u2', 'u3');
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('u4', 'other', hogsend_now(), '{"plan": "team"}');
SET hogsend.evaluate = 'later';
UPDATE contacts SET properties = '{"plan": "team"}' WHERE user_id = 'u5';
RESET hogsend.evaluate;
SELECT count(*) AS queued FROM user_queue;
SELECT count(*) AS looked_at FROM bucket_members;
-- To one that some tell from it: those look, and find that it is time or that it is not.
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id = 'u1';
UPDATE contacts SET properties = '{"plan": "FREE"}' WHERE user_id IN ('u2', 'u3');
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('u4', 'other', hogsend_now(), '{"plan": "free7"}');
SELECT user_id, bucket_id FROM bucket_members ORDER BY 1, 2;
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'u1';
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id IN ('u2', 'u4');
SELECT user_id, string_agg(bucket_id, ' ' ORDER BY bucket_id) FROM bucket_members GROUP BY 1 ORDER BY 1;
-- From text to an object, and on inside of it.
UPDATE contacts SET properties = '{"plan": {"city": "Köln"}}' WHERE user_id = 'u6';
SELECT user_id, string_agg(bucket_id, ' ' ORDER BY bucket_id) FROM bucket_members WHERE user_id = 'u6' GROUP BY 1;
UPDATE contacts SET properties = '{"plan": {"town": "Köln"}}' WHERE user_id = 'u6';
SELECT user_id, string_agg(bucket_id, ' ' ORDER BY bucket_id) FROM bucket_members WHERE user_id = 'u6' GROUP BY 1;
UPDATE contacts SET properties = '{}' WHERE user_id = 'u6';
SELECT FROM hogsend_reconcile();
SELECT user_id, string_agg(bucket_id, ' ' ORDER BY bucket_id) FROM bucket_members GROUP BY 1 ORDER BY 1;
SELECT b.id, (SELECT count(*) FROM hogsend_verify(b.id)) AS wrong FROM buckets b ORDER BY 1;
