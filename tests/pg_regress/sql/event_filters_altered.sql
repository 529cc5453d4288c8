-- A column that filters read and that is gone, or has another type: an error that says which and what to do.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
SELECT hogsend_define_bucket('x', hogsend_event('e', filter => hogsend_property('a', 'eq', 'x')));
INSERT INTO user_events (user_id, event, properties) VALUES ('u', 'e', '{"a": "x"}');
BEGIN;
ALTER TABLE user_events DROP value;
INSERT INTO user_events (user_id, event, properties) VALUES ('v', 'e', '{"a": "x"}');
ROLLBACK;
BEGIN;
ALTER TABLE user_events RENAME source TO origin;
SELECT hogsend_matches('x', 'u');
ROLLBACK;
BEGIN;
ALTER TABLE user_events DROP properties;
SELECT * FROM hogsend_verify('x');
ROLLBACK;
BEGIN;
ALTER TABLE user_events ALTER value TYPE float8;
SELECT hogsend_matches('x', 'u');
ROLLBACK;
-- What filters do not read may be missing.
ALTER TABLE user_events DROP user_email;
SET hogsend.test_no_direct = on;
INSERT INTO user_events (user_id, event, properties) VALUES ('v', 'e', '{"a": "x"}');
RESET hogsend.test_no_direct;
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
