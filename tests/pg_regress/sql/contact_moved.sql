-- Where a contact was when it was last locked is remembered. By the next time it may be elsewhere, or
-- gone, or somebody else may be there.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('recent', hogsend_event('buy', within => '30 days')),
    ('pro', hogsend_property('plan', 'eq', 'pro'));
CREATE VIEW stays AS
SELECT user_id, bucket_id, entry_count, status, left_reason FROM bucket_memberships ORDER BY 1, 2, 3;

-- On the last of some pages.
INSERT INTO contacts (user_id, properties)
SELECT 'u' || n, jsonb_build_object('text', repeat(md5(n::text), 30)) FROM generate_series(1, 60) n;
INSERT INTO contacts (user_id) VALUES ('z');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('z', 'buy', '2026-01-20 10:00+00');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('z', 'buy', '2026-01-20 11:00+00');
SELECT ctid >= '(5,1)' AS is_far_behind FROM contacts WHERE user_id = 'z';
-- Then the table has one page.
DELETE FROM contacts WHERE user_id LIKE 'u%';
VACUUM FULL contacts;
SELECT ctid FROM contacts WHERE user_id = 'z';
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'z';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('z', 'buy', '2026-01-20 12:00+00');
TABLE stays;

-- A new version, on the same page and elsewhere.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('z', 'buy', '2026-01-20 12:00+00');
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id = 'z';
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'z';
VACUUM contacts;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('z', 'buy', '2026-01-20 12:00+00');
TABLE stays;

-- Somebody else at the same place.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('z', 'buy', '2026-01-20 12:00+00');
SELECT ctid AS place FROM contacts WHERE user_id = 'z' \gset
DELETE FROM contacts WHERE user_id = 'z';
VACUUM (TRUNCATE off) contacts;
INSERT INTO contacts (user_id) SELECT 'v' || n FROM generate_series(1, 9) n;
SELECT count(*) AS at_that_place FROM contacts WHERE ctid = :'place';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('z', 'buy', '2026-01-20 12:00+00');
TABLE stays;
SELECT count(*) FROM contacts WHERE user_id = 'z';
SELECT * FROM hogsend_verify('recent');

-- Erased, and undone.
BEGIN;
SELECT hogsend_forget_user('z');
ROLLBACK;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('z', 'buy', '2026-01-20 12:00+00');
DELETE FROM user_events WHERE user_id = 'z';
TABLE stays;
