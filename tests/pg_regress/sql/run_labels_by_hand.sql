-- What is kept of labels is read and made in place where hogsend wrote it, and as text where somebody else did: it comes
-- to the same either way.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
SELECT hogsend_define_journey('j', '{begin}');
CREATE TABLE kept (n integer PRIMARY KEY, labels jsonb NOT NULL);
INSERT INTO kept VALUES
    (1, '{"": {"reached": 1}}'),
    (2, '{"": {"reached": 1, "seconds": 0.5}, "w": {"reached": 2, "timedOut": 1, "exited": 3, "seconds": 172800.0}}'),
    (3, '{}'),
    (4, '[]'),
    (5, '"w"'),
    (6, '{"w": 1}'),
    (7, '{"w": {"reached": "1"}}'),
    (8, '{"w": {"reached": null}}'),
    (9, '{"w": {"seconds": null, "reached": 4}}'),
    (10, '{"w": {"reached": 1.5}}'),
    (11, '{"w": {"reached": -1}}'),
    (12, '{"w": {"reached": 9223372036854775807}}'),
    (13, '{"w": {"reached": 9223372036854775808}}'),
    (14, '{"w": {"reached": 1, "others": [1, {"a": 2}]}}'),
    (15, '{"ü": {"reached": 1, "seconds": 123456.789012}, "w": {"reached": 1, "seconds": 0.000001}}'),
    (16, '{"w": {"reached": 10000, "seconds": 10000}, "v": {"reached": 100000000, "seconds": 0.0001}}'),
    (17, '{"w": {"reached": 1, "seconds": 1e17}, "v": {"reached": 1, "seconds": 0.12345678901234567}}'),
    (18, '{"w": {"reached": 1, "seconds": 1e-30}, "v": {"seconds": 99999999999999999999999999}}'),
    (19, '{"w": {"reached": 12340000, "seconds": 900000000.999999}, "v": {"seconds": 0}}'),
    (20, '{"w": {}}');
SELECT count(*) FROM (SELECT hogsend_ingest(way || n, 'begin') FROM kept, unnest('{direct,sql}'::text[]) way) x;
SELECT count(*) FILTER (WHERE hogsend_wait_for(id, 'e', '1 day', 'w')) FROM journey_runs;
UPDATE journey_runs r SET labels = k.labels FROM kept k WHERE r.user_id IN ('direct' || k.n, 'sql' || k.n);
SET hogsend.now = '2026-01-01 12:00:01.25+00';
INSERT INTO user_events (user_id, event) SELECT 'direct' || n, 'e' FROM kept;
SET hogsend.test_no_direct = on;
INSERT INTO user_events (user_id, event) SELECT 'sql' || n, 'e' FROM kept;
RESET hogsend.test_no_direct;
CREATE VIEW both_ways AS
    SELECT k.n, d.labels, d.status, (d.labels::text, d.status) IS DISTINCT FROM (s.labels::text, s.status) AS differ
    FROM kept k JOIN journey_runs d ON d.user_id = 'direct' || k.n JOIN journey_runs s ON s.user_id = 'sql' || k.n;
SELECT * FROM both_ways ORDER BY n;
-- And once more, by what runners say.
SET hogsend.now = '2026-01-02 12:00+00';
SELECT count(*) FILTER (WHERE hogsend_checkpoint(id, 'ö ''"\')) FROM journey_runs WHERE user_id LIKE 'direct%';
SET hogsend.test_no_direct = on;
SELECT count(*) FILTER (WHERE hogsend_checkpoint(id, 'ö ''"\')) FROM journey_runs WHERE user_id LIKE 'sql%';
RESET hogsend.test_no_direct;
SELECT n, labels, differ FROM both_ways WHERE n IN (1, 2, 19) OR differ ORDER BY n;
