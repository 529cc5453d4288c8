-- What comes in under somebody's other id is stored and evaluated as that user's, in the same statement.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('buyer', hogsend_event('bought')),
    ('thrice', hogsend_event('bought', at_least => 3)),
    ('pro', hogsend_property('plan', 'eq', 'pro')),
    ('known', hogsend_everyone());
INSERT INTO user_events (user_id, event) VALUES ('ada', 'seen');
INSERT INTO user_aliases (alias, user_id) VALUES ('visitor', 'ada'), ('phone', 'ada'), ('tablet', 'bob');
SELECT event, user_id FROM bucket_transitions ORDER BY id;
TRUNCATE bucket_transitions;
-- One row: the user's event, the user's transition, and no contact of the alias.
INSERT INTO user_events (user_id, event) VALUES ('visitor', 'bought');
SELECT user_id, event FROM user_events ORDER BY id;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
-- What no bucket references, too.
INSERT INTO user_events (user_id, event) VALUES ('visitor', 'looked');
SELECT user_id, event FROM user_events ORDER BY id;
-- Of several, and of somebody nobody knows yet, in one statement: a transition for each user and bucket.
INSERT INTO user_events (user_id, event) VALUES
    ('phone', 'bought'), ('eve', 'bought'), ('ada', 'bought'), ('tablet', 'bought'), ('visitor', 'bought'), ('phone', 'looked');
SELECT user_id, event, count(*) FROM user_events GROUP BY 1, 2 ORDER BY 1, 2;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
SELECT user_id FROM contacts ORDER BY user_id;
-- RETURNING says what was inserted.
INSERT INTO user_events (user_id, event) VALUES ('visitor', 'looked') RETURNING user_id;
-- COPY, and one statement of very many.
COPY user_events (user_id, event) FROM stdin;
visitor	copied
ada	copied
tablet	copied
\.
INSERT INTO user_events (user_id, event)
SELECT CASE n % 3 WHEN 0 THEN 'visitor' WHEN 1 THEN 'tablet' ELSE 'u' || n END, 'many' FROM generate_series(1, 3000) n;
SELECT user_id, event, count(*) FROM user_events WHERE event IN ('copied', 'many') AND user_id NOT LIKE 'u%' GROUP BY 1, 2 ORDER BY 1, 2;
SELECT count(*) FROM contacts WHERE user_id LIKE 'u%';
-- Nothing is left under an alias, and everything stored is as it ought to be.
SELECT a.alias FROM user_aliases a WHERE EXISTS (SELECT FROM user_events e WHERE e.user_id = a.alias)
    OR EXISTS (SELECT FROM contacts c WHERE c.user_id = a.alias) OR EXISTS (SELECT FROM bucket_memberships m WHERE m.user_id = a.alias)
    OR EXISTS (SELECT FROM bucket_timers t WHERE t.user_id = a.alias);
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
-- Under evaluate = off the user is queued, and the event is the user's at once.
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event) VALUES ('tablet', 'bought'), ('tablet', 'bought');
RESET hogsend.evaluate;
SELECT user_id, count(*) FROM user_events WHERE event = 'bought' AND user_id IN ('bob', 'tablet') GROUP BY 1;
SELECT user_id FROM bucket_timers;
SELECT entered FROM hogsend_reconcile();
SELECT event, user_id FROM bucket_transitions WHERE user_id = 'bob' ORDER BY id;
DROP EXTENSION hogsend CASCADE;
