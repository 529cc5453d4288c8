-- hogsend_grant(): a role can do what its preset is for, and nothing else.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_orm, regress_hogsend_ingest, regress_hogsend_runner, regress_hogsend_analyst, "regress Hogsend admin";
CREATE ROLE regress_hogsend_ingest;
CREATE ROLE regress_hogsend_orm;
CREATE ROLE regress_hogsend_runner;
CREATE ROLE regress_hogsend_analyst;
CREATE ROLE "regress Hogsend admin";
-- A schema that is nobody's but its owner's, so that USAGE is granted too.
CREATE SCHEMA crm;
CREATE EXTENSION hogsend SCHEMA crm;
SET hogsend.now = '2026-01-01 12:00+00';
SELECT crm.hogsend_grant('regress_hogsend_ingest', 'ingest');
SELECT crm.hogsend_grant('regress_hogsend_runner', 'runner');
SELECT crm.hogsend_grant('regress_hogsend_analyst', 'analyst');
SELECT crm.hogsend_grant('regress Hogsend admin', 'admin');
-- Twice does no harm.
SELECT crm.hogsend_grant('regress_hogsend_ingest', 'ingest');
SELECT crm.hogsend_grant(NULL, 'ingest');
SELECT crm.hogsend_grant('Regress_hogsend_ingest', 'ingest');
SELECT crm.hogsend_grant('public', 'ingest');
SELECT crm.hogsend_grant('regress_hogsend_ingest', 'writer');
SELECT crm.hogsend_grant('regress_hogsend_ingest', NULL);
SELECT crm.hogsend_revoke('nobody');
SET search_path = crm;
-- An administrator defines, runs the clock and looks.
SET ROLE "regress Hogsend admin";
SELECT hogsend_define_bucket('active', hogsend_event('app.opened', within => '7 days'));
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
SELECT hogsend_add_member('beta', 'u0');
-- A journey runner subscribes.
SET ROLE regress_hogsend_runner;
SELECT hogsend_subscribe('mailer');
-- An application stores events.
SET ROLE regress_hogsend_ingest;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 12:00+00');
-- And at sign-up says who its visitor was.
SELECT hogsend_identify('visitor', 'u1');
SELECT * FROM user_aliases;
SELECT hogsend_ingest('u2', 'app.opened', occurred_at => '2026-01-01 12:00+00', idempotency_key => 'k');
SELECT hogsend_ingest('u2', 'app.opened', occurred_at => '2026-01-01 12:00+00', idempotency_key => 'k');
SELECT user_id FROM user_events;
SELECT user_id FROM contacts;
INSERT INTO contacts (user_id) VALUES ('u3');
UPDATE user_events SET event = 'x';
DELETE FROM user_events;
TRUNCATE user_events;
INSERT INTO buckets (id, kind) VALUES ('mine', 'manual');
SELECT hogsend_poll('mailer');
SELECT hogsend_has('active', 'u1');
SELECT * FROM hogsend_reconcile();
SELECT hogsend_grant('regress_hogsend_ingest', 'admin');
-- An ORM stores events too, and reads them: what it stored, and in which row there is one already.
RESET ROLE;
SET client_min_messages = notice;
SELECT hogsend_grant('regress_hogsend_orm', 'orm');
SET client_min_messages = warning;
SET ROLE regress_hogsend_orm;
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('u4', 'app.opened', '2026-01-01 12:00+00', 'null') RETURNING user_id, event, properties;
INSERT INTO user_events (user_id, event, idempotency_key) VALUES ('u2', 'app.opened', 'k') ON CONFLICT (user_id, idempotency_key) DO NOTHING RETURNING id;
SELECT hogsend_ingest('u2', 'app.opened', idempotency_key => 'k');
SELECT user_id FROM user_events ORDER BY user_id;
SELECT user_id FROM contacts;
SELECT * FROM bucket_members;
UPDATE user_events SET event = 'x';
DELETE FROM user_events;
SELECT hogsend_has('active', 'u1');
SELECT hogsend_poll('mailer');
-- A journey runner polls and acknowledges.
SET ROLE regress_hogsend_runner;
SELECT event, user_id FROM hogsend_poll('mailer');
SELECT hogsend_ack('mailer', (SELECT batch FROM hogsend_poll('mailer') LIMIT 1));
SELECT * FROM bucket_transitions;
SELECT * FROM bucket_consumers;
DELETE FROM bucket_positions;
SELECT * FROM hogsend_prune('0 days', force => true);
INSERT INTO user_events (user_id, event) VALUES ('u1', 'app.opened');
SELECT hogsend_define_bucket('mine', kind => 'manual');
-- It asks who is in a bucket, and sees no more of anybody than that.
SELECT hogsend_has('active', 'u1'), hogsend_has('beta', 'u1');
SELECT hogsend_has('nothing', 'u1');
SELECT bucket_id, user_id, email, entered_at, entry_count FROM bucket_members ORDER BY user_id;
SELECT properties FROM contacts;
SELECT left_reason FROM bucket_memberships;
SELECT criteria FROM buckets;
SELECT user_id FROM user_events;
SELECT hogsend_explain('active', 'u1');
-- Consumers belong to nobody: each runner can do what each other can.
SELECT hogsend_unsubscribe('mailer');
-- An analyst reads everything.
SET ROLE regress_hogsend_analyst;
SELECT hogsend_has('active', 'u1'), hogsend_count('active'), hogsend_matches('active', 'u1', '2026-01-05 12:00+00');
SELECT user_id FROM hogsend_members('active');
SELECT path, result FROM hogsend_explain('active', 'u1');
SELECT * FROM hogsend_verify('active');
SELECT * FROM hogsend_preview(hogsend_any(hogsend_event('app.opened'), hogsend_all(hogsend_property('plan', 'eq', 'pro'))));
SELECT * FROM hogsend_preview_change('active', hogsend_event('app.opened', within => '1 day'));
SELECT * FROM hogsend_validate('{}') LIMIT 1;
SELECT "check" FROM hogsend_health() LIMIT 1;
SELECT user_id FROM bucket_members ORDER BY user_id;
SELECT bucket_id, active FROM bucket_stats ORDER BY bucket_id;
SELECT count(*) FROM bucket_daily;
SELECT count(*) FROM bucket_forecast;
SELECT count(*) FROM bucket_lag;
SELECT count(*) FROM user_events;
-- And changes nothing.
INSERT INTO user_events (user_id, event) VALUES ('u1', 'app.opened');
UPDATE contacts SET email = 'x';
DELETE FROM bucket_memberships;
SELECT 1 FROM contacts FOR UPDATE;
SELECT hogsend_ingest('u1', 'app.opened');
SELECT hogsend_poll('mailer');
SELECT * FROM hogsend_reconcile();
CALL hogsend_run('0');
SELECT hogsend_forget_user('u1');
SELECT hogsend_add_member('beta', 'u1');
SET hogsend.now = '2030-01-01';
-- An administrator does what all of them do, but what is the owner's.
SET ROLE "regress Hogsend admin";
SELECT hogsend_ingest('u3', 'app.opened', occurred_at => '2026-01-01 12:00+00');
UPDATE user_events SET occurred_at = '2025-01-01' WHERE user_id = 'u3';
DELETE FROM user_events WHERE user_id = 'u3';
UPDATE buckets SET max_dwell = '20 days' WHERE id = 'active';
SELECT entered, "left", remaining FROM hogsend_reconcile();
CALL hogsend_run('0');
SELECT hogsend_forget_user('u2') > 0 AS forgotten;
SELECT hogsend_remove_member('beta', 'u0');
SELECT hogsend_has('beta', 'u0'), hogsend_count('active');
SELECT * FROM hogsend_prune('0 days');
CALL hogsend_backfill('active');
DELETE FROM buckets WHERE id = 'beta';
SELECT hogsend_adopt();
SELECT hogsend_migrate();
SELECT hogsend_grant('regress_hogsend_ingest', 'admin');
UPDATE bucket_memberships SET status = 'left';
INSERT INTO bucket_transitions DEFAULT VALUES;
-- A trigger on our tables would run with the rights of hogsend's owner.
CREATE FUNCTION pg_temp.mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TRIGGER mine BEFORE INSERT ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION pg_temp.mine();
TRUNCATE user_events;
-- Taken back.
RESET ROLE;
SELECT hogsend_revoke('regress Hogsend admin'), hogsend_revoke('regress_hogsend_analyst'), hogsend_revoke('regress_hogsend_ingest'), hogsend_revoke('regress_hogsend_orm');
SELECT hogsend_revoke('regress Hogsend admin');
SELECT r.rolname, count(*) FROM pg_roles r, hogsend_privileges('admin') p
WHERE r.rolname ~* 'regress.hogsend' AND p.object LIKE 'ROUTINE%' AND has_function_privilege(r.oid, substr(p.object, 9)::regprocedure, 'EXECUTE')
GROUP BY 1 ORDER BY 1;
SELECT hogsend_revoke('regress_hogsend_runner');
SELECT count(*) FROM pg_class c, aclexplode(c.relacl) a JOIN pg_roles r ON r.oid = a.grantee
WHERE c.relnamespace = 'crm'::regnamespace AND r.rolname ~* 'regress.hogsend';
SELECT count(*) FROM pg_attribute t, aclexplode(t.attacl) a JOIN pg_roles r ON r.oid = a.grantee WHERE r.rolname ~* 'regress.hogsend';
RESET search_path;
DROP OWNED BY regress_hogsend_orm, regress_hogsend_ingest, regress_hogsend_runner, regress_hogsend_analyst, "regress Hogsend admin";
DROP ROLE regress_hogsend_orm, regress_hogsend_ingest, regress_hogsend_runner, regress_hogsend_analyst, "regress Hogsend admin";
