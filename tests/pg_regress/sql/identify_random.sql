-- Whatever people do under whichever of their ids, and in whatever order it is said who is whom: who is a member is who
-- belongs, one key is said once, and nothing is left under an id that is an alias.
SET timezone = 'UTC';
SET client_min_messages = warning;
CREATE EXTENSION hogsend;
INSERT INTO buckets (id, criteria, entry_limit, min_dwell, max_dwell, dwell_every) VALUES
    ('lately', hogsend_event('a', within => '10 hours'), 'unlimited', NULL, NULL, '{6 hours}'),
    ('often', hogsend_event('a', at_least => 3, within => '30 hours'), 'once', '4 hours', NULL, '{}'),
    ('lapsed', hogsend_event('b', within => '12 hours', never => true), 'unlimited', NULL, '20 hours', '{}'),
    ('pro', hogsend_all(hogsend_property('plan', 'eq', 'pro'), hogsend_event('b')), 'once_per_period', NULL, NULL, '{}');
INSERT INTO buckets (id, kind) VALUES ('beta', 'manual');
CREATE TABLE wrong (step integer, what text);
CREATE FUNCTION play(steps integer) RETURNS TABLE (identified bigint, refused bigint) LANGUAGE plpgsql AS $$
DECLARE
    present timestamptz := '2026-01-01 00:00+00';
    who text;
    other text;
BEGIN
    identified := 0;
    refused := 0;
    FOR step IN 1 .. steps LOOP
        -- A few ids are new in each stretch of time, and older ones go on.
        who := 'u' || step / 20 + floor(random() * 8);
        other := 'u' || step / 20 + floor(random() * 8);
        present := present + random() * interval '40 minutes';
        PERFORM set_config('hogsend.now', present::text, false);
        CASE floor(random() * 12)
            WHEN 0, 1, 2 THEN
                INSERT INTO user_events (user_id, event, occurred_at) VALUES (who, 'a', present - floor(random() * 3) * interval '3 hours');
            WHEN 3, 4 THEN
                INSERT INTO user_events (user_id, event, occurred_at, contact_properties, idempotency_key)
                VALUES (who, 'b', present, jsonb_build_object('plan', CASE WHEN random() < 0.5 THEN 'pro' ELSE 'free' END), 'k' || floor(random() * 50)) ON CONFLICT DO NOTHING;
            WHEN 5 THEN
                INSERT INTO user_events (user_id, event, occurred_at) SELECT n, 'a', present FROM unnest(ARRAY[who, other]) n;
            WHEN 6 THEN
                PERFORM hogsend_add_member('beta', who);
            WHEN 7 THEN
                PERFORM hogsend_remove_member('beta', who);
            WHEN 8 THEN
                PERFORM hogsend_reconcile();
            WHEN 9 THEN
                UPDATE contacts SET deleted_at = CASE WHEN deleted_at IS NULL AND random() < 0.3 THEN present END WHERE user_id = who;
            ELSE
                BEGIN
                    identified := identified + hogsend_identify(who, other)::integer;
                EXCEPTION WHEN invalid_parameter_value THEN
                    refused := refused + 1;
                END;
        END CASE;
        IF step % 10 = 0 THEN
            INSERT INTO wrong SELECT step, b.id || ': ' || v::text FROM buckets b CROSS JOIN LATERAL hogsend_verify(b.id) v WHERE b.kind = 'dynamic';
        END IF;
    END LOOP;
    RETURN NEXT;
END
$$;
SELECT setseed(0.5);
SELECT identified > 100 AS many_identified, refused > 20 AS some_refused FROM play(2500);
SELECT * FROM wrong;
SELECT count(*) - count(DISTINCT idempotency_key) AS repeated FROM bucket_transitions;
SELECT count(*) AS strays FROM (
    SELECT user_id FROM user_events UNION ALL SELECT user_id FROM contacts UNION ALL SELECT user_id FROM bucket_memberships
    UNION ALL SELECT user_id FROM bucket_timers UNION ALL SELECT user_id FROM user_aliases) r
WHERE r.user_id IN (SELECT alias FROM user_aliases);
SELECT count(*) AS not_last FROM bucket_memberships m JOIN bucket_memberships l USING (user_id, bucket_id)
WHERE m.status = 'active' AND l.entry_count > m.entry_count;
-- Of those who are out, the last to have ended stands last.
SELECT count(*) AS not_latest FROM bucket_memberships m JOIN bucket_memberships l USING (user_id, bucket_id)
WHERE l.entry_count > m.entry_count AND m.left_at > l.left_at AND NOT EXISTS (
    SELECT FROM bucket_memberships h WHERE h.user_id = l.user_id AND h.bucket_id = l.bucket_id AND h.entry_count > l.entry_count);
SELECT left_reason, count(*) > 5 AS often FROM bucket_memberships WHERE left_at IS NOT NULL GROUP BY 1 ORDER BY 1;
