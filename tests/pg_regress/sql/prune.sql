-- What every consumer has passed can go; what some have not goes only by force, and they are told.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('active', hogsend_event('app.opened', within => '1 day')),
    ('signed', hogsend_event('signup'));
SELECT hogsend_subscribe('all'), hogsend_subscribe('signups', buckets => '{signed}'), hogsend_subscribe('spread', shards => 2);
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'u' || n, 'app.opened', '2026-01-01 12:00+00' FROM generate_series(1, 6) n;
SET hogsend.now = '2026-01-10 12:00+00';
SELECT "left" FROM hogsend_reconcile();
SET hogsend.now = '2026-01-20 12:00+00';
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'u' || n, 'signup', '2026-01-20 12:00+00' FROM generate_series(1, 3) n;
CREATE FUNCTION read_all(consumer text, shard integer DEFAULT 0) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    token bigint;
    rows bigint := 0;
    page bigint;
BEGIN
    LOOP
        SELECT max(p.batch), count(*) INTO token, page FROM hogsend_poll(consumer, 4, shard) p;
        EXIT WHEN page = 0;
        rows := rows + page;
        PERFORM hogsend_ack(consumer, token);
    END LOOP;
    RETURN rows;
END $$;
-- Nobody has read anything.
SELECT * FROM hogsend_prune('5 days');
SELECT read_all('all');
SELECT read_all('spread', 0) + read_all('spread', 1);
-- One consumer has not, though nothing of it is for them: it does not know yet.
SELECT * FROM hogsend_prune('5 days');
SELECT read_all('signups');
SELECT * FROM hogsend_prune('10 days 01:00');
SELECT * FROM hogsend_prune('5 days');
SELECT min(recorded_at), count(*) FROM bucket_transitions;
-- Nothing more to come for anybody, and nothing was lost.
SELECT read_all('all'), read_all('signups'), read_all('spread', 0), read_all('spread', 1);
-- By force: who has not read it is told, once, and everybody else goes on.
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'v' || n, 'signup', '2026-01-20 12:00+00' FROM generate_series(1, 6) n;
SELECT read_all('all'), read_all('spread', 0) > 0 AS some;
SELECT count(*) FROM hogsend_poll('signups', 2);
SET hogsend.now = '2026-02-20 12:00+00';
SELECT * FROM hogsend_prune('5 days');
SELECT * FROM hogsend_prune('5 days', force => true);
SELECT consumer, shard, lapsed FROM bucket_lag ORDER BY 1, 2;
SELECT read_all('all'), read_all('spread', 0);
SELECT read_all('signups');
SELECT read_all('spread', 1);
-- The late ack of a batch that was out moves nothing.
SELECT hogsend_ack('signups', (SELECT batch FROM bucket_positions WHERE consumer = 'signups'));
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'w' || n, 'signup', '2026-02-20 12:00+00' FROM generate_series(1, 6) n;
-- Subscribing again, as runners do when they start, does not hide it; starting over does.
SELECT hogsend_subscribe('signups', buckets => '{signed}');
SELECT read_all('signups');
SELECT hogsend_unsubscribe('signups'), hogsend_subscribe('signups', buckets => '{signed}', from_beginning => true);
SELECT read_all('signups');
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('x1', 'signup', '2026-02-20 12:00+00');
SELECT read_all('signups'), read_all('all');
SELECT consumer, shard, lapsed FROM bucket_lag ORDER BY 1, 2;
-- The history: all but the latest stay of a user.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-02-20 12:00+00');
SET hogsend.now = '2026-02-25 12:00+00';
SELECT "left" FROM hogsend_reconcile();
SET hogsend.now = '2026-03-25 12:00+00';
SELECT count(*) FROM bucket_memberships WHERE status = 'left';
SELECT * FROM hogsend_prune(memberships_older_than => '60 days');
SELECT * FROM hogsend_prune(memberships_older_than => '1 day');
SELECT user_id, entry_count FROM bucket_memberships WHERE status = 'left' ORDER BY 1, 2;
-- Wrong calls, and one that asks for nothing.
SELECT * FROM hogsend_prune('-1 day');
SELECT * FROM hogsend_prune(memberships_older_than => '-1 day');
SELECT * FROM hogsend_prune();
