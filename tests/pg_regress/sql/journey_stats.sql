-- Where everybody is: a row a journey and label.
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
INSERT INTO journey_runs (user_id, journey_id, entry_count, status, label, started_at, since, ended_at, labels) VALUES
    ('u1', 'winback', 1, 'active', NULL, '2026-01-01', '2026-01-01', NULL, '{"": {"reached": 1}}'),
    ('u2', 'winback', 1, 'waiting', 'first', '2026-01-01', '2026-01-01', NULL, '{"": {"reached": 1, "seconds": 0.5}, "first": {"reached": 1}}'),
    ('u3', 'winback', 1, 'active', 'first', '2026-01-01', '2026-01-01', NULL, '{"": {"reached": 1, "seconds": 1.5}, "first": {"reached": 2, "timedOut": 1, "seconds": 172800}}'),
    ('u4', 'winback', 1, 'exited', 'first', '2026-01-01', '2026-01-01', '2026-01-03', '{"": {"reached": 1, "seconds": 2.5}, "first": {"reached": 1, "exited": 1, "seconds": 3600}}'),
    ('u5', 'onboarding', 1, 'waiting', 'tip 101', '2026-01-01', '2026-01-01', NULL, '{"tip 1": {"reached": 1, "seconds": 259200.25}}');
SELECT * FROM journey_stats ORDER BY journey_id, label NULLS FIRST;
SELECT * FROM journey_stats WHERE journey_id = 'winback' AND label = 'first';
SELECT * FROM journey_stats WHERE journey_id = 'none';
-- What somebody has written there by hand spoils no row but its own.
INSERT INTO journey_runs (user_id, journey_id, entry_count, status, started_at, since, labels)
SELECT 'odd' || n, 'odd', 1, 'active', '2026-01-01', '2026-01-01', labels
FROM unnest('{
    "{\"a\": {\"reached\": 1e30, \"timedOut\": -1e400, \"exited\": 1.9, \"seconds\": 1e400}}",
    "{\"a\": {\"reached\": 2, \"seconds\": -1}, \"b\": 1, \"c\": {\"reached\": \"x\", \"timedOut\": null, \"exited\": {}, \"seconds\": \"y\"}}",
    "[1, {\"a\": 1}]", "1", "{}"}'::jsonb[]) WITH ORDINALITY AS l (labels, n);
SELECT * FROM journey_stats WHERE journey_id = 'odd' ORDER BY label;
SELECT label, reached FROM journey_stats WHERE journey_id = 'winback' ORDER BY label NULLS FIRST;
