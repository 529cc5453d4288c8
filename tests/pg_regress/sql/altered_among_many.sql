-- A session that writes to very many partitions by their names: an alteration of one of our tables is
-- noticed, whichever of them the session has had to do with before.
\set SHOW_CONTEXT never
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
ALTER TABLE user_events RENAME TO old_events;
CREATE TABLE user_events (LIKE old_events INCLUDING DEFAULTS) PARTITION BY RANGE (occurred_at);
DROP TABLE old_events CASCADE;
CREATE SEQUENCE numbers;
ALTER TABLE user_events ALTER id SET DEFAULT nextval('numbers');
DO $$
BEGIN
    FOR n IN 0..110 LOOP
        EXECUTE format('CREATE TABLE part_%s PARTITION OF user_events FOR VALUES FROM (%L) TO (%L)',
            n, timestamptz '2026-01-01 00:00+00' + n * interval '1 day', timestamptz '2026-01-02 00:00+00' + n * interval '1 day');
        EXECUTE format('ALTER TABLE part_%s ALTER id SET DEFAULT nextval(''numbers'')', n);
    END LOOP;
END
$$;
SELECT hogsend_migrate();
SET hogsend.now = '2026-06-01 00:00+00';
INSERT INTO contacts (user_id) VALUES ('u');
INSERT INTO buckets (id, criteria) VALUES ('b', hogsend_event('e', at_least => 3));

-- What an event says after so many others, once a column is gone; taken back each time.
CREATE FUNCTION said_after(others integer) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text := 'nothing';
BEGIN
    FOR n IN 1..others LOOP
        EXECUTE format('INSERT INTO part_%s (user_id, event, occurred_at) VALUES (''u'', ''other'', %L)',
            (others * 7 + n) % 110 + 1, timestamptz '2026-01-01 12:00+00' + ((others * 7 + n) % 110 + 1) * interval '1 day');
    END LOOP;
    INSERT INTO part_0 (user_id, event, occurred_at) VALUES ('u', 'e', '2026-01-01 12:00+00');
    BEGIN
        ALTER TABLE buckets DROP COLUMN query_path;
        INSERT INTO part_0 (user_id, event, occurred_at) VALUES ('u', 'e', '2026-01-01 12:00+00');
        RAISE EXCEPTION 'nothing';
    EXCEPTION WHEN OTHERS THEN said := SQLERRM;
    END;
    RETURN said;
END
$$;
SELECT said_after(n) AS said, count(*) FROM generate_series(1, 110) n GROUP BY 1 ORDER BY 1;
