-- Filters are applied in the database: buckets, transitions, reasons, first entries.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, kind, max_dwell, dwell_after, dwell_every) VALUES
    ('beta', 'manual', NULL, '{}', '{}'), ('vip', 'manual', '5 days', '{1 day}', '{2 days}');
INSERT INTO buckets (id, criteria) VALUES ('pro', hogsend_property('plan', 'eq', 'pro'));
INSERT INTO contacts (user_id) VALUES ('u1'), ('u2');
SELECT hogsend_subscribe('all');
SELECT hogsend_subscribe('vip_only', buckets => '{vip}');
SELECT hogsend_subscribe('two', buckets => '{vip,beta}', transitions => '{entered}');
SELECT hogsend_subscribe('nothing', buckets => '{}');
SELECT hogsend_subscribe('unheard_of', buckets => '{nope}');
-- The reactions of a journey: the first entry, a leave for a reason, a dwell by its schedule.
SELECT hogsend_subscribe('welcome', transitions => '{entered}', first_entry_only => true);
SELECT hogsend_subscribe('timed_out', transitions => '{left}', reasons => '{maxDwell,bucketDeleted}');
SELECT hogsend_subscribe('dwells', transitions => '{dwell}');
-- Reasons and first entries restrict leaves and entries only; the others are told all the same.
SELECT hogsend_subscribe('reasons_alone', reasons => '{manual}');
SELECT hogsend_subscribe('first_alone', first_entry_only => true);

SELECT hogsend_add_member('beta', 'u1'), hogsend_add_member('vip', 'u1');
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'u2';
UPDATE contacts SET properties = '{"plan": "free"}' WHERE user_id = 'u2';
UPDATE contacts SET properties = '{"plan": "pro"}' WHERE user_id = 'u2';
SELECT hogsend_remove_member('beta', 'u1'), hogsend_add_member('beta', 'u1');
SET hogsend.now = '2026-01-03 12:00+00';
SELECT dwelled FROM hogsend_reconcile();
SET hogsend.now = '2026-01-06 12:00+00';
SELECT "left" FROM hogsend_reconcile();
DELETE FROM buckets WHERE id = 'beta';

CREATE FUNCTION told(consumer text) RETURNS TABLE (told text) LANGUAGE sql AS $$
    SELECT concat_ws(' ', p.id, p.user_id, p.transition, p.bucket_id, p.entry_count, p.reason, p.dwell_label, p.dwell_count)
    FROM hogsend_poll($1) p
$$;
SELECT * FROM told('all');
SELECT * FROM told('vip_only');
SELECT * FROM told('two');
SELECT * FROM told('nothing');
SELECT * FROM told('unheard_of');
SELECT * FROM told('welcome');
SELECT * FROM told('timed_out');
SELECT * FROM told('dwells');
SELECT * FROM told('reasons_alone');
SELECT * FROM told('first_alone');
-- "max" counts what the consumer is told, not what lies between.
SELECT user_id, transition, bucket_id FROM hogsend_poll('timed_out', 1);
SELECT hogsend_ack('timed_out', max(batch)) FROM hogsend_poll('timed_out');
SELECT user_id, transition, bucket_id FROM hogsend_poll('timed_out', 1);
