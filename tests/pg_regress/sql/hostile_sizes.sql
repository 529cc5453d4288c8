-- Texts of every size: what fits works, what does not is refused with an error of its own, and no event
-- that can be stored has a user for whom a membership could not be.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    (repeat('b', 200), hogsend_event('opened', within => '7 days')), ('property', hogsend_property('p', 'contains', 'needle'));
-- Texts that do not compress.
CREATE FUNCTION noise(length integer) RETURNS text LANGUAGE sql
AS $$ SELECT substr(string_agg(md5(n::text), ''), 1, length) FROM generate_series(1, length / 32 + 1) n $$;
-- The longest user, in the bucket of the longest name; with the longest name of an event that criteria can have.
INSERT INTO user_events (user_id, event, occurred_at) SELECT noise(2000), e, '2026-01-01 12:00+00' FROM unnest(ARRAY['opened', noise(500)]) e;
SELECT left(event, 20) AS event, length(user_id), length(idempotency_key) FROM bucket_transitions;
SELECT hogsend_has(repeat('b', 200), noise(2000));
UPDATE buckets SET dwell_after = '{1 day}' WHERE id LIKE 'bb%';
INSERT INTO buckets (id, kind) VALUES ('manual', 'manual');
SELECT hogsend_add_member('manual', noise(2000));
\set VERBOSITY terse
INSERT INTO user_events (user_id, event) SELECT noise(2001), 'opened';
INSERT INTO user_events (user_id, event) SELECT repeat('u', 10000), 'opened';
INSERT INTO contacts (user_id) SELECT noise(2001);
INSERT INTO contacts (user_id) SELECT noise(10000);
SELECT hogsend_ingest(noise(2001), 'opened');
SELECT hogsend_add_member('manual', noise(10000));
INSERT INTO user_events (user_id, event) SELECT 'u', noise(10000);
INSERT INTO buckets (id, criteria) VALUES ('long', hogsend_event(repeat('x', 501)));
INSERT INTO buckets (id, criteria) VALUES (repeat('b', 201), hogsend_event('x'));
SELECT hogsend_subscribe(noise(10000));
SELECT hogsend_has('nothing', noise(10000));
\set VERBOSITY default
-- A long value is searched whole, and shown in part.
INSERT INTO user_events (user_id, event, contact_properties) SELECT 'u', 'x', jsonb_build_object('p', noise(1000000) || 'needle');
SELECT hogsend_has('property', 'u');
SELECT path, observed FROM hogsend_explain('property', 'u');
-- A gigabyte as an event, and a tenth of one as criteria.
\set VERBOSITY terse
INSERT INTO user_events (user_id, event) SELECT 'u', repeat('e', 1000000000);
SELECT * FROM hogsend_problems(repeat('[', 100000000));
\set VERBOSITY default
-- The server is well.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('v', 'opened', '2026-01-01 12:00+00');
SELECT hogsend_has(repeat('b', 200), 'v');
SELECT v.* FROM buckets b, hogsend_verify(b.id) v;
