-- A CALL is one statement: hogsend_run() and hogsend_backfill() end before statement_timeout cancels them.
\set SHOW_CONTEXT never
\set VERBOSITY terse
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('lapsed', hogsend_event('app.opened', never => true, within => '1 hour'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 11:30+00');
SET hogsend.now = '2026-01-01 13:00+00';
-- Enough for one look at the clock, whatever else this machine does.
SET statement_timeout = '3s';
CALL hogsend_run('1 minute');
SELECT user_id, transition FROM bucket_transitions;
-- Health has what to do about it, until a run got all the time that it asked for.
SELECT ok, regexp_replace(regexp_replace(replace(detail, quote_ident(current_database()), '(here)'), 'role \S+', 'role (me)', 'gi'),
                          'after \d seconds?', 'after (some) seconds') AS detail
FROM hogsend_health() WHERE "check" = 'scheduled clock';
CALL hogsend_run('1 minute');
SELECT ok FROM hogsend_health() WHERE "check" = 'scheduled clock';
SET hogsend.now = '2026-01-01 13:10:01+00';
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'scheduled clock';
SET hogsend.now = '2026-01-01 13:10:00+00';
SELECT ok FROM hogsend_health() WHERE "check" = 'scheduled clock';
RESET statement_timeout;
CALL hogsend_run('0');
SELECT ok, detail FROM hogsend_health() WHERE "check" = 'scheduled clock';
-- One that is long enough is none of its business.
SET statement_timeout = '1h';
CALL hogsend_run('100 ms');
RESET statement_timeout;
-- Filling takes a millisecond a member here.
CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(0.001); RETURN NEW; END $$;
CREATE TRIGGER slow BEFORE INSERT ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION slow();
INSERT INTO user_events (user_id, event, occurred_at) SELECT 'u' || n, 'signed.up', '2026-01-01 11:30+00' FROM generate_series(1, 4000) n;
SET hogsend.inline_backfill = 0;
INSERT INTO buckets (id, criteria) VALUES ('known', hogsend_event('signed.up'));
SET statement_timeout = '3s';
CALL hogsend_backfill('known');
SELECT status, processed BETWEEN 50 AND 3500 AS part, processed = joined AS kept FROM bucket_jobs WHERE bucket_id = 'known';
-- Again goes on from there.
CREATE TEMP TABLE came_to AS SELECT processed FROM bucket_jobs WHERE bucket_id = 'known';
CALL hogsend_backfill('known');
SELECT j.processed > c.processed AS further FROM bucket_jobs j, came_to c WHERE j.bucket_id = 'known';
RESET statement_timeout;
CALL hogsend_backfill('known');
SELECT status, hogsend_count('known') FROM bucket_jobs WHERE bucket_id = 'known';
-- Nothing of it goes where nothing can be written; the error says why.
SET default_transaction_read_only = on;
\set VERBOSITY default
CALL hogsend_run('1 minute');
SELECT remaining FROM hogsend_reconcile();
CALL hogsend_backfill('known');
