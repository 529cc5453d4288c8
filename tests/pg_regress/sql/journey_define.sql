-- A journey for migrations: said again it does nothing, and afterwards it is what was said.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SELECT hogsend_define_journey('winback', '{bucket:entered:lapsed}', exits_on => '{order.placed}');
SELECT hogsend_define_journey('winback', '{bucket:entered:lapsed}', exits_on => '{order.placed}');
SELECT id, name, description, enabled, starts_on, exits_on, waits_for, entry_limit, entry_period, instance_id = (SELECT i.id FROM hogsend_instance i) AS is_home FROM journeys;
-- Each parameter: changed, then unchanged, and what is left out is the default again.
SELECT hogsend_define_journey('winback', '{signup}'), hogsend_define_journey('winback', '{signup}');
SELECT hogsend_define_journey('winback', '{signup}', '{paid}'), hogsend_define_journey('winback', '{signup}', '{paid}');
SELECT hogsend_define_journey('winback', '{signup}', entry_limit => 'once'), hogsend_define_journey('winback', '{signup}', entry_limit => 'once');
SELECT hogsend_define_journey('winback', '{signup}', entry_limit => 'once_per_period', entry_period => '30 days'),
       hogsend_define_journey('winback', '{signup}', entry_limit => 'once_per_period', entry_period => '30 days');
SELECT hogsend_define_journey('winback', '{signup}', name => 'Win back'), hogsend_define_journey('winback', '{signup}', name => 'Win back');
SELECT hogsend_define_journey('winback', '{signup}', description => 'whom we miss'), hogsend_define_journey('winback', '{signup}', description => 'whom we miss');
SELECT hogsend_define_journey('winback', '{signup}', enabled => false), hogsend_define_journey('winback', '{signup}', enabled => false);
SELECT hogsend_define_journey('winback', '{signup}');
SELECT id, name, description, enabled, starts_on, exits_on, entry_limit, entry_period FROM journeys;
-- Unchanged, it waits for nobody and is waited for by nobody.
BEGIN;
SELECT hogsend_define_journey('winback', '{signup}');
SELECT mode FROM pg_locks WHERE relation = 'hogsend_instance'::regclass AND pid = pg_backend_pid() AND mode = 'ExclusiveLock';
SELECT hogsend_define_journey('winback', '{signup}', name => 'Win back');
SELECT mode FROM pg_locks WHERE relation = 'hogsend_instance'::regclass AND pid = pg_backend_pid() AND mode = 'ExclusiveLock';
ROLLBACK;
-- The table takes them as well. When it was changed is when what was said was: not when a run waits for something new.
INSERT INTO journeys (id, starts_on) VALUES ('onboarding', '{signup}') RETURNING id, name, starts_on, exits_on, waits_for, enabled, entry_limit;
SELECT updated_at AS before FROM journeys WHERE id = 'onboarding' \gset
UPDATE journeys SET waits_for = '{activated}' WHERE id = 'onboarding';
SELECT hogsend_define_journey('onboarding', '{signup}');
SELECT waits_for, updated_at = :'before' AS is_old FROM journeys WHERE id = 'onboarding';
UPDATE journeys SET enabled = false WHERE id = 'onboarding';
SELECT updated_at > :'before' AS is_new FROM journeys WHERE id = 'onboarding';
-- What is not known yet is said, and no more: once of each name, and of a change only what is new in it.
SET client_min_messages = notice;
INSERT INTO user_events (user_id, event) VALUES ('u1', 'signup');
SELECT hogsend_define_bucket('lapsed', hogsend_event('signup', within => '7 days'), dwell_after => '{7 days}', dwell_every => '{1 hour}');
SELECT hogsend_define_journey('spelled', '{signup,bucket:entered:lapsed,bucket:left:lapsed,bucket:dwell:lapsed:after-604800000,bucket:dwell:lapsed:every-3600000}');
SELECT hogsend_define_journey('misspelled', '{singup,bucket:entered:laspsed,bucket:entered:laspsed}', '{buy,bucket:dwell:lapsed:after-7,bucket:dwell:none:every-3600000}');
SELECT hogsend_define_journey('misspelled', '{singup,bucket:entered:laspsed}', '{buy}', enabled => false);
SELECT hogsend_define_journey('misspelled', '{singup,signed}', '{buy}');
SELECT hogsend_define_journey('many', ARRAY(SELECT 'e' || n FROM generate_series(1, 20) n), ARRAY(SELECT 'f' || n FROM generate_series(1, 3) n));
DELETE FROM journeys WHERE id = 'many';
TRUNCATE journeys;
SELECT count(*) FROM journeys;
