-- Whoever has a contact is not looked for among the aliases; others are, and found.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
INSERT INTO buckets (id, criteria) VALUES ('buyer', hogsend_event('bought'));
INSERT INTO contacts (user_id) VALUES ('ada'), ('bob');
INSERT INTO user_aliases (alias, user_id) SELECT 'visitor-' || n, 'ada' FROM generate_series(1, 1000) n;
VACUUM ANALYZE user_aliases;
-- Whether a statement has looked.
CREATE FUNCTION looks(statement text) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    before bigint;
BEGIN
    SELECT seq_scan + idx_scan INTO before FROM pg_stat_xact_user_tables WHERE relname = 'user_aliases';
    EXECUTE statement;
    RETURN (SELECT seq_scan + idx_scan > before FROM pg_stat_xact_user_tables WHERE relname = 'user_aliases');
END $$;
CREATE FUNCTION event_looks(who text, what text) RETURNS boolean LANGUAGE sql AS $$
    SELECT looks(format('INSERT INTO user_events (user_id, event) VALUES (%L, %L)', who, what))
$$;
-- One row: what no bucket references, and what one does; of somebody whom this session has met, and has not.
SELECT event_looks('ada', 'seen'), event_looks('ada', 'seen'), event_looks('ada', 'bought'), event_looks('bob', 'bought');
-- A correction, a patch, a look.
SELECT looks($$UPDATE user_events SET event = 'bought' WHERE event = 'seen'$$),
       looks($$INSERT INTO user_events (user_id, event, contact_properties) VALUES ('bob', 'seen', '{"plan": "pro"}')$$),
       looks($$SELECT hogsend_has('buyer', 'ada')$$);
-- An alias, and somebody new.
SELECT event_looks('visitor-7', 'seen'), event_looks('visitor-8', 'bought'), event_looks('eve', 'seen'), event_looks('eve', 'seen');
SELECT user_id, event, count(*) FROM user_events GROUP BY 1, 2 ORDER BY 1, 2;
SELECT user_id FROM contacts ORDER BY 1;
DROP EXTENSION hogsend CASCADE;
DROP FUNCTION event_looks, looks;
