-- Names that need quotes, and a session that has all names quoted: what compares or passes on names takes
-- them as they are, and not as they are written.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
DROP ROLE IF EXISTS "regress Hogsend 5%";
CREATE ROLE "regress Hogsend 5%";
CREATE SCHEMA "My 100% Schema";
CREATE EXTENSION hogsend SCHEMA "My 100% Schema";
SET search_path = "My 100% Schema";
SET hogsend.now = '2026-01-01 12:00+00';
SELECT preset, hogsend_grant('regress Hogsend 5%', preset) FROM unnest('{ingest,orm,runner,analyst,admin}'::text[]) preset;
SELECT hogsend_define_bucket('openers', hogsend_event('app.opened', within => '7 days'));
SELECT hogsend_define_bucket('all', kind => 'query', query => 'SELECT user_id FROM contacts');
SELECT hogsend_subscribe('runner');
GRANT USAGE ON SCHEMA "My 100% Schema" TO "regress Hogsend 5%";
SET ROLE "regress Hogsend 5%";
SELECT hogsend_ingest('u1', 'app.opened', occurred_at => '2026-01-01 12:00+00', contact_properties => '{"plan": "pro"}');
SELECT bucket_id, user_id, transition FROM hogsend_poll('runner');
SELECT hogsend_ack('runner', (SELECT max(batch) FROM bucket_positions));
RESET ROLE;
SET hogsend.now = '2026-01-09 12:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT hogsend_preview_change('openers', hogsend_event('app.opened', within => '30 days'));
SELECT hogsend_prune('1 day');
SELECT hogsend_migrate();
SELECT "check", ok FROM hogsend_health() WHERE NOT ok;
SELECT hogsend_forget_user('u1');
SELECT hogsend_revoke('regress Hogsend 5%');
CALL hogsend_backfill('openers');
CALL hogsend_run('0');
DROP EXTENSION hogsend CASCADE;
DROP SCHEMA "My 100% Schema" CASCADE;

-- quote_all_identifiers writes every name in quotes.
SET search_path = public;
SET quote_all_identifiers = on;
CREATE EXTENSION hogsend;
SELECT hogsend_migrate();
SELECT hogsend_grant('regress Hogsend 5%', 'admin');
SELECT has_table_privilege('regress Hogsend 5%', 'buckets', 'INSERT');
SELECT * FROM hogsend_misfits();
SELECT hogsend_revoke('regress Hogsend 5%');
SELECT has_table_privilege('regress Hogsend 5%', 'buckets', 'INSERT');
DROP OWNED BY "regress Hogsend 5%";
DROP ROLE "regress Hogsend 5%";
