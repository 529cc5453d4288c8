-- Triggers of the user's that write to the attached table again, from inside a statement on it: what the rows say in
-- the end counts, and not what the statement outside made of them.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
CREATE TABLE users (n integer, id text NOT NULL UNIQUE, plan text, visits integer DEFAULT 0, PRIMARY KEY (n));
CREATE TABLE orders (id integer PRIMARY KEY, customer text, status text DEFAULT 'new', amount numeric);
SELECT hogsend_attach_contacts('users', user_id => 'id', properties => '{plan,visits}');
SELECT hogsend_attach_events('orders', key => 'id', user_id => 'customer', event => $$'order.' || status$$, occurred_at => $$timestamptz '2026-01-01 11:00+00'$$, value => 'amount');
CREATE VIEW seen AS SELECT user_id, properties, deleted_at IS NOT NULL AS deleted FROM contacts WHERE properties <> '{}' ORDER BY user_id COLLATE "C";
CREATE VIEW events AS SELECT user_id, event, value, idempotency_key FROM user_events ORDER BY idempotency_key COLLATE "C";
CREATE FUNCTION complete() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'users' THEN
        UPDATE public.users SET plan = 'trial' WHERE n = new.n AND plan IS NULL;
        UPDATE public.users SET visits = visits + 1 WHERE n = 1 AND new.n <> 1;
    ELSE
        UPDATE public.orders SET status = 'paid', customer = lower(customer) WHERE id = new.id AND status = 'new' AND amount IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER complete AFTER INSERT OR UPDATE ON users FOR EACH ROW EXECUTE FUNCTION complete();
CREATE TRIGGER complete AFTER INSERT OR UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION complete();
-- Inserted without, and completed from inside; several at once, and others beside them.
INSERT INTO users VALUES (1, 'one');
SELECT * FROM seen;
INSERT INTO users VALUES (2, 'two', NULL), (3, 'three', 'pro');
SELECT * FROM seen;
UPDATE users SET plan = NULL WHERE n IN (1, 2);
SELECT * FROM seen;
INSERT INTO orders VALUES (1, 'ONE', 'new', 5), (2, 'TWO', 'new', NULL);
SELECT * FROM events;
UPDATE orders SET amount = 7, status = 'new', customer = 'Three';
SELECT * FROM events;
-- One that takes the id away again, and one that brings back what is deleted.
CREATE FUNCTION back() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.users VALUES (old.n, old.id, 'back');
    RETURN NULL;
END $$;
CREATE TRIGGER back AFTER DELETE ON users FOR EACH ROW WHEN (old.plan = 'pro') EXECUTE FUNCTION back();
DELETE FROM users WHERE n >= 2;
SELECT * FROM seen;
SELECT * FROM users ORDER BY n;
CREATE FUNCTION renamed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.users SET id = 'new ' || id WHERE n = new.n;
    RETURN NULL;
END $$;
CREATE TRIGGER renamed AFTER UPDATE OF plan ON users FOR EACH ROW WHEN (new.plan = 'rename') EXECUTE FUNCTION renamed();
UPDATE users SET plan = 'rename', id = 'uno' WHERE n = 1;
SELECT * FROM seen;
-- What failed inside leaves nothing behind.
CREATE FUNCTION fails() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.users SET plan = 'never' WHERE n = new.n;
    RAISE EXCEPTION 'taken back';
EXCEPTION WHEN raise_exception THEN
    RETURN NULL;
END $$;
CREATE TRIGGER fails AFTER INSERT ON users FOR EACH ROW WHEN (new.plan = 'fails') EXECUTE FUNCTION fails();
INSERT INTO users VALUES (9, 'nine', 'fails');
SELECT * FROM seen;
SELECT * FROM feed_notes;
