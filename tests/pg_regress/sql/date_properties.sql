-- Dates in properties: who is in, then and later, in both directions, each transition dated by its instant.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-05-09 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('after', hogsend_property('due', 'after', '2026-05-10')),
    ('before', hogsend_property('due', 'before', '2026-05-10')),
    ('last', hogsend_property('due', 'within_last', interval '3 days')),
    ('later', hogsend_property('due', 'later_than', interval '3 days')),
    ('next', hogsend_property('due', 'within_next', interval '3 days')),
    ('older', hogsend_property('due', 'older_than', interval '3 days')),
    ('today', hogsend_property('due', 'on_day', 0)),
    ('tomorrow', hogsend_property('due', 'on_day', 1)),
    ('yesterday', hogsend_property('due', 'on_day', -1));
INSERT INTO contacts (user_id, properties) VALUES
    ('date', '{"due": "2026-05-10"}'),
    ('past', '{"due": "2026-05-07T18:00:00+02:00"}'),
    ('seconds', '{"due": 1778500800.5}'),
    ('local', '{"due": "2026-05-13 06:00"}'),
    ('text', '{"due": "soon"}'),
    ('list', '{"due": ["2026-05-10"]}'),
    ('none', '{}');
CREATE FUNCTION members() RETURNS TABLE (bucket text, members text) LANGUAGE sql AS
$$ SELECT m.bucket_id, string_agg(m.user_id, ',' ORDER BY m.user_id) FROM bucket_members m GROUP BY 1 ORDER BY 1 $$;
SELECT * FROM members();
SELECT user_id, bucket_id, due_at FROM bucket_timers ORDER BY 1, 2;
SET hogsend.now = '2026-05-20 00:00+00';
SELECT entered, "left" FROM hogsend_reconcile();
SELECT * FROM members();
SELECT user_id, event, effective_at FROM bucket_transitions WHERE effective_at > '2026-05-09 12:00+00' ORDER BY 1, effective_at, 2;
SELECT count(*) AS timers FROM bucket_timers;
-- What changes, and what does not, because it is the same instant in other words.
UPDATE contacts SET properties = '{"due": "2026-05-10T02:00:00+02:00"}' WHERE user_id = 'date';
UPDATE contacts SET properties = '{"due": 1779235200000}' WHERE user_id = 'text';
UPDATE contacts SET properties = '{"due": "2026-05-20"}' WHERE user_id = 'none';
INSERT INTO user_events (user_id, event, contact_properties) VALUES ('new', 'x', '{"due": "2026-05-21T12:00Z"}');
SELECT * FROM members();
SELECT bucket_id, problem FROM hogsend_verify('today') AS v (user_id, problem) JOIN (VALUES ('today')) b (bucket_id) ON true;
