-- Criteria without typing JSON: who is in another bucket.

CREATE FUNCTION hogsend_in_bucket(bucket_id text, at_least interval DEFAULT NULL, member boolean DEFAULT true) RETURNS jsonb
LANGUAGE plpgsql IMMUTABLE
SET search_path = pg_catalog, pg_temp
AS $in_bucket$
BEGIN
    IF bucket_id IS NULL OR member IS NULL THEN
        RAISE EXCEPTION '% must not be NULL', CASE WHEN bucket_id IS NULL THEN 'bucket_id' ELSE 'member' END
            USING ERRCODE = '22004', DETAIL = 'hogsend_in_bucket() was called with a NULL.',
                  HINT = 'For example hogsend_in_bucket(''vip''), or hogsend_in_bucket(''vip'', member => false).';
    END IF;
    RETURN jsonb_build_object('type', 'bucket', 'bucket', bucket_id)
        || CASE WHEN member THEN '{}' ELSE '{"member": false}'::jsonb END
        || CASE WHEN at_least IS NULL THEN '{}' ELSE jsonb_build_object('for', @extschema@.hogsend_event_span('at_least', at_least)) END;
END
$in_bucket$;
COMMENT ON FUNCTION hogsend_in_bucket(text, interval, boolean)
    IS 'Criteria: the user is a member of that bucket, or is not; at_least: and has been so for at least that long';
