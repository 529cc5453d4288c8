-- What a definition would do, and whether what is stored is right. The criteria go to the parser as
-- text (see src/validate.rs).

CREATE FUNCTION hogsend_preview(criteria jsonb, sample integer DEFAULT 10)
RETURNS TABLE (matches bigint, sample text[])
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT p.matches, p.sample FROM @extschema@.hogsend_preview_text(coalesce(criteria::text, 'null'), $2) p $$;
COMMENT ON FUNCTION hogsend_preview(jsonb, integer) IS 'How many users match criteria now, and the first of them; writes nothing';

CREATE FUNCTION hogsend_preview_change(bucket_id text, criteria jsonb, sample integer DEFAULT 10)
RETURNS TABLE (joins bigint, leaves bigint, joins_sample text[], leaves_sample text[], dependants jsonb)
LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT p.joins, p.leaves, p.joins_sample, p.leaves_sample, p.dependants::jsonb
      FROM @extschema@.hogsend_preview_change_of($1, coalesce($2::text, 'null'), $3) p $$;
COMMENT ON FUNCTION hogsend_preview_change(text, jsonb, integer) IS 'Who would join and who would leave if the bucket had these criteria, and how many would follow in buckets that depend on it; writes nothing';

COMMENT ON FUNCTION hogsend_preview_text(text, integer) IS 'What hogsend_preview() asks';
COMMENT ON FUNCTION hogsend_preview_change_of(text, text, integer) IS 'What hogsend_preview_change() asks';
COMMENT ON FUNCTION hogsend_verify(text) IS 'A row for each user of whom something else is stored than a full recomputation says; none is the promise';
