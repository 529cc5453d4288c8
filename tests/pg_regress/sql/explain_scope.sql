-- Who is nobody's candidate is told so, and not just that the conditions hold.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-02-28 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('lapsed', hogsend_event('app.opened', within => '7 days', never => true)),
    ('stalled', hogsend_all(hogsend_property('plan', 'neq', 'pro'), hogsend_event('activated', within => '7 days', never => true))),
    ('quiet', hogsend_any(hogsend_event('mail.opened', never => true, within => '3 days'), hogsend_event('app.opened', never => true, within => '5 days')));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('ann', 'signup', '2026-01-10 12:00+00'), ('bob', 'app.opened', '2026-01-10 12:00+00');
-- ann never opened the app, so she cannot have stopped.
SELECT * FROM hogsend_explain('lapsed', 'ann');
SELECT * FROM hogsend_explain('lapsed', 'bob');
SELECT * FROM hogsend_explain('quiet', 'ann') WHERE path = 'scope';
-- With a property leg every contact is a candidate.
SELECT * FROM hogsend_explain('stalled', 'ann');
-- A user nobody knows is an answer, not an error.
SELECT * FROM hogsend_explain('stalled', 'nobody');
SELECT * FROM hogsend_explain('lapsed', 'nobody');
-- A deleted contact is in no bucket.
UPDATE contacts SET deleted_at = '2026-02-20 09:30+00' WHERE user_id = 'bob';
SELECT * FROM hogsend_explain('lapsed', 'bob');
-- Not even where the extension was not there to see it.
SET session_replication_role = replica;
UPDATE contacts SET deleted_at = '2026-02-20 09:30+00' WHERE user_id = 'ann';
RESET session_replication_role;
SELECT * FROM hogsend_explain('stalled', 'ann') WHERE path NOT LIKE '$%';
-- Nothing asked, nothing said; but a bucket that is not there is an error.
SELECT count(*) FROM hogsend_explain(NULL, 'ann');
SELECT count(*) FROM hogsend_explain('lapsed', NULL);
SELECT * FROM hogsend_explain('nope', 'ann');
