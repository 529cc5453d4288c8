//! What the statements are run against: a few buckets, and tables that were small and are large.

pub const DEFINITIONS: &str = "
    INSERT INTO buckets (id, criteria, dwell_after, dwell_every) VALUES
        ('buyer', hogsend_event('buy', within => '2 days'), '{1 hour}', '{2 hours}'),
        ('often', hogsend_event('buy', within => '30 days', at_least => 3), '{}', '{}'),
        ('deep', hogsend_event('buy', at_least => 100), '{}', '{}'),
        ('pro', hogsend_property('plan', 'eq', 'pro'), '{}', '{}'),
        ('dear', hogsend_event('order', within => '30 days', at_least => 2, filter => hogsend_property('$value', 'gt', 50)), '{}', '{}'),
        ('first', hogsend_first('order', within => '30 days'), '{}', '{}'),
        ('spent', hogsend_any(hogsend_sum('order', at_least => 1000000), hogsend_sum('order', of => 'a', at_least => 1000000),
                              hogsend_sum('order', of => 'b', at_least => 1000000), hogsend_sum('order', of => 'c', at_least => 1000000)), '{}', '{}'),
        ('quiet', hogsend_all(hogsend_property('plan', 'eq', 'pro'), hogsend_event('buy', never => true, within => '1 day')), '{}', '{}');
    INSERT INTO buckets (id, kind) VALUES ('manual', 'manual');
    SELECT hogsend_subscribe('runner');
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF concat(NEW.bucket_id, ' ', to_jsonb(NEW) ->> 'user_id', to_jsonb(NEW) ->> 'status') = current_setting('test.fails', true) THEN
            RAISE EXCEPTION 'no';
        END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON bucket_memberships FOR EACH ROW EXECUTE FUNCTION fail();
    CREATE TRIGGER fail BEFORE UPDATE ON bucket_jobs FOR EACH ROW EXECUTE FUNCTION fail();";

/// 10,000 users with twenty rows each in the tables that grow with them.
pub const FILL: &str = "
    SET session_replication_role = replica;
    INSERT INTO contacts (user_id, properties)
        SELECT 'f' || to_char(n, 'FM00000'), '{\"plan\": \"free\"}' FROM generate_series(1, 10000) n;
    INSERT INTO user_events (user_id, event, occurred_at)
        SELECT c.user_id, CASE k % 4 WHEN 0 THEN 'buy' ELSE 'other-' || k END, '2025-06-01'::timestamptz + k * interval '1 hour'
        FROM contacts c CROSS JOIN generate_series(1, 20) k;
    INSERT INTO bucket_memberships (user_id, bucket_id, entry_count, status, entered_at, left_at, left_reason, source)
        SELECT c.user_id, 'filled-' || k, e, CASE e WHEN 1 THEN 'left' ELSE 'active' END, '2025-06-01',
               CASE e WHEN 1 THEN '2025-06-02'::timestamptz END, CASE e WHEN 1 THEN 'criteria' END, 'event'
        FROM contacts c CROSS JOIN generate_series(1, 10) k CROSS JOIN generate_series(1, 2) e;
    INSERT INTO bucket_timers (user_id, bucket_id, due_at)
        SELECT c.user_id, 'filled-' || k, '2027-01-01' FROM contacts c CROSS JOIN generate_series(1, 20) k;
    INSERT INTO bucket_transitions (event, bucket_id, user_id, transition, entry_count, source, effective_at, recorded_at, idempotency_key)
        SELECT 'bucket:entered:filled-' || k, 'filled-' || k, c.user_id, 'entered', 1, 'event', '2025-06-01', '2025-06-01', 'key'
        FROM contacts c CROSS JOIN generate_series(1, 20) k;
    -- The series that 'spent' names, because of others the clock would remove them.
    INSERT INTO bucket_totals (user_id, series, n, total, first_at, last_at)
        SELECT c.user_id, s, 0, 0, '2025-06-01', '2025-06-01' FROM contacts c CROSS JOIN unnest('{5625bfbb7f9b2b6a6d088c9070cb93fd,
            63cc164f0b3b2aced67a6fee057aca19,aae4bbc8e66830bfec24b4ca7cc9f665,254f9406e3e8073adbdd0c5518bee3ad}'::text[]) s
        WHERE c.user_id LIKE 'f%';
    INSERT INTO bucket_jobs (bucket_id, mode, status) SELECT 'filled-' || k, 'backfill', 'done' FROM generate_series(1, 20000) k;
    CHECKPOINT";
