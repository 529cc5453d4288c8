-- What a bucket itself may say, apart from its criteria.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
\pset format unaligned
\pset tuples_only on
CREATE EXTENSION hogsend;
CREATE FUNCTION pg_temp.refused(statement text) RETURNS SETOF text LANGUAGE plpgsql AS $$
DECLARE
    message text; detail text; hint text;
BEGIN
    EXECUTE statement;
    RETURN NEXT 'accepted';
EXCEPTION WHEN OTHERS THEN
    GET STACKED DIAGNOSTICS message = MESSAGE_TEXT, detail = PG_EXCEPTION_DETAIL, hint = PG_EXCEPTION_HINT;
    RETURN NEXT SQLSTATE || ' ' || message;
    RETURN NEXT 'DETAIL: ' || detail;
    RETURN NEXT 'HINT: ' || hint;
END $$;
CREATE FUNCTION pg_temp.bucket(columns text, VARIADIC vals text[]) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT pg_temp.refused(format('INSERT INTO buckets (id, criteria, %s) VALUES (''b'', hogsend_event(''a''), %s)', columns, array_to_string(vals, ', ')))
$$;
-- Intervals whose length varies.
SELECT pg_temp.bucket('min_dwell', '''1 month''');
SELECT pg_temp.bucket('max_dwell', '''2 years''');
SELECT pg_temp.bucket('entry_limit, entry_period', '''once_per_period''', '''1 mon 1 day''');
SELECT pg_temp.bucket('dwell_after', '''{1 day, 1 month}''');
SELECT pg_temp.bucket('dwell_every', '''{1 year}''');
-- A period that is not positive.
SELECT pg_temp.bucket('entry_limit, entry_period', '''once_per_period''', '''0''');
SELECT pg_temp.bucket('entry_limit, entry_period', '''once_per_period''', '''-1 day''');
SELECT pg_temp.bucket('dwell_every', '''{0}''');
SELECT pg_temp.bucket('dwell_after', '''{1 day, NULL}''');
-- Names of dwell transitions are in milliseconds: finer intervals could not be told apart.
SELECT pg_temp.bucket('dwell_every', '''{0.5 milliseconds}''');
-- max_dwell shorter than min_dwell; the same length is fine.
SELECT pg_temp.bucket('min_dwell, max_dwell', '''2 days''', '''1 day''');
SELECT pg_temp.bucket('min_dwell, max_dwell', '''1 day''', '''24 hours''');
DELETE FROM buckets;
-- Words.
SELECT pg_temp.bucket('entry_limit', '''twice''');
SELECT pg_temp.bucket('kind', '''static''');
SELECT pg_temp.bucket('kind', '''manual''');
SELECT pg_temp.refused('INSERT INTO buckets (id) VALUES (''b'')');
-- The id is part of event names and keys.
SELECT pg_temp.refused(format('INSERT INTO buckets (id, criteria) VALUES (%L, hogsend_event(''a''))', id))
FROM unnest(ARRAY['', 'a b', 'a:b', '-a', 'a''b', repeat('a', 201)]) AS id;
SELECT pg_temp.refused(format('INSERT INTO buckets (id, criteria) VALUES (%L, hogsend_event(''a''))', id))
FROM unnest(ARRAY['a', '1', 'Win-Back_2026.v2', repeat('a', 200)]) AS id;
-- A bucket cannot be renamed: its history carries the id.
SELECT pg_temp.refused('UPDATE buckets SET id = ''c'' WHERE id = ''a''');
-- The same id twice.
INSERT INTO buckets (id, criteria) VALUES ('a', hogsend_event('a'));
-- Defaults.
SELECT name, description, enabled, kind, entry_limit, entry_period, min_dwell, max_dwell, dwell_after, dwell_every
FROM buckets WHERE id = 'a';
