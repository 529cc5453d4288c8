-- An erased user leaves no run, no step and no timer of a journey behind; who comes back begins anew, under other keys.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO journey_runs (id, user_id, journey_id, entry_count, status, started_at, since, wait_until)
SELECT n, 'u' || (n % 3), 'j' || n, 1, 'waiting', '2026-01-10', '2026-01-10', '2026-01-11' FROM generate_series(1, 6) n;
INSERT INTO bucket_timers (user_id, bucket_id, due_at) SELECT r.user_id, 'journey:' || r.journey_id, r.wait_until FROM journey_runs r;
INSERT INTO bucket_transitions (event, user_id, transition, entry_count, source, effective_at, recorded_at, idempotency_key, journey_id, run_id)
SELECT 'journey:started:' || r.journey_id, r.user_id, 'started', 1, 'event', r.started_at, r.started_at, 'k' || r.id, r.journey_id, r.id FROM journey_runs r WHERE r.user_id <> 'u2';
CREATE VIEW left_over AS
SELECT u.user_id, (SELECT count(*) FROM journey_runs t WHERE t.user_id = u.user_id) AS runs, (SELECT count(*) FROM bucket_transitions t WHERE t.user_id = u.user_id) AS steps,
       (SELECT count(*) FROM bucket_timers t WHERE t.user_id = u.user_id) AS timers,
       (SELECT times FROM bucket_erasures e WHERE e.user_hash = sha256(convert_to(u.user_id, 'UTF8'))) AS erased
FROM unnest('{u0,u1,u2}'::text[]) AS u (user_id);
SELECT * FROM left_over;
SELECT hogsend_forget_user('u0');
SELECT * FROM left_over;
-- Of a run alone, whose steps were pruned, something was told as well.
SELECT hogsend_forget_users('{u2,nobody}');
SELECT * FROM left_over;
-- What keeps a run from being erased keeps the user.
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER keep BEFORE DELETE ON journey_runs FOR EACH ROW EXECUTE FUNCTION keep();
SELECT hogsend_forget_user('u1');
SELECT * FROM left_over;
