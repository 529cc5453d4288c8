-- Buckets in buckets: asked why, and for other times.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
SELECT hogsend_define_bucket('active', hogsend_event('opened', within => '7 days'), min_dwell => '8 days');
SELECT hogsend_define_bucket('list', kind => 'manual');
SELECT hogsend_define_bucket('both', hogsend_all(hogsend_in_bucket('active'), hogsend_in_bucket('list')));
SELECT hogsend_define_bucket('steady', hogsend_in_bucket('both', '3 days'));
SELECT hogsend_define_bucket('quiet', hogsend_all(hogsend_in_bucket('list'), hogsend_in_bucket('steady', member => false)));
SELECT hogsend_define_bucket('top', hogsend_in_bucket('quiet'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'opened', '2026-01-01 11:00+00');
SELECT hogsend_add_member('list', 'u1');
SELECT * FROM hogsend_explain('both', 'u1');
-- No deeper than three.
SELECT path, condition, result FROM hogsend_explain('top', 'u1');
-- Ahead: the stay lasts for eight days, whatever the criteria say, and what follows from it follows.
SELECT d::date AS day, hogsend_matches('active', 'u1', d) AS active, hogsend_matches('both', 'u1', d) AS both, hogsend_matches('steady', 'u1', d) AS steady,
       hogsend_matches('quiet', 'u1', d) AS quiet, hogsend_matches('top', 'u1', d) AS top
FROM generate_series('2025-12-31 12:00+00'::timestamptz, '2026-01-11 12:00+00', interval '1 day') d;
SELECT path, observed, result FROM hogsend_explain('steady', 'u1', '2026-01-05 12:00+00') WHERE path NOT LIKE '% > %';
SELECT path, observed, result FROM hogsend_explain('steady', 'u1', '2026-01-10 12:00+00') WHERE path NOT LIKE '% > %';
-- Late: what the clock has not done yet.
SET hogsend.now = '2026-01-05 12:00+00';
SELECT hogsend_has('steady', 'u1'), hogsend_matches('steady', 'u1'), hogsend_has('quiet', 'u1'), hogsend_matches('quiet', 'u1'), hogsend_matches('top', 'u1');
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
SELECT entered, "left", remaining FROM hogsend_reconcile();
SELECT event, effective_at FROM bucket_transitions ORDER BY id;
-- How it was.
SELECT hogsend_matches('quiet', 'u1', '2026-01-04 12:00+00'), hogsend_matches('quiet', 'u1', '2026-01-05 12:00+00');
-- What a stay that somebody wrote by hand is worth to those that name the bucket.
INSERT INTO bucket_memberships (user_id, bucket_id, entry_count, status, entered_at, source) VALUES ('u2', 'list', 1, 'active', '2026-01-05 11:00+00', 'manual');
INSERT INTO contacts (user_id) VALUES ('u2');
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v ORDER BY 1;
SELECT * FROM hogsend_dependencies();
SELECT bucket_id, depends_on, dependants FROM bucket_stats ORDER BY bucket_id;
