-- Somebody may CREATE in the schema of hogsend, and overloads its functions: each with each argument of
-- another type. Calls among our own functions are exact, so none of them is taken; with a NULL or a number
-- of another size they would be, and run with the rights of hogsend's owner.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_overloads;
CREATE ROLE regress_hogsend_overloads;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
GRANT CREATE, USAGE ON SCHEMA public TO regress_hogsend_overloads;
SET ROLE regress_hogsend_overloads;
DO $$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT DISTINCT p.proname, (
                   SELECT string_agg(CASE WHEN o.n = a.n THEN other.type::text ELSE o.type::regtype::text END, ', ' ORDER BY o.n)
                   FROM unnest(p.proargtypes) WITH ORDINALITY o (type, n)) AS arguments
        FROM pg_depend d
        JOIN pg_proc p ON p.oid = d.objid
        CROSS JOIN LATERAL unnest(p.proargtypes) WITH ORDINALITY a (type, n)
        CROSS JOIN unnest('{text,name,integer,bigint,boolean,interval,timestamptz,jsonb,text[]}'::regtype[]) AS other (type)
        WHERE d.classid = 'pg_proc'::regclass AND d.deptype = 'e' AND other.type <> a.type
          AND d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'hogsend')
    LOOP
        BEGIN
            EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS integer LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION ''taken by %1$s as %%'', current_user; END $f$',
                           item.proname, item.arguments);
        EXCEPTION WHEN duplicate_function THEN NULL;
        END;
    END LOOP;
END $$;
SELECT count(*) > 500 AS many_overloads FROM pg_proc WHERE proowner = 'regress_hogsend_overloads'::regrole;
RESET ROLE;
-- The overloads work.
SELECT hogsend_roughly('1 day');
-- Calls of one's own have to be exact here, too.
SELECT hogsend_define_bucket(id => 'active'::text, criteria => hogsend_event(name => 'opened'::text, within => '7 days'::interval), dwell_after => '{1 day}'::interval[], min_dwell => '1 hour'::interval);
SELECT hogsend_define_bucket(id => 'active'::text, criteria => hogsend_event(name => 'opened'::text, within => '7 days'::interval), dwell_after => '{1 day}'::interval[], min_dwell => '1 hour'::interval);
INSERT INTO buckets (id, criteria) VALUES ('pro', hogsend_all(
    hogsend_property('plan'::text, 'exists'::text), hogsend_property('plan'::text, 'eq'::text, 'pro'::text, NULL::boolean, NULL::text, NULL::text, NULL::text),
    hogsend_any(hogsend_property('age'::text, 'gt'::text, 3::numeric, NULL::boolean, NULL::text, NULL::text, NULL::text), hogsend_property('vip'::text, 'eq'::text, true))));
SELECT hogsend_event(name => 'opened'::text, older_than => '7 days'::interval, since => '2026-01-01'::text, filter => hogsend_property('{address,floor}'::text[], 'gt'::text, 3::numeric, NULL::boolean, NULL::text, NULL::text, NULL::text));
SELECT hogsend_event(name => '{opened,closed}'::text[], at_least => 3::bigint), hogsend_first(name => '{opened}'::text[], until => '2026-01-01'::date);
SELECT hogsend_first(name => 'opened'::text, matching => hogsend_property('plan'::text, 'eq'::text, 'pro'::text, true, NULL::text, NULL::text, NULL::text)), hogsend_last(name => 'opened'::text, never => true), hogsend_last(name => '{opened}'::text[]);
INSERT INTO buckets (id, criteria) VALUES ('wrong', '{}');
SELECT hogsend_define_bucket(id => 'beta'::text, kind => 'manual'::text);
SELECT hogsend_subscribe(consumer => 'mailer'::text, shards => 2);
SELECT hogsend_ingest(user_id => 'u1'::text, event => 'opened'::text, occurred_at => '2026-01-01 12:00+00'::timestamptz);
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('u2', 'opened', '2026-01-01 12:00+00', '{"plan": "pro", "vip": true}');
SELECT hogsend_add_member('beta'::text, 'u1'::text), hogsend_remove_member('beta'::text, '{u1}'::text[]);
SELECT hogsend_identify('v1'::text, 'u1'::text), hogsend_identify('{v1,v2}'::text[], '{u1,u1}'::text[]);
SELECT event, user_id FROM hogsend_poll(consumer => 'mailer'::text, shard => 0, max => 1) UNION ALL SELECT event, user_id FROM hogsend_poll(consumer => 'mailer'::text, shard => 1);
SELECT hogsend_ack('mailer'::text, p.batch) FROM bucket_positions p ORDER BY p.shard;
SELECT event, user_id FROM hogsend_poll(consumer => 'mailer'::text, shard => 0) UNION ALL SELECT event, user_id FROM hogsend_poll(consumer => 'mailer'::text, shard => 1);
SET hogsend.now = '2026-01-09 12:00+00';
SET hogsend.retention = '1d';
SELECT entered, "left", dwelled FROM hogsend_reconcile();
CALL hogsend_run('0'::interval);
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria) VALUES ('late', hogsend_event('opened'::text));
CALL hogsend_backfill('late'::text);
SELECT hogsend_prune('0 days'::interval, '0 days'::interval, true);
SELECT event FROM hogsend_poll(consumer => 'mailer'::text, shard => 0);
SELECT hogsend_unschedule();
SELECT hogsend_schedule('* * * * *'::text);
SELECT hogsend_has('late'::text, 'u1'::text), hogsend_count('late'::text), hogsend_matches('late'::text, 'u1'::text, now());
SELECT hogsend_members('late'::text, 1, NULL::text);
SELECT path FROM hogsend_explain('late'::text, 'u1'::text, now());
SELECT hogsend_preview(hogsend_event('opened'::text), 1), hogsend_preview_change('late'::text, hogsend_event('other'::text), 1), hogsend_validate('null'::jsonb);
SELECT hogsend_verify('late'::text);
SELECT "check", ok FROM hogsend_health();
SELECT count(*) FROM bucket_lag;
SELECT hogsend_forget_user('u2'::text);
SELECT hogsend_grant('regress_hogsend_overloads'::text, 'admin'::text), hogsend_revoke('regress_hogsend_overloads'::text);
SELECT hogsend_unsubscribe('mailer'::text);
SELECT hogsend_migrate();
UPDATE buckets SET instance_id = gen_random_uuid();
SELECT hogsend_adopt();
DROP OWNED BY regress_hogsend_overloads;
DROP ROLE regress_hogsend_overloads;
