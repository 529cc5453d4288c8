-- Members of query buckets stay until the next refresh, which goes by what the query returns; whoever was held out still is.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE vips (user_id text);
INSERT INTO vips VALUES ('v1'), ('v2');
INSERT INTO buckets (id, kind, query, refresh_every, max_dwell) VALUES ('vip', 'query', 'SELECT user_id FROM vips', '1 hour', '10 days');
SELECT entered, "left" FROM hogsend_refresh('vip');
INSERT INTO contacts (user_id) VALUES ('ann'), ('bob');
SELECT hogsend_identify('v1', 'ann');
SELECT user_id, status, entry_count, max_dwell_at FROM bucket_memberships ORDER BY 1;
SELECT count(*) FROM bucket_transitions;
-- The tables that the query reads know the user by now.
UPDATE vips SET user_id = 'ann' WHERE user_id = 'v1';
SELECT entered, "left" FROM hogsend_refresh('vip');
-- One who timed out is held out under the user's id, until the query does not return them.
SET hogsend.now = '2026-01-11 12:00+00';
SELECT "left" FROM hogsend_reconcile();
SELECT entered, "left" FROM hogsend_refresh('vip');
SELECT user_id FROM bucket_holdouts ORDER BY 1;
UPDATE vips SET user_id = 'bob' WHERE user_id = 'v2';
SELECT hogsend_identify('v2', 'bob');
SELECT user_id FROM bucket_holdouts ORDER BY 1;
SELECT entered, "left" FROM hogsend_refresh('vip');
DELETE FROM vips WHERE user_id = 'bob';
SELECT entered, "left" FROM hogsend_refresh('vip');
INSERT INTO vips VALUES ('bob');
SELECT entered, "left" FROM hogsend_refresh('vip');
SELECT user_id, entry_count, status, left_reason FROM bucket_memberships WHERE user_id = 'bob' ORDER BY 2;
