-- What is stored may lag behind what is true, until the clock comes: that is told, too.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-02-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('active', hogsend_event('app.opened', within => '7 days')),
    ('lapsed', hogsend_event('app.opened', within => '7 days', never => true));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('ann', 'app.opened', '2026-02-01 12:00+00');
SELECT * FROM hogsend_explain('active', 'ann');
SELECT * FROM hogsend_explain('lapsed', 'ann');
SET hogsend.now = '2026-02-20 12:00+00';
SELECT * FROM hogsend_explain('active', 'ann');
SELECT * FROM hogsend_explain('lapsed', 'ann');
SELECT entered, "left" FROM hogsend_reconcile();
SELECT * FROM hogsend_explain('active', 'ann') WHERE path = 'membership';
SELECT * FROM hogsend_explain('lapsed', 'ann') WHERE path = 'membership';
-- A bulk load is evaluated later.
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('ann', 'app.opened', '2026-02-20 11:00+00'), ('ann', 'signup', '2026-02-20 11:00+00');
RESET hogsend.evaluate;
SELECT * FROM hogsend_explain('active', 'ann') WHERE path = 'membership';
INSERT INTO buckets (id, criteria) VALUES ('other', hogsend_event('nothing'));
SELECT * FROM hogsend_explain('other', 'ann') WHERE path = 'membership';
SELECT entered, "left" FROM hogsend_reconcile();
-- A look that failed says why.
CREATE FUNCTION mine() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'mine is broken'; END $$;
CREATE TRIGGER mine BEFORE UPDATE ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION mine();
SET hogsend.now = '2026-03-20 12:00+00';
SET client_min_messages = error;
SELECT entered, "left" FROM hogsend_reconcile();
SELECT * FROM hogsend_explain('active', 'ann') WHERE path = 'membership';
