-- Events of an alias in a table that is partitioned, by time and by user: a row may go to another partition.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE SCHEMA a;
SET search_path = a, public;
CREATE EXTENSION hogsend SCHEMA a;
DROP EXTENSION hogsend CASCADE;
ALTER TABLE user_events RENAME TO flat;
CREATE TABLE user_events (LIKE flat INCLUDING DEFAULTS INCLUDING IDENTITY, PRIMARY KEY (id, user_id, occurred_at)) PARTITION BY RANGE (occurred_at);
CREATE TABLE events_2025 PARTITION OF user_events FOR VALUES FROM ('2025-01-01+00') TO ('2026-01-01+00');
CREATE TABLE events_2026 PARTITION OF user_events FOR VALUES FROM ('2026-01-01+00') TO ('2027-01-01+00') PARTITION BY HASH (user_id);
CREATE TABLE events_2026_0 PARTITION OF events_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE events_2026_1 PARTITION OF events_2026 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
DROP TABLE flat;
CREATE EXTENSION hogsend SCHEMA a;
SET hogsend.now = '2026-01-02 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('thrice', hogsend_event('bought', at_least => 3));
INSERT INTO contacts (user_id) VALUES ('ada');
INSERT INTO user_aliases (alias, user_id) SELECT 'v' || n, 'ada' FROM generate_series(1, 4) n;
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key) VALUES
    ('v1', 'bought', '2025-12-01 12:00+00', 'a'), ('v2', 'bought', '2026-01-01 12:00+00', 'b'), ('v3', 'bought', '2026-01-01 13:00+00', 'c'),
    ('v4', 'bought', '2026-01-01 14:00+00', 'c');
SELECT user_id, event, occurred_at, idempotency_key FROM user_events ORDER BY id;
SELECT event, user_id FROM bucket_transitions ORDER BY id;
SELECT user_id FROM contacts;
BEGIN ISOLATION LEVEL REPEATABLE READ;
SELECT count(*) FROM user_events;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('v1', 'bought', '2026-01-01 15:00+00');
SELECT count(*) FROM user_events WHERE user_id = 'ada';
COMMIT;
BEGIN ISOLATION LEVEL SERIALIZABLE;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('v1', 'bought', '2026-01-01 16:00+00');
SELECT count(*) FROM user_events WHERE user_id = 'ada';
COMMIT;
SELECT user_id, count(*) FROM user_events GROUP BY 1;
SELECT * FROM hogsend_verify('thrice');
DROP EXTENSION hogsend CASCADE;
DROP SCHEMA a CASCADE;
