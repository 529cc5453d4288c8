-- The tables are the user's: columns and indexes of his own change nothing.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('active', hogsend_event('app.opened', within => '7 days')),
    ('pro', hogsend_property('plan', 'eq', 'pro'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 12:00+00');
ALTER TABLE user_events ADD COLUMN ip inet, ADD COLUMN tenant integer NOT NULL DEFAULT 7;
ALTER TABLE contacts ADD COLUMN country text, ADD COLUMN score numeric GENERATED ALWAYS AS ((properties ->> 'n')::numeric) STORED;
ALTER TABLE bucket_memberships ADD COLUMN note text DEFAULT 'none';
ALTER TABLE bucket_transitions ADD COLUMN handled boolean NOT NULL DEFAULT false;
ALTER TABLE bucket_timers ADD COLUMN note text;
ALTER TABLE buckets ADD COLUMN owner text;
CREATE INDEX ON user_events (tenant, occurred_at DESC);
CREATE INDEX ON contacts (country);
CREATE INDEX ON bucket_transitions (handled) WHERE NOT handled;
INSERT INTO user_events (user_id, event, occurred_at, ip, contact_properties) VALUES ('u2', 'app.opened', '2026-01-01 12:00+00', '10.0.0.1', '{"plan": "pro", "n": 4}');
UPDATE contacts SET country = 'NO' WHERE user_id = 'u2';
UPDATE buckets SET owner = 'growth';
-- Dropping it leaves a hole in the row, which readers of raw tuples must expect.
ALTER TABLE user_events DROP COLUMN ip;
ALTER TABLE contacts DROP COLUMN country;
ALTER TABLE user_events ADD COLUMN session text;
INSERT INTO user_events (user_id, event, occurred_at, session, contact_properties)
VALUES ('u3', 'app.opened', '2026-01-01 12:00+00', 's1', '{"plan": "pro"}'), ('u3', 'app.opened', '2026-01-01 12:00+00', 's2', '{"plan": "free"}');
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'u3';
SELECT user_id, event, handled FROM bucket_transitions ORDER BY id;
SET hogsend.now = '2026-01-09 12:00+00';
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT user_id, score FROM contacts ORDER BY 1;
-- Migration keeps them.
SELECT hogsend_migrate();
SELECT count(*) FROM user_events WHERE tenant = 7;
