-- Who is made known by an event that is evaluated at once gets first what waits for them, whatever the event is
-- about, and what came in silence stays silent.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('did', hogsend_event('e')),
    ('pro', hogsend_property('plan', 'eq', 'pro'));
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
INSERT INTO contacts (user_id) VALUES ('known');
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
SELECT u, 'x', '2026-01-01 11:00+00', '{"plan": "pro"}' FROM unnest(ARRAY['a', 'b', 'c']) u;
SET hogsend.announce = off;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
SELECT u, 'x', '2026-01-01 11:00+00', '{"plan": "pro"}' FROM unnest(ARRAY['d', 'e', 'known']) u;
RESET hogsend.announce;
RESET hogsend.evaluate;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('a', 'e', '2026-01-01 11:30+00');
SELECT hogsend_add_member('beta', 'b');
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('c', 'e', '2026-01-01 11:30+00');
RESET hogsend.evaluate;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('d', 'e', '2026-01-01 11:30+00');
SELECT user_id, properties FROM contacts ORDER BY 1;
SELECT user_id, bucket_id, announced FROM bucket_memberships ORDER BY 1, 2;
-- A session that leaves it to the clock forgets as little.
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('e', 'y', '2026-01-01 11:30+00', '{"seats": 1}');
SET hogsend.evaluate = later;
UPDATE contacts SET properties = properties || '{"seats": 1}' WHERE user_id = 'known';
RESET hogsend.evaluate;
SELECT entered FROM hogsend_reconcile();
SELECT user_id, bucket_id, announced FROM bucket_memberships WHERE user_id IN ('c', 'e', 'known') ORDER BY 1, 2;
SELECT user_id, event FROM bucket_transitions ORDER BY user_id, event;
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
