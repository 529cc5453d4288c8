-- An event is somebody's, and has a name: nothing at all is neither.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
-- Before anything is defined, and afterwards; also where the statement would concern nobody.
INSERT INTO user_events (user_id, event) VALUES ('', 'buy');
INSERT INTO buckets (id, criteria) VALUES ('buyers', hogsend_event('buy')), ('pro', hogsend_property('plan', 'eq', 'pro'));
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
INSERT INTO user_events (user_id, event) VALUES ('', 'buy');
INSERT INTO user_events (user_id, event) VALUES ('u1', '');
INSERT INTO user_events (user_id, event) VALUES ('', '');
INSERT INTO user_events (user_id, event) VALUES ('', 'bucket:entered:buyers');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'buy', '2026-01-01 12:00+00'), ('u1', '', '2026-01-01 12:00+00');
SELECT hogsend_ingest('', 'buy');
SELECT hogsend_ingest('u1', '');
COPY user_events (user_id, event) FROM stdin WITH (FORMAT csv);
u1,buy
"",buy
\.
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event) VALUES ('', 'buy');
RESET hogsend.evaluate;
SELECT count(*) FROM user_events;
SELECT count(*) FROM contacts;
-- Nor by a correction.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'buy', '2026-01-01 12:00+00');
UPDATE user_events SET user_id = '';
UPDATE user_events SET event = '';
SELECT user_id, event FROM user_events;
-- Nor is anybody known by no name.
INSERT INTO contacts (user_id) VALUES ('');
UPDATE contacts SET user_id = '';
SELECT hogsend_add_member('beta', '');
SELECT hogsend_add_member('beta', ARRAY['u2', '']);
SELECT user_id FROM contacts;
-- What earlier releases let in can be corrected, worked on and erased.
ALTER TABLE user_events DISABLE TRIGGER hogsend_insert;
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('', 'buy', '2026-01-01 12:00+00'), ('', 'view', '2026-01-01 12:00+00'), ('u3', '', '2026-01-01 12:00+00');
ALTER TABLE user_events ENABLE TRIGGER hogsend_insert;
UPDATE user_events SET properties = '{"seen": true}';
UPDATE user_events SET event = 'buy', user_id = 'u3' WHERE user_id IN ('', 'u1');
UPDATE user_events SET event = 'buy' WHERE event = '';
SELECT user_id, event, properties FROM user_events ORDER BY id;
SELECT user_id FROM bucket_members ORDER BY user_id;
SELECT v.* FROM hogsend_verify('buyers') v;
