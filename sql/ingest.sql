-- Ingest by function, and erasure.

CREATE FUNCTION hogsend_ingest(
    user_id text,
    event text,
    properties jsonb DEFAULT '{}',
    occurred_at timestamptz DEFAULT pg_catalog.now(),
    contact_properties jsonb DEFAULT NULL,
    user_email text DEFAULT NULL,
    value numeric DEFAULT NULL,
    source text DEFAULT NULL,
    idempotency_key text DEFAULT NULL
) RETURNS boolean
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $ingest$
DECLARE
    stored bigint;
    dropped bigint;
BEGIN
    IF user_id IS NULL OR event IS NULL THEN
        RAISE EXCEPTION '% must not be NULL', CASE WHEN user_id IS NULL THEN 'user_id' ELSE 'event' END
            USING ERRCODE = '22004',
                  DETAIL = format('hogsend_ingest() was called with user_id %s and event %s.', quote_nullable(user_id), quote_nullable(event)),
                  HINT = 'Every event has a user and a name.';
    END IF;
    -- It raises what there is to say of a column that is gone. Asked this way it takes no query; and who
    -- was granted this function alone is not asked for another, and gets Postgres's own error.
    IF has_function_privilege('@extschema@.hogsend_require_columns(text)'::regprocedure, 'EXECUTE') THEN
        IF @extschema@.hogsend_require_columns('user_events'::text) THEN END IF;
    END IF;
    -- Of an alias the event is stored as the user's, who may have it already: then it is gone again.
    IF idempotency_key IS NOT NULL AND has_function_privilege('@extschema@.hogsend_dropped_events()'::regprocedure, 'EXECUTE') THEN
        dropped := @extschema@.hogsend_dropped_events();
    END IF;
    -- Without a conflict target, so that a role that may only INSERT can call this.
    INSERT INTO @extschema@.user_events AS e
        (user_id, event, properties, occurred_at, contact_properties, user_email, value, source, idempotency_key)
    VALUES ($1, $2, coalesce($3, '{}'), coalesce($4, now()), $5, $6, $7, $8, $9)
    ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS stored = ROW_COUNT;
    IF dropped IS NOT NULL THEN
        RETURN stored > 0 AND dropped = @extschema@.hogsend_dropped_events();
    END IF;
    RETURN stored > 0;
END
$ingest$;
COMMENT ON FUNCTION hogsend_ingest(text, text, jsonb, timestamptz, jsonb, text, numeric, text, text)
    IS 'Stores an event; false when the user''s idempotency key was seen before, and nothing is stored';

COMMENT ON FUNCTION hogsend_dropped_events() IS 'How many events of aliases this session has dropped, because the users whose they were had them already (asked by hogsend_ingest)';

-- With the definer's rights: who may erase need not read or write what is kept of those who were.
CREATE FUNCTION hogsend_note_erasure(user_ids text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
AS $$
    INSERT INTO @extschema@.bucket_erasures AS e (user_hash)
    SELECT DISTINCT sha256(convert_to(u, 'UTF8')) FROM unnest($1) AS u ORDER BY 1
    ON CONFLICT (user_hash) DO UPDATE SET times = e.times + 1
$$;
COMMENT ON FUNCTION hogsend_note_erasure(text[]) IS 'Notes by hashes that users were erased, so that the keys of the transitions do not come again (called by hogsend_forget_user)';

COMMENT ON FUNCTION hogsend_forget_user(text) IS 'Erases every row of a user, in all tables, whichever of their ids is given; returns how many';
COMMENT ON FUNCTION hogsend_forget_users(text[]) IS 'Erases every row of users, as hogsend_forget_user does; returns how many';
