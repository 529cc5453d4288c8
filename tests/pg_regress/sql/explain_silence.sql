-- Whether an entry was announced, or would be, where it is not said by the entry limit.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-02-01 12:00+00';
INSERT INTO contacts (user_id, properties) VALUES ('ann', '{"plan": "free"}');
INSERT INTO buckets (id, criteria, entry_limit, quiet_before) VALUES
    ('loud', hogsend_property('plan', 'eq', 'trial'), 'unlimited', NULL),
    ('once', hogsend_property('plan', 'eq', 'trial'), 'once', NULL),
    ('quiet', hogsend_property('plan', 'eq', 'trial'), 'unlimited', '2026-02-03 00:00+00');
CREATE FUNCTION why() RETURNS TABLE (bucket text, path text, condition text, result boolean, observed text, flips_at timestamptz) LANGUAGE sql AS $$
    SELECT b.id, e.* FROM buckets b, hogsend_explain(b.id, 'ann') e WHERE e.path IN ('membership', 'entry_limit', 'quiet_before') ORDER BY b.id, e.path
$$;
SELECT * FROM why();
UPDATE contacts SET properties = '{"plan": "trial"}';
SELECT * FROM why();
SET hogsend.now = '2026-02-03 00:00+00';
SELECT * FROM why() WHERE bucket = 'quiet';
UPDATE contacts SET properties = '{"plan": "free"}';
SELECT * FROM why() WHERE bucket = 'quiet';
-- A session that is silent; and the limit.
SET hogsend.announce = off;
UPDATE contacts SET properties = '{"plan": "trial"}';
RESET hogsend.announce;
SELECT bucket, observed FROM why() WHERE path = 'membership';
