-- An index of the user's own in which instants stand in another order than that of time: what is read by it from the
-- end back is not what happened last.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-03-01 12:00+00';
CREATE FUNCTION compare_backwards(a timestamptz, b timestamptz) RETURNS integer LANGUAGE sql IMMUTABLE AS $$ SELECT timestamptz_cmp(b, a) $$;
CREATE OPERATOR CLASS backwards FOR TYPE timestamptz USING btree AS
    OPERATOR 1 >, OPERATOR 2 >=, OPERATOR 3 =, OPERATOR 4 <=, OPERATOR 5 <, FUNCTION 1 compare_backwards(timestamptz, timestamptz);
DROP INDEX user_events_user_event_time;
CREATE INDEX ON user_events (user_id, event, occurred_at backwards);
INSERT INTO buckets (id, criteria) VALUES
    ('active', hogsend_event('e', within => '7 days')), ('dear', hogsend_event('e', within => '7 days', filter => hogsend_property('$value', 'gt', 5))),
    ('last', hogsend_last('e', matching => hogsend_property('$value', 'gt', 5))), ('early', hogsend_event('e', until => timestamptz '2026-02-01 00:00+00'));
INSERT INTO user_events (user_id, event, occurred_at, value) VALUES ('u1', 'e', '2026-01-01 12:00+00', 1), ('u1', 'e', '2026-01-02 12:00+00', 1);
INSERT INTO user_events (user_id, event, occurred_at, value) VALUES ('u1', 'e', '2026-02-28 12:00+00', 10), ('u2', 'e', '2026-02-01 00:00+00', 10);
INSERT INTO user_events (user_id, event, occurred_at, value) VALUES ('u1', 'e', '2026-01-03 12:00+00', 1);
SELECT bucket_id, user_id FROM bucket_members ORDER BY 1, 2;
CREATE INDEX ON user_events (user_id, event, occurred_at);
SELECT b.id, v.* FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v;
