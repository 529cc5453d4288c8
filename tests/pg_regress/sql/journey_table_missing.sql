-- A table of journeys that is gone, or has another name, is said at the statement, and what to do about it.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SELECT hogsend_define_journey('welcome', '{signed_up}');
BEGIN;
ALTER TABLE journey_runs RENAME TO my_runs;
INSERT INTO user_events (user_id, event) VALUES ('u1', 'signed_up');
ROLLBACK;
BEGIN;
DROP TABLE journeys CASCADE;
INSERT INTO user_events (user_id, event) VALUES ('u1', 'app.opened');
ROLLBACK;
BEGIN;
DROP TABLE journeys, journey_runs CASCADE;
SELECT hogsend_migrate();
INSERT INTO user_events (user_id, event) VALUES ('u1', 'signed_up');
SELECT count(*) FROM journey_runs;
ROLLBACK;
INSERT INTO user_events (user_id, event) VALUES ('u1', 'signed_up');
SELECT user_id, status FROM journey_runs;
