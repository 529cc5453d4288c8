-- Criteria without typing JSON: what stands around legs, and legs about neither events nor properties.

CREATE FUNCTION hogsend_all(VARIADIC conditions jsonb[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT jsonb_build_object('type', 'composite', 'operator', 'and', 'conditions', to_jsonb(conditions)) $$;
COMMENT ON FUNCTION hogsend_all(jsonb[]) IS 'Criteria: all of the conditions hold';

CREATE FUNCTION hogsend_any(VARIADIC conditions jsonb[]) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT jsonb_build_object('type', 'composite', 'operator', 'or', 'conditions', to_jsonb(conditions)) $$;
COMMENT ON FUNCTION hogsend_any(jsonb[]) IS 'Criteria: at least one of the conditions holds';

CREATE FUNCTION hogsend_not(condition jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT jsonb_build_object('type', 'not', 'condition', condition) $$;
COMMENT ON FUNCTION hogsend_not(jsonb) IS 'Criteria: the condition does not hold';

CREATE FUNCTION hogsend_everyone() RETURNS jsonb
LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
AS $$ SELECT jsonb_build_object('type', 'everyone') $$;
COMMENT ON FUNCTION hogsend_everyone() IS 'Criteria: every contact that is not deleted';

CREATE FUNCTION hogsend_sample(salt text, from_percent numeric, to_percent numeric) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $sample$
BEGIN
    IF num_nulls(salt, from_percent, to_percent) > 0 THEN
        RAISE EXCEPTION 'salt, from_percent and to_percent must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'hogsend_sample() was called with a NULL.',
                  HINT = 'For example hogsend_sample(''holdout'', 0, 10).';
    END IF;
    -- In JSON, NaN and infinities would be texts.
    IF NOT (0 <= from_percent AND from_percent < to_percent AND to_percent <= 100) THEN
        RAISE EXCEPTION 'a sample goes from one percentage up to a larger one'
            USING ERRCODE = '22023', DETAIL = format('It is said to go from %s up to %s.', from_percent, to_percent),
                  HINT = 'Give two numbers from 0 to 100, the smaller one first; the larger one is not in the sample itself.';
    END IF;
    RETURN jsonb_build_object('type', 'sample', 'salt', salt, 'from', from_percent, 'to', to_percent);
END
$sample$;
COMMENT ON FUNCTION hogsend_sample(text, numeric, numeric)
    IS 'Criteria: a share of all users, always the same for the same salt: those whose number is in the range of percent';

CREATE FUNCTION hogsend_sample_of(salt text, user_id text) RETURNS numeric
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE SET search_path = pg_catalog, pg_temp
AS $$
    -- The first 64 bits of the hash, without a sign, times 100 / 2^64, which has these digits and no more.
    SELECT trim_scale(
        (('x' || encode(substring(h.hash FOR 4), 'hex'))::bit(32)::bigint * 4294967296::numeric
         + ('x' || encode(substring(h.hash FROM 5 FOR 4), 'hex'))::bit(32)::bigint)
        * 0.00000000000000000542101086242752217003726400434970855712890625)
    FROM (SELECT sha256(convert_to($1, 'UTF8') || decode('00', 'hex') || convert_to($2, 'UTF8'))) AS h (hash)
$$;
COMMENT ON FUNCTION hogsend_sample_of(text, text)
    IS 'The user''s number from 0 up to 100 in the sample with this salt: what hogsend_sample() compares';
