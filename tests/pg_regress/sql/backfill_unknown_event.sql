-- Buckets on events that nobody has done: whom they could be about is counted once for all of a statement,
-- and nobody is looked at; among very many contacts nothing is counted, and all is left to the clock.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
SET hogsend.inline_backfill = 10;
INSERT INTO contacts (user_id) SELECT 'u' || n FROM generate_series(1, 2000) n;
INSERT INTO user_events (user_id, event, occurred_at)
    SELECT 'u' || n, 'few', '2026-01-19 12:00+00' FROM generate_series(1, 10) n;
INSERT INTO user_events (user_id, event, occurred_at)
    SELECT 'u' || n, 'many', '2026-01-19 12:00+00' FROM generate_series(1, 11) n;
UPDATE contacts SET deleted_at = now() WHERE user_id = 'u11';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u12', 'many', '2026-01-19 12:00+00');
SET client_min_messages = notice;
INSERT INTO buckets (id, criteria) VALUES
    ('a-none', hogsend_event('none', within => '7 days')),
    ('b-few', hogsend_event('few', within => '7 days')),
    ('c-many', hogsend_event('many', within => '7 days')),
    ('d-both', hogsend_any(hogsend_event('few', within => '7 days'), hogsend_event('none', within => '7 days'))),
    ('e-property', hogsend_property('plan', 'eq', 'pro'));
SELECT bucket_id, status, processed, joined FROM bucket_jobs ORDER BY 1;

-- Each definition of a transaction counts; after so many look-ups none does.
BEGIN;
INSERT INTO buckets (id, criteria) SELECT 'f-' || n, hogsend_event('f-' || n, within => '7 days') FROM generate_series(1, 40) n;
SELECT status, count(*) FROM bucket_jobs WHERE bucket_id LIKE 'f-%' GROUP BY 1;
INSERT INTO buckets (id, criteria) SELECT 'g-' || n, hogsend_event('g-' || n, within => '7 days') FROM generate_series(1, 12) n;
SELECT status, count(*) FROM bucket_jobs WHERE bucket_id LIKE 'g-%' GROUP BY 1;
ROLLBACK;

-- Somebody is in it from before: then everybody is looked at.
INSERT INTO bucket_memberships (user_id, bucket_id, entry_count, status, entered_at, source)
    VALUES ('u1', 'h-member', 1, 'active', '2026-01-01', 'manual');
INSERT INTO buckets (id, criteria) VALUES ('h-member', hogsend_event('none', within => '7 days'));
SELECT status, processed FROM bucket_jobs WHERE bucket_id = 'h-member';
SELECT status, left_reason FROM bucket_memberships WHERE bucket_id = 'h-member';

-- While the job of 'c-many' is open, a member's further event is settled as without it, and whom the event
-- makes a member is announced.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'many', '2026-01-20 11:00+00'), ('u99', 'many', '2026-01-20 11:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'many', '2026-01-20 11:30+00');
SELECT user_id, source FROM bucket_memberships WHERE bucket_id = 'c-many' ORDER BY 1;
SELECT user_id, event FROM bucket_transitions WHERE bucket_id = 'c-many';
SET client_min_messages = warning;
CALL hogsend_backfill('c-many');
SELECT count(*) FROM bucket_members WHERE bucket_id = 'c-many';
SELECT * FROM hogsend_verify('c-many');
