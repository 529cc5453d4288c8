-- Ended runs can go when they are old; the latest of each user and journey stays, and so does whatever is live.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
INSERT INTO journey_runs (user_id, journey_id, entry_count, status, started_at, since, ended_at) VALUES
    ('u1', 'winback', 1, 'completed', '2026-01-01', '2026-01-05', '2026-01-05'),
    ('u1', 'winback', 2, 'exited', '2026-01-10', '2026-02-20', '2026-02-20'),
    ('u1', 'winback', 3, 'waiting', '2026-02-21', '2026-02-21', NULL),
    ('u1', 'onboarding', 1, 'completed', '2026-01-01', '2026-01-05', '2026-01-05'),
    ('u2', 'winback', 1, 'failed', '2026-01-01', '2026-01-05', '2026-01-05'),
    ('u2', 'winback', 2, 'failed', '2026-01-06', '2026-01-07', '2026-01-07');
SELECT * FROM hogsend_prune(runs_older_than => '90 days');
SELECT * FROM hogsend_prune(runs_older_than => '30 days');
SELECT user_id, journey_id, entry_count, status FROM journey_runs ORDER BY 1, 2, 3;
SELECT * FROM hogsend_prune(runs_older_than => '0');
SELECT user_id, journey_id, entry_count, status FROM journey_runs ORDER BY 1, 2, 3;
SELECT * FROM hogsend_prune(runs_older_than => '-1 day');
SELECT * FROM hogsend_prune('-1 day', '-1 day', runs_older_than => '-1 day');
SELECT * FROM hogsend_prune();
