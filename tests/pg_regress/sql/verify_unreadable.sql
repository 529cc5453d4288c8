-- Columns of stays that were dropped and added again: whom the tables show as members, and no evaluation
-- finds, hogsend_verify() shows.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO contacts (user_id, properties) VALUES ('u1', '{"plan": "pro"}'), ('u2', '{"plan": "pro"}');
SELECT hogsend_define_bucket('pro', hogsend_property('plan', 'eq', 'pro'));
ALTER TABLE bucket_memberships DROP COLUMN entered_at CASCADE;
ALTER TABLE bucket_memberships ADD COLUMN entered_at timestamptz;
UPDATE contacts SET properties = '{}' WHERE user_id = 'u2';
SELECT user_id, status FROM bucket_memberships ORDER BY user_id;
SELECT * FROM hogsend_verify('pro');
-- Once that is known again, all is as it should be.
UPDATE bucket_memberships SET entered_at = '2026-01-10 12:00+00';
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'u2';
UPDATE contacts SET properties = '{"plan": "none"}' WHERE user_id = 'u2';
SELECT * FROM hogsend_verify('pro');
-- The same of the stay's number.
ALTER TABLE bucket_memberships DROP COLUMN entry_count CASCADE;
ALTER TABLE bucket_memberships ADD COLUMN entry_count integer;
UPDATE contacts SET properties = '{}' WHERE user_id = 'u1';
SELECT * FROM hogsend_verify('pro');
