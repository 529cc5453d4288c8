-- A user of the queue who cannot be looked at does not hold up the others, and loses nothing.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('did', hogsend_event('e')), ('pro', hogsend_property('plan', 'eq', 'pro'));
INSERT INTO contacts (user_id) VALUES ('u2'), ('u3');
CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no % here', NEW.user_id; END $$;
CREATE TRIGGER fail BEFORE INSERT ON bucket_memberships FOR EACH ROW WHEN (NEW.user_id = 'u2') EXECUTE FUNCTION fail();
CREATE TRIGGER fail BEFORE INSERT ON contacts FOR EACH ROW WHEN (NEW.user_id = 'u4') EXECUTE FUNCTION fail();
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
SELECT 'u' || n, 'e', '2026-01-01 11:00+00', jsonb_build_object('plan', 'pro', 'n', n) FROM generate_series(1, 5) n;
SET client_min_messages = notice;
SELECT entered, remaining FROM hogsend_reconcile();
SET client_min_messages = warning;
SELECT user_id, bucket_id FROM bucket_memberships ORDER BY 1, 2;
SELECT user_id, what, contact_properties, retry_at, failures, error FROM user_queue ORDER BY id;
SELECT user_id, properties FROM contacts ORDER BY 1;
SELECT * FROM hogsend_health() WHERE "check" = 'oldest queued user';
SELECT observed FROM hogsend_explain('did', 'u2') WHERE path = 'membership';
-- Not at once, but when its time has come, with all there was.
SELECT entered, remaining FROM hogsend_reconcile();
DROP TRIGGER fail ON contacts;
DROP TRIGGER fail ON bucket_memberships;
SET hogsend.now = '2026-01-01 12:01+00';
SELECT entered, remaining FROM hogsend_reconcile();
SELECT user_id, event, effective_at FROM bucket_transitions WHERE user_id IN ('u2', 'u4') ORDER BY user_id, event;
SELECT user_id, properties FROM contacts ORDER BY 1;
SELECT count(*) FROM user_queue;
