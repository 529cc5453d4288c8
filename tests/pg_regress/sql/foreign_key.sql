-- A foreign key from user_events to contacts: the contact is made after the event, so only a deferred one
-- lets events of unknown users in. Where it is not, that is said, with what to do.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('active', hogsend_event('app.opened', within => '7 days'));
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'early foreign keys';
ALTER TABLE user_events ADD CONSTRAINT "of a contact" FOREIGN KEY (user_id) REFERENCES contacts;
INSERT INTO user_events (user_id, event) VALUES ('u1', 'app.opened');
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'early foreign keys';
SELECT hogsend_migrate();
-- DEFERRABLE alone does not defer it.
ALTER TABLE user_events ALTER CONSTRAINT "of a contact" DEFERRABLE;
INSERT INTO user_events (user_id, event) VALUES ('u1', 'app.opened');
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'early foreign keys';
-- What is said is what helps.
SELECT split_part(detail, ': ', 2) AS remedy FROM hogsend_health() WHERE "check" = 'early foreign keys' \gset
:remedy;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'early foreign keys';
SELECT hogsend_migrate();
INSERT INTO user_events (user_id, event, user_email) VALUES ('u1', 'app.opened', 'u1@example.com'), ('u2', 'other', NULL);
SELECT hogsend_ingest('u3', 'app.opened');
COPY user_events (user_id, event) FROM stdin;
u4	app.opened
\.
SELECT user_id, email FROM contacts ORDER BY 1;
SELECT user_id FROM bucket_members ORDER BY 1;
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event) VALUES ('u5', 'app.opened');
RESET hogsend.evaluate;
SELECT entered FROM hogsend_reconcile();
-- Under later the contact is made by the clock, after COMMIT: there it has to be there before.
SET hogsend.evaluate = later;
INSERT INTO user_events (user_id, event) VALUES ('u6', 'app.opened');
INSERT INTO contacts (user_id) VALUES ('u6');
INSERT INTO user_events (user_id, event) VALUES ('u6', 'app.opened');
RESET hogsend.evaluate;
SELECT entered FROM hogsend_reconcile();
SELECT hogsend_forget_user('u1') > 0 AS forgotten;
SELECT user_id FROM bucket_members ORDER BY 1;
SELECT * FROM hogsend_verify('active');
-- Keys of other columns and of other tables are nobody's trouble.
ALTER TABLE user_events ADD referrer text REFERENCES contacts;
CREATE TABLE sessions (user_id text REFERENCES contacts);
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'early foreign keys';
-- A partition may have a key of its own.
ALTER TABLE user_events RENAME TO user_events_whole;
CREATE TABLE user_events (LIKE user_events_whole INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING IDENTITY) PARTITION BY RANGE (occurred_at);
CREATE TABLE user_events_2026 PARTITION OF user_events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
CREATE TABLE user_events_2027 PARTITION OF user_events FOR VALUES FROM ('2027-01-01') TO ('2028-01-01');
ALTER TABLE user_events_2027 ADD CONSTRAINT ours FOREIGN KEY (user_id) REFERENCES contacts;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'early foreign keys';
ALTER TABLE user_events_2027 DROP CONSTRAINT ours;
ALTER TABLE user_events ADD CONSTRAINT whole FOREIGN KEY (user_id) REFERENCES contacts;
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'early foreign keys';
