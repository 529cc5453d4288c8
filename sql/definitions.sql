-- What a definition must be, checked before it is stored.

CREATE FUNCTION hogsend_check_interval(what text, span interval) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $check$
BEGIN
    IF span IS NULL THEN
        RETURN;
    END IF;
    IF extract(year FROM span) <> 0 OR extract(month FROM span) <> 0 THEN
        RAISE EXCEPTION '% must not be given in months or years', what
            USING ERRCODE = '22023',
                  DETAIL = format('%s is %s, and the length of a month varies.', what, span),
                  HINT = 'Use days, for example interval ''30 days''. A day is 24 hours.';
    END IF;
    IF extract(epoch FROM span) <= 0 THEN
        RAISE EXCEPTION '% must be positive', what
            USING ERRCODE = '22023',
                  DETAIL = format('%s is %s.', what, span),
                  HINT = format('Give an interval longer than zero, or leave %s out.', split_part(what, ' ', 1));
    END IF;
    IF extract(epoch FROM span) > 100000 * 86400.0 THEN
        RAISE EXCEPTION '% is too long', what
            USING ERRCODE = '22023',
                  DETAIL = format('%s is %s.', what, span),
                  HINT = 'Use an interval of at most 100000 days.';
    END IF;
    IF extract(epoch FROM span) * 1000 <> trunc(extract(epoch FROM span) * 1000) THEN
        RAISE EXCEPTION '% must be a whole number of milliseconds', what
            USING ERRCODE = '22023',
                  DETAIL = format('%s is %s.', what, span),
                  HINT = 'Round the interval to milliseconds.';
    END IF;
END
$check$;
COMMENT ON FUNCTION hogsend_check_interval(text, interval) IS 'Refuses an interval that a bucket cannot use; NULL is fine';

CREATE FUNCTION hogsend_check_bucket() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
SET search_path = pg_catalog, pg_temp
AS $check$
DECLARE
    problem record;
    more bigint;
    span interval;
    home uuid;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.id IS DISTINCT FROM OLD.id THEN
        IF EXISTS (SELECT FROM @extschema@.buckets b WHERE b.depends_on && ARRAY[OLD.id::text]) THEN
            RAISE EXCEPTION 'bucket "%" cannot be renamed, because others name it', OLD.id
                USING ERRCODE = '2BP01',
                      DETAIL = format('It is named by the criteria of %s.',
                          (SELECT string_agg(format('"%s"', b.id), ', ' ORDER BY b.id) FROM @extschema@.buckets b WHERE b.depends_on && ARRAY[OLD.id::text])),
                      HINT = format('Define a bucket "%s", let those name it, and delete "%s"; or change the column "name".', NEW.id, OLD.id);
        END IF;
        RAISE EXCEPTION 'a bucket cannot be renamed'
            USING ERRCODE = '22023',
                  DETAIL = format('"%s" is part of the bucket''s history and of its event names.', OLD.id),
                  HINT = format('Define a bucket "%s" and delete "%s", or change the column "name".', NEW.id, OLD.id);
    END IF;
    IF NEW.id IS NOT NULL AND (NEW.id !~ '^[[:alnum:]][[:alnum:]_.-]*$' OR octet_length(NEW.id) > 200) THEN
        RAISE EXCEPTION 'bucket id "%" is not usable', left(NEW.id, 200)
            USING ERRCODE = '22023',
                  DETAIL = 'The id is part of event names and idempotency keys.',
                  HINT = 'Use letters, digits, "_", "-" and ".", beginning with a letter or digit, at most 200 bytes.';
    END IF;
    NEW.name := coalesce(NEW.name, NEW.id);

    IF NEW.kind IS NULL OR NEW.kind NOT IN ('dynamic', 'manual', 'query') THEN
        RAISE EXCEPTION 'unknown kind of bucket %', coalesce(quote_literal(NEW.kind), 'NULL')
            USING ERRCODE = '22023', DETAIL = format('Bucket "%s".', NEW.id),
                  HINT = 'Use ''dynamic'' (membership follows criteria), ''manual'' (it follows calls) or ''query'' (it follows a query).';
    END IF;
    IF NEW.entry_limit IS NULL OR NEW.entry_limit NOT IN ('unlimited', 'once', 'once_per_period') THEN
        RAISE EXCEPTION 'unknown entry limit %', coalesce(quote_literal(NEW.entry_limit), 'NULL')
            USING ERRCODE = '22023', DETAIL = format('Bucket "%s".', NEW.id),
                  HINT = 'Use ''unlimited'', ''once'' or ''once_per_period''.';
    END IF;

    PERFORM @extschema@.hogsend_check_interval('entry_period', NEW.entry_period);
    PERFORM @extschema@.hogsend_check_interval('min_dwell', NEW.min_dwell);
    PERFORM @extschema@.hogsend_check_interval('max_dwell', NEW.max_dwell);
    IF NEW.dwell_after IS NULL OR NEW.dwell_every IS NULL THEN
        RAISE EXCEPTION '% must not be NULL', CASE WHEN NEW.dwell_after IS NULL THEN 'dwell_after' ELSE 'dwell_every' END
            USING ERRCODE = '22004', DETAIL = format('Bucket "%s".', NEW.id),
                  HINT = 'Use ''{}'' for no dwell.';
    END IF;
    FOREACH span IN ARRAY NEW.dwell_after LOOP
        PERFORM @extschema@.hogsend_check_interval('dwell_after (an element)', span);
    END LOOP;
    FOREACH span IN ARRAY NEW.dwell_every LOOP
        PERFORM @extschema@.hogsend_check_interval('dwell_every (an element)', span);
    END LOOP;
    IF array_ndims(NEW.dwell_after) > 1 OR array_ndims(NEW.dwell_every) > 1 THEN
        RAISE EXCEPTION '% must be a plain list', CASE WHEN array_ndims(NEW.dwell_after) > 1 THEN 'dwell_after' ELSE 'dwell_every' END
            USING ERRCODE = '22023', DETAIL = format('Bucket "%s": it has more than one dimension.', NEW.id),
                  HINT = 'Write it like ''{1 day,7 days}''.';
    END IF;
    IF array_position(NEW.dwell_after, NULL) IS NOT NULL OR array_position(NEW.dwell_every, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'a dwell interval must not be NULL'
            USING ERRCODE = '22004', DETAIL = format('Bucket "%s".', NEW.id), HINT = 'Leave the element out.';
    END IF;
    IF NEW.max_dwell < NEW.min_dwell THEN
        RAISE EXCEPTION 'max_dwell must not be shorter than min_dwell'
            USING ERRCODE = '22023',
                  DETAIL = format('max_dwell is %s and min_dwell is %s.', NEW.max_dwell, NEW.min_dwell),
                  HINT = 'Make max_dwell longer, or min_dwell shorter.';
    END IF;

    IF NEW.kind = 'query' THEN
        IF btrim(coalesce(NEW.query, ''), E' \n\r\t\f') = '' THEN
            RAISE EXCEPTION 'a query bucket needs a query'
                USING ERRCODE = '22023', DETAIL = format('Bucket "%s" is of kind ''query''.', NEW.id),
                      HINT = 'Give a SELECT of one column, the ids of its members.';
        END IF;
        NEW.refresh_every := coalesce(NEW.refresh_every, '5 minutes');
        PERFORM @extschema@.hogsend_check_interval('refresh_every', NEW.refresh_every);
    ELSIF NEW.query IS NOT NULL THEN
        RAISE EXCEPTION 'a % bucket has no query', NEW.kind
            USING ERRCODE = '22023', DETAIL = format('Bucket "%s" is of kind ''%s''.', NEW.id, NEW.kind),
                  HINT = 'Leave query out, or use kind ''query''.';
    ELSIF TG_OP = 'UPDATE' AND NEW.refresh_every IS NOT DISTINCT FROM OLD.refresh_every THEN
        -- It was a query bucket.
        NEW.refresh_every := NULL;
    ELSIF NEW.refresh_every IS NOT NULL THEN
        RAISE EXCEPTION 'a % bucket is not refreshed', NEW.kind
            USING ERRCODE = '22023', DETAIL = format('Bucket "%s" is of kind ''%s'', and refresh_every is %s.', NEW.id, NEW.kind, NEW.refresh_every),
                  HINT = 'Leave refresh_every out, or use kind ''query''.';
    END IF;

    IF NEW.kind IN ('manual', 'query') THEN
        IF NEW.criteria IS NOT NULL THEN
            RAISE EXCEPTION 'a % bucket has no criteria', NEW.kind
                USING ERRCODE = '22023', DETAIL = format('Bucket "%s" is of kind ''%s''.', NEW.id, NEW.kind),
                      HINT = 'Leave criteria out, or use kind ''dynamic''.';
        END IF;
        NEW.criteria_hash := NULL;
        NEW.depends_on := NULL;
    ELSIF NEW.criteria IS NULL THEN
        RAISE EXCEPTION 'a dynamic bucket needs criteria'
            USING ERRCODE = '22023', DETAIL = format('Bucket "%s" is of kind ''dynamic''.', NEW.id),
                  HINT = 'Give criteria, or use kind ''manual'' or ''query''.';
    ELSE
        IF TG_OP = 'INSERT' OR NEW.criteria IS DISTINCT FROM OLD.criteria OR NEW.criteria_hash IS NULL THEN
            SELECT p.* INTO problem FROM @extschema@.hogsend_problems(NEW.criteria::text) p LIMIT 1;
            IF FOUND THEN
                SELECT count(*) - 1 INTO more FROM @extschema@.hogsend_problems(NEW.criteria::text);
                RAISE EXCEPTION 'bucket "%": %', NEW.id, problem.message
                    USING ERRCODE = '22023',
                          DETAIL = format('At %s of the criteria.%s', problem.path,
                              CASE WHEN more > 0 THEN format(' %s more %s found; hogsend_validate(criteria) lists all.',
                                  more, CASE more WHEN 1 THEN 'problem was' ELSE 'problems were' END) ELSE '' END),
                          HINT = problem.hint;
            END IF;
        END IF;
        NEW.criteria_hash := encode(sha256(convert_to(@extschema@.hogsend_canonical(NEW.criteria), 'UTF8')), 'hex');
        NEW.depends_on := @extschema@.hogsend_named_buckets(NEW.criteria::text);
    END IF;

    IF TG_OP = 'INSERT' THEN
        SELECT i.id INTO home FROM @extschema@.hogsend_instance i;
        -- Nobody gives an instance but who restores the data of a dump alone. Where nothing else is
        -- defined, that makes this database a copy, as the whole dump would have.
        IF NEW.instance_id IS NULL OR EXISTS (SELECT FROM @extschema@.buckets b WHERE b.instance_id = home) THEN
            NEW.instance_id := home;
        ELSIF EXISTS (SELECT FROM @extschema@.journeys j WHERE j.instance_id = home) THEN
            NEW.instance_id := home;
        END IF;
    ELSIF NEW IS DISTINCT FROM OLD THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END
$check$;
COMMENT ON FUNCTION hogsend_check_bucket() IS 'Refuses a definition that cannot be meant, with the reason and what to do; fills in defaults';
