-- A search_path full of traps: for each function and operator of Postgres's one of the same name and
-- arguments that raises an error, and tables, types and temporary tables of the same names. They stand
-- before Postgres's own, and in the schema of hogsend too, made before the extension was. None is run.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_path;
CREATE SCHEMA trap;
CREATE SCHEMA crm;
DO $$
DECLARE
    place text;
    item record;
BEGIN
    FOREACH place IN ARRAY ARRAY['trap', 'crm'] LOOP
        FOR item IN
            SELECT format('%I.%I(%s) RETURNS %s', place, p.proname, oidvectortypes(p.proargtypes),
                          CASE WHEN t.typtype = 'p' AND t.typname <> 'void' THEN 'text' ELSE p.prorettype::regtype::text END) AS head
            FROM pg_proc p JOIN pg_type t ON t.oid = p.prorettype
            WHERE p.pronamespace = 'pg_catalog'::regnamespace AND p.prokind = 'f' AND p.provariadic = 0
              AND NOT EXISTS (SELECT FROM unnest(p.proargtypes) a (type) JOIN pg_type at ON at.oid = a.type WHERE at.typtype = 'p')
            UNION ALL
            -- Those that take anything.
            SELECT format('%I.%s RETURNS %s', place, s.signature, s.result) FROM (VALUES
                ('format(text, text)', 'text'), ('format(text, text, text)', 'text'), ('format(text, VARIADIC text[])', 'text'),
                ('concat_ws(text, VARIADIC text[])', 'text'), ('jsonb_build_object(VARIADIC text[])', 'jsonb'),
                ('num_nonnulls(VARIADIC bigint[])', 'integer'), ('unnest(text[])', 'SETOF text'), ('unnest(interval[])', 'SETOF interval'),
                ('cardinality(bigint[])', 'integer'), ('cardinality(text[])', 'integer'), ('array_length(text[], integer)', 'integer'),
                ('array_position(interval[], interval)', 'integer'), ('array_to_string(text[], text)', 'text'),
                ('array_to_string(bigint[], text)', 'text'),
                ('count()', 'bigint'), ('count(text)', 'bigint'), ('max(bigint)', 'bigint'), ('min(bigint)', 'bigint'),
                ('min(timestamptz)', 'timestamptz'), ('max(timestamptz)', 'timestamptz'), ('array_agg(text)', 'text[]'),
                ('array_agg(bigint)', 'bigint[]'), ('bool_or(boolean)', 'boolean'), ('string_agg(text, text)', 'text')
            ) AS s (signature, result)
        LOOP
            EXECUTE format('CREATE FUNCTION %s LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION ''trapped''; END $f$', item.head);
        END LOOP;
        FOR item IN
            SELECT o.oprname, l.t::regtype AS l, r.t::regtype AS r, o.oprresult::regtype AS result, o.oid
            FROM pg_operator o CROSS JOIN LATERAL (VALUES (o.oprleft)) l (t) CROSS JOIN LATERAL (VALUES (o.oprright)) r (t)
            WHERE o.oprnamespace = 'pg_catalog'::regnamespace AND o.oprkind = 'b' AND o.oprname <> '=>'
              AND NOT EXISTS (SELECT FROM pg_type p WHERE p.oid IN (o.oprleft, o.oprright, o.oprresult) AND p.typtype = 'p')
            UNION ALL
            -- Those that Postgres finds by a cast, where an exact one would come first.
            SELECT o.name, o.l::regtype, o.r::regtype, o.result::regtype, row_number() OVER ()::integer::oid FROM (VALUES
                ('=', 'text[]', 'text[]', 'boolean'), ('<>', 'text[]', 'text[]', 'boolean'), ('%', 'bigint', 'integer', 'bigint'),
                ('||', 'text', 'bigint', 'text'), ('||', 'text', 'integer', 'text'), ('||', 'text[]', 'text', 'text[]'),
                ('*', 'numeric', 'integer', 'numeric'), ('>', 'numeric', 'integer', 'boolean'),
                ('<=', 'numeric', 'integer', 'boolean'), ('<>', 'numeric', 'integer', 'boolean')
            ) AS o (name, l, r, result)
        LOOP
            EXECUTE format('CREATE FUNCTION %I.trap_%s(%s, %s) RETURNS %s LANGUAGE plpgsql AS $f$ BEGIN RAISE EXCEPTION ''trapped''; END $f$',
                           place, item.oid, item.l, item.r, item.result);
            EXECUTE format('CREATE OPERATOR %I.%s (LEFTARG = %s, RIGHTARG = %s, FUNCTION = %I.trap_%s)',
                           place, item.oprname, item.l, item.r, place, item.oid);
        END LOOP;
        FOR item IN SELECT unnest(ARRAY['pg_class', 'pg_extension', 'pg_trigger', 'pg_proc', 'pg_depend', 'pg_namespace', 'pg_roles']) AS name LOOP
            EXECUTE format('CREATE TABLE %I.%I (nothing integer)', place, item.name);
        END LOOP;
        FOR item IN SELECT unnest(ARRAY['text', 'timestamptz', 'jsonb', 'uuid', 'regclass', 'pg_snapshot', 'xid8', 'record']) AS name LOOP
            EXECUTE format('CREATE DOMAIN %I.%I AS integer CHECK (false)', place, item.name);
        END LOOP;
    END LOOP;
    FOR item IN SELECT unnest(ARRAY[
        'buckets', 'contacts', 'user_events', 'bucket_memberships', 'bucket_timers', 'bucket_transitions', 'bucket_consumers',
        'bucket_positions', 'bucket_jobs', 'bucket_erasures', 'bucket_counts', 'user_queue', 'user_aliases', 'feeds', 'feed_notes', 'journeys', 'journey_runs', 'bucket_members', 'hogsend_instance', 'hogsend_clock', 'hogsend_new', 'hogsend_old']) AS name
    LOOP
        EXECUTE format('CREATE TABLE trap.%I (nothing integer)', item.name);
        EXECUTE format('CREATE TEMP TABLE %I (nothing integer)', item.name);
    END LOOP;
END $$;
SELECT count(*) > 4000 AS many_traps FROM pg_proc WHERE pronamespace IN ('trap'::regnamespace, 'crm'::regnamespace);
CREATE EXTENSION hogsend SCHEMA crm;
CREATE ROLE regress_hogsend_path;
SET hogsend.now = '2026-01-01 12:00+00';
SET track_functions = 'all';
SET search_path = pg_temp, trap, crm, pg_catalog;
-- The traps work.
SELECT now();
SELECT 1 OPERATOR(trap.+) 1;
SELECT 'a'::text;
-- Definitions.
SELECT crm.hogsend_define_bucket('active', crm.hogsend_event('app.opened', within => '7 days'), dwell_after => '{1 day}', max_dwell => '20 days');
SELECT crm.hogsend_define_bucket('active', crm.hogsend_event('app.opened', within => '7 days'), dwell_after => '{1 day}', max_dwell => '20 days');
INSERT INTO crm.buckets (id, criteria, entry_limit, entry_period) VALUES ('pro', crm.hogsend_all(
    crm.hogsend_property('plan', 'eq', pg_catalog.format('%s', 'pro')), crm.hogsend_any(crm.hogsend_event('app.opened', at_least => 1),
    crm.hogsend_property('age', 'gt', 3.5), crm.hogsend_property('vip', 'eq', true), crm.hogsend_property('vip', 'exists'))), 'once_per_period', '1 day');
SELECT crm.hogsend_define_bucket('others', crm.hogsend_all(crm.hogsend_everyone(), crm.hogsend_not(crm.hogsend_sample('others', 0, 0.5)),
    crm.hogsend_not(crm.hogsend_property('plan', 'in', ARRAY['pro', 'trial']))));
SELECT crm.hogsend_sample_of('others', 'u1');
SELECT crm.hogsend_event('x', within => '60 days', older_than => '30 days', since => '2026-01-01', zone => 'UTC',
    filter => crm.hogsend_property('$source', 'eq', 'shop', ignore_case => true));
SELECT crm.hogsend_property('due', 'within_next', interval '3 days', zone_property => 'tz'), crm.hogsend_property(ARRAY['due'], 'older_than', interval '1 day', zone => 'UTC');
SELECT pg_catalog.length(crm.hogsend_zone_rules());
SELECT crm.hogsend_event(ARRAY['x', 'y'], at_least => 2, filter => crm.hogsend_property(ARRAY['address', 'country'], 'eq', 'DE'));
SELECT crm.hogsend_first('x', since => pg_catalog.to_timestamp(0), until => '2026-01-01 00:00+00', matching => crm.hogsend_property(ARRAY['tags', '0'], 'exists')),
    crm.hogsend_first(ARRAY['x'], never => true, filter => crm.hogsend_property(ARRAY['floor'], 'gt', 3.5));
SELECT crm.hogsend_last('x', older_than => '1 day', filter => crm.hogsend_property(ARRAY['gift'], 'eq', true)),
    crm.hogsend_last(ARRAY['x'], matching => crm.hogsend_property(ARRAY['address', 'country'], 'in', ARRAY['DE']));
SELECT crm.hogsend_sum('x', more_than => 1), crm.hogsend_sum('x', ARRAY['a', '0'], less_than => 1), crm.hogsend_sum(ARRAY['x'], 'a', at_least => 1), crm.hogsend_sum(ARRAY['x'], ARRAY['a'], at_most => 1);
SELECT crm.hogsend_avg('x', exactly => 1), crm.hogsend_avg('x', ARRAY['a'], within => '1 day', less_than => 1), crm.hogsend_avg(ARRAY['x'], 'a', at_least => 1), crm.hogsend_avg(ARRAY['x'], ARRAY['a'], at_most => 1);
SELECT crm.hogsend_min('x', more_than => 1), crm.hogsend_min('x', ARRAY['a'], less_than => 1), crm.hogsend_min(ARRAY['x'], 'a', at_least => 1), crm.hogsend_min(ARRAY['x'], ARRAY['a'], at_most => 1);
SELECT crm.hogsend_max('x', more_than => 1), crm.hogsend_max('x', ARRAY['a'], less_than => 1), crm.hogsend_max(ARRAY['x'], 'a', at_least => 1), crm.hogsend_max(ARRAY['x'], ARRAY['a'], at_most => 1);
SELECT crm.hogsend_distinct('x', '$day', at_least => 2), crm.hogsend_distinct('x', ARRAY['a'], less_than => 1), crm.hogsend_distinct(ARRAY['x'], 'a', at_least => 1), crm.hogsend_distinct(ARRAY['x'], ARRAY['a'], at_most => 1);
SELECT crm.hogsend_compare(crm.hogsend_event('x'), 'lt', crm.hogsend_sum('y'), 0.5);
SELECT crm.hogsend_sequence(crm.hogsend_step('x'), crm.hogsend_step(ARRAY['y'], within => '1 hour', never => true)),
    crm.hogsend_sequence(ARRAY[crm.hogsend_step('x'), crm.hogsend_step('y', filter => crm.hogsend_property('a', 'eq', 1))], '3 days', '1 day', '2026-01-01', '2026-02-01', ARRAY['a']);
SELECT crm.hogsend_define_bucket('beta', kind => 'manual');
SELECT * FROM crm.hogsend_validate('{"type": "event"}');
SELECT crm.hogsend_canonical('{"type": "event", "eventName": "x", "check": "exists"}');
SELECT crm.hogsend_canonical_text('{"type": "event", "eventName": "x", "check": "exists"}'), crm.hogsend_problems('1');
SELECT crm.hogsend_define_bucket('wrong', crm.hogsend_event('x', within => '7 days'), min_dwell => '1 month');
SELECT crm.hogsend_define_journey('winback', '{other}', '{gone}', entry_limit => 'once_per_period', entry_period => '1 day'),
    crm.hogsend_define_journey('winback', '{other}', '{gone}', entry_limit => 'once_per_period', entry_period => '1 day');
-- Ingest.
SELECT crm.hogsend_subscribe('mailer', buckets => '{active,pro}', transitions => '{entered,left,dwell}', shards => 2);
INSERT INTO crm.user_events (user_id, event, occurred_at, user_email, contact_properties)
VALUES ('u1', 'app.opened', '2026-01-01 12:00+00', ' U1@example.com', '{"plan": "pro"}'), ('u2', 'app.opened', '2026-01-01 12:00+00', NULL, NULL);
COPY crm.user_events (user_id, event, occurred_at) FROM stdin;
u3	app.opened	2026-01-01 12:00+00
\.
SELECT crm.hogsend_ingest('u4', 'app.opened', occurred_at => '2026-01-01 12:00+00', contact_properties => '{"plan": "free"}', idempotency_key => 'k');
SELECT crm.hogsend_ingest('u4', 'app.opened', occurred_at => '2026-01-01 12:00+00', idempotency_key => 'k');
UPDATE crm.contacts SET properties = '{"plan": "pro"}' WHERE user_id OPERATOR(pg_catalog.=) 'u2';
UPDATE crm.user_events SET occurred_at = '2025-12-01 12:00+00' WHERE user_id OPERATOR(pg_catalog.=) 'u3';
DELETE FROM crm.user_events WHERE user_id OPERATOR(pg_catalog.=) 'u4';
SELECT crm.hogsend_add_member('beta', 'u1'), crm.hogsend_add_member('beta', pg_catalog.string_to_array('u2,u3', ',')), crm.hogsend_remove_member('beta', 'u1'), crm.hogsend_remove_member('beta', pg_catalog.string_to_array('u2', ','));
-- Other ids, of whom one did the same under the same key, waits in the queue, and was in two buckets.
SET hogsend.evaluate = later;
INSERT INTO crm.user_events (user_id, event, occurred_at, idempotency_key, contact_properties) VALUES
    ('v1', 'app.opened', '2026-01-01 12:00+00', 'k', '{"plan": "pro", "page": 1}'), ('v2', 'app.opened', '2026-01-01 12:00+00', 'k', NULL);
RESET hogsend.evaluate;
SELECT crm.hogsend_add_member('beta', 'v1');
SELECT crm.hogsend_identify('v1', 'v2'), crm.hogsend_identify(pg_catalog.string_to_array('v2,v3', ','), pg_catalog.string_to_array('u4,u4', ','));
SELECT user_id, properties FROM crm.contacts WHERE user_id OPERATOR(pg_catalog.=) 'u4';
-- A query means what it meant to who defined it; what is put around it means the same everywhere.
INSERT INTO crm.buckets (id, kind, query) VALUES ('chosen', 'query', 'VALUES (''u1''::pg_catalog.text), (''u3''::pg_catalog.text)');
SELECT * FROM crm.hogsend_refresh('chosen');
SELECT crm.hogsend_matches('chosen', 'u1'), crm.hogsend_matches('chosen', 'u2');
SELECT * FROM crm.hogsend_verify('chosen');
SELECT path, result FROM crm.hogsend_explain('chosen', 'u1');
-- Tables of the user's: what was said of their rows where they were attached holds wherever they are written.
CREATE TABLE crm.orders (id bigint PRIMARY KEY, customer bigint, amount numeric, at pg_catalog.timestamptz, paid boolean, note pg_catalog.text);
CREATE TABLE crm.people (id bigint PRIMARY KEY, mail pg_catalog.text, plan pg_catalog.text);
INSERT INTO crm.orders VALUES (1, 1, 5, '2026-01-01 12:00+00', true, NULL);
SELECT crm.hogsend_attach_events('crm.orders', key => 'id::pg_catalog.text', user_id => '''o'' OPERATOR(pg_catalog.||) customer::pg_catalog.text', event => $$'order.placed'$$,
    occurred_at => 'at', value => 'amount', properties => '{note}', condition => 'paid');
SELECT crm.hogsend_attach_contacts('crm.people', user_id => 'id', email => 'mail', properties => '{plan}', condition => 'true', name => 'people of mine');
INSERT INTO crm.orders VALUES (2, 1, 7, '2026-01-01 12:00+00', true, 'x'), (3, 2, 7, '2026-01-01 12:00+00', true, 'x');
INSERT INTO crm.orders VALUES (4, NULL, 7, '2026-01-01 12:00+00', true, 'x');
UPDATE crm.orders SET amount = 8 WHERE id OPERATOR(pg_catalog.=) 2;
DELETE FROM crm.orders WHERE id OPERATOR(pg_catalog.=) 3;
SELECT e.user_id, e.event, e.value, e.properties, e.source, e.idempotency_key FROM crm.user_events e WHERE e.source OPERATOR(pg_catalog.=) 'orders' AND e.value OPERATOR(pg_catalog.>=) 7.0;
SELECT n.feed, n.skipped, n.failed, n.error FROM crm.feed_notes n;
CALL crm.hogsend_import('orders');
CALL crm.hogsend_import('people of mine');
SELECT * FROM crm.hogsend_verify_feed('orders');
SELECT * FROM crm.hogsend_verify_feed('people of mine');
SELECT f.name, f.kind, f.import, f.rows_imported FROM crm.bucket_feeds f ORDER BY f.name;
SELECT crm.hogsend_detach('orders');
DROP TABLE crm.people CASCADE;
SELECT crm.hogsend_detach('people of mine');
-- Journeys: begun by an event and by a transition, answered in every way, resumed by an event and by the clock.
SELECT crm.hogsend_define_journey('care', pg_catalog.string_to_array('order.cancelled,bucket:entered:beta', ','), pg_catalog.string_to_array('gone', ','));
INSERT INTO crm.user_events (user_id, event, occurred_at) VALUES ('r1', 'order.cancelled', '2026-01-01 12:00+00'), ('r2', 'order.cancelled', '2026-01-01 12:00+00');
SELECT crm.hogsend_add_member('beta', pg_catalog.string_to_array('r3,r4,r5', ','));
SELECT crm.hogsend_wait_for(r.id, 'called', '2 days', 'wait', crm.hogsend_property('minutes', 'gt', 3.5), '{"calls": 1}', r.step_id)
FROM crm.journey_runs r WHERE r.user_id OPERATOR(pg_catalog.=) 'r1';
SELECT crm.hogsend_sleep(r.id, '1 hour', 'sleep'), crm.hogsend_checkpoint(r.id, 'slept') FROM crm.journey_runs r WHERE r.user_id OPERATOR(pg_catalog.=) 'r2';
SELECT crm.hogsend_sleep_until(r.id, '2026-01-01 13:00+00', 'sleep') FROM crm.journey_runs r WHERE r.user_id OPERATOR(pg_catalog.=) 'r3';
SELECT crm.hogsend_complete(r.id) FROM crm.journey_runs r WHERE r.user_id OPERATOR(pg_catalog.=) 'r4';
SELECT crm.hogsend_fail(r.id, 'no address') FROM crm.journey_runs r WHERE r.user_id OPERATOR(pg_catalog.=) 'r5';
INSERT INTO crm.user_events (user_id, event, properties, occurred_at) VALUES ('r1', 'called', '{"minutes": 3}', '2026-01-01 12:00+00'), ('r1', 'called', '{"minutes": 4}', '2026-01-01 12:00+00');
INSERT INTO crm.user_events (user_id, event, occurred_at) VALUES ('r2', 'gone', '2026-01-01 12:00+00');
SELECT t.user_id, t.event, t.reason, t.event_properties FROM crm.bucket_transitions t WHERE t.journey_id IS NOT NULL ORDER BY t.id;
-- The clock.
SET hogsend.now = '2026-01-02 12:00+00';
SELECT entered, "left", dwelled, remaining FROM crm.hogsend_reconcile();
SET hogsend.now = '2026-01-09 12:00+00';
CALL crm.hogsend_run('0');
SET hogsend.inline_backfill = 0;
INSERT INTO crm.buckets (id, criteria) VALUES ('late', crm.hogsend_event('app.opened'));
CALL crm.hogsend_backfill('late');
SET hogsend.evaluate = later;
INSERT INTO crm.user_events (user_id, event, occurred_at, user_email, contact_properties) VALUES ('queued', 'app.opened', '2026-01-09 12:00+00', 'Q@example.com', '{"plan": "pro"}');
INSERT INTO crm.user_events (user_id, event, occurred_at, contact_properties) VALUES ('queued', 'other', '2026-01-09 12:00+00', '{"plan": "free"}'), ('queued2', 'other', '2026-01-09 12:00+00', NULL);
RESET hogsend.evaluate;
INSERT INTO crm.user_events (user_id, event, occurred_at) VALUES ('queued2', 'other', '2026-01-09 12:00+00');
INSERT INTO crm.contacts (user_id, email) VALUES ('queued', ' W@example.com');
SELECT entered, "left", dwelled, remaining FROM crm.hogsend_reconcile();
SELECT crm.hogsend_forget_user('queued'), crm.hogsend_forget_user('queued2');
SELECT crm.hogsend_schedule();
SELECT crm.hogsend_unschedule();
SELECT crm.hogsend_forget_runs();
-- Delivery.
WITH mail AS (SELECT * FROM crm.hogsend_poll('mailer') UNION ALL SELECT * FROM crm.hogsend_poll('mailer', shard => 1))
SELECT event, user_id, entry_count, reason, effective_at FROM mail ORDER BY id;
SELECT crm.hogsend_ack('mailer', p.batch) FROM crm.bucket_positions p ORDER BY p.shard;
SELECT crm.hogsend_subscribe('walker', journeys => '{winback}');
INSERT INTO crm.journey_runs (id, user_id, journey_id, entry_count, status, step, step_id, started_at, since, state)
VALUES (1000000, 'u1', 'winback', 1, 'active', 1, 1000000, '2026-01-09 12:00+00', '2026-01-09 12:00+00', '{"mails": 1}');
INSERT INTO crm.bucket_transitions (id, event, user_id, transition, entry_count, source, effective_at, recorded_at, idempotency_key, journey_id, run_id)
VALUES (1000000, 'journey:started:winback', 'u1', 'started', 1, 'event', '2026-01-09 12:00+00', '2026-01-09 12:00+00', 'winback', 'winback', 1000000);
SELECT w.event, w.run_id, w.state FROM crm.hogsend_poll('walker') w;
SELECT aspect FROM crm.hogsend_explain_run(1000000);
SELECT s.journey_id, s.label, s.reached, s.median_time FROM crm.journey_stats s;
SELECT crm.hogsend_unsubscribe('walker');
DELETE FROM crm.bucket_transitions WHERE id OPERATOR(pg_catalog.=) 1000000;
SET hogsend.retention = '1d';
SELECT entered, "left", dwelled, remaining FROM crm.hogsend_reconcile();
SELECT * FROM crm.hogsend_prune('0 days', '0 days');
SELECT * FROM crm.hogsend_prune('0 days', force => true);
-- Reading.
SELECT f.before, f.reason FROM crm.hogsend_may_forget('active') f;
SELECT crm.hogsend_has('active', 'u1'), crm.hogsend_count('late'), crm.hogsend_matches('active', 'u1', '2026-01-05 12:00+00');
SELECT * FROM crm.hogsend_dependencies();
SELECT * FROM crm.hogsend_validate(crm.hogsend_in_bucket('nobody', interval '2 days', true));
SELECT * FROM crm.hogsend_members('late', 2, after => 'u1');
SELECT path, condition, result, observed FROM crm.hogsend_explain('active', 'u1');
SELECT * FROM crm.hogsend_preview(crm.hogsend_event('app.opened'));
SELECT * FROM crm.hogsend_preview_change('late', crm.hogsend_event('app.opened', within => '1 day'));
SELECT * FROM crm.hogsend_verify('active');
SELECT h."check", h.ok FROM crm.hogsend_health() h;
SELECT pg_catalog.length(crm.hogsend_report()) OPERATOR(pg_catalog.>) 1000 AS report, pg_catalog.length(crm.hogsend_report(b.id)) OPERATOR(pg_catalog.>) 1000 AS of_one,
       pg_catalog.length(crm.hogsend_metrics()) OPERATOR(pg_catalog.>) 1000 AS metrics
FROM crm.buckets b ORDER BY b.id LIMIT 1;
SELECT m.bucket_id, m.user_id FROM crm.bucket_members m ORDER BY m.bucket_id, m.user_id;
SELECT s.bucket_id, s.active, s.left_total, s.entered_24h, s.job FROM crm.bucket_stats s ORDER BY s.bucket_id;
SELECT * FROM crm.bucket_daily d ORDER BY d.bucket_id, d.day;
SELECT * FROM crm.bucket_forecast f ORDER BY f.bucket_id;
SELECT l.consumer, l.shard, l.rows_behind, l.lapsed FROM crm.bucket_lag l ORDER BY l.shard;
-- A journey that is no more.
UPDATE crm.contacts SET deleted_at = '2026-01-09 12:00+00' WHERE user_id OPERATOR(pg_catalog.=) 'r1';
DELETE FROM crm.journeys;
SELECT r.user_id, r.status, r.reason, r.error, r.label, r.wait_until FROM crm.journey_runs r ORDER BY r.user_id;
-- The rest.
SELECT pg_catalog.count(*) FROM crm.hogsend_clock_obstacles('nobody'::pg_catalog.name);
SELECT pg_catalog.count(*) FROM crm.hogsend_cron_jobs();
SELECT crm.hogsend_forget_user('u2'), crm.hogsend_forget_users(pg_catalog.string_to_array('nobody', ','));
SELECT crm.hogsend_grant('regress_hogsend_path', p.preset) FROM pg_catalog.unnest(ARRAY['ingest', 'orm', 'runner', 'analyst', 'admin']) p (preset);
SELECT crm.hogsend_grant('nobody', 'ingest');
SELECT crm.hogsend_revoke('regress_hogsend_path');
SELECT crm.hogsend_unsubscribe('mailer');
SELECT crm.hogsend_migrate(), crm.hogsend_index_partitions();
SELECT crm.hogsend_adopt();
UPDATE crm.buckets SET instance_id = pg_catalog.gen_random_uuid();
SELECT crm.hogsend_adopt();
TRUNCATE crm.user_events;
TRUNCATE crm.bucket_transitions;
DELETE FROM crm.buckets;
RESET search_path;
SET search_path = crm, pg_catalog, pg_temp;
SELECT id, kind, enabled FROM crm.buckets;
-- Every function of ours was run; what is inlined is not counted.
RESET search_path;
SELECT pg_stat_force_next_flush();
SELECT p.oid::regprocedure AS never_run
FROM pg_depend d JOIN pg_proc p ON p.oid = d.objid
WHERE d.refobjid = (SELECT oid FROM pg_extension WHERE extname = 'hogsend') AND d.classid = 'pg_proc'::regclass AND d.deptype = 'e'
  AND NOT EXISTS (SELECT FROM pg_stat_user_functions s WHERE s.funcid = p.oid)
ORDER BY 1;
DROP OWNED BY regress_hogsend_path;
DROP ROLE regress_hogsend_path;
