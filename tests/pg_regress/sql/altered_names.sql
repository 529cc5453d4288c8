-- A table of ours that has another name: its triggers still fire there. Nothing is evaluated, and the error
-- says which table is missed; given back its name, everything is as before.
CREATE EXTENSION hogsend;
SET hogsend.now = '2026-01-01 12:00+00';
INSERT INTO buckets (id, criteria) VALUES ('b', hogsend_event('e'));
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('u', 'e', '2026-01-01 11:00+00');
\set SHOW_CONTEXT never

ALTER TABLE contacts RENAME TO people;
DO $$
BEGIN
    DELETE FROM people WHERE user_id = 'u';
EXCEPTION WHEN undefined_table THEN RAISE NOTICE '%', SQLERRM;
END
$$;
DO $$
BEGIN
    UPDATE people SET user_id = 'v' WHERE user_id = 'u';
EXCEPTION WHEN undefined_table THEN RAISE NOTICE '%', SQLERRM;
END
$$;
ALTER TABLE people RENAME TO contacts;

ALTER TABLE buckets RENAME TO segments;
DO $$
BEGIN
    DELETE FROM segments;
EXCEPTION WHEN undefined_table THEN RAISE NOTICE '%', SQLERRM;
END
$$;
ALTER TABLE segments RENAME TO buckets;

ALTER TABLE bucket_timers RENAME TO timers;
INSERT INTO user_events (user_id, event, occurred_at) VALUES ('v', 'e', '2026-01-01 11:00+00');
SELECT hogsend_reconcile();
ALTER TABLE timers RENAME TO bucket_timers;

SELECT user_id FROM bucket_members;
DELETE FROM contacts WHERE user_id = 'u';
SELECT user_id FROM bucket_members;
