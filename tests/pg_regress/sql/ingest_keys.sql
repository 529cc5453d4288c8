-- The idempotency key: once a user, and every way of saying ON CONFLICT that a client has.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('twice', hogsend_event('buy', at_least => 2));
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key) VALUES ('u1', 'buy', '2026-01-01 12:00+00', 'k');
\set VERBOSITY terse
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key) VALUES ('u1', 'buy', '2026-01-01 12:00+00', 'k');
\set VERBOSITY default
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key) VALUES ('u1', 'buy', '2026-01-01 12:00+00', 'k')
ON CONFLICT DO NOTHING RETURNING id;
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key) VALUES ('u1', 'buy', '2026-01-01 12:00+00', 'k')
ON CONFLICT (user_id, idempotency_key) DO NOTHING RETURNING id;
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key) VALUES ('u1', 'buy', '2026-01-01 12:00+00', 'k')
ON CONFLICT (idempotency_key, user_id) WHERE idempotency_key IS NOT NULL DO NOTHING RETURNING id;
INSERT INTO user_events AS e (user_id, event, occurred_at, idempotency_key) VALUES ('u1', 'buy', '2026-01-01 12:00+00', 'k')
ON CONFLICT (user_id, idempotency_key) DO UPDATE SET value = coalesce(e.value, 0) + 1 RETURNING id, value;
SELECT hogsend_ingest('u1', 'buy', occurred_at => '2026-01-01 12:00+00', idempotency_key => 'k');
-- Nobody has done it twice. Another user's key is another, and no key is like no other.
SELECT count(*) FROM bucket_transitions;
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key)
VALUES ('u2', 'buy', '2026-01-01 12:00+00', 'k'), ('u1', 'buy', '2026-01-01 12:00+00', NULL), ('u1', 'buy', '2026-01-01 12:00+00', NULL)
ON CONFLICT (user_id, idempotency_key) DO NOTHING;
SELECT user_id, event FROM bucket_transitions;
SELECT user_id, idempotency_key, count(*) FROM user_events GROUP BY 1, 2 ORDER BY 1, 2;
-- Earlier releases made a partial index; a migration puts a whole one in its place, under its name.
CREATE FUNCTION pg_temp.indexes() RETURNS SETOF text LANGUAGE sql AS $$
    SELECT regexp_replace(pg_get_indexdef(i.indexrelid), '^CREATE (UNIQUE )?INDEX |public\.|USING btree ', '', 'g')
    FROM pg_index i WHERE i.indrelid = 'user_events'::regclass AND pg_get_indexdef(i.indexrelid) LIKE '%idempotency_key%' ORDER BY 1
$$;
DROP INDEX user_events_idempotency_key;
CREATE UNIQUE INDEX user_events_idempotency_key ON user_events (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
SELECT hogsend_migrate();
SELECT pg_temp.indexes();
SELECT hogsend_migrate();
SELECT pg_temp.indexes();
-- One of the user's own is as good, and then the partial one is in the way.
DROP INDEX user_events_idempotency_key;
CREATE UNIQUE INDEX user_events_idempotency_key ON user_events (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL;
CREATE UNIQUE INDEX mine ON user_events (idempotency_key COLLATE "C", user_id) INCLUDE (event);
SELECT hogsend_migrate();
SELECT pg_temp.indexes();
-- These are not.
DROP INDEX mine;
CREATE INDEX many ON user_events (user_id, idempotency_key);
CREATE UNIQUE INDEX three ON user_events (user_id, idempotency_key, id);
CREATE UNIQUE INDEX part ON user_events (user_id, idempotency_key) WHERE source = 'shop';
SELECT hogsend_migrate();
SELECT pg_temp.indexes();
-- Who has taken it away and has repetitions is told so, and nothing else stops.
DROP INDEX user_events_idempotency_key;
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key) VALUES ('u1', 'buy', '2026-01-01 12:00+00', 'k');
SELECT hogsend_migrate();
DELETE FROM user_events WHERE id = (SELECT max(id) FROM user_events);
SELECT hogsend_migrate();
SELECT pg_temp.indexes();
