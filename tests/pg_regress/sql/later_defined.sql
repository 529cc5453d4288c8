-- Who is in the queue when a bucket is defined has a history that is older than the bucket: it is joined in
-- silence, as everybody else is whom it finds.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened', within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('known', 'other', '2026-01-01 11:00+00');
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('stranger', 'app.opened', '2026-01-01 11:00+00', NULL),
    ('stranger', 'buy', '2025-06-01 11:00+00', '{"plan": "pro"}'),
    ('known', 'buy', '2025-06-01 11:00+00', '{"plan": "pro"}');
RESET hogsend.evaluate;
-- The bucket that was there announces the one who comes, and the new ones nobody.
INSERT INTO buckets (id, criteria) VALUES ('buyers', hogsend_event('buy')), ('pro', hogsend_property('plan', 'eq', 'pro'));
SELECT count(*) FROM user_queue;
SELECT entered, "left" FROM hogsend_reconcile();
SELECT bucket_id, user_id, source, announced FROM bucket_memberships ORDER BY 1, 2;
SELECT bucket_id, user_id, transition, source, effective_at FROM bucket_transitions ORDER BY id;
-- Criteria that are changed, likewise.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('second', 'sold', '2026-01-01 11:00+00');
RESET hogsend.evaluate;
UPDATE buckets SET criteria = hogsend_event('sold') WHERE id = 'buyers';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT bucket_id, user_id, status, announced FROM bucket_memberships WHERE bucket_id = 'buyers' ORDER BY 1, 2;
-- Whoever comes from then on is announced.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('third', 'sold', '2026-01-01 11:30+00');
RESET hogsend.evaluate;
SELECT entered FROM hogsend_reconcile();
SELECT user_id, announced FROM bucket_memberships WHERE bucket_id = 'buyers' AND status = 'active' ORDER BY 1;
-- A statement does no more than it does of the history: the rest is the clock's.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'many' || n, 'sold', '2026-01-01 11:30+00' FROM generate_series(1, 5) n;
RESET hogsend.evaluate;
SET hogsend.inline_backfill = 2;
UPDATE buckets SET name = 'Sellers' WHERE id = 'buyers';
SELECT count(*) FROM user_queue;
SELECT entered FROM hogsend_reconcile();
SELECT count(*) FROM user_queue;
DELETE FROM buckets WHERE id = 'pro';
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
