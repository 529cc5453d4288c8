-- What begins a run: the first event or transition that the journey names, in the statement that brings it.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE VIEW runs AS
    SELECT id, user_id, journey_id, entry_count AS n, status, step, label, since, ended_at, reason FROM journey_runs ORDER BY id;
CREATE VIEW news AS
    SELECT id, user_id, event, entry_count AS n, reason, source, label, timed_out, effective_at FROM bucket_transitions ORDER BY id;
CREATE FUNCTION did(users text, event text, properties jsonb DEFAULT '{}') RETURNS void LANGUAGE sql BEGIN ATOMIC
    INSERT INTO user_events (user_id, event, properties, occurred_at)
    SELECT u, event, properties, current_setting('hogsend.now')::timestamptz FROM unnest(string_to_array(users, ',')) u;
END;
SELECT hogsend_define_bucket('pro', hogsend_property('plan', 'eq', 'pro'));
SELECT hogsend_define_bucket('often', hogsend_event('app.opened', at_least => 3), dwell_after => '{1 day}');
SELECT hogsend_define_journey('welcome', '{signup,invited,bucket:entered:pro}');
SELECT hogsend_define_journey('loyal', '{bucket:entered:often,bucket:left:pro,bucket:dwell:often:after-86400000}');
-- The run is there when the statement ends, and so is the row that tells of it. What says nothing of the journey begins nothing.
SELECT did('u1', 'signup', '{"from": "ad"}');
SELECT did('u2', 'other');
SELECT * FROM runs;
SELECT * FROM news;
SELECT journey_id, run_id, event_id, event_properties, bucket_id, transition, idempotency_key FROM bucket_transitions;
SELECT step, step_id, started_at, state, wait_event, wait_until, labels FROM journey_runs;
-- Of several events of a statement the first in the order in which they came begins it, however often it comes.
INSERT INTO user_events (user_id, event, occurred_at, properties) VALUES
    ('u3', 'other', '2026-01-01 12:00+00', '{}'), ('u3', 'invited', '2026-01-01 11:00+00', '{"by": "u1"}'),
    ('u3', 'signup', '2026-01-01 10:00+00', '{}'), ('u3', 'invited', '2026-01-01 10:00+00', '{"by": "u2"}');
SELECT user_id, event, reason, event_id, event_properties, effective_at FROM bucket_transitions ORDER BY id DESC LIMIT 1;
-- At most one is live.
SELECT did('u1,u3', 'signup');
SELECT count(*) FROM runs;
-- A transition, with what there is to say of it. Its row comes first.
INSERT INTO contacts (user_id, properties) VALUES ('u4', '{"plan": "pro"}');
SELECT did('u5', 'app.opened'), did('u5', 'app.opened'), did('u5', 'app.opened');
SELECT id, user_id, event, reason, event_id, event_properties FROM bucket_transitions WHERE user_id IN ('u4', 'u5') ORDER BY id;
-- Of one statement events come before transitions.
INSERT INTO user_events (user_id, event, contact_properties, occurred_at) VALUES ('u6', 'signup', '{"plan": "pro"}', '2026-01-01 12:00+00');
SELECT id, user_id, event, reason FROM bucket_transitions WHERE user_id = 'u6' ORDER BY id;
-- Each journey that names it has a run of its own.
UPDATE contacts SET properties = '{}' WHERE user_id = 'u6';
SELECT id, user_id, event, reason FROM bucket_transitions WHERE user_id = 'u6' ORDER BY id;
SELECT user_id, journey_id, n, status FROM runs WHERE user_id = 'u6';
-- The clock's transitions do so, too; that of a run which is live does nothing.
SELECT hogsend_complete(id) FROM runs WHERE user_id = 'u5';
SET hogsend.now = '2026-01-02 13:00+00';
SELECT dwelled FROM hogsend_reconcile();
SELECT id, user_id, event, reason, n, source, effective_at FROM news WHERE user_id = 'u5' ORDER BY id DESC LIMIT 2;
SELECT event_properties FROM bucket_transitions ORDER BY id DESC LIMIT 1;
-- What happens by an UPDATE or a DELETE of events has happened before; but its transitions are said now.
UPDATE user_events SET event = 'signup' WHERE user_id = 'u2';
SELECT count(*) FROM runs WHERE user_id = 'u2';
SELECT did('u2', 'app.opened'), did('u2', 'app.opened'), did('u2', 'app.closed');
UPDATE user_events SET event = 'app.opened' WHERE user_id = 'u2';
SELECT user_id, journey_id, n, status FROM runs WHERE user_id = 'u2';
-- Who has no contact gets one.
SELECT user_id FROM contacts WHERE user_id = 'u1';
-- Many at once: a COPY, and a statement about more users than are looked at together.
COPY user_events (user_id, event, occurred_at) FROM stdin;
c1	signup	2026-01-02 13:00+00
c2	signup	2026-01-02 13:00+00
c1	signup	2026-01-02 13:00+00
\.
SELECT user_id, journey_id, n FROM runs WHERE user_id LIKE 'c%';
INSERT INTO user_events (user_id, event) SELECT 'm' || n, 'invited' FROM generate_series(1, 2500) n;
SELECT count(*), count(DISTINCT r.user_id), count(DISTINCT r.step_id), bool_and(t.run_id = r.id AND t.user_id = r.user_id) AS is_told
FROM journey_runs r LEFT JOIN bucket_transitions t ON t.id = r.step_id WHERE r.user_id LIKE 'm%' GROUP BY r.journey_id;
