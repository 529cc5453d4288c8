-- What hogsend_health() says of tables that were given to another role, and of events that are far ahead.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-02 12:00+00';
SELECT "check", ok, detail FROM hogsend_health() WHERE "check" IN ('unfit columns', 'tables of other roles', 'events in the future');
-- An update would refuse these, and what their owner does to them happens with the extension's rights.
DROP ROLE IF EXISTS regress_hogsend_other;
CREATE ROLE regress_hogsend_other;
BEGIN;
ALTER TABLE contacts OWNER TO regress_hogsend_other;
ALTER VIEW bucket_lag OWNER TO regress_hogsend_other;
SELECT ok, replace(detail, current_user, '(owner)') AS detail FROM hogsend_health() WHERE "check" = 'tables of other roles';
ROLLBACK;
DROP ROLE regress_hogsend_other;
-- A day ahead is as well as any other; milliseconds for seconds are not.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-03 12:00+00');
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'events in the future';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', to_timestamp(1767355200000));
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'events in the future';
-- Later ones do not hide it from ANALYZE.
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'u1', 'app.opened', '2026-01-01 12:00+00'::timestamptz + i * interval '1 second' FROM generate_series(1, 1000) i;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'events in the future';
ANALYZE user_events;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'events in the future';
UPDATE user_events SET occurred_at = to_timestamp(extract(epoch FROM occurred_at) / 1000) WHERE occurred_at > '3000-01-01';
ANALYZE user_events;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'events in the future';
-- Without an index by number nobody reads the table for it.
ALTER TABLE user_events DROP CONSTRAINT user_events_pkey;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', to_timestamp(1767355200000));
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'events in the future';
ANALYZE user_events;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'events in the future';
-- What cannot be read is not known, of every check that would read it.
ALTER TABLE bucket_timers ALTER silent TYPE text;
SELECT "check", ok, detail FROM hogsend_health();
