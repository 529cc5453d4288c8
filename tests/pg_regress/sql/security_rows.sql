-- Row-level security on the user's own tables holds for whoever reads through hogsend, and does not
-- stand in the way of evaluation.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
DROP ROLE IF EXISTS regress_hogsend_rows;
CREATE ROLE regress_hogsend_rows;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
SELECT hogsend_grant('regress_hogsend_rows', 'analyst');
SELECT hogsend_grant('regress_hogsend_rows', 'ingest');
INSERT INTO buckets (id, criteria) VALUES
    ('active', hogsend_event('app.opened', within => '7 days')),
    ('pro', hogsend_property('plan', 'eq', 'pro'));
-- The role may store and see what is of tenant "a".
ALTER TABLE user_events ENABLE ROW LEVEL SECURITY;
ALTER TABLE contacts ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON user_events TO regress_hogsend_rows USING (user_id LIKE 'a%') WITH CHECK (user_id LIKE 'a%');
CREATE POLICY tenant ON contacts TO regress_hogsend_rows USING (user_id LIKE 'a%');
ALTER TABLE bucket_memberships ENABLE ROW LEVEL SECURITY;
CREATE POLICY tenant ON bucket_memberships TO regress_hogsend_rows USING (user_id LIKE 'a%');
INSERT INTO user_events (user_id, event, occurred_at, user_email, contact_properties)
VALUES ('a1', 'app.opened', '2026-01-01 12:00+00', 'a1@example.com', '{"plan": "pro"}'),
       ('b1', 'app.opened', '2026-01-01 12:00+00', 'b1@example.com', '{"plan": "pro"}');
SET ROLE regress_hogsend_rows;
-- The check is that of the table; the trigger evaluates and writes whatever the role may see.
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('b2', 'app.opened', '2026-01-01 12:00+00', '{"plan": "pro"}');
SELECT hogsend_ingest('b2', 'app.opened');
INSERT INTO user_events (user_id, event, occurred_at, contact_properties) VALUES ('a2', 'app.opened', '2026-01-01 12:00+00', '{"plan": "pro"}');
-- Of "b1" nothing is to be seen, by no way.
SELECT user_id FROM user_events ORDER BY id;
SELECT * FROM bucket_members ORDER BY bucket_id, user_id;
SELECT user_id, email FROM hogsend_members('pro');
SELECT hogsend_count('pro'), hogsend_has('pro', 'a1'), hogsend_has('pro', 'b1');
SELECT hogsend_matches('pro', 'a1'), hogsend_matches('pro', 'b1'), hogsend_matches('active', 'b1');
SELECT path, result, observed FROM hogsend_explain('active', 'b1');
SELECT * FROM hogsend_preview(hogsend_property('plan', 'eq', 'pro'));
SELECT * FROM hogsend_preview_change('pro', hogsend_property('plan', 'eq', 'free'));
SELECT bucket_id, active FROM bucket_stats ORDER BY bucket_id;
RESET ROLE;
-- A runner's view of the members is its own, too.
SELECT hogsend_revoke('regress_hogsend_rows'), hogsend_grant('regress_hogsend_rows', 'runner');
SET ROLE regress_hogsend_rows;
SELECT * FROM bucket_members ORDER BY bucket_id, user_id;
SELECT hogsend_has('pro', 'a1'), hogsend_has('pro', 'b1');
RESET ROLE;
-- All of them are members.
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
DROP OWNED BY regress_hogsend_rows;
DROP ROLE regress_hogsend_rows;
