-- Runs that stand still, and journeys that nobody runs.
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
CREATE VIEW told AS SELECT ok, detail FROM hogsend_health() WHERE "check" = 'journeys';
SELECT * FROM told;
INSERT INTO journeys (id, starts_on) VALUES ('winback', '{lapsed}'), ('onboarding', '{signup}'), ('off', '{signup}');
UPDATE journeys SET enabled = false WHERE id = 'off';
SELECT * FROM told;
SELECT hogsend_subscribe('mailer', journeys => '{winback}', shards => 2);
SELECT * FROM told;
SELECT hogsend_subscribe('other', journeys => '{onboarding}');
SELECT * FROM told;
INSERT INTO bucket_transitions (id, event, user_id, transition, entry_count, source, effective_at, recorded_at, idempotency_key, journey_id, run_id)
SELECT n, 'journey:started:winback', 'u' || n, 'started', 1, 'event', '2026-01-09 11:00+00', '2026-01-09 11:00+00', 'k' || n, 'winback', n FROM generate_series(1, 4) n;
INSERT INTO journey_runs (id, user_id, journey_id, entry_count, status, step, step_id, started_at, since)
SELECT n, 'u' || n, 'winback', 1, 'active', 1, n, '2026-01-09 11:00+00', '2026-01-09 11:00+00' FROM generate_series(1, 4) n;
-- The runner has not read them; that is another check's, and comes after an hour.
SELECT * FROM told;
-- It has, and said nothing more for a day.
DO $$ BEGIN
    PERFORM hogsend_ack('mailer', max(p.batch)) FROM generate_series(0, 1) s, hogsend_poll('mailer', shard => s) p GROUP BY s;
END $$;
SELECT * FROM told;
UPDATE journey_runs SET since = '2026-01-09 13:00+00' WHERE id = 1;
UPDATE journey_runs SET status = 'waiting' WHERE id = 2;
UPDATE journey_runs SET ended_at = since WHERE id = 3;
SELECT * FROM told;
-- Whoever it was is gone, and so is the step.
TRUNCATE bucket_transitions;
SELECT * FROM told;
SELECT hogsend_unsubscribe('mailer');
SELECT * FROM told;
