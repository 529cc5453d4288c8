-- More in the queue than a definition works off: the bucket is filled in the background, after them, and who is older
-- than the definition joins without a word.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('old', hogsend_event('e'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('known', 'x', '2026-01-01 11:00+00'), ('patched', 'x', '2026-01-01 11:00+00');
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('s1', 'e', '2026-01-01 11:00+00', '{"plan": "pro"}'),
    ('s2', 'e', '2026-01-01 11:00+00', '{"plan": "free"}'),
    ('s3', 'e', '2026-01-01 11:00+00', NULL),
    ('patched', 'x', '2026-01-01 11:00+00', '{"plan": "pro"}');
SET hogsend.inline_backfill = 0;
SET client_min_messages = notice;
SELECT hogsend_define_bucket('twice', hogsend_event('e', at_least => 2));
SELECT hogsend_define_bucket('new', hogsend_event('e'));
SET client_min_messages = warning;
SELECT hogsend_define_bucket('pro', hogsend_property('plan', 'eq', 'pro'));
RESET hogsend.inline_backfill;
SELECT bucket_id, mode, status FROM bucket_jobs WHERE status <> 'done' ORDER BY id;
SELECT count(*) FROM user_queue;
-- What is done since is announced where it is what made them match.
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES
    ('s2', 'e', '2026-01-01 11:30+00', '{"plan": "pro"}'),
    ('s3', 'e', '2026-01-01 11:30+00', NULL),
    ('s4', 'e', '2026-01-01 11:30+00', '{"plan": "pro"}'),
    ('known', 'e', '2026-01-01 11:30+00', NULL);
RESET hogsend.evaluate;
SELECT entered, "left", backfilled, remaining FROM hogsend_reconcile();
SELECT entered, "left", backfilled, remaining FROM hogsend_reconcile();
SELECT entered, "left", backfilled, remaining FROM hogsend_reconcile();
SELECT bucket_id, user_id, source, announced FROM bucket_memberships ORDER BY 1, 2;
SELECT bucket_id, user_id, source FROM bucket_transitions ORDER BY 1, 2;
SELECT bucket_id, status, queued_until FROM bucket_jobs ORDER BY id;
-- So it is where the job is called for. A part at a time.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'm' || n, 'y', '2026-01-01 11:00+00' FROM generate_series(1, 5) n;
RESET hogsend.evaluate;
SET hogsend.inline_backfill = 0;
SELECT hogsend_define_bucket('y', hogsend_event('y'));
RESET hogsend.inline_backfill;
SELECT joined, "left", done FROM hogsend_backfill_chunk('y', 2);
SELECT joined, "left", done FROM hogsend_backfill_chunk('y', 2);
SELECT count(*) FROM user_queue;
CALL hogsend_backfill('y');
SELECT count(*) FROM user_queue;
SELECT user_id, source, announced FROM bucket_memberships WHERE bucket_id = 'y' ORDER BY 1;
SELECT count(*) FROM bucket_transitions WHERE bucket_id = 'y';
-- Who cannot be looked at holds no job up.
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
CREATE TRIGGER fail BEFORE INSERT ON contacts FOR EACH ROW WHEN (NEW.user_id = 'f') EXECUTE FUNCTION fail();
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('f', 'y', '2026-01-01 11:00+00'), ('g', 'z', '2026-01-01 11:00+00');
RESET hogsend.evaluate;
SET hogsend.inline_backfill = 0;
SELECT hogsend_define_bucket('z', hogsend_event('z'));
RESET hogsend.inline_backfill;
SET client_min_messages = error;
SELECT entered, backfilled FROM hogsend_reconcile();
SET client_min_messages = warning;
SELECT bucket_id, status FROM bucket_jobs WHERE bucket_id = 'z';
SELECT user_id, announced FROM bucket_memberships WHERE bucket_id = 'z';
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v WHERE v.user_id <> 'f';
