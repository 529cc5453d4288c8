-- What was defined under hogsend.announce = off and is too large for the statement is carried on by
-- the clock, and no more is said of it than the statement would have.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO contacts (user_id, properties)
SELECT 'u' || n, jsonb_build_object('plan', CASE WHEN n <= 5 THEN 'pro' ELSE 'free' END) FROM generate_series(1, 8) AS n;
INSERT INTO buckets (id, criteria) VALUES ('paying', hogsend_property('plan', 'eq', 'pro'));
SET hogsend.inline_backfill = 0;
SET hogsend.announce = off;
UPDATE buckets SET criteria = hogsend_property('plan', 'eq', 'free') WHERE id = 'paying';
RESET hogsend.announce;
SELECT mode, status, muted FROM bucket_jobs WHERE status <> 'done';
-- Whoever comes to somebody before the job does says no more of the change than the job would: u2 is looked at
-- by the clock. What they do themselves is said: u3 belongs, and then no more. What u4 does makes no difference.
UPDATE contacts SET properties = '{"plan": "team"}' WHERE user_id = 'u4';
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id = 'u3';
UPDATE contacts SET properties = '{"plan": "team"}' WHERE user_id = 'u3';
INSERT INTO bucket_timers (user_id, bucket_id, due_at) VALUES ('u2', 'paying', hogsend_now());
SELECT "left" FROM hogsend_reconcile(1);
SELECT user_id, status, source, announced, left_announced FROM bucket_memberships ORDER BY user_id, entry_count;
SELECT user_id, event FROM bucket_transitions WHERE bucket_id = 'paying' ORDER BY id;
-- The rest, through another change of the definition that is not silent itself.
UPDATE buckets SET dwell_after = '{1 day}' WHERE id = 'paying';
SELECT mode, status, muted FROM bucket_jobs WHERE status <> 'done';
CALL hogsend_backfill('paying');
SELECT user_id, status, source, announced, left_announced FROM bucket_memberships ORDER BY user_id, entry_count;
SELECT count(*) AS announced FROM bucket_transitions WHERE bucket_id = 'paying';
-- The next job is as loud as ever.
UPDATE buckets SET criteria = hogsend_property('plan', 'eq', 'pro') WHERE id = 'paying';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT mode, muted, joined, "left" FROM bucket_jobs ORDER BY id;
SELECT transition, count(*) FROM bucket_transitions WHERE bucket_id = 'paying' AND source = 'backfill' GROUP BY 1;
-- A query that is changed in silence, too, until its bucket has been brought in line once.
CREATE TABLE vips (user_id text);
INSERT INTO vips VALUES ('u1'), ('u2'), ('stranger');
INSERT INTO buckets (id, kind, query) VALUES ('vips', 'query', 'SELECT user_id FROM vips');
SELECT * FROM hogsend_refresh('vips');
SET hogsend.announce = off;
UPDATE buckets SET query = 'SELECT user_id FROM vips WHERE user_id <> ''u2''' WHERE id = 'vips';
RESET hogsend.announce;
SELECT mode, muted FROM bucket_refreshes;
SELECT FROM hogsend_reconcile();
SELECT mode, muted, "left" FROM bucket_refreshes;
SELECT user_id, status, left_announced FROM bucket_memberships WHERE bucket_id = 'vips' ORDER BY 1;
DELETE FROM vips WHERE user_id = 'u1';
SET hogsend.now = '2026-01-10 12:10+00';
SELECT FROM hogsend_reconcile();
SELECT user_id, event FROM bucket_transitions WHERE bucket_id = 'vips';
-- Somebody whom such a job could not evaluate is left to the clock, which says nothing either.
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
    IF NEW.user_id = 'u1' THEN RAISE EXCEPTION 'not u1'; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER refuse BEFORE UPDATE ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION refuse();
SET hogsend.announce = off;
UPDATE buckets SET criteria = hogsend_property('plan', 'eq', 'free') WHERE id = 'paying';
RESET hogsend.announce;
SELECT FROM hogsend_reconcile();
SELECT user_id, silent, muted, error FROM bucket_timers WHERE failures > 0;
DROP TRIGGER refuse ON bucket_memberships;
SET hogsend.now = '2026-01-10 13:00+00';
SELECT "left" FROM hogsend_reconcile();
SELECT user_id, entry_count, source, left_announced FROM bucket_memberships
WHERE bucket_id = 'paying' AND status = 'left' AND left_at = '2026-01-10 13:00+00';
SELECT count(*) AS announced FROM bucket_transitions WHERE bucket_id = 'paying' AND recorded_at > '2026-01-10 12:00+00';
