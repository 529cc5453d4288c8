-- While a first backfill is under way: who matched before anybody watched joins silently, whoever
-- comes to them first; what an event or a change of a contact makes true is announced.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('a.once', 'buy', '2026-01-15 12:00+00', '{"plan": "free"}'),
    ('b.twice', 'buy', '2026-01-15 12:00+00', '{"plan": "pro"}'),
    ('b.twice', 'buy', '2026-01-16 12:00+00', NULL),
    ('c.once', 'buy', '2026-01-15 12:00+00', '{"plan": "free"}'),
    ('d.twice', 'buy', '2026-01-15 12:00+00', '{"plan": "pro"}'),
    ('d.twice', 'buy', '2026-01-16 12:00+00', NULL),
    ('e.twice', 'buy', '2026-01-15 12:00+00', '{"plan": "pro"}'),
    ('e.twice', 'buy', '2026-01-16 12:00+00', NULL),
    ('f.once', 'buy', '2026-01-15 12:00+00', '{"plan": "pro"}'),
    ('g.fades', 'buy', '2026-01-13 13:00+00', '{"plan": "free"}'),
    ('h.due', 'buy', '2026-01-12 12:30+00', '{"plan": "pro"}'),
    ('h.due', 'buy', '2026-01-13 12:30+00', '{"plan": "pro"}');
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria) VALUES
    ('repeat', hogsend_event('buy', within => '7 days', at_least => 2)),
    ('pro', hogsend_all(hogsend_property('plan', 'eq', 'pro'), hogsend_event('buy'))),
    ('lapsed', hogsend_event('buy', never => true, within => '7 days'));
-- The job of one comes as far as b.
SELECT s.processed, s.joined FROM hogsend_backfill_chunk('repeat', 2) s;
SELECT user_id, source, dwell_anchor_at FROM bucket_memberships WHERE bucket_id = 'repeat' ORDER BY 1;
-- A third purchase of somebody who had two: silent; a second of somebody who had one: announced.
-- One statement for all.
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('a.once', 'buy', '2026-01-20 12:00+00'),
    ('c.once', 'buy', '2026-01-20 12:00+00'),
    ('d.twice', 'buy', '2026-01-20 12:00+00'),
    ('z.new', 'buy', '2026-01-19 12:00+00'),
    ('z.new', 'buy', '2026-01-20 12:00+00');
SELECT user_id, source, dwell_anchor_at FROM bucket_memberships WHERE bucket_id = 'repeat' ORDER BY 1;
SELECT bucket_id, event, user_id, effective_at FROM bucket_transitions ORDER BY bucket_id, user_id;
-- One of a user who has two already: silent.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('e.twice', 'buy', '2026-01-20 12:00+00');
-- A change of the contact that makes it true; one that does not matter; a correction that makes it true.
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'a.once';
UPDATE contacts SET properties = properties || '{"seats": 3}' WHERE user_id = 'b.twice';
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('c.once', 'hello', '2026-01-20 12:00+00', '{"plan": "pro"}');
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('d.twice', 'buy', '2026-01-20 12:00+00', '{"plan": "pro", "seats": 2}');
UPDATE user_events SET occurred_at = '2026-01-01 12:00+00' WHERE user_id = 'f.once';
SELECT bucket_id, user_id, source, dwell_anchor_at FROM bucket_memberships ORDER BY 1, 2;
SELECT bucket_id, event, user_id, effective_at FROM bucket_transitions WHERE bucket_id <> 'repeat' OR user_id IN ('e.twice') ORDER BY bucket_id, user_id;
-- Until the backfill has been everywhere the clock neither joins nor dwells, but it lets people go.
SELECT s.processed FROM hogsend_backfill_chunk('lapsed', 3) s;
SELECT s.processed FROM hogsend_backfill_chunk('pro', 9) s;
UPDATE buckets SET dwell_after = '{1 day}' WHERE id = 'repeat';
SELECT s.processed FROM hogsend_backfill_chunk('repeat', 3) s;
SELECT bucket_id, status, processed FROM bucket_jobs ORDER BY 1;
SET hogsend.now = '2026-01-27 13:00+00';
BEGIN;
SELECT entered, "left", dwelled FROM hogsend_reconcile(1);
SELECT entered, "left", dwelled FROM hogsend_reconcile(1);
SELECT entered, "left", dwelled FROM hogsend_reconcile(1);
SELECT bucket_id, event, user_id FROM bucket_transitions WHERE recorded_at = '2026-01-27 13:00+00' ORDER BY 1, 2, 3;
ROLLBACK;
-- Then it does.
CALL hogsend_backfill('repeat');
CALL hogsend_backfill('pro');
CALL hogsend_backfill('lapsed');
SELECT user_id, source, entered_at, dwell_anchor_at FROM bucket_memberships WHERE bucket_id = 'lapsed' ORDER BY 1;
SELECT event, user_id, source, effective_at FROM bucket_transitions WHERE recorded_at = '2026-01-27 13:00+00' ORDER BY 1, 2;
SET hogsend.now = '2026-01-27 13:02+00';
SELECT entered, "left", dwelled, remaining FROM hogsend_reconcile();
SELECT event, user_id, source, effective_at FROM bucket_transitions WHERE recorded_at = '2026-01-27 13:02+00' ORDER BY 1, 2;
SELECT * FROM hogsend_verify('repeat');
SELECT * FROM hogsend_verify('pro');
SELECT * FROM hogsend_verify('lapsed');
