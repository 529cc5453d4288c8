-- Where a run is, since when, what it waits for, and what would end it.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
INSERT INTO journeys (id, starts_on, exits_on, entry_limit, entry_period) VALUES
    ('winback', '{bucket:entered:lapsed}', '{order.placed,unsubscribed}', 'once_per_period', '30 days'), ('often', '{signup}', '{}', 'unlimited', NULL),
    ('once', '{signup}', '{}', 'once', NULL), ('off', '{signup}', '{}', 'unlimited', NULL);
UPDATE journeys SET enabled = false WHERE id = 'off';
SELECT hogsend_subscribe('mailer', journeys => '{winback}');
INSERT INTO bucket_transitions (id, event, user_id, transition, entry_count, reason, source, effective_at, recorded_at, idempotency_key, journey_id, run_id, label, timed_out) VALUES
    (1, 'journey:started:winback', 'u1', 'started', 1, 'bucket:entered:lapsed', 'reconcile', '2026-01-08', '2026-01-08', 'k1', 'winback', 1, NULL, NULL),
    (2, 'journey:resumed:winback', 'u2', 'resumed', 1, NULL, 'reconcile', '2026-01-09', '2026-01-09', 'k2', 'winback', 2, 'first mail', true),
    (3, 'journey:resumed:winback', 'u3', 'resumed', 1, NULL, 'reconcile', '2026-01-09', '2026-01-09', 'k3', 'winback', 3, 'first mail', NULL);
INSERT INTO journey_runs (id, user_id, journey_id, entry_count, status, step, step_id, label, started_at, since, ended_at, reason, error, wait_event, wait_filter, wait_until, state) VALUES
    (1, 'u1', 'winback', 1, 'active', 1, 1, NULL, '2026-01-08', '2026-01-08', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (2, 'u2', 'winback', 1, 'waiting', 2, 2, 'second mail', '2026-01-08', '2026-01-09', NULL, NULL, NULL, 'order.placed', '{"type": "property", "property": "paid", "operator": "eq", "value": true}', '2026-01-11', '{"mails": 2}'),
    (3, 'u3', 'winback', 1, 'waiting', 2, 3, 'second mail', '2026-01-08', '2026-01-09', NULL, NULL, NULL, NULL, NULL, '2026-01-10', NULL),
    (4, 'u4', 'winback', 1, 'exited', 2, 0, 'second mail', '2026-01-08', '2026-01-09', '2026-01-09', 'order.placed', NULL, NULL, NULL, NULL, NULL),
    (5, 'u5', 'winback', 1, 'exited', 2, NULL, 'second mail', '2026-01-08', '2026-01-09', '2026-01-09', 'deleted', NULL, NULL, NULL, NULL, NULL),
    (6, 'u5', 'winback', 2, 'failed', 2, NULL, 'second mail', '2025-01-08', '2025-01-09', '2025-01-09', NULL, 'no address', NULL, NULL, NULL, NULL),
    (7, 'u5', 'often', 1, 'completed', 2, NULL, 'second mail', '2025-01-08', '2025-01-09', '2025-01-09', NULL, NULL, NULL, NULL, NULL, NULL),
    (8, 'u5', 'once', 1, 'exited', 2, NULL, 'second mail', '2025-01-08', '2025-01-09', '2025-01-09', 'merged', NULL, NULL, NULL, NULL, NULL),
    (9, 'u5', 'off', 1, 'active', 2, NULL, 'second mail', '2025-01-08', '2025-01-09', NULL, NULL, NULL, NULL, NULL, NULL, NULL),
    (10, 'u6', 'off', 1, 'completed', 2, NULL, 'second mail', '2025-01-08', '2025-01-09', '2025-01-09', NULL, NULL, NULL, NULL, NULL, NULL),
    (11, 'u6', 'gone', 1, 'exited', 2, NULL, 'second mail', '2025-01-08', '2025-01-09', '2025-01-09', 'journeyDeleted', NULL, NULL, NULL, NULL, to_jsonb(repeat('x', 2000)));
INSERT INTO bucket_timers (user_id, bucket_id, due_at) VALUES ('u2', 'journey:winback', '2026-01-11');
\x on
\pset format unaligned
\pset recordsep '\n'
\x off
\pset tuples_only
SELECT * FROM hogsend_explain_run(1);
SELECT hogsend_ack('mailer', max(batch)) FROM hogsend_poll('mailer', 2);
SELECT * FROM hogsend_explain_run(1) WHERE aspect = 'step';
SELECT * FROM hogsend_explain_run(2);
SELECT * FROM hogsend_explain_run(3);
SELECT * FROM hogsend_explain_run(4);
SELECT * FROM hogsend_explain_run(5);
SELECT * FROM hogsend_explain_run(6) WHERE aspect IN ('ended', 'entry limit');
SELECT * FROM hogsend_explain_run(7) WHERE aspect IN ('ended', 'entry limit');
SELECT * FROM hogsend_explain_run(8) WHERE aspect IN ('ended', 'entry limit');
SELECT * FROM hogsend_explain_run(9);
SELECT * FROM hogsend_explain_run(10) WHERE aspect IN ('journey', 'entry limit');
SELECT aspect, left(detail, 60), length(detail), at FROM hogsend_explain_run(11);
-- The clock: failing, overdue, gone.
UPDATE bucket_timers SET failures = 3, error = 'out of order' WHERE user_id = 'u2';
SELECT * FROM hogsend_explain_run(2) WHERE aspect = 'clock';
SET hogsend.now = '2026-01-12 12:00+00';
UPDATE bucket_timers SET failures = 0 WHERE user_id = 'u2';
SELECT * FROM hogsend_explain_run(2) WHERE aspect = 'clock';
SELECT * FROM hogsend_explain_run(12);
SELECT * FROM hogsend_explain_run(NULL);
