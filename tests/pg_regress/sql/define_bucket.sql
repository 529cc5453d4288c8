-- A definition for migrations: said again it does nothing, and afterwards the bucket is what was said.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-20 11:00+00');
SELECT hogsend_define_bucket('openers', hogsend_event('app.opened', within => '7 days'));
SELECT hogsend_define_bucket('openers', hogsend_event('app.opened', within => '7 days'));
SELECT name, description, enabled, kind, entry_limit, entry_period, min_dwell, max_dwell, dwell_after, dwell_every FROM buckets;
-- It is a definition like any other: who matches already is a member, silently.
SELECT user_id, status, source FROM bucket_memberships;
SELECT mode, status FROM bucket_jobs ORDER BY id;

-- Spelled otherwise the criteria are the same, and stay as they were written first.
SELECT spelling, hogsend_define_bucket('openers', spelling::jsonb)
FROM (VALUES
    ('{"within": {"days": 7}, "check": "exists", "type": "event", "eventName": "app.opened"}'),
    ('{ "type":"event",  "eventName":"app.opened", "check":"exists", "within":"7 days" }'),
    ('{"type": "event", "eventName": "app.opened", "check": "exists", "within": "168 hours"}'),
    ('{"type": "event", "eventName": "app.opened", "check": "exists", "within": {"days": 6, "hours": 23, "minutes": 59.5, "seconds": 30}}')
) AS v (spelling);
SELECT criteria FROM buckets;
SELECT hogsend_define_bucket('n', hogsend_property('n', 'eq', 1.50)),
       hogsend_define_bucket('n', hogsend_property('n', 'eq', 1.5)),
       hogsend_define_bucket('n', hogsend_property('n', 'eq', '1.5'));

-- Each parameter: changed, then unchanged, and what is left out is the default again.
CREATE FUNCTION pg_temp.defined(parameter text, OUT said text, OUT again text, OUT left_out text, OUT once_more text)
LANGUAGE plpgsql AS $$
DECLARE
    plain constant text := $q$SELECT hogsend_define_bucket('openers', hogsend_event('app.opened', within => '7 days')$q$;
BEGIN
    EXECUTE format('%s, %s)', plain, $1) INTO said;
    EXECUTE format('%s, %s)', plain, $1) INTO again;
    EXECUTE plain || ')' INTO left_out;
    EXECUTE plain || ')' INTO once_more;
END $$;
SELECT p.parameter, d.* FROM unnest(ARRAY[
    $$name => 'Openers'$$, $$name => 'openers'$$, $$description => 'whoever opened'$$, $$enabled => false$$,
    $$entry_limit => 'once'$$, $$entry_period => '1 day'$$, $$min_dwell => '1 hour'$$, $$max_dwell => '30 days'$$,
    $$dwell_after => '{1 day, 3 days}'$$, $$dwell_every => '{2 days}'$$]) AS p (parameter), pg_temp.defined(p.parameter) d;
-- All of them at once, and each of them is stored where it belongs.
SELECT hogsend_define_bucket('openers', hogsend_event('app.opened'), 'Openers', 'whoever opened', false, 'dynamic',
    'once_per_period', '1 day', '2 days', '3 days', '{4 days}', '{5 days}');
SELECT name, description, enabled, kind, entry_limit, entry_period, min_dwell, max_dwell, dwell_after, dwell_every FROM buckets WHERE id = 'openers';
-- An interval is its length; the order of dwells is part of the definition.
SELECT hogsend_define_bucket('openers', hogsend_event('app.opened'), 'Openers', 'whoever opened', false, 'dynamic',
    'once_per_period', '24 hours', '48 hours', '72 hours', '{96 hours}', '{120 hours}');
SELECT min_dwell, dwell_every FROM buckets WHERE id = 'openers';
SELECT hogsend_define_bucket('twice', hogsend_event('e'), dwell_after => '{1 day, 2 days}'),
       hogsend_define_bucket('twice', hogsend_event('e'), dwell_after => '{2 days, 1 day}');

-- Other criteria: whoever no longer matches leaves, as with UPDATE.
SELECT hogsend_define_bucket('openers', hogsend_event('app.opened'));
SELECT hogsend_define_bucket('openers', hogsend_event('app.closed'));
SELECT user_id, event, reason, source FROM bucket_transitions ORDER BY id;

-- Dynamic, manual, and back.
SELECT hogsend_define_bucket('hand', kind => 'manual'), hogsend_define_bucket('hand', kind => 'manual');
SELECT hogsend_define_bucket('hand', hogsend_event('app.opened')), hogsend_define_bucket('hand', hogsend_event('app.opened'));
SELECT hogsend_define_bucket('hand', kind => 'manual', name => 'By hand'), hogsend_define_bucket('hand', kind => 'manual', name => 'By hand');
SELECT kind, criteria, criteria_hash, name FROM buckets WHERE id = 'hand';

-- Unchanged: nothing is written (no transaction id is taken), nothing that a writer could wait
-- for is locked, nothing is re-evaluated. So it works in a read-only transaction.
BEGIN READ ONLY;
SELECT hogsend_define_bucket('hand', kind => 'manual', name => 'By hand'), hogsend_define_bucket('openers', hogsend_event('app.closed'));
SELECT pg_current_xact_id_if_assigned() IS NULL AS none_taken;
SELECT relation::regclass, mode FROM pg_locks
WHERE pid = pg_backend_pid() AND locktype = 'relation' AND mode <> 'AccessShareLock';
COMMIT;
-- Changed: the definitions lock is held until the end.
BEGIN;
SELECT hogsend_define_bucket('openers', hogsend_event('app.closed'), 'Closers');
SELECT mode FROM pg_locks WHERE pid = pg_backend_pid() AND relation = 'hogsend_instance'::regclass AND mode = 'ExclusiveLock';
SELECT updated_at = now() AS updated_now FROM buckets WHERE id = 'openers';
COMMIT;
CREATE TEMP TABLE before AS SELECT id, ctid AS place, updated_at FROM buckets;
SELECT hogsend_define_bucket('openers', hogsend_event('app.closed'), 'Closers');
SELECT count(*) AS touched FROM buckets b JOIN before USING (id) WHERE b.ctid <> place OR b.updated_at <> before.updated_at;

-- What cannot be meant is refused in the words of a plain INSERT, whether or not the bucket is there.
\pset format unaligned
\pset tuples_only on
CREATE FUNCTION pg_temp.refused(statement text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    -- Postgres's own refusal of a NULL shows the whole row, with times.
    RETURN concat_ws(E'\n', SQLSTATE || ' ' || message, 'DETAIL: ' || CASE WHEN SQLSTATE <> '23502' THEN nullif(detail, '') END,
                     'HINT: ' || nullif(hint, ''));
END $$;
-- Takes columns and values in turn.
CREATE FUNCTION pg_temp.both(VARIADIC definition text[]) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    cols text; vals text; parameters text; refusal text; other text;
BEGIN
    SELECT string_agg(definition[n], ', ' ORDER BY n), string_agg(definition[n + 1], ', ' ORDER BY n),
           string_agg(definition[n] || ' => ' || definition[n + 1], ', ' ORDER BY n)
    INTO cols, vals, parameters FROM generate_series(1, cardinality(definition), 2) n;
    refusal := pg_temp.refused(format('INSERT INTO buckets (%s) VALUES (%s)', cols, vals));
    other := pg_temp.refused(format('SELECT hogsend_define_bucket(%s)', parameters));
    RETURN NEXT refusal;
    IF other <> refusal THEN
        RETURN NEXT 'BUT DEFINED: ' || other;
    END IF;
END $$;
\set event '$$hogsend_event(\'a\')$$'
SELECT pg_temp.both('id', 'NULL', 'criteria', :event);
SELECT pg_temp.both('id', $$'a b'$$, 'criteria', :event);
SELECT pg_temp.both('id', $$'new'$$);
SELECT pg_temp.both('id', $$'new'$$, 'criteria', $$'{"type": "event", "check": "often"}'$$);
SELECT hogsend_define_bucket('there', hogsend_event('a'), min_dwell => '30 days', dwell_every => '{360 days}');
SELECT pg_temp.both('id', $$'there'$$);
SELECT pg_temp.both('id', $$'there'$$, 'criteria', $$'null'$$);
SELECT pg_temp.both('id', $$'there'$$, 'criteria', $$'{"type": "event", "check": "often"}'$$);
SELECT pg_temp.both('id', $$'there'$$, 'criteria', :event, 'kind', $$'manual'$$);
SELECT pg_temp.both('id', $$'hand'$$, 'criteria', $$'[]'$$, 'kind', $$'manual'$$, 'name', $$'By hand'$$);
SELECT pg_temp.both('id', $$'there'$$, 'criteria', :event, 'kind', 'NULL');
SELECT pg_temp.both('id', $$'there'$$, 'criteria', :event, 'enabled', 'NULL');
SELECT pg_temp.both('id', $$'there'$$, 'criteria', :event, 'entry_limit', $$'twice'$$);
SELECT pg_temp.both('id', $$'there'$$, 'criteria', :event, 'entry_limit', 'NULL');
SELECT pg_temp.both('id', $$'there'$$, 'criteria', :event, 'min_dwell', $$'1 day'$$, 'max_dwell', $$'1 hour'$$);
SELECT pg_temp.both('id', $$'there'$$, 'criteria', :event, 'dwell_after', 'NULL');
SELECT pg_temp.both('id', $$'there'$$, 'criteria', :event, 'dwell_after', $$'{{1 day}, {2 days}}'$$);
-- To Postgres a month equals 30 days, and a year 360.
SELECT pg_temp.both('id', $$'there'$$, 'criteria', :event, 'min_dwell', $$'1 month'$$, 'dwell_every', $$'{360 days}'$$);
SELECT pg_temp.both('id', $$'there'$$, 'criteria', :event, 'min_dwell', $$'30 days'$$, 'dwell_every', $$'{1 year}'$$);
-- Nothing of it was stored.
SELECT id, kind, min_dwell, dwell_every FROM buckets ORDER BY id COLLATE "C";

-- It has the rights of whoever calls it: those on the table, and on the functions that it calls.
DROP ROLE IF EXISTS regress_hogsend_definer;
CREATE ROLE regress_hogsend_definer;
GRANT SELECT, INSERT ON buckets TO regress_hogsend_definer;
GRANT EXECUTE ON FUNCTION hogsend_define_bucket, hogsend_require_tables, hogsend_validate, hogsend_problems,
    hogsend_canonical, hogsend_canonical_text, hogsend_put_bucket TO regress_hogsend_definer;
SET ROLE regress_hogsend_definer;
SELECT hogsend_define_bucket('by-role', '{"type": "event", "eventName": "a", "check": "exists"}');
RESET ROLE;
GRANT UPDATE ON buckets TO regress_hogsend_definer;
SET ROLE regress_hogsend_definer;
SELECT hogsend_define_bucket('by-role', '{"type": "event", "eventName": "a", "check": "exists"}');
SELECT hogsend_define_bucket('by-role', '{"type": "event", "eventName": "a", "check": "exists"}');
RESET ROLE;
DROP OWNED BY regress_hogsend_definer;
DROP ROLE regress_hogsend_definer;
