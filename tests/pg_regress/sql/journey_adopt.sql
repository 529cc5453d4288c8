-- A restored copy that has journeys and nothing else is one, too: it stands still until somebody says so. The
-- copy is made by giving this installation another identity.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
SELECT hogsend_define_journey('winback', '{lapsed}');
SELECT hogsend_subscribe('mailer', journeys => '{winback}');
UPDATE hogsend_instance SET id = '00000000-0000-0000-0000-000000000001';
DELETE FROM bucket_consumers;
\c -
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
SET hogsend.now = '2026-01-10 12:00+00';
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'suspended';
SELECT entered FROM hogsend_reconcile();
CALL hogsend_run('1 hour');
SELECT hogsend_add_member('beta', 'u1');
-- What is defined in the copy is the copy's.
SELECT hogsend_define_journey('onboarding', '{signup}');
SELECT id, instance_id = (SELECT i.id FROM hogsend_instance i) AS is_home FROM journeys ORDER BY id;
SELECT ok FROM hogsend_health() WHERE "check" = 'suspended';
SELECT hogsend_adopt();
SELECT id, instance_id = (SELECT i.id FROM hogsend_instance i) AS is_home FROM journeys ORDER BY id;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'suspended';
SELECT entered FROM hogsend_reconcile();
-- The data of a dump alone, restored where nothing is defined, brings the instance along; deleted it is forgotten.
TRUNCATE journeys;
INSERT INTO journeys (id, starts_on, instance_id) VALUES ('winback', '{lapsed}', '00000000-0000-0000-0000-000000000002');
SELECT entered FROM hogsend_reconcile();
INSERT INTO buckets (id, kind, instance_id) VALUES ('beta', 'manual', '00000000-0000-0000-0000-000000000002');
SELECT id, instance_id FROM journeys UNION ALL SELECT id, instance_id FROM buckets;
DELETE FROM buckets;
DELETE FROM journeys;
SELECT entered FROM hogsend_reconcile();
-- And where something is, it does not: neither beside a journey nor beside a bucket.
INSERT INTO journeys (id, starts_on) VALUES ('onboarding', '{signup}');
INSERT INTO journeys (id, starts_on, instance_id) VALUES ('winback', '{lapsed}', '00000000-0000-0000-0000-000000000002');
INSERT INTO buckets (id, kind, instance_id) VALUES ('beta', 'manual', '00000000-0000-0000-0000-000000000002');
SELECT id, instance_id FROM journeys UNION ALL SELECT id, instance_id FROM buckets ORDER BY id;
SELECT entered FROM hogsend_reconcile();
