-- What all events of a user come to is kept once it takes long to add them up, and an INSERT adds to it.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('spender', hogsend_sum('buy', at_least => 500)),
    ('generous', hogsend_avg('buy', more_than => 3)),
    ('books', hogsend_event('buy', filter => hogsend_property('category', 'eq', 'books'), at_least => 3)),
    ('recent', hogsend_sum('buy', at_least => 5, within => '7 days'));
INSERT INTO contacts (user_id) VALUES ('light'), ('heavy'), ('none');
CREATE VIEW kept AS SELECT user_id, n, total, least, most, first_at, last_at FROM bucket_totals;
-- 99 events are read each time, a hundred are not.
INSERT INTO user_events (user_id, event, value, properties, occurred_at)
SELECT 'light', 'buy', 1, '{"category": "toys"}', timestamptz '2025-12-01 00:00+00' + n * interval '1 minute' FROM generate_series(1, 99) n;
SELECT count(*) FROM kept;
INSERT INTO user_events (user_id, event, value, properties, occurred_at)
SELECT 'heavy', 'buy', 1, '{"category": "toys"}', timestamptz '2025-12-01 00:00+00' + n * interval '1 minute' FROM generate_series(1, 100) n;
TABLE kept ORDER BY n;
-- One row, with a number that is the greatest and one of another category.
INSERT INTO user_events (user_id, event, value, properties, occurred_at) VALUES ('heavy', 'buy', 399.99, '{"category": "books"}', '2026-01-01 11:00+00');
TABLE kept ORDER BY n;
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) AS members FROM bucket_members GROUP BY 1 ORDER BY 1;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('heavy', 'buy', 0.01, '2026-01-01 11:30+00');
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) AS members FROM bucket_members GROUP BY 1 ORDER BY 1;
-- Several, of several users, some yet to come, some from long ago, some without a number.
INSERT INTO user_events (user_id, event, value, properties, occurred_at) VALUES
    ('heavy', 'buy', -7, '{"category": "books"}', '2027-01-01 00:00+00'),
    ('none', 'buy', 3, '{}', '2026-01-01 00:00+00'),
    ('heavy', 'buy', NULL, '{"category": "books"}', '2001-01-01 00:00+00'),
    ('heavy', 'look', 12, '{"category": "books"}', '2001-01-01 00:00+00'),
    ('light', 'buy', 2, '{}', '2026-01-01 00:00+00');
TABLE kept ORDER BY user_id, n;
COPY user_events (user_id, event, value, occurred_at) FROM stdin;
heavy	buy	7	2026-01-01 11:00+00
light	buy	7	2026-01-01 11:00+00
\.
TABLE kept ORDER BY user_id, n;
-- Somebody who bought a hundred times but never a book is counted, too; and an event of another name is nobody's.
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) AS members FROM bucket_members GROUP BY 1 ORDER BY 1;
SELECT b.id, v.* FROM buckets b CROSS JOIN hogsend_verify(b.id) v;
-- What is kept is what everybody is told by.
SELECT bucket_id, hogsend_matches(bucket_id, 'heavy') AS heavy, hogsend_matches(bucket_id, 'light') AS light
FROM (VALUES ('spender'), ('generous'), ('books'), ('recent')) b (bucket_id);
