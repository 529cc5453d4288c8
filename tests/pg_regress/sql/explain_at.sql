-- At another instant, in another time zone, and in a transaction that may write nothing.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-02-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened', within => '7 days'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('ann', 'app.opened', '2026-02-01 11:30+00');
-- The criteria are judged at the instant, the membership is what it is now.
SELECT * FROM hogsend_explain('active', 'ann', '2026-02-05 12:00+00');
SELECT * FROM hogsend_explain('active', 'ann', '2026-02-12 12:00+00');
SELECT * FROM hogsend_explain('active', 'ann', at => '2026-01-20 12:00+00') WHERE path = '$';
SELECT * FROM hogsend_explain('active', 'ann', 'infinity') WHERE path = '$';
SELECT * FROM hogsend_explain('active', 'ann', '-infinity') WHERE path = '$';
-- Words follow the session's time zone, and keep to one style.
SET timezone = 'Asia/Kolkata';
SET datestyle = 'German';
SELECT * FROM hogsend_explain('active', 'ann') WHERE path IN ('$', 'membership');
SET datestyle = 'ISO, YMD';
SET timezone = 'UTC';
-- The ends of the calendar.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('old', 'app.opened', '0044-03-15 12:00+00 BC'), ('eternal', 'app.opened', 'infinity'), ('lost', 'app.opened', '-infinity'), ('far', 'app.opened', '294276-12-31 00:00+00');
SELECT u, e.result, e.observed, e.flips_at FROM unnest('{old,eternal,lost,far}'::text[]) u, hogsend_explain('active', u) e WHERE e.path = '$';
-- As a standby would.
BEGIN READ ONLY;
SELECT count(*) FROM hogsend_explain('active', 'ann');
SELECT pg_current_xact_id_if_assigned() IS NULL AS none_taken;
COMMIT;
