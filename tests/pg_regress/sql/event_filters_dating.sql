-- What a transition is dated by: the latest of the statement's events that count, not of those that the filter
-- does not let through, nor of those that only have the name.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('big', '{"type": "event", "eventName": "bought", "check": "exists",
              "where": {"type": "property", "property": "$value", "operator": "gt", "value": 50}}'),
    ('spared', '{"type": "composite", "operator": "or", "conditions": [
                 {"type": "event", "eventName": "bought", "check": "exists",
                  "where": {"type": "property", "property": "$value", "operator": "gt", "value": 50}},
                 {"type": "property", "property": "plan", "operator": "eq", "value": "pro"}]}');
INSERT INTO contacts (user_id) VALUES ('u1');
INSERT INTO user_events (user_id, event, occurred_at, value) VALUES
    ('u1', 'bought', '2026-02-01 12:00+00', 60), ('u1', 'bought', '2026-02-20 12:00+00', 40);
-- A new contact is one whom every bucket looks at, whatever the event is.
INSERT INTO user_events (user_id, event, occurred_at, value, contact_properties) VALUES
    ('u2', 'bought', '2026-02-20 12:00+00', 40, '{"plan": "pro"}');
SELECT bucket_id, user_id, transition, effective_at FROM bucket_transitions ORDER BY user_id, bucket_id, id;
