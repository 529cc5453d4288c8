-- Whatever anybody may set in a session, functions with their owner's rights included, the same happens:
-- settings that change how SQL is read, how values are written, and how statements are planned.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_settings;
CREATE EXTENSION hogsend;
CREATE ROLE regress_hogsend_settings;
SELECT hogsend_grant('regress_hogsend_settings', 'admin');
-- For every session.
ALTER DATABASE :"DBNAME" SET hogsend.now = '2026-03-04 12:00+00';
ALTER DATABASE :"DBNAME" SET client_min_messages = warning;
CREATE TABLE seen (run text, what text, was text);
GRANT ALL ON seen TO regress_hogsend_settings;
-- Everything once, for users and buckets of its own, and what came of it.
CREATE FUNCTION write(run text) RETURNS void LANGUAGE plpgsql SET search_path = public AS $$
BEGIN
    PERFORM hogsend_define_bucket(run || '-active', hogsend_event(run || E'.op\\en', within => '36:00:00'), dwell_after => ARRAY['90 minutes'::interval], max_dwell => '400 days');
    PERFORM hogsend_define_bucket(run || '-rich', hogsend_all(hogsend_property(run, 'gt', 0.1), hogsend_property('name', 'contains', E'\\')));
    INSERT INTO seen SELECT run, 'redefined', hogsend_define_bucket(run || '-active', hogsend_event(run || E'.op\\en', within => '129600 seconds'), dwell_after => ARRAY['90 minutes'::interval], max_dwell => '400 days');
    PERFORM hogsend_subscribe(run || '-mailer', buckets => ARRAY[run || '-active', run || '-rich']);
    INSERT INTO user_events (user_id, event, occurred_at, contact_properties)
    SELECT run || n, run || E'.op\\en', '2026-03-04 10:00:00.123456+00'::timestamptz - n * interval '1 hour', jsonb_build_object(run, n / 10.0, 'name', E'back\\slash')
    FROM generate_series(1, 3) n;
    PERFORM hogsend_ingest(run || '4', run || E'.op\\en', occurred_at => '2026-03-04 11:00+00', idempotency_key => 'k');
    INSERT INTO seen SELECT run, 'duplicate', hogsend_ingest(run || '4', run || E'.op\\en', idempotency_key => 'k')::text;
    INSERT INTO seen SELECT run, 'reconciled', (hogsend_reconcile()).dwelled::text;
    UPDATE contacts SET properties = '{}' WHERE user_id = run || '2';
    DELETE FROM user_events WHERE user_id = run || '3';
END
$$;
CREATE FUNCTION read(run text) RETURNS void LANGUAGE plpgsql SET search_path = public AS $$
DECLARE
    token bigint;
BEGIN
    INSERT INTO seen SELECT run, 'transition', concat_ws(' ', p.event, p.user_id, p.entry_count, p.reason, extract(epoch FROM p.effective_at)) FROM hogsend_poll(run || '-mailer') p;
    SELECT p.batch INTO token FROM hogsend_poll(run || '-mailer') p LIMIT 1;
    INSERT INTO seen SELECT run, 'acknowledged', hogsend_ack(run || '-mailer', token)::text;
    INSERT INTO seen SELECT run, 'member', m.user_id FROM hogsend_members(run || '-active') m;
    INSERT INTO seen SELECT run, 'matches', hogsend_matches(run || '-active', run || '1', '2026-03-05 22:00:00.123456+00')::text;
    INSERT INTO seen SELECT run, 'flips', extract(epoch FROM e.flips_at)::text FROM hogsend_explain(run || '-active', run || '1') e;
    INSERT INTO seen SELECT run, 'preview', (hogsend_preview(hogsend_event(run || E'.op\\en', within => '150 minutes'))).matches::text;
    INSERT INTO seen SELECT run, 'differs', v.detail FROM hogsend_verify(run || '-active') v;
    INSERT INTO seen SELECT run, 'timer', concat_ws(' ', t.user_id, extract(epoch FROM t.due_at)) FROM bucket_timers t WHERE t.bucket_id = run || '-active';
    INSERT INTO seen SELECT run, 'unwell', h."check" FROM hogsend_health() h WHERE NOT h.ok;
    INSERT INTO seen SELECT run, 'problem', p.message FROM hogsend_validate('{"type": "event", "within": "3 months"}') p;
    INSERT INTO seen SELECT run, 'forgotten', hogsend_forget_user(run || '1')::text;
END
$$;
GRANT EXECUTE ON FUNCTION write, read TO regress_hogsend_settings;
\c -
SET ROLE regress_hogsend_settings;
SELECT write('plain');
SELECT read('plain');
-- How SQL is read.
SET standard_conforming_strings = off;
SET escape_string_warning = off;
SET backslash_quote = on;
SET transform_null_equals = on;
SET array_nulls = off;
SET quote_all_identifiers = on;
SELECT write('syntax');
SELECT read('syntax');
\c -
SET ROLE regress_hogsend_settings;
-- How values are written.
SET client_min_messages = warning;
SET timezone = 'Asia/Kathmandu';
SET datestyle = 'Postgres, DMY';
SET intervalstyle = 'sql_standard';
SET extra_float_digits = -15;
SET bytea_output = 'escape';
SET xmlbinary = 'hex';
SELECT write('output');
SELECT read('output');
\c -
SET ROLE regress_hogsend_settings;
SET intervalstyle = 'iso_8601';
SET timezone = 'America/St_Johns';
SET datestyle = 'German';
SELECT write('german');
SELECT read('german');
\c -
SET ROLE regress_hogsend_settings;
-- How statements are planned and run.
SET client_min_messages = warning;
SET enable_indexscan = off;
SET enable_indexonlyscan = off;
SET enable_nestloop = off;
SET enable_hashjoin = off;
SET enable_sort = off;
SET enable_material = off;
SELECT CASE WHEN current_setting('server_version_num')::int < 160000 THEN 'force_parallel_mode' ELSE 'debug_parallel_query' END AS parallel \gset
SET :parallel = on;
SET plan_cache_mode = force_custom_plan;
SET from_collapse_limit = 1;
SET join_collapse_limit = 1;
SET geqo_threshold = 2;
SET work_mem = '64kB';
SET jit = on;
SET jit_above_cost = 0;
SET row_security = off;
SELECT write('planner');
SELECT read('planner');
\c -
-- How it was, and where it was otherwise: nowhere.
SELECT what, was FROM seen WHERE run = 'plain' ORDER BY what COLLATE "C", was COLLATE "C";
SELECT s.run, s.what, replace(s.was, s.run, 'plain') FROM seen s WHERE s.run <> 'plain'
EXCEPT ALL
SELECT r.run, s.what, s.was FROM seen s, (SELECT DISTINCT run FROM seen WHERE run <> 'plain') r WHERE s.run = 'plain';
SELECT run, count(*) FROM seen GROUP BY run ORDER BY run;
DROP OWNED BY regress_hogsend_settings;
DROP ROLE regress_hogsend_settings;
