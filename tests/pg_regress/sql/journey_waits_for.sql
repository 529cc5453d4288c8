-- What the runs of a journey wait for is part of it, and may be tidied up by hand: what a run waits for stays.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
SELECT hogsend_define_journey('j', '{start}'), hogsend_define_journey('k', '{start}');
INSERT INTO user_events (user_id, event) VALUES ('u1', 'start'), ('u2', 'start');
CREATE VIEW waits AS SELECT user_id, journey_id, status, wait_event FROM journey_runs ORDER BY id;
SELECT hogsend_wait_for(id, 'a', '1 day', 'w') FROM journey_runs WHERE user_id = 'u1' AND journey_id = 'j';
SELECT hogsend_wait_for(id, 'b', '1 day', 'w') FROM journey_runs WHERE user_id = 'u2' AND journey_id = 'j';
SELECT hogsend_wait_for(id, 'c', '1 day', 'w') FROM journey_runs WHERE user_id = 'u2' AND journey_id = 'j';
SELECT hogsend_wait_for(id, 'b', '1 day', 'w') FROM journey_runs WHERE user_id = 'u1' AND journey_id = 'k';
SELECT hogsend_wait_for(id, 'd', '1 day', 'w') FROM journey_runs WHERE user_id = 'u1' AND journey_id = 'k';
SELECT id, waits_for FROM journeys ORDER BY id;
UPDATE journeys SET waits_for = '{}';
SELECT id, waits_for FROM journeys ORDER BY id;
UPDATE journeys SET waits_for = '{x,c}' WHERE id = 'j';
SELECT id, waits_for FROM journeys WHERE id = 'j';
SELECT * FROM waits;
INSERT INTO user_events (user_id, event) VALUES ('u1', 'a'), ('u2', 'c');
SELECT * FROM waits;
-- Nobody waits for them any more; what sleeps waits for nothing.
SELECT hogsend_sleep(id, '1 day', 'w') FROM journey_runs WHERE user_id = 'u1' AND journey_id = 'j';
UPDATE journeys SET waits_for = '{}';
SELECT id, waits_for FROM journeys ORDER BY id;
-- Named beforehand, a wait changes nothing.
UPDATE journeys SET waits_for = '{e}' WHERE id = 'j';
SELECT hogsend_wait_for(id, 'e', '1 day', 'w') FROM journey_runs WHERE user_id = 'u1' AND journey_id = 'j';
INSERT INTO user_events (user_id, event) VALUES ('u1', 'e');
SELECT * FROM waits;
SELECT id, waits_for FROM journeys ORDER BY id;
