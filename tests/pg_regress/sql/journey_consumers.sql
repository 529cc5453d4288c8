-- Steps of journeys are read like transitions, by those who subscribe to them, in one order.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-10 12:00+00';
SELECT hogsend_define_bucket('beta', kind => 'manual'), hogsend_define_bucket('vip', kind => 'manual');
SELECT hogsend_define_journey('winback', '{lapsed}'), hogsend_define_journey('onboarding', '{signup}');
INSERT INTO contacts (user_id) SELECT 'u' || n FROM generate_series(1, 6) n;
SET client_min_messages = notice;
SELECT hogsend_subscribe('all'),
       hogsend_subscribe('steps', journeys => '{winback,winback,onbording}'),
       hogsend_subscribe('both', buckets => '{vip}', journeys => '{onboarding}'),
       hogsend_subscribe('filtered', transitions => '{left}', reasons => '{manual}', first_entry_only => true, not_older_than => '1 day', journeys => '{winback,onboarding}'),
       hogsend_subscribe('recent', not_older_than => '1 day', journeys => '{winback}'),
       hogsend_subscribe('nothing', journeys => '{}'),
       hogsend_subscribe('spread', journeys => '{winback}', shards => 2);
SET client_min_messages = warning;
SELECT name, buckets, transitions, journeys FROM bucket_consumers ORDER BY name;
-- As it is written by the pipeline (run_*.sql): of one user a transition, the step that it causes, and so on.
CREATE FUNCTION step(of_user text, journey text, what text, ordinal bigint, of_run bigint, at timestamptz, is_at text DEFAULT NULL,
                     too_late boolean DEFAULT NULL, why text DEFAULT NULL, event bigint DEFAULT NULL, said jsonb DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO bucket_transitions (event, user_id, transition, entry_count, reason, source, effective_at, recorded_at, idempotency_key,
                                    journey_id, run_id, label, timed_out, event_id, event_properties)
    VALUES (concat_ws(':', 'journey', what, journey), of_user, what, 1, why, 'event', at, hogsend_now(),
            concat_ws(':', 'journey', journey, of_user, what, 1, ordinal), journey, of_run, is_at, too_late, event, said)
$$;
SELECT hogsend_add_member('beta', 'u1'), step('u1', 'winback', 'started', 1, 1, '2026-01-10 12:00+00', why => 'lapsed', event => 7, said => '{"after": 3}'),
       hogsend_add_member('vip', 'u1'), step('u1', 'onboarding', 'started', 1, 2, '2026-01-10 12:00+00', why => 'bucket:entered:vip'),
       hogsend_remove_member('vip', 'u1'), step('u1', 'winback', 'resumed', 2, 1, '2026-01-01 12:00+00', 'first mail', true),
       step('u2', 'winback', 'exited', 1, 3, '2026-01-10 12:00+00', 'first mail', why => 'journeyDeleted'), hogsend_add_member('vip', 'u2');
INSERT INTO journey_runs (id, user_id, journey_id, entry_count, status, started_at, since, state)
VALUES (1, 'u1', 'winback', 1, 'active', '2026-01-10 12:00+00', '2026-01-10 12:00+00', '{"mails": 1}'),
       (2, 'u1', 'onboarding', 1, 'active', '2026-01-10 12:00+00', '2026-01-10 12:00+00', NULL),
       -- The step was said under an id that is somebody's other id by now.
       (3, 'u5', 'winback', 1, 'exited', '2026-01-10 12:00+00', '2026-01-10 12:00+00', '{"mails": 3}');
-- Without journeys: transitions alone.
SELECT id, event, user_id, journey_id, run_id FROM hogsend_poll('all');
-- With them alone: steps alone, with all there is to say of them.
SELECT id, event, bucket_id, user_id, transition, entry_count, reason, effective_at, idempotency_key FROM hogsend_poll('steps');
SELECT id, journey_id, run_id, label, timed_out, event_id, event_properties, state FROM hogsend_poll('steps');
-- With both: both, in order.
SELECT id, event, user_id, state FROM hogsend_poll('both');
-- Filters are about buckets. A step is never passed over.
SELECT id, event, user_id FROM hogsend_poll('filtered');
SELECT id, event, user_id, effective_at FROM hogsend_poll('recent');
SELECT count(*) FROM hogsend_poll('nothing');
SELECT shard, count(*) FROM generate_series(0, 1) shard, hogsend_poll('spread', shard => shard) GROUP BY shard ORDER BY shard;
SELECT consumer, shard, rows_behind FROM bucket_lag ORDER BY consumer, shard;
-- The state is what it is when it is read.
UPDATE journey_runs SET state = '{"mails": 2}' WHERE id = 1 AND user_id = 'u1';
SELECT id, state FROM hogsend_poll('steps') WHERE run_id = 1;
SELECT hogsend_ack('steps', max(batch)) FROM hogsend_poll('steps');
SELECT count(*) FROM hogsend_poll('steps');
SELECT consumer, rows_behind FROM bucket_lag WHERE consumer = 'steps';
-- Another filter holds at once; left out, there are no steps.
SELECT hogsend_subscribe('both');
SELECT id, event FROM hogsend_poll('both');
SELECT hogsend_subscribe('both', transitions => '{entered,left,dwell}', journeys => '{winback}');
SELECT id, event FROM hogsend_poll('both');
-- What is pruned by force was theirs, too, and they are told.
SET hogsend.now = '2026-01-20 12:00+00';
SELECT * FROM hogsend_prune('1 day', force => true);
SELECT consumer, shard, lapsed FROM bucket_lag ORDER BY consumer, shard;
SELECT * FROM hogsend_poll('recent');
