-- on_delete => 'forget': who is deleted, whose condition turned false, or who has another id is erased, with everything there is.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (id integer PRIMARY KEY, email text, plan text, shown boolean DEFAULT true);
CREATE TABLE orders (id bigserial PRIMARY KEY, customer_id integer NOT NULL REFERENCES users ON DELETE CASCADE ON UPDATE CASCADE, created_at timestamptz NOT NULL, amount numeric);
SELECT hogsend_attach_contacts('users', user_id => 'id', email => 'email', properties => '{plan}', condition => 'shown', on_delete => 'forget');
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer_id', event => $$'order.placed'$$, occurred_at => 'created_at', value => 'amount');
UPDATE feeds SET import = 'done';
SELECT hogsend_define_bucket('buyers', hogsend_event('order.placed', within => '7 days'));
CREATE VIEW traces AS
SELECT (SELECT string_agg(DISTINCT user_id, ' ' ORDER BY user_id) FROM contacts) AS contacts, (SELECT string_agg(DISTINCT user_id, ' ' ORDER BY user_id) FROM user_events) AS events,
       (SELECT string_agg(DISTINCT user_id, ' ' ORDER BY user_id) FROM bucket_memberships) AS stays, (SELECT string_agg(DISTINCT user_id, ' ' ORDER BY user_id) FROM bucket_timers) AS timers,
       (SELECT string_agg(DISTINCT user_id, ' ' ORDER BY user_id) FROM bucket_transitions) AS transitions;
INSERT INTO users SELECT n, n || '@example.com', 'pro' FROM generate_series(1, 9) n;
INSERT INTO orders (customer_id, created_at, amount) SELECT n % 9 + 1, '2026-01-01 11:00+00', n FROM generate_series(1, 18) n;
INSERT INTO user_events (user_id, event, occurred_at) SELECT n::text, 'other', '2026-01-01 11:00+00' FROM generate_series(1, 9) n;
SELECT * FROM traces;
-- One, and several; the orders go with them.
DELETE FROM users WHERE id = 1;
SELECT * FROM traces;
DELETE FROM users WHERE id IN (2, 3);
SELECT * FROM traces;
-- A soft deletion, and another id: the orders are somebody else's by then.
UPDATE users SET shown = false WHERE id = 4;
SELECT * FROM traces;
UPDATE users SET id = 50 WHERE id = 5;
SELECT * FROM traces;
-- What stays under a hidden row may still be written to, and goes with the row.
INSERT INTO orders (customer_id, created_at, amount) VALUES (4, '2026-01-01 11:30+00', 1);
SELECT * FROM traces;
DELETE FROM users WHERE id = 4;
SELECT * FROM traces;
-- A row that comes and is not kept erases nobody: it marks.
INSERT INTO user_events (user_id, event) VALUES ('70', 'other');
INSERT INTO users VALUES (70, NULL, 'pro', false);
SELECT user_id, deleted_at FROM contacts WHERE user_id = '70';
-- Who comes back is new, under keys that were never told.
INSERT INTO users VALUES (1, 'again@example.com', 'free');
INSERT INTO orders (customer_id, created_at, amount) VALUES (1, '2026-01-01 11:45+00', 1);
SELECT user_id, transition, entry_count, idempotency_key LIKE '%life%' AS is_another FROM bucket_transitions WHERE user_id = '1';
-- A row that cannot be erased is noted, and nothing of it is erased by half.
CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END';
CREATE TRIGGER keep BEFORE DELETE ON bucket_transitions FOR EACH ROW WHEN (old.user_id = '6') EXECUTE FUNCTION keep();
DELETE FROM users WHERE id IN (6, 7);
SELECT * FROM traces;
SELECT feed, skipped, failed, error FROM feed_notes;
DROP TRIGGER keep ON bucket_transitions;
TRUNCATE users CASCADE;
SELECT * FROM traces;
