-- A page about all buckets, and one about one of them.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
-- What is to be read of a page, a line a text; pictures by what they say of themselves.
CREATE FUNCTION read(page text) RETURNS TABLE (line text) LANGUAGE sql AS $$
    SELECT btrim(l, E' \n') FROM regexp_split_to_table(regexp_replace(page, '<(style|script)>.*?</\1>', '', 'g'), '(<[^>]*>)+') AS l
    WHERE btrim(l, E' \n') <> '' $$;
SELECT hogsend_report() LIKE '<!doctype html>%</html>_' AS is_page;
-- Of nothing there is little to say.
SELECT line FROM read(hogsend_report()) WHERE line LIKE 'No%';

SET hogsend.now = '2026-01-01 12:00+00';
SELECT hogsend_define_bucket('active', hogsend_event('app.opened', within => '7 days'), name => 'Active', description => 'Came this week.',
                             entry_limit => 'once_per_period', entry_period => '1 day', max_dwell => '30 days', dwell_after => '{2 days}');
SELECT hogsend_define_bucket('idle', hogsend_all(hogsend_property('plan', 'eq', 'trial'), hogsend_not(hogsend_event('app.opened', within => '2 days'))));
INSERT INTO buckets (id, kind, enabled) VALUES ('hand', 'manual', false);
SELECT hogsend_subscribe('mailer', buckets => '{active}');
INSERT INTO contacts (user_id, properties) VALUES ('u1', '{"plan": "trial"}'), ('u2', '{"plan": "trial"}'), ('u3', '{}');
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u1', 'app.opened', '2026-01-01 12:00+00'), ('u2', 'app.opened', '2026-01-01 12:00+00'), ('u3', 'app.opened', '2026-01-01 12:00+00');
SET hogsend.now = '2026-01-03 12:00:01+00';
SELECT entered, "left", dwelled FROM hogsend_reconcile();
SET hogsend.now = '2026-01-04 12:00+00';
-- The facts are told in JSON: of each bucket the days on which somebody moved, and what is due.
SELECT f ->> 'today' AS today, f ->> 'defined' AS defined, f ->> 'enabled' AS enabled, f -> 'days' AS days, f -> 'forecast' AS forecast
FROM hogsend_report_facts() AS f;
SELECT b ->> 'id' AS id, b ->> 'active' AS active, b ->> 'entered' AS entered, b -> 'days' AS days, b -> 'forecast' AS forecast
FROM json_array_elements(hogsend_report_facts() -> 'buckets') AS b;
-- The sums are those of the views.
SELECT s.bucket_id FROM bucket_stats s
FULL JOIN json_array_elements(hogsend_report_facts() -> 'buckets') AS b ON b ->> 'id' = s.bucket_id
WHERE (s.active, s.entered_24h, s.left_24h, s.left_total) IS DISTINCT FROM
      ((b ->> 'active')::bigint, (b ->> 'entered')::bigint, (b ->> 'left')::bigint, (b ->> 'left_total')::bigint);
-- One bucket: what it asks for, who is in it and why, and what it did last.
SELECT line FROM (SELECT line, row_number() OVER () AS n FROM read(hogsend_report('idle'))) AS r
WHERE n > (SELECT max(n) FROM (SELECT line, row_number() OVER () AS n FROM read(hogsend_report('idle'))) AS h WHERE h.line = 'Criteria')
  AND line NOT LIKE '%hogsend 0.%' AND line NOT LIKE '{%' ORDER BY n;
SELECT line FROM read(hogsend_report('active')) WHERE line IN ('Active', 'Came this week.', 'once_per_period, 1 day', '30 days', '2 days', 'after 2 days');
SELECT count(*) FILTER (WHERE line = 'Kept by hand, with') AS by_hand, count(*) FILTER (WHERE line = 'disabled') AS disabled,
       count(*) FILTER (WHERE line LIKE 'Nobody is in it%') AS empty FROM read(hogsend_report('hand'));
-- Journeys: who is at which step.
SELECT hogsend_define_journey('winback', '{bucket:left:active}', name => 'Win back'), hogsend_define_journey('unused', '{nothing}', enabled => false);
SET hogsend.now = '2026-01-09 12:00+00';
SELECT "left" FROM hogsend_reconcile();
SELECT hogsend_sleep(r.id, '2 days', 'mailed') FROM journey_runs r WHERE r.user_id <> 'u3' ORDER BY r.user_id;
SELECT hogsend_report_journeys() AS journeys;
SELECT string_agg(line, ' | ' ORDER BY n) AS journeys
FROM (SELECT line, n, max(n) FILTER (WHERE line = 'Journeys') OVER () AS since, max(n) FILTER (WHERE line = 'Jobs') OVER () AS up_to
      FROM read(hogsend_report()) WITH ORDINALITY AS r (line, n)) AS l WHERE n BETWEEN since AND up_to - 1;
SELECT string_agg(line, ' | ' ORDER BY n) AS who_depends_on_it
FROM (SELECT line, n, max(n) FILTER (WHERE line LIKE 'Journeys that%') OVER () AS since FROM read(hogsend_report('active')) WITH ORDINALITY AS r (line, n)) AS l
WHERE n BETWEEN since AND since + 1;
SET hogsend.now = '2026-01-04 12:00+00';
-- The last look was long ago: what is not well comes first, with what to do.
SELECT line FROM (SELECT line, n, min(n) FILTER (WHERE line = 'All checks') OVER () AS up_to FROM read(hogsend_report()) WITH ORDINALITY AS r (line, n)) AS l
WHERE n BETWEEN 8 AND up_to ORDER BY n;
-- There is none of that name, or the facts are none.
SELECT hogsend_report('nosuch');
SELECT hogsend_report_page('{"buckets": 7}');
SELECT hogsend_report_page(NULL) IS NULL AS none;
-- Nothing was written, so that it works where nothing can be.
BEGIN READ ONLY;
SELECT length(hogsend_report()) > 1000 AS all, length(hogsend_report('idle')) > 1000 AS one, pg_current_xact_id_if_assigned() IS NULL AS read_only;
COMMIT;
