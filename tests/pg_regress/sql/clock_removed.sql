-- Timers that were due are removed from where they were found; also if they have moved since, and with all that the user
-- has made of the table.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
SELECT hogsend_define_bucket('fresh', hogsend_event('e', within => '1 day'));
SELECT hogsend_define_journey('j', '{begin}');
-- So many are due before what the first of them is looked at for changes the last.
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'user-' || n, e, '2026-01-01 12:00+00' FROM generate_series(1, 1500) n, unnest('{e,begin}'::text[]) e;
SELECT count(*) FILTER (WHERE hogsend_sleep(id, '1 day', 's')) FROM journey_runs;
UPDATE bucket_timers SET due_at = due_at + interval '1 hour' WHERE user_id = 'user-1';
SET hogsend.evaluate = off;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('user-1', 'e', '2026-01-01 12:00+00');
RESET hogsend.evaluate;
SET hogsend.now = '2026-01-02 14:00+00';
SELECT "left", rearmed, remaining FROM hogsend_reconcile(10000);
SELECT count(*) FROM bucket_timers;
SELECT transition, journey_id, count(*) FROM bucket_transitions WHERE id > 3000 GROUP BY 1, 2 ORDER BY 1;
SELECT * FROM hogsend_verify('fresh');
-- Whoever wants to hear of it does.
CREATE TABLE log (what text);
CREATE FUNCTION log() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.log VALUES (format('%s %s', TG_OP, OLD.user_id));
    RETURN OLD;
END $$;
CREATE TRIGGER log AFTER DELETE ON bucket_timers FOR EACH ROW EXECUTE FUNCTION log();
SELECT hogsend_sleep(id, '1 day', 's') FROM journey_runs WHERE user_id = 'user-7';
SET hogsend.now = '2026-01-03 15:00+00';
SELECT rearmed FROM hogsend_reconcile();
SELECT * FROM log;
DROP TRIGGER log ON bucket_timers;
-- What a table that is published tells of a row.
SELECT hogsend_sleep(id, '1 day', 's') FROM journey_runs WHERE user_id = 'user-8';
ALTER TABLE bucket_timers REPLICA IDENTITY NOTHING;
SET client_min_messages = error;
CREATE PUBLICATION all_of_it FOR TABLE bucket_timers;
SET hogsend.now = '2026-01-04 16:00+00';
SELECT rearmed FROM hogsend_reconcile();
SELECT user_id, bucket_id, failures, error FROM bucket_timers;
DROP PUBLICATION all_of_it;
SET hogsend.now = '2026-01-04 17:00+00';
SELECT rearmed FROM hogsend_reconcile();
SELECT count(*) FROM bucket_timers;
