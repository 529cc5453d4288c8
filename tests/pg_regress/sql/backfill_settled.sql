-- To whom a bucket's first job has yet to come may match already: they join when something happens to them,
-- even something that can only keep others out.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
INSERT INTO contacts (user_id, properties) VALUES ('u1', '{"plan": "pro"}'), ('u2', '{"plan": "trial"}'), ('u3', '{"plan": "pro"}');
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria) VALUES
    ('x', '{"type": "composite", "operator": "or", "conditions": [
            {"type": "event", "eventName": "complained", "check": "not_exists"},
            {"type": "property", "property": "plan", "operator": "eq", "value": "pro"}]}');
INSERT INTO user_events (user_id, event) VALUES ('u1', 'complained');
INSERT INTO user_events (user_id, event) VALUES ('u2', 'complained');
SELECT user_id, status, source, announced FROM bucket_memberships ORDER BY 1;
SELECT bool_or(remaining) FROM (SELECT (hogsend_reconcile()).remaining FROM generate_series(1, 3)) r;
SELECT user_id, status, source, announced FROM bucket_memberships ORDER BY 1;
SELECT user_id, transition FROM bucket_transitions ORDER BY id;
