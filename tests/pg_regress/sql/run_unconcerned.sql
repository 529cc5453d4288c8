-- What no journey names costs nothing: no lock on the contact, and nothing is written.
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
SELECT hogsend_define_journey('j' || n, ARRAY['start-' || n], ARRAY['stop-' || n]) FROM generate_series(1, 20) n;
SELECT did('u1', 'start-1');
CREATE VIEW lock AS SELECT c.xmax::text::bigint = pg_current_xact_id()::text::bigint AS is_ours FROM contacts c;
BEGIN;
SELECT did('u1', 'other');
SELECT * FROM lock;
COMMIT;
BEGIN;
SELECT did('u1', 'stop-1');
SELECT * FROM lock;
COMMIT;
SELECT status FROM runs;
-- For what some run has waited it is looked; and where nobody waits nothing is written.
SELECT did('u2', 'start-2');
SELECT hogsend_wait_for(2, 'called', '1 day', 'w') FROM runs WHERE id = 2;
BEGIN;
SELECT did('u1', 'called');
SELECT is_ours, c.user_id FROM (SELECT c.user_id, c.xmax::text::bigint = pg_current_xact_id()::text::bigint AS is_ours FROM contacts c) c ORDER BY 2;
COMMIT;
SELECT id, status FROM runs;
-- Nor does a change of what runs wait for have buckets compiled anew, or anybody wait for a definition who has one.
SELECT hogsend_wait_for(2, 'called', '1 day', 'w');
BEGIN;
SELECT hogsend_wait_for(2, 'called', '2 days', 'w');
SELECT mode FROM pg_locks WHERE relation = 'hogsend_instance'::regclass AND pid = pg_backend_pid() ORDER BY 1;
SELECT hogsend_wait_for(2, 'texted', '2 days', 'w');
SELECT mode FROM pg_locks WHERE relation = 'hogsend_instance'::regclass AND pid = pg_backend_pid() ORDER BY 1;
ROLLBACK;
-- Events of hogsend's own begin nothing.
SELECT hogsend_define_journey('odd', '{bucket:entered:pro}');
SELECT did('u1', 'bucket:entered:pro');
SELECT count(*) FROM runs WHERE journey_id = 'odd';
