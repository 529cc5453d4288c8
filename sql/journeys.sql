-- What a journey is, checked before it is stored, and how it is defined.

-- What a journey may begin and end by.
CREATE FUNCTION hogsend_check_happenings(journey text, list text, names text[]) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $check$
DECLARE
    wrong text;
BEGIN
    IF names IS NULL THEN
        RAISE EXCEPTION '% must not be NULL', list
            USING ERRCODE = '22004', DETAIL = format('Journey "%s".', journey),
                  HINT = CASE list WHEN 'starts_on' THEN 'Name the events and transitions that begin a run.' ELSE 'Use ''{}'' for none.' END;
    END IF;
    IF array_ndims(names) > 1 THEN
        RAISE EXCEPTION '% must be a plain list', list
            USING ERRCODE = '22023', DETAIL = format('Journey "%s": it has more than one dimension.', journey),
                  HINT = 'Write it like ''{order.placed,bucket:entered:lapsed}''.';
    END IF;
    IF list <> 'waits_for' AND cardinality(names) > 20 THEN
        RAISE EXCEPTION '% has too many names', list
            USING ERRCODE = '22023', DETAIL = format('Journey "%s": there are %s of at most 20.', journey, cardinality(names)),
                  HINT = 'Define a bucket of what they have in common, and name its transition.';
    END IF;
    SELECT n INTO wrong FROM unnest(names) n WHERE coalesce(n, '') = '' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a name in % must not be %', list, CASE WHEN wrong IS NULL THEN 'NULL' ELSE 'empty' END
            USING ERRCODE = CASE WHEN wrong IS NULL THEN '22004' ELSE '22023' END, DETAIL = format('Journey "%s".', journey),
                  HINT = 'Leave the element out.';
    END IF;
    SELECT n INTO wrong FROM unnest(names) n WHERE octet_length(n) > 500 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a name in % is too long', list
            USING ERRCODE = '22023', DETAIL = format('Journey "%s": "%s…" has %s bytes, and at most 500 are possible.', journey, left(wrong, 50), octet_length(wrong)),
                  HINT = 'Give the event a shorter name; what differs from user to user belongs into its properties.';
    END IF;
    SELECT n INTO wrong FROM unnest(names) n WHERE starts_with(n, 'journey:') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a journey cannot go by the steps of journeys'
            USING ERRCODE = '22023', DETAIL = format('Journey "%s": %s names "%s".', journey, list, left(wrong, 200)),
                  HINT = 'Let the runner of that journey store an event of its own, and name that.';
    END IF;
    SELECT n INTO wrong FROM unnest(names) n
    WHERE starts_with(n, 'bucket:')
      AND n !~ '^bucket:((entered|left):[[:alnum:]][[:alnum:]_.-]*|dwell:[[:alnum:]][[:alnum:]_.-]*:(after|every)-[0-9]+)$' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'no transition is called "%"', left(wrong, 200)
            USING ERRCODE = '22023', DETAIL = format('Journey "%s": it stands in %s, and names that begin with "bucket:" are those of transitions.', journey, list),
                  HINT = 'Use bucket:entered:<id>, bucket:left:<id>, bucket:dwell:<id>:after-<ms> or bucket:dwell:<id>:every-<ms>.';
    END IF;
END
$check$;
COMMENT ON FUNCTION hogsend_check_happenings(text, text, text[]) IS 'Refuses names of events and transitions that a journey cannot go by';

CREATE FUNCTION hogsend_check_journey() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $check$
DECLARE
    twice text;
    home uuid;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.id IS DISTINCT FROM OLD.id THEN
        RAISE EXCEPTION 'a journey cannot be renamed'
            USING ERRCODE = '22023',
                  DETAIL = format('"%s" is part of its runs and of its event names.', OLD.id),
                  HINT = format('Define a journey "%s" and delete "%s", or change the column "name".', NEW.id, OLD.id);
    END IF;
    IF NEW.id IS NOT NULL AND (NEW.id !~ '^[[:alnum:]][[:alnum:]_.-]*$' OR octet_length(NEW.id) > 200) THEN
        RAISE EXCEPTION 'journey id "%" is not usable', left(NEW.id, 200)
            USING ERRCODE = '22023',
                  DETAIL = 'The id is part of event names and idempotency keys.',
                  HINT = 'Use letters, digits, "_", "-" and ".", beginning with a letter or digit, at most 200 bytes.';
    END IF;
    IF NEW.id IS NULL OR NEW.enabled IS NULL THEN
        RAISE EXCEPTION '% must not be NULL', CASE WHEN NEW.id IS NULL THEN 'id' ELSE 'enabled' END
            USING ERRCODE = '22004', DETAIL = format('Journey %s.', coalesce('"' || NEW.id || '"', 'NULL')),
                  HINT = CASE WHEN NEW.id IS NULL THEN 'Give the journey a name that stays.' ELSE 'Leave it out for true; false begins no more runs.' END;
    END IF;
    NEW.name := coalesce(NEW.name, NEW.id);
    PERFORM @extschema@.hogsend_check_happenings(NEW.id::text, 'starts_on'::text, NEW.starts_on::text[]),
            @extschema@.hogsend_check_happenings(NEW.id::text, 'exits_on'::text, NEW.exits_on::text[]),
            @extschema@.hogsend_check_happenings(NEW.id::text, 'waits_for'::text, NEW.waits_for::text[]);
    -- What a run waits for stays (I14 in doc/design.md): an event of a name that nobody mentions ends no wait.
    IF TG_OP = 'UPDATE' AND NOT NEW.waits_for @> OLD.waits_for THEN
        NEW.waits_for := NEW.waits_for || ARRAY(
            SELECT DISTINCT r.wait_event::text FROM @extschema@.journey_runs r
            WHERE r.journey_id = NEW.id AND r.ended_at IS NULL AND r.wait_event IS NOT NULL
              AND r.wait_event <> ALL (NEW.waits_for));
    END IF;
    IF cardinality(NEW.starts_on) = 0 THEN
        RAISE EXCEPTION 'a journey must start on something'
            USING ERRCODE = '22023', DETAIL = format('Journey "%s": starts_on is empty.', NEW.id),
                  HINT = 'Name an event or a transition, or let the runner store an event to begin a run by.';
    END IF;
    SELECT n INTO twice FROM unnest(NEW.starts_on) n WHERE n = ANY (NEW.exits_on) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a journey cannot start and exit on the same'
            USING ERRCODE = '22023', DETAIL = format('Journey "%s": "%s" stands in starts_on and in exits_on, and would end what it begins.', NEW.id, left(twice, 200)),
                  HINT = 'Take it out of one of them.';
    END IF;
    IF NEW.entry_limit IS NULL OR NEW.entry_limit NOT IN ('unlimited', 'once', 'once_per_period') THEN
        RAISE EXCEPTION 'unknown entry limit %', coalesce(quote_literal(NEW.entry_limit), 'NULL')
            USING ERRCODE = '22023', DETAIL = format('Journey "%s".', NEW.id),
                  HINT = 'Use ''unlimited'', ''once'' or ''once_per_period''.';
    END IF;
    PERFORM @extschema@.hogsend_check_interval('entry_period'::text, NEW.entry_period);

    IF TG_OP = 'INSERT' THEN
        SELECT i.id INTO home FROM @extschema@.hogsend_instance i;
        -- As for buckets: a dump that is restored brings its instance along.
        IF NEW.instance_id IS NULL
           OR EXISTS (SELECT FROM @extschema@.buckets b WHERE b.instance_id = home)
           OR EXISTS (SELECT FROM @extschema@.journeys j WHERE j.instance_id = home)
        THEN
            NEW.instance_id := home;
        END IF;
    -- What runs wait for is no part of the definition.
    ELSIF (NEW.name, NEW.description, NEW.enabled, NEW.starts_on, NEW.exits_on, NEW.entry_limit, NEW.entry_period)
          IS DISTINCT FROM
          (OLD.name, OLD.description, OLD.enabled, OLD.starts_on, OLD.exits_on, OLD.entry_limit, OLD.entry_period)
    THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END
$check$;
COMMENT ON FUNCTION hogsend_check_journey() IS 'Refuses a journey that cannot be meant, with the reason and what to do; fills in defaults';

-- A function of its own, in SQL: an error in a statement of PL/pgSQL's shows all of the statement.
CREATE FUNCTION hogsend_put_journey(text, text[], text[], text, interval, text, text, boolean) RETURNS boolean
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $put$
INSERT INTO @extschema@.journeys AS j (id, starts_on, exits_on, entry_limit, entry_period, name, description, enabled)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO UPDATE
SET starts_on = EXCLUDED.starts_on, exits_on = EXCLUDED.exits_on, entry_limit = EXCLUDED.entry_limit,
    entry_period = EXCLUDED.entry_period, name = EXCLUDED.name, description = EXCLUDED.description, enabled = EXCLUDED.enabled
WHERE (j.starts_on, j.exits_on, j.entry_limit, j.entry_period, j.name, j.description, j.enabled)
      IS DISTINCT FROM
      (EXCLUDED.starts_on, EXCLUDED.exits_on, EXCLUDED.entry_limit, EXCLUDED.entry_period, EXCLUDED.name, EXCLUDED.description, EXCLUDED.enabled)
-- Somebody else may have defined it while we waited; a row that was updated has an xmax.
RETURNING j.xmax = 0
$put$;
COMMENT ON FUNCTION hogsend_put_journey(text, text[], text[], text, interval, text, text, boolean)
    IS 'Inserts a journey or makes one what is said: whether it is new, NULL if it is what it was (called by hogsend_define_journey)';

CREATE FUNCTION hogsend_define_journey(
    id text,
    starts_on text[],
    exits_on text[] DEFAULT '{}',
    entry_limit text DEFAULT 'unlimited',
    entry_period interval DEFAULT NULL,
    name text DEFAULT NULL,
    description text DEFAULT NULL,
    enabled boolean DEFAULT true
) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $define$
#variable_conflict use_column
DECLARE
    created boolean;
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    -- As for buckets: a statement that changes nothing waits for writers all the same, so look first. A
    -- month equals 30 days, and is refused where it is written.
    IF coalesce(date_trunc('month', $5), interval '0') = interval '0'
       AND EXISTS (
           SELECT FROM @extschema@.journeys j
           WHERE j.id = $1
             AND (j.starts_on, j.exits_on, j.entry_limit, j.entry_period, j.name, j.description, j.enabled)
                 IS NOT DISTINCT FROM ($2, $3, $4, $5, coalesce($6, $1), $7, $8))
    THEN
        RETURN 'unchanged';
    END IF;
    created := @extschema@.hogsend_put_journey($1, $2, $3, $4, $5, $6, $7, $8);
    RETURN CASE WHEN created IS NULL THEN 'unchanged' WHEN created THEN 'created' ELSE 'changed' END;
END
$define$;
COMMENT ON FUNCTION hogsend_define_journey(text, text[], text[], text, interval, text, text, boolean)
    IS 'Makes a journey exactly what is said here, what is left out being the default: created, changed or unchanged; unchanged writes and locks nothing';
