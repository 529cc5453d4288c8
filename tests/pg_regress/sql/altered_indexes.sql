-- Indexes of another order than the column's: jobs go from one user to another in several tables, some
-- of them in SQL, and must come to the same users in all of them.
-- Some servers are built without ICU, and then there is nothing to see.
SELECT NOT EXISTS (SELECT FROM pg_collation WHERE collname = 'en-x-icu') AS has_no_icu \gset
\if :has_no_icu
\quit
\endif
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-02 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) SELECT u || n, 'app.opened', '2026-01-01 12:00+00' FROM unnest('{a,B,c,D,é}'::text[]) u, generate_series(1, 60) n;
ALTER TABLE contacts DROP CONSTRAINT contacts_pkey;
CREATE UNIQUE INDEX ON contacts (user_id COLLATE "en-x-icu");
ALTER TABLE contacts ADD PRIMARY KEY (user_id);
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened', within => '7 days')), ('never', hogsend_event('other', never => true, within => '7 days'));
CALL hogsend_backfill('active');
CALL hogsend_backfill('never');
SELECT bucket_id, count(*) FROM bucket_members GROUP BY 1 ORDER BY 1;
SELECT hogsend_verify('active');
UPDATE buckets SET criteria = hogsend_event('app.opened', within => '6 days') WHERE id = 'active';
UPDATE buckets SET criteria = hogsend_event('app.opened', never => true, within => '6 days') WHERE id = 'never';
CALL hogsend_backfill('active');
CALL hogsend_backfill('never');
SELECT bucket_id, count(*) FROM bucket_members GROUP BY 1 ORDER BY 1;
SELECT hogsend_verify('active');
SELECT hogsend_verify('never');
