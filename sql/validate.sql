-- Criteria, checked and normalised. The document goes to the parser as text (see src/validate.rs).

CREATE FUNCTION hogsend_validate(criteria jsonb)
RETURNS TABLE (path text, message text, hint text, severity text)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$
    SELECT p.path, p.message, p.hint, 'problem' FROM @extschema@.hogsend_problems(coalesce(criteria::text, 'null')) p
    UNION ALL
    SELECT m.path, m.message, m.hint, 'problem' FROM @extschema@.hogsend_missing_buckets(criteria::text) m
    UNION ALL
    SELECT w.path, w.message, w.hint, 'warning' FROM @extschema@.hogsend_warnings(criteria::text) w
$$;
COMMENT ON FUNCTION hogsend_validate(jsonb) IS 'What there is to say of criteria: a row a problem, for which they are refused, or a warning, with which they can be used';

CREATE FUNCTION hogsend_canonical(criteria jsonb) RETURNS text
LANGUAGE sql IMMUTABLE STRICT SET search_path = pg_catalog, pg_temp
AS $$ SELECT @extschema@.hogsend_canonical_text(criteria::text) $$;
COMMENT ON FUNCTION hogsend_canonical(jsonb) IS 'The one text that all spellings of the same criteria have';

COMMENT ON FUNCTION hogsend_problems(text) IS 'What hogsend_validate() asks';
COMMENT ON FUNCTION hogsend_warnings(text) IS 'What hogsend_validate() asks besides';
COMMENT ON FUNCTION hogsend_canonical_text(text) IS 'What hogsend_canonical() asks';
COMMENT ON FUNCTION hogsend_named_buckets(text) IS 'The buckets whose members criteria are about; NULL: none (called when a bucket is defined)';
COMMENT ON FUNCTION hogsend_missing_buckets(text) IS 'What hogsend_validate() asks of the buckets that criteria name';
COMMENT ON FUNCTION hogsend_zone_rules() IS 'The rules of all time zones of the server in a few letters, which are others when it has a newer database';
