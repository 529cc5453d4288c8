-- An alias of an alias ends at the same user, in whatever order it is said.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('thrice', hogsend_event('e', at_least => 3));
INSERT INTO contacts (user_id, properties) VALUES
    ('a', '{"of a": 1, "name": "a", "nick": "a"}'), ('b', '{"of b": 1, "name": "b", "nick": "b"}'), ('c', '{"name": "c"}');
INSERT INTO user_events (user_id, event, occurred_at) SELECT u, 'e', '2026-01-01 11:00+00' FROM unnest('{a,b,c}'::text[]) u;
CREATE VIEW everything AS
    SELECT c.user_id, c.properties,
           (SELECT count(*) FROM user_events e WHERE e.user_id = c.user_id) AS events,
           (SELECT string_agg(a.alias, ',' ORDER BY a.alias) FROM user_aliases a WHERE a.user_id = c.user_id) AS aliases,
           (SELECT string_agg(t.event, ',' ORDER BY t.id) FROM bucket_transitions t) AS news
    FROM contacts c ORDER BY 1;
-- One after the other: the rows follow.
BEGIN;
SELECT hogsend_identify('a', 'b');
SELECT hogsend_identify('b', 'c');
SELECT * FROM everything;
ROLLBACK;
-- The last first: a is said to be b, who is c.
BEGIN;
SELECT hogsend_identify('b', 'c');
SELECT hogsend_identify('a', 'b');
SELECT * FROM everything;
ROLLBACK;
-- In one statement, either way round, and with what is known already among it.
BEGIN;
SELECT hogsend_identify('{a,b}'::text[], '{b,c}'::text[]);
SELECT * FROM everything;
ROLLBACK;
BEGIN;
SELECT hogsend_identify('{b,a,a}'::text[], '{c,b,c}'::text[]);
SELECT * FROM everything;
SELECT hogsend_identify('{b,a,a}'::text[], '{c,b,c}'::text[]);
ROLLBACK;
-- Several of one user: the first that has something to say is heard.
BEGIN;
SELECT hogsend_identify('{b,a}'::text[], '{d,d}'::text[]);
SELECT * FROM everything;
ROLLBACK;
BEGIN;
SELECT hogsend_identify('{a,b}'::text[], '{d,d}'::text[]);
SELECT * FROM everything;
ROLLBACK;
-- A chain of thousands, whose first link comes last and first.
SELECT hogsend_identify(array_agg('n' || n ORDER BY n), array_agg('n' || n + 1 ORDER BY n)) FROM generate_series(1, 3000) n;
SELECT hogsend_identify(array_agg('m' || n ORDER BY n DESC), array_agg('m' || n + 1 ORDER BY n DESC)) FROM generate_series(1, 3000) n;
SELECT user_id, count(*), count(DISTINCT alias) FROM user_aliases GROUP BY 1 ORDER BY 1;
SELECT user_id FROM contacts ORDER BY 1;
-- None points to an alias.
SELECT count(*) FROM user_aliases a JOIN user_aliases b ON b.alias = a.user_id;
