-- A plan that was made while few were in a bucket must not read all members when one of many leaves.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
ANALYZE;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('pro', hogsend_property('plan', 'eq', 'pro'));
-- The plans are made here.
INSERT INTO contacts (user_id, properties) VALUES ('u0', '{"plan": "pro"}');
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id = 'u0';
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'u0';
INSERT INTO contacts (user_id, properties) SELECT 'u' || n, '{"plan": "pro"}' FROM generate_series(1, 2000) n;
SELECT hogsend_count('pro');
CREATE VIEW fetched AS
SELECT coalesce(idx_tup_fetch, 0) + seq_tup_read AS rows FROM pg_stat_xact_user_tables WHERE relname = 'bucket_memberships';
BEGIN;
SELECT rows AS before FROM fetched \gset
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id = 'u7';
SELECT rows - :before < 20 AS few_rows_were_read FROM fetched;
COMMIT;
SELECT status, left_reason FROM bucket_memberships WHERE user_id = 'u7';
