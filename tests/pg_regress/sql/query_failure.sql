-- A query that fails leaves the members as they are, is tried again, and shows in health.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (id text, n integer DEFAULT 1);
INSERT INTO users (id) VALUES ('u1'), ('u2');
INSERT INTO buckets (id, kind, query) VALUES ('q', 'query', 'SELECT id FROM users WHERE 1 / n = 1');
SELECT entered FROM hogsend_reconcile();
UPDATE users SET n = 0 WHERE id = 'u1';
SET hogsend.now = '2026-01-01 12:05+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT user_id FROM bucket_members ORDER BY 1;
SELECT refreshed_at, due_at, failures, error FROM bucket_refreshes;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'query buckets';
SELECT path, condition LIKE 'returned by the query, run as %' AS said, result, observed FROM hogsend_explain('q', 'u1') WHERE path = '$';
SELECT hogsend_matches('q', 'u1');
SELECT * FROM hogsend_verify('q');
-- The others go on, and it is tried again, less and less often.
INSERT INTO buckets (id, kind, query) VALUES ('other', 'query', 'SELECT id FROM users');
SELECT entered FROM hogsend_reconcile();
SET hogsend.now = '2026-01-01 12:06+00';
SELECT entered FROM hogsend_reconcile();
SELECT due_at, failures FROM bucket_refreshes WHERE bucket_id = 'q';
DROP TABLE users;
SET hogsend.now = '2026-01-01 12:08+00';
SELECT entered FROM hogsend_reconcile();
SELECT failures, error FROM bucket_refreshes WHERE bucket_id = 'q';
SELECT * FROM hogsend_refresh('q');
SELECT hogsend_count('q');
-- Once it works, all is well.
CREATE TABLE users (id text, n integer DEFAULT 1);
INSERT INTO users (id) VALUES ('u2'), ('u3');
SELECT * FROM hogsend_refresh('q');
SELECT * FROM hogsend_refresh('other');
SELECT failures, error FROM bucket_refreshes WHERE bucket_id = 'q';
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'query buckets';
-- Somebody who cannot be moved does not keep the others.
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.user_id = 'u5' THEN RAISE EXCEPTION 'not u5'; END IF; RETURN NEW; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION refuse();
INSERT INTO users (id) VALUES ('u4'), ('u5'), ('u6');
SELECT * FROM hogsend_refresh('q');
SELECT user_id FROM bucket_members WHERE bucket_id = 'q' ORDER BY 1;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'query buckets';
DROP TRIGGER refuse ON bucket_memberships;
SELECT * FROM hogsend_refresh('q');
SELECT user_id, event FROM bucket_transitions WHERE bucket_id = 'q' ORDER BY id DESC LIMIT 1;
