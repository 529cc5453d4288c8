-- Whether an entry would be announced, and from when on.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-02-01 12:00+00';
INSERT INTO buckets (id, criteria, entry_limit, entry_period) VALUES
    ('unlimited', hogsend_property('plan', 'eq', 'trial'), 'unlimited', NULL),
    ('once', hogsend_property('plan', 'eq', 'trial'), 'once', NULL),
    ('monthly', hogsend_property('plan', 'eq', 'trial'), 'once_per_period', '30 days'),
    ('whenever', hogsend_property('plan', 'eq', 'trial'), 'once_per_period', NULL);
CREATE FUNCTION why() RETURNS TABLE (bucket text, path text, condition text, result boolean, observed text, flips_at timestamptz) LANGUAGE sql AS $$
    SELECT b.id, e.* FROM buckets b, hogsend_explain(b.id, 'ann') e WHERE e.path IN ('membership', 'entry_limit') ORDER BY b.created_at, b.id, e.path DESC
$$;
INSERT INTO contacts (user_id, properties) VALUES ('ann', '{"plan": "free"}');
SELECT * FROM why();
UPDATE contacts SET properties = '{"plan": "trial"}';
SELECT * FROM why();
SET hogsend.now = '2026-02-05 12:00+00';
UPDATE contacts SET properties = '{"plan": "free"}';
SET hogsend.now = '2026-02-10 12:00+00';
SELECT * FROM why();
SET hogsend.now = '2026-03-10 12:00+00';
SELECT * FROM why();
