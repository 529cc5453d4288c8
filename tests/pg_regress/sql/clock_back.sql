-- The system's clock was ahead and is set right: what was moved in a future that has not come is looked at
-- again, and nobody stays where only that future has them.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO buckets (id, criteria, min_dwell, max_dwell, entry_limit, entry_period, dwell_after) VALUES
    -- Members leave, and come back.
    ('active', hogsend_event('open', within => '7 days'), NULL, NULL, 'unlimited', NULL, '{}'),
    ('active.period', hogsend_event('open', within => '7 days'), NULL, NULL, 'once_per_period', '1 day', '{}'),
    -- Others join, and leave.
    ('lapsed', hogsend_event('open', within => '7 days', never => true), NULL, NULL, 'unlimited', NULL, '{}'),
    ('lapsed.held', hogsend_event('open', within => '7 days', never => true), '2 days', NULL, 'unlimited', NULL, '{}'),
    -- Stays time out: one before the clock was ahead, one after.
    ('guests', hogsend_event('open'), NULL, '10 days', 'unlimited', NULL, '{}'),
    -- Nobody is moved by what the future looks at, but their timers go.
    ('pause', '{"type":"composite","operator":"and","conditions":[
        {"type":"event","eventName":"open","check":"not_exists","within":{"days":5}},
        {"type":"event","eventName":"open","check":"exists","within":{"days":6}}]}', NULL, NULL, 'unlimited', NULL, '{}'),
    ('dwells', hogsend_event('open'), NULL, NULL, 'unlimited', NULL, '{12 days}');
SET hogsend.now = '2025-12-30 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('early', 'open', '2025-12-30 12:00+00');
SET hogsend.now = '2026-01-08 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'open', '2026-01-08 12:00+00');
SET hogsend.now = '2026-01-10 12:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT hogsend_subscribe('audit');
-- A year ahead. Data come in then, too.
SET hogsend.now = '2027-01-10 12:00+00';
SELECT entered, "left", dwelled, remaining FROM hogsend_reconcile();
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'open', '2026-01-10 11:00+00');
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u3', 'open', '2026-01-10 11:00+00');
RESET hogsend.evaluate;
-- And is right again.
SET hogsend.now = '2026-01-10 12:10+00';
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'last reconcile';
SELECT count(*) > 0 AS wrong FROM buckets b, hogsend_verify(b.id);
SELECT backfilled, remaining FROM hogsend_reconcile();
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'last reconcile';
SELECT bucket_id, mode, announces, status FROM bucket_jobs WHERE status <> 'done' ORDER BY bucket_id COLLATE "C";
-- Whoever has not been looked at again is to be, and no difference.
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
SET client_min_messages = notice;
SELECT count(*) FROM hogsend_verify((SELECT bucket_id FROM bucket_jobs WHERE status <> 'done' LIMIT 1));
SET client_min_messages = warning;
DO $$ BEGIN WHILE (SELECT remaining FROM hogsend_reconcile()) LOOP NULL; END LOOP; END $$;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'last reconcile';
-- lapsed.held keeps them for its min_dwell, which counts from now.
SELECT v.* FROM buckets b, hogsend_verify(b.id) v;
SELECT bucket_id, user_id, entered_at, max_dwell_at FROM bucket_memberships WHERE status = 'active' ORDER BY bucket_id COLLATE "C", user_id;
SELECT count(*) AS in_the_future FROM bucket_memberships WHERE entered_at > '2026-01-10 12:10+00' OR left_at > '2026-01-10 12:10+00';
-- Told in order, under the entry limit, and no key twice.
SELECT bucket_id, user_id, transition, entry_count, reason, effective_at, recorded_at FROM bucket_transitions
WHERE id > (SELECT max(id) FROM bucket_transitions WHERE recorded_at < '2026-01-10 12:05+00') AND recorded_at < '2027-01-01' ORDER BY bucket_id COLLATE "C", user_id, id;
SELECT count(*) = count(DISTINCT idempotency_key) AS distinct FROM bucket_transitions;
-- Time goes on as if nothing had been.
SET hogsend.now = '2026-01-13 12:30+00';
DO $$ BEGIN WHILE (SELECT remaining FROM hogsend_reconcile()) LOOP NULL; END LOOP; END $$;
SELECT user_id, transition, effective_at FROM bucket_transitions WHERE bucket_id = 'pause' ORDER BY id;
SET hogsend.now = '2026-01-16 12:30+00';
DO $$ BEGIN WHILE (SELECT remaining FROM hogsend_reconcile()) LOOP NULL; END LOOP; END $$;
SELECT bucket_id, user_id FROM bucket_members ORDER BY bucket_id COLLATE "C", user_id;
SELECT v.* FROM buckets b, hogsend_verify(b.id) v;
-- A few seconds are no matter.
SET hogsend.now = '2026-01-16 12:29:55+00';
SELECT remaining FROM hogsend_reconcile();
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'last reconcile';
