-- Every day of a year in every zone that the server knows begins when AT TIME ZONE says so, and people are let in at
-- the first instant that clocks show of it. What is printed is the same whatever the server's database of zones.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
CREATE TABLE zone AS
SELECT n.name, EXISTS (SELECT FROM pg_timezone_abbrevs a WHERE a.abbrev = upper(n.name)) AS is_abbreviation
FROM pg_timezone_names n WHERE n.name !~ '^(posix|right)/' AND n.name !~ '^(posixrules|Factory|localtime)$';
SELECT count(*) > 300 AS many FROM zone;
-- What is both a zone and an abbreviation, such as CET, AT TIME ZONE takes for the abbreviation, which has no summer.
-- As the session's time zone it is the zone.
CREATE FUNCTION starts(zone text, day timestamp, is_abbreviation boolean) RETURNS timestamptz LANGUAGE plpgsql AS $$
DECLARE starts timestamptz;
BEGIN
    IF NOT is_abbreviation THEN RETURN day AT TIME ZONE zone; END IF;
    PERFORM set_config('timezone', zone, true);
    starts := day::timestamptz;
    PERFORM set_config('timezone', 'UTC', true);
    RETURN starts;
END $$;
CREATE FUNCTION date_of(zone text, at timestamptz, is_abbreviation boolean) RETURNS date LANGUAGE plpgsql AS $$
DECLARE of_day date;
BEGIN
    IF NOT is_abbreviation THEN RETURN (at AT TIME ZONE zone)::date; END IF;
    PERFORM set_config('timezone', zone, true);
    of_day := at::date;
    PERFORM set_config('timezone', 'UTC', true);
    RETURN of_day;
END $$;
CREATE TABLE days AS SELECT z.*, d.day::date AS day, starts(z.name, d.day, z.is_abbreviation) AS starts
FROM zone z CROSS JOIN generate_series(timestamp '2026-01-01', timestamp '2026-12-31', interval '1 day') AS d (day);
-- A document has up to 256 legs.
SELECT count(*) > 100000 AS many, count(*) FILTER (WHERE (c.leg ->> 'since')::timestamptz IS DISTINCT FROM h.starts[c.n]) AS differences
FROM (SELECT d.name, array_agg(d.starts ORDER BY d.day) AS starts,
             hogsend_canonical(jsonb_build_object('type', 'composite', 'operator', 'or', 'conditions', jsonb_agg(jsonb_build_object(
                 'type', 'event', 'eventName', 'e', 'check', 'exists', 'since', d.day, 'zone', d.name) ORDER BY d.day))) AS text
      FROM days d GROUP BY d.name, extract(quarter FROM d.day)) AS h
CROSS JOIN LATERAL jsonb_array_elements(h.text::jsonb -> 'conditions') WITH ORDINALITY AS c (leg, n);
-- By the clock: the days on which clocks are put forward or back, with their neighbours, and one more in each zone.
SET hogsend.now = '2025-12-20 00:00+00';
CREATE TABLE looked AS
WITH lengths AS (
    SELECT d.*, lead(d.starts) OVER w - d.starts AS length FROM days d WINDOW w AS (PARTITION BY d.name ORDER BY d.day)
), near AS (
    SELECT l.*, bool_or(l.length <> interval '1 day') OVER (PARTITION BY l.name ORDER BY l.day ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING) AS is_near
    FROM lengths l
)
SELECT row_number() OVER (ORDER BY n.name, n.day) AS n, n.name, n.day,
       (SELECT min(t) FROM generate_series(n.starts - interval '3 hours', n.starts + interval '3 hours', interval '15 minutes') t
        WHERE date_of(n.name, t, n.is_abbreviation) = n.day) AS begins
FROM near n WHERE n.is_near OR n.day = '2026-06-15';
INSERT INTO contacts (user_id, properties) SELECT n::text, jsonb_build_object('day', day, 'zone', name) FROM looked;
INSERT INTO buckets (id, criteria) VALUES ('day', hogsend_property('day', 'on_day', 0, zone_property => 'zone'));
SELECT count(*) > 500 AS many, count(*) FILTER (WHERE t.due_at IS DISTINCT FROM l.begins) AS differences
FROM looked l LEFT JOIN bucket_timers t ON t.user_id = l.n::text;
