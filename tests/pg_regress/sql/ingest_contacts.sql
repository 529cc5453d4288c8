-- Contacts are evaluated when they change, without waiting for an event.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('trial', hogsend_property('plan', 'eq', 'trial')),
    ('stalled', hogsend_all(hogsend_property('plan', 'eq', 'trial'), hogsend_event('activated', never => true, within => '7 days'))),
    ('planless', hogsend_all(hogsend_property('plan', 'not_exists'), hogsend_event('signup', never => true, within => '1 day'))),
    ('active', hogsend_event('app.opened', within => '7 days'));
-- A new contact comes into the scope of every bucket with a property leg.
INSERT INTO contacts (user_id, properties) VALUES ('u1', '{"plan": "trial"}'), ('u2', '{"plan": "pro"}'), ('u3', '{}');
SELECT user_id, event, source FROM bucket_transitions ORDER BY user_id, event;
-- So does one that is made by a first event, though no bucket names the event.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u4', 'unrelated', '2026-01-01 12:00+00');
SELECT user_id, event FROM bucket_transitions WHERE user_id = 'u4';
-- UPDATE.
UPDATE contacts SET properties = properties || '{"plan": "trial"}' WHERE user_id IN ('u2', 'u3');
SELECT user_id, event, reason, effective_at FROM bucket_transitions WHERE user_id IN ('u2', 'u3') ORDER BY user_id, event;
-- Only buckets that read a property that really changed are looked at. Show it by a change that
-- is due by the clock: who looks would see it.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'activated', '2026-01-01 12:00+00');
SELECT hogsend_has('stalled', 'u1');
SET hogsend.now = '2026-01-09 12:00+00';
UPDATE contacts SET properties = properties || '{"colour": "red"}' WHERE user_id = 'u1';
UPDATE contacts SET email = 'u1@example.com' WHERE user_id = 'u1';
UPDATE contacts SET properties = properties || '{"plan": "trial"}' WHERE user_id = 'u1';
SELECT hogsend_has('stalled', 'u1');
-- The plan changes twice in a transaction: each statement is judged.
BEGIN;
UPDATE contacts SET properties = properties || '{"plan": "pro"}' WHERE user_id = 'u1';
UPDATE contacts SET properties = properties || '{"plan": "trial"}' WHERE user_id = 'u1';
COMMIT;
SELECT hogsend_has('stalled', 'u1');
-- 1 and 1.0 are the same number; "1" is another value.
INSERT INTO buckets (id, criteria) VALUES ('one', hogsend_property('n', 'eq', 1));
UPDATE contacts SET properties = properties || '{"n": 1.0}' WHERE user_id = 'u1';
UPDATE contacts SET properties = properties || '{"n": "1"}' WHERE user_id = 'u2';
SELECT user_id FROM bucket_members WHERE bucket_id = 'one';
-- A property that goes away.
UPDATE contacts SET properties = properties - 'plan' WHERE user_id = 'u2';
SELECT bucket_id FROM bucket_members WHERE user_id = 'u2' ORDER BY 1;
-- Strict about types, as the reference is.
INSERT INTO buckets (id, criteria) VALUES
    ('not_pro', hogsend_all(hogsend_property('plan', 'neq', 'pro'), hogsend_property('k', 'eq', 'strict'))),
    ('many', hogsend_property('seats', 'gt', 10)),
    ('tagged', hogsend_property('tags', 'contains', 'vip')),
    ('known', hogsend_property('phone', 'exists'));
INSERT INTO contacts (user_id, properties) VALUES
    ('p1', '{"k": "strict", "seats": "11", "tags": "vip-club", "phone": null}'),
    ('p2', '{"k": "strict", "plan": "pro", "seats": 10.000001, "tags": ["a", "vip"], "phone": ""}'),
    ('p3', '{"k": "strict", "plan": 5, "seats": 10, "tags": ["vips"], "phone": 0}');
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) AS members FROM bucket_members
WHERE user_id LIKE 'p_' AND bucket_id <> 'planless' GROUP BY 1 ORDER BY 1;
