-- Buckets in buckets: whoever moves in one moves in those that name it, in the same statement, the inner one first.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
SELECT hogsend_in_bucket('vip'), hogsend_in_bucket('vip', '30 days'), hogsend_in_bucket('vip', member => false),
       hogsend_in_bucket('vip', interval '36 hours', false);
-- In the order of their names those that are named come last.
SELECT hogsend_define_bucket('z_buyer', hogsend_event('bought'));
SELECT hogsend_define_bucket('y_list', kind => 'manual', max_dwell => '10 days');
SELECT hogsend_define_bucket('x_both', hogsend_all(hogsend_in_bucket('z_buyer'), hogsend_in_bucket('y_list')), dwell_after => '{1 day}');
SELECT hogsend_define_bucket('b_only_list', hogsend_all(hogsend_in_bucket('y_list'), hogsend_in_bucket('x_both', member => false)));
SELECT hogsend_define_bucket('a_long', hogsend_in_bucket('x_both', '5 days'));
SELECT id, depends_on FROM buckets ORDER BY id;
CREATE VIEW told AS SELECT user_id, event, reason, source, effective_at, recorded_at FROM bucket_transitions ORDER BY id;
-- A late event: what follows is dated like what it follows from.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'bought', '2025-12-30 12:00+00');
SELECT hogsend_add_member('y_list', ARRAY['u1', 'u2']);
SELECT * FROM told;
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
-- One statement, three buckets: out of the one because into the other.
SET hogsend.now = '2026-01-02 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'bought', '2026-01-02 11:00+00');
SELECT * FROM told OFFSET 5;
-- What nobody moves by moves nobody.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u2', 'bought', '2026-01-02 11:30+00'), ('u3', 'seen', '2026-01-02 11:30+00');
SELECT count(*) FROM told;
-- The clock: a dwell, then a stay grown old enough, counted from when it was begun.
SET hogsend.now = '2026-01-06 12:00+00';
SELECT entered, "left", dwelled, remaining FROM hogsend_reconcile();
SELECT * FROM told OFFSET 8;
-- The time of the list is up: what the clock moves goes on in the same pass, and is dated like it.
SET hogsend.now = '2026-01-12 12:00+00';
SELECT entered, "left", dwelled, remaining FROM hogsend_reconcile();
SELECT * FROM told OFFSET 11;
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
-- By hand, silently and not.
SELECT hogsend_add_member('y_list', ARRAY['u3', 'u1'], silent => true), hogsend_add_member('y_list', 'u4');
SELECT * FROM told OFFSET 17;
SELECT bucket_id, user_id, announced FROM bucket_memberships WHERE status = 'active' ORDER BY 1, 2;
SELECT hogsend_remove_member('y_list', 'u1');
SELECT * FROM told OFFSET 19;
-- A disabled one counts as it stands.
UPDATE buckets SET enabled = false WHERE id = 'z_buyer';
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u4', 'bought', '2026-01-12 11:00+00');
SELECT hogsend_has('z_buyer', 'u4'), hogsend_has('x_both', 'u4'), hogsend_has('b_only_list', 'u4');
UPDATE buckets SET enabled = true WHERE id = 'z_buyer';
SELECT hogsend_has('z_buyer', 'u4'), hogsend_has('x_both', 'u4'), hogsend_has('b_only_list', 'u4');
-- Who is deleted is in none, and who is back is in silently.
UPDATE contacts SET deleted_at = '2026-01-12' WHERE user_id = 'u4';
SELECT count(*) FROM bucket_memberships WHERE user_id = 'u4' AND status = 'active';
SELECT hogsend_forget_user('u3');
SELECT b.id, v.* FROM buckets b, hogsend_verify(b.id) v;
