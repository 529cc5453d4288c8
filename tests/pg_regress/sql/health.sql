-- hogsend_health(): always every check, and what to do where one is not ok.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
-- Fresh, and nobody calls the clock yet.
SELECT * FROM hogsend_health();
-- It goes, and that is noted at most every ten seconds.
SELECT remaining FROM hogsend_reconcile();
SET hogsend.now = '2026-01-01 12:00:09.9+00';
SELECT remaining FROM hogsend_reconcile();
SELECT reconciled_at FROM hogsend_clock;
SET hogsend.now = '2026-01-01 12:00:10+00';
SELECT remaining FROM hogsend_reconcile();
SELECT reconciled_at FROM hogsend_clock;
-- A simulation may have left a time that is still to come.
SET hogsend.now = '2026-01-01 12:00:01+00';
SELECT remaining FROM hogsend_reconcile();
SELECT reconciled_at FROM hogsend_clock;
SET hogsend.now = '2026-01-01 12:05:01+00';
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'last reconcile';
-- It stands. A timer has come due meanwhile.
INSERT INTO buckets (id, criteria) VALUES ('lapsed', hogsend_event('app.opened', never => true, within => '1 hour'));
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'u' || n, 'app.opened', '2026-01-01 11:10+00' FROM generate_series(1, 3) n;
SET hogsend.now = '2026-01-01 12:14+00';
SELECT * FROM hogsend_health() WHERE "check" IN ('last reconcile', 'oldest due timer');
SET hogsend.now = '2026-01-04 12:00+00';
SELECT * FROM hogsend_health() WHERE "check" IN ('last reconcile', 'oldest due timer');
-- One of them cannot be looked at.
CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not this one'; END $$;
CREATE TRIGGER refuse BEFORE INSERT ON bucket_memberships FOR EACH ROW WHEN (NEW.user_id = 'u2') EXECUTE FUNCTION refuse();
SET client_min_messages = error;
SELECT entered, remaining FROM hogsend_reconcile();
SET client_min_messages = warning;
SELECT * FROM hogsend_health() WHERE "check" IN ('last reconcile', 'oldest due timer');
DROP TRIGGER refuse ON bucket_memberships;
SET hogsend.now = '2026-01-04 12:01+00';
SELECT entered, remaining FROM hogsend_reconcile();
SELECT * FROM hogsend_health() WHERE "check" = 'oldest due timer';
-- Jobs: one that rests, one that has failed.
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria) VALUES ('opened', hogsend_event('app.opened'));
INSERT INTO buckets (id, criteria) VALUES ('kept', hogsend_event('app.opened'));
SET hogsend.now = '2026-01-04 12:05+00';
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'failed jobs';
SET hogsend.now = '2026-01-04 12:20+00';
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'failed jobs';
-- While one moves, the others wait for their turn.
SELECT backfilled FROM hogsend_reconcile(2);
SELECT bucket_id, status, moved_at FROM bucket_jobs ORDER BY id;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'failed jobs';
UPDATE bucket_jobs SET status = 'failed', error = 'disk full' WHERE status <> 'done';
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'failed jobs';
CALL hogsend_backfill('opened');
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'failed jobs';
CALL hogsend_backfill('kept');
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'failed jobs';
-- Consumers: one does not read, and is overtaken by a prune that does not wait for it.
SELECT hogsend_subscribe('mailer'), hogsend_subscribe('audit', transitions => '{left}');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u9', 'app.opened', '2026-01-04 12:20+00');
SET hogsend.now = '2026-01-04 13:20+00';
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'lapsed consumers';
SET hogsend.now = '2026-01-04 13:20:01+00';
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'lapsed consumers';
SELECT transitions > 0 AS pruned FROM hogsend_prune('1 hour', force => true);
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'lapsed consumers';
SELECT hogsend_unsubscribe('mailer'), hogsend_subscribe('mailer');
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'lapsed consumers';
-- A restored copy.
BEGIN;
UPDATE hogsend_instance SET id = gen_random_uuid();
SELECT * FROM hogsend_health() WHERE "check" IN ('lapsed consumers', 'suspended');
SELECT hogsend_adopt();
SELECT * FROM hogsend_health() WHERE "check" IN ('lapsed consumers', 'suspended');
ROLLBACK;
-- Whoever may create a schema cannot pass for pg_cron.
BEGIN;
CREATE SCHEMA cron;
CREATE VIEW cron.job_run_details AS SELECT 1 / 0 AS runid;
SELECT * FROM hogsend_health() WHERE "check" = 'failed cron run';
ROLLBACK;
-- Monitoring needs no other right.
CREATE ROLE regress_hogsend_monitor;
SET ROLE regress_hogsend_monitor;
SELECT * FROM hogsend_health();
RESET ROLE;
GRANT EXECUTE ON FUNCTION hogsend_health() TO regress_hogsend_monitor;
SET ROLE regress_hogsend_monitor;
SELECT "check", ok FROM hogsend_health();
RESET ROLE;
REVOKE ALL ON FUNCTION hogsend_health() FROM regress_hogsend_monitor;
DROP ROLE regress_hogsend_monitor;
-- It takes no transaction id, as on a standby.
BEGIN READ ONLY;
SELECT count(*) FROM hogsend_health();
SELECT pg_current_xact_id_if_assigned() IS NULL AS none;
COMMIT;
