-- Statements on events inside a statement on events: nothing is added twice, nothing is left out.
\set SHOW_CONTEXT never
SET timezone = 'UTC';
SET datestyle = 'ISO, YMD';
SET intervalstyle = 'postgres';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('spender', hogsend_sum('buy', at_least => 500));
CREATE VIEW kept AS SELECT user_id, n, total FROM bucket_totals;
CREATE FUNCTION bonus() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.event = 'buy' AND NEW.value >= 10 THEN
        INSERT INTO public.user_events (user_id, event, value, occurred_at) VALUES (NEW.user_id, 'buy', NEW.value / 10, NEW.occurred_at);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER bonus AFTER INSERT ON user_events FOR EACH ROW EXECUTE FUNCTION bonus();
-- Added up inside, with the row around it; and then the same is kept already.
INSERT INTO user_events (user_id, event, value, occurred_at) SELECT 'u', 'buy', 1, '2025-12-01 00:00+00' FROM generate_series(1, 99);
TABLE kept;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 10, '2026-01-01 00:00+00');
TABLE kept;
SELECT * FROM hogsend_verify('spender');
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 20, '2026-01-01 00:00+00'), ('u', 'buy', 100, '2026-01-01 00:00+00');
TABLE kept;
SELECT * FROM hogsend_verify('spender');
-- Before the row is there, and undone.
CREATE OR REPLACE FUNCTION bonus() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.event = 'buy' AND NEW.value >= 10 THEN
        BEGIN
            DELETE FROM public.bucket_totals;
            INSERT INTO public.user_events (user_id, event, value, occurred_at) VALUES (NEW.user_id, 'buy', 1, NEW.occurred_at);
            RAISE EXCEPTION 'no';
        EXCEPTION WHEN raise_exception THEN NULL;
        END;
        INSERT INTO public.user_events (user_id, event, value, occurred_at) VALUES (NEW.user_id, 'buy', 2, NEW.occurred_at);
    END IF;
    RETURN NEW;
END $$;
DROP TRIGGER bonus ON user_events;
CREATE TRIGGER bonus BEFORE INSERT ON user_events FOR EACH ROW EXECUTE FUNCTION bonus();
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 30, '2026-01-01 00:00+00'), ('u', 'buy', 3, '2026-01-01 00:00+00');
TABLE kept;
SELECT * FROM hogsend_verify('spender');
DELETE FROM bucket_totals;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 30, '2026-01-01 00:00+00'), ('u', 'buy', 3, '2026-01-01 00:00+00');
TABLE kept;
SELECT * FROM hogsend_verify('spender');
DROP TRIGGER bonus ON user_events;
-- In a function that the statement itself calls.
CREATE FUNCTION also(amount numeric) RETURNS numeric LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 4, '2026-01-01 00:00+00');
    RETURN amount;
END $$;
DELETE FROM bucket_totals;
INSERT INTO user_events (user_id, event, value, occurred_at) SELECT 'u', 'buy', also(n), '2026-01-01 00:00+00' FROM generate_series(5, 6) n;
TABLE kept;
SELECT * FROM hogsend_verify('spender');
-- By a trigger of the user's on what we write.
CREATE FUNCTION gift() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.user_events (user_id, event, value, occurred_at) VALUES (NEW.user_id, 'buy', 0.25, '2026-01-01 00:00+00');
    RETURN NULL;
END $$;
CREATE TRIGGER gift AFTER INSERT OR UPDATE ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION gift();
DELETE FROM bucket_totals;
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', 300, '2026-01-01 00:00+00');
SELECT hogsend_has('spender', 'u');
TABLE kept;
SELECT * FROM hogsend_verify('spender');
INSERT INTO user_events (user_id, event, value, occurred_at) VALUES ('u', 'buy', -300, '2026-01-01 00:00+00'), ('u', 'buy', 0.5, '2026-01-01 00:00+00');
SELECT hogsend_has('spender', 'u');
TABLE kept;
SELECT * FROM hogsend_verify('spender');
