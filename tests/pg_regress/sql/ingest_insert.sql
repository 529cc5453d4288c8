-- Every way in which rows get into user_events, and one verdict a statement.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES
    ('active', hogsend_event('app.opened', within => '7 days')),
    ('power', hogsend_event('app.opened', within => '7 days', at_least => 3));
-- One row.
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u1', 'app.opened', '2026-01-01 11:00+00');
SELECT bucket_id, user_id, status, entry_count, source, entered_at FROM bucket_memberships ORDER BY 1, 2;
-- The first event of an unknown user makes the contact.
SELECT user_id, email, properties, deleted_at FROM contacts;
-- Many rows: judged once, on the state after all of them.
INSERT INTO user_events (user_id, event, occurred_at) VALUES
    ('u1', 'app.opened', '2026-01-01 11:10+00'),
    ('u2', 'app.opened', '2026-01-01 11:11+00'),
    ('u1', 'app.opened', '2026-01-01 11:12+00'),
    ('u2', 'app.opened', '2026-01-01 11:13+00'),
    ('u2', 'app.opened', '2026-01-01 11:14+00'),
    ('u2', 'something.else', '2026-01-01 11:15+00');
-- INSERT … SELECT.
INSERT INTO user_events (user_id, event, occurred_at)
SELECT 's' || n % 2, 'app.opened', timestamptz '2026-01-01 10:00+00' + n * interval '1 minute'
FROM generate_series(1, 5) n;
-- COPY.
COPY user_events (user_id, event, occurred_at) FROM stdin;
c1	app.opened	2026-01-01 09:00+00
c2	app.opened	2026-01-01 09:00+00
c2	app.opened	2026-01-01 09:01+00
c2	app.opened	2026-01-01 09:02+00
\.
-- ON CONFLICT DO NOTHING: a repeated key is no second event.
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key)
VALUES ('k1', 'app.opened', '2026-01-01 11:00+00', 'a'), ('k1', 'app.opened', '2026-01-01 11:00+00', 'b');
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key)
VALUES ('k1', 'app.opened', '2026-01-01 11:00+00', 'a') ON CONFLICT DO NOTHING;
-- Keys are the user's own.
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key)
VALUES ('k2', 'app.opened', '2026-01-01 11:00+00', 'a') ON CONFLICT DO NOTHING;
-- Without it, the error is Postgres's own, and nothing of the statement stays.
INSERT INTO user_events (user_id, event, occurred_at, idempotency_key)
VALUES ('k3', 'app.opened', '2026-01-01 11:00+00', 'x'), ('k1', 'app.opened', '2026-01-01 11:00+00', 'a');
-- From a function, and from a block.
CREATE FUNCTION open_app(who text) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO user_events (user_id, event, occurred_at) VALUES (who, 'app.opened', '2026-01-01 11:30+00') RETURNING (SELECT count(*) FROM bucket_memberships WHERE user_id = who)
$$;
SELECT open_app('f1') IS NOT NULL AS called;
DO $$
BEGIN
    FOR i IN 1..3 LOOP
        INSERT INTO user_events (user_id, event, occurred_at) VALUES ('d1', 'app.opened', '2026-01-01 11:30+00');
    END LOOP;
END $$;
-- From another table's trigger, and from a CTE.
CREATE TABLE orders (customer text);
CREATE FUNCTION on_order() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO user_events (user_id, event, occurred_at) VALUES (NEW.customer, 'app.opened', '2026-01-01 11:30+00');
    RETURN NULL;
END $$;
CREATE TRIGGER on_order AFTER INSERT ON orders FOR EACH ROW EXECUTE FUNCTION on_order();
INSERT INTO orders VALUES ('t1'), ('t1'), ('t1');
WITH e AS (
    INSERT INTO user_events (user_id, event, occurred_at) VALUES ('w1', 'app.opened', '2026-01-01 11:30+00') RETURNING user_id
)
SELECT user_id FROM e;
-- An empty statement.
INSERT INTO user_events (user_id, event) SELECT 'nobody', 'app.opened' WHERE false;
SELECT bucket_id, string_agg(user_id, ' ' ORDER BY user_id) AS members
FROM bucket_memberships WHERE status = 'active' GROUP BY 1 ORDER BY 1;
-- Each of them was announced once, whatever the number of rows.
SELECT user_id, bucket_id, count(*) FROM bucket_transitions GROUP BY 1, 2 HAVING count(*) <> 1;
SELECT count(*) FROM bucket_transitions;
SELECT string_agg(user_id, ' ' ORDER BY user_id) AS contacts FROM contacts;
