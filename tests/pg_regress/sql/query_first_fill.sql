-- The first fill of a query bucket: by the clock, silent, and whoever is unknown becomes known.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (id text PRIMARY KEY, plan text);
INSERT INTO users VALUES ('u1', 'pro'), ('u2', 'pro'), ('u3', 'free'), ('u4', 'pro'), ('u5', 'pro');
INSERT INTO contacts (user_id) VALUES ('u1');
INSERT INTO contacts (user_id, deleted_at) VALUES ('u4', '2026-01-01 11:00+00');
INSERT INTO buckets (id, criteria) VALUES ('known', hogsend_any(hogsend_property('plan', 'neq', 'pro'), hogsend_property('vip', 'eq', true)));
SET client_min_messages = notice;
INSERT INTO buckets (id, kind, query) VALUES ('payers', 'query', $$SELECT id FROM users WHERE plan = 'pro'$$);
SET client_min_messages = warning;
SELECT kind, refresh_every, query_path, query_role = current_user AS by_me FROM buckets WHERE id = 'payers';
SELECT mode, due_at, refreshed_at FROM bucket_refreshes;
-- The definition runs nothing; the clock does, in the background.
SELECT count(*) FROM bucket_members WHERE bucket_id = 'payers';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT user_id, source, entered_at FROM bucket_memberships WHERE bucket_id = 'payers' ORDER BY 1;
-- Nobody is told; and neither are they of those whom the fill made known.
SELECT user_id, event FROM bucket_transitions ORDER BY 1, 2;
SELECT bucket_id, user_id FROM bucket_memberships WHERE bucket_id = 'known' ORDER BY 2;
SELECT user_id, deleted_at IS NOT NULL AS deleted FROM contacts ORDER BY 1;
SELECT mode, due_at, refreshed_at, returned, entered, "left", failures, error FROM bucket_refreshes;
SELECT entered, "left", remaining FROM hogsend_reconcile();
-- By hand it is the same.
SELECT hogsend_define_bucket('free', kind => 'query', query => $$SELECT id FROM users WHERE plan = 'free'$$, refresh_every => '1 hour');
SELECT * FROM hogsend_refresh('free');
SELECT user_id, source FROM bucket_memberships WHERE bucket_id = 'free';
SELECT count(*) AS announced FROM bucket_transitions;
