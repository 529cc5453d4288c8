-- A page holds what its reader may read, and no more.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_reader, regress_hogsend_nobody;
CREATE ROLE regress_hogsend_reader;
CREATE ROLE regress_hogsend_nobody;
CREATE EXTENSION hogsend;
SELECT hogsend_grant('regress_hogsend_reader', 'analyst');
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened')), ('secret', hogsend_event('app.opened'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 12:00+00'), ('u2', 'app.opened', '2026-01-01 12:00+00');
SELECT hogsend_subscribe('mailer');
SET ROLE regress_hogsend_reader;
SELECT hogsend_report() ~ 'secret' AS secret, hogsend_report('active') ~ '>u1<' AS u1, hogsend_report('active') ~ '>u2<' AS u2;
-- Row-level security holds for all of it.
RESET ROLE;
ALTER TABLE buckets ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader ON buckets FOR SELECT TO regress_hogsend_reader USING (id <> 'secret');
ALTER TABLE bucket_memberships ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader ON bucket_memberships FOR SELECT TO regress_hogsend_reader USING (user_id <> 'u2');
ALTER TABLE bucket_transitions ENABLE ROW LEVEL SECURITY;
CREATE POLICY reader ON bucket_transitions FOR SELECT TO regress_hogsend_reader USING (user_id <> 'u2');
SET ROLE regress_hogsend_reader;
SELECT hogsend_report() ~ 'secret' AS secret, hogsend_report('active') ~ '>u1<' AS u1, hogsend_report('active') ~ '>u2<' AS u2;
SELECT b ->> 'id' AS id, b ->> 'active' AS active, b -> 'days' AS days, f -> 'days' AS of_all
FROM hogsend_report_facts() AS f, json_array_elements(f -> 'buckets') AS b;
SELECT hogsend_report('secret');
-- Without rights there is no page.
SET ROLE regress_hogsend_nobody;
SELECT hogsend_report();
SELECT hogsend_report_facts();
RESET ROLE;
-- Rights on the functions are no rights on the tables.
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO regress_hogsend_nobody;
SET ROLE regress_hogsend_nobody;
SELECT hogsend_report();
RESET ROLE;
DROP OWNED BY regress_hogsend_reader, regress_hogsend_nobody;
DROP ROLE regress_hogsend_reader, regress_hogsend_nobody;
