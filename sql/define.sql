-- Defining a bucket in a migration: said as often as it is deployed, written when it is news.

-- A function of its own, in SQL: an error in a statement of PL/pgSQL's shows all of the statement.
CREATE FUNCTION hogsend_put_bucket(text, jsonb, text, text, boolean, text, text, interval, interval, interval, interval[], interval[], timestamptz, text, interval, text) RETURNS boolean
LANGUAGE sql
SET search_path = pg_catalog, pg_temp
AS $put$
INSERT INTO @extschema@.buckets AS b
    (id, criteria, name, description, enabled, kind, entry_limit, entry_period, min_dwell, max_dwell, dwell_after, dwell_every,
     quiet_before, query, refresh_every, query_path)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, CASE WHEN $6 = 'query' THEN $16 END)
ON CONFLICT (id) DO UPDATE
SET criteria = EXCLUDED.criteria, name = EXCLUDED.name, description = EXCLUDED.description,
    enabled = EXCLUDED.enabled, kind = EXCLUDED.kind, entry_limit = EXCLUDED.entry_limit,
    entry_period = EXCLUDED.entry_period, min_dwell = EXCLUDED.min_dwell, max_dwell = EXCLUDED.max_dwell,
    dwell_after = EXCLUDED.dwell_after, dwell_every = EXCLUDED.dwell_every,
    quiet_before = EXCLUDED.quiet_before,
    query = EXCLUDED.query, refresh_every = EXCLUDED.refresh_every, query_path = EXCLUDED.query_path
WHERE (b.name, b.description, b.enabled, b.kind, b.entry_limit, b.entry_period,
       b.min_dwell, b.max_dwell, b.dwell_after, b.dwell_every, b.quiet_before,
       b.query, b.refresh_every, b.query_path, b.criteria_hash)
      IS DISTINCT FROM
      (EXCLUDED.name, EXCLUDED.description, EXCLUDED.enabled, EXCLUDED.kind, EXCLUDED.entry_limit, EXCLUDED.entry_period,
       EXCLUDED.min_dwell, EXCLUDED.max_dwell, EXCLUDED.dwell_after, EXCLUDED.dwell_every, EXCLUDED.quiet_before,
       EXCLUDED.query, EXCLUDED.refresh_every, EXCLUDED.query_path, EXCLUDED.criteria_hash)
-- Somebody else may have defined it while we waited; a row that was updated has an xmax.
RETURNING b.xmax = 0
$put$;
COMMENT ON FUNCTION hogsend_put_bucket(text, jsonb, text, text, boolean, text, text, interval, interval, interval, interval[], interval[], timestamptz, text, interval, text)
    IS 'Inserts a definition or makes one what is said: whether it is new, NULL if it is what it was (called by hogsend_define_bucket)';

CREATE FUNCTION hogsend_define_bucket(
    id text,
    criteria jsonb DEFAULT NULL,
    name text DEFAULT NULL,
    description text DEFAULT NULL,
    enabled boolean DEFAULT true,
    kind text DEFAULT 'dynamic',
    entry_limit text DEFAULT 'unlimited',
    entry_period interval DEFAULT NULL,
    min_dwell interval DEFAULT NULL,
    max_dwell interval DEFAULT NULL,
    dwell_after interval[] DEFAULT '{}',
    dwell_every interval[] DEFAULT '{}',
    quiet_before timestamptz DEFAULT NULL,
    query text DEFAULT NULL,
    refresh_every interval DEFAULT NULL,
    -- As the caller has it: the function's own comes after the defaults.
    query_path text DEFAULT pg_catalog.current_setting('search_path')
) RETURNS text
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $define$
-- In the queries, names are columns. Parameters go by number.
#variable_conflict use_column
DECLARE
    created boolean;
BEGIN
    PERFORM @extschema@.hogsend_require_tables();

    -- Any statement on buckets, even one that changes no row, waits for the writers of events and
    -- holds new ones off. So look first whether there is anything to do. What cannot be meant is
    -- passed on to be inserted, whose error it is; among it are months, which equal 30 days.
    IF ($2 IS NULL) = ($6 IN ('manual', 'query')) AND ($14 IS NULL) = ($6 <> 'query') AND ($15 IS NULL OR $6 = 'query')
       AND ($2 IS NULL OR NOT EXISTS (SELECT FROM @extschema@.hogsend_problems($2::text)))
       AND NOT EXISTS (
           SELECT FROM (SELECT unnest(ARRAY[$8, $9, $10, $15]) UNION ALL SELECT unnest($11) UNION ALL SELECT unnest($12)) AS given (span)
           WHERE date_trunc('month', span) <> interval '0')
    THEN
        IF EXISTS (
            SELECT FROM @extschema@.buckets b
            WHERE b.id = $1
              AND (b.name, b.description, b.enabled, b.kind, b.entry_limit, b.entry_period,
                   b.min_dwell, b.max_dwell, b.dwell_after, b.dwell_every, b.quiet_before,
                   b.query, b.refresh_every, b.query_path, b.criteria_hash)
                  IS NOT DISTINCT FROM
                  (coalesce($3, $1), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13,
                   $14, CASE WHEN $6 = 'query' THEN coalesce($15, interval '5 minutes') END, CASE WHEN $6 = 'query' THEN $16 END,
                   encode(sha256(convert_to(@extschema@.hogsend_canonical($2), 'UTF8')), 'hex')))
        THEN
            RETURN 'unchanged';
        END IF;
    END IF;

    created := @extschema@.hogsend_put_bucket($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16);
    RETURN CASE WHEN created IS NULL THEN 'unchanged' WHEN created THEN 'created' ELSE 'changed' END;
END
$define$;
COMMENT ON FUNCTION hogsend_define_bucket(text, jsonb, text, text, boolean, text, text, interval, interval, interval, interval[], interval[], timestamptz, text, interval, text)
    IS 'Makes a bucket exactly what is said here, what is left out being the default: created, changed or unchanged; unchanged writes and locks nothing';
