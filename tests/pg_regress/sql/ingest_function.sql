-- hogsend_ingest: one event by function call; says whether it was new.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('active', hogsend_event('app.opened', within => '7 days')),
    ('pro', hogsend_property('plan', 'eq', 'pro'));
SELECT hogsend_ingest('u1', 'app.opened', occurred_at => '2026-01-01 11:00+00');
SELECT hogsend_ingest('u1', 'paid', '{"order": 7}', '2026-01-01 11:00+00', '{"plan": "pro"}', ' U1@Example.com', 9.90, 'shop', 'order-7');
-- The same key of the same user: stored nothing, patched nothing.
SELECT hogsend_ingest('u1', 'paid', occurred_at => '2026-01-01 11:00+00', contact_properties => '{"plan": "free"}', idempotency_key => 'order-7');
SELECT hogsend_ingest('u2', 'paid', occurred_at => '2026-01-01 11:00+00', idempotency_key => 'order-7');
SELECT user_id, event, properties, value, occurred_at, source, idempotency_key, '<' || user_email || '>' AS user_email, contact_properties
FROM user_events ORDER BY user_id, event;
SELECT user_id, email, properties FROM contacts ORDER BY user_id;
SELECT user_id, event FROM bucket_transitions ORDER BY id;
-- NULL for what has a default means the default.
SELECT hogsend_ingest('u3', 'paid', NULL, NULL, NULL, NULL, NULL, NULL, NULL);
SELECT properties, now() - occurred_at < interval '1 minute' AS now, idempotency_key FROM user_events WHERE user_id = 'u3';
-- NULL for what has none is refused.
SELECT hogsend_ingest(NULL, 'paid');
SELECT hogsend_ingest('u1', NULL);
