-- Tables. They are made by a function, because they are made, adopted or left alone depending on
-- what is there already; and they are no members of the extension (see install.sql). IF NOT EXISTS
-- would not do: inside CREATE EXTENSION Postgres refuses it over objects that are no members.

-- The index of the idempotency keys is not partial, because ON CONFLICT (user_id, idempotency_key) takes
-- none that is; events without a key are never equal. Up to 0.2.0 it was: then the whole one takes its
-- place and name. An index of the user's own with both columns does as well. Not made, with a warning,
-- where there are repetitions: nobody had an index then who could be missing it now.
CREATE FUNCTION hogsend_index_keys(events regclass) RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $index$
DECLARE
    -- Only the table that was made by us is known to have no other index of the name.
    name text := CASE WHEN events = '@extschema@.user_events'::regclass AND to_regclass('@extschema@.user_events_idempotency_key') IS NULL
                      THEN 'user_events_idempotency_key' END;
    is_there boolean := false;
    found record;
BEGIN
    FOR found IN
        SELECT c.relname, i.indexrelid::regclass AS index, i.indpred IS NOT NULL AS partial
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = events AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indnkeyatts = 2
          AND ARRAY['user_id', 'idempotency_key'] <@ ARRAY[pg_get_indexdef(c.oid, 1, false), pg_get_indexdef(c.oid, 2, false)]
          AND (i.indpred IS NULL OR i.indnatts = 2 AND pg_get_expr(i.indpred, i.indrelid) = '(idempotency_key IS NOT NULL)')
        ORDER BY i.indpred IS NOT NULL, c.relname
    LOOP
        IF found.partial THEN
            EXECUTE format('DROP INDEX %s', found.index);
            IF NOT is_there THEN
                name := found.relname;
            END IF;
        END IF;
        is_there := is_there OR NOT found.partial;
    END LOOP;
    IF NOT is_there THEN
        EXECUTE format('CREATE UNIQUE INDEX %s ON %s (user_id, idempotency_key)', coalesce(quote_ident(name), ''), events);
    END IF;
EXCEPTION WHEN unique_violation THEN
    RAISE WARNING '% % has idempotency keys more than once',
        CASE WHEN events = '@extschema@.user_events'::regclass THEN 'table' ELSE 'partition' END, events
        USING DETAIL = SQLERRM || '.',
              HINT = 'Remove the repetitions and SELECT hogsend_migrate() again; until then it takes further ones.';
END
$index$;
COMMENT ON FUNCTION hogsend_index_keys(regclass) IS 'Creates the index of the idempotency keys that user_events or a partition of it lacks (called by hogsend_migrate)';

-- A partitioned user_events is made by the user (see doc/operating.md), who need not know our indexes by
-- heart. The one that look-ups go by is made on the whole. That of the idempotency keys cannot be,
-- because it would have to contain occurred_at, and a repetition has another one: each partition gets
-- its own, so that a key is unique within a partition.
CREATE FUNCTION hogsend_index_partitions() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
AS $index$
DECLARE
    events CONSTANT regclass := '@extschema@.user_events';
    partition regclass;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_index i
                   WHERE i.indrelid = events AND i.indpred IS NULL
                     AND pg_get_indexdef(i.indexrelid, 1, false) = 'user_id'
                     AND pg_get_indexdef(i.indexrelid, 2, false) = 'event'
                     AND pg_get_indexdef(i.indexrelid, 3, false) = 'occurred_at')
    THEN
        CREATE INDEX ON @extschema@.user_events (user_id, event, occurred_at);
    END IF;
    FOR partition IN
        SELECT t.relid FROM pg_partition_tree(events) t
        JOIN pg_class c ON c.oid = t.relid AND c.relkind = 'r'
    LOOP
        PERFORM @extschema@.hogsend_index_keys(partition);
    END LOOP;
END
$index$;
COMMENT ON FUNCTION hogsend_index_partitions() IS 'Creates the indexes that a partitioned user_events lacks (called by hogsend_migrate)';

-- A column that is there already is worth no notice.
CREATE FUNCTION hogsend_make_tables() RETURNS void
LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp
SET client_min_messages = warning
AS $make$
DECLARE
    named record;
BEGIN
    IF to_regclass('@extschema@.buckets') IS NULL THEN
        CREATE TABLE @extschema@.buckets (
            id            text        PRIMARY KEY,
            name          text        NOT NULL,
            description   text,
            enabled       boolean     NOT NULL DEFAULT true,
            kind          text        NOT NULL DEFAULT 'dynamic',
            criteria      jsonb,
            entry_limit   text        NOT NULL DEFAULT 'unlimited',
            entry_period  interval,
            min_dwell     interval,
            max_dwell     interval,
            dwell_after   interval[]  NOT NULL DEFAULT '{}',
            dwell_every   interval[]  NOT NULL DEFAULT '{}',
            created_at    timestamptz NOT NULL DEFAULT now(),
            updated_at    timestamptz NOT NULL DEFAULT now(),
            criteria_hash text,
            instance_id   uuid,
            quiet_before  timestamptz,
            query         text,
            refresh_every interval,
            query_path    text,
            query_role    text,
            depends_on    text[]
        );
        -- Each definition asks whether any bucket is another installation's.
        CREATE INDEX buckets_instance ON @extschema@.buckets (instance_id);
        -- And each which others name it. Most name none, and those are not in it.
        CREATE INDEX buckets_depends_on ON @extschema@.buckets (id) WHERE depends_on IS NOT NULL;
    END IF;

    IF to_regclass('@extschema@.contacts') IS NULL THEN
        CREATE TABLE @extschema@.contacts (
            user_id    text        PRIMARY KEY,
            email      text,
            properties jsonb       NOT NULL DEFAULT '{}'
                       CONSTRAINT contacts_properties_object CHECK (jsonb_typeof(properties) = 'object'),
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            deleted_at timestamptz
        );
    END IF;

    -- No CHECK constraints here: each is prepared anew for every INSERT and costs as much as our
    -- trigger does. The trigger looks at what it reads anyway.
    IF to_regclass('@extschema@.user_events') IS NULL THEN
        CREATE TABLE @extschema@.user_events (
            id                 bigint      GENERATED BY DEFAULT AS IDENTITY,
            user_id            text        NOT NULL,
            event              text        NOT NULL,
            properties         jsonb       NOT NULL DEFAULT '{}',
            value              numeric,
            occurred_at        timestamptz NOT NULL DEFAULT now(),
            source             text,
            idempotency_key    text,
            user_email         text,
            contact_properties jsonb,
            PRIMARY KEY (id, user_id)
        );
        CREATE INDEX user_events_user_event_time
            ON @extschema@.user_events (user_id, event, occurred_at);
        CREATE UNIQUE INDEX user_events_idempotency_key
            ON @extschema@.user_events (user_id, idempotency_key);
    ELSIF EXISTS (SELECT FROM pg_class c WHERE c.oid = '@extschema@.user_events'::regclass AND c.relkind = 'p') THEN
        PERFORM @extschema@.hogsend_index_partitions();
    ELSE
        PERFORM @extschema@.hogsend_index_keys('@extschema@.user_events'::regclass);
    END IF;

    IF to_regclass('@extschema@.bucket_memberships') IS NULL THEN
        CREATE TABLE @extschema@.bucket_memberships (
            user_id         text        NOT NULL,
            bucket_id       text        NOT NULL,
            entry_count     integer     NOT NULL CHECK (entry_count > 0),
            status          text        NOT NULL CHECK (status IN ('active', 'left')),
            entered_at      timestamptz NOT NULL,
            left_at         timestamptz,
            left_reason     text CHECK (left_reason IN ('criteria', 'maxDwell', 'manual', 'bucketDeleted', 'deleted', 'merged')),
            source          text        NOT NULL CHECK (source IN ('event', 'reconcile', 'backfill', 'manual')),
            max_dwell_at    timestamptz,
            dwell_anchor_at timestamptz,
            dwell_counts    jsonb       NOT NULL DEFAULT '{}',
            announced       boolean,
            left_announced  boolean,
            PRIMARY KEY (user_id, bucket_id, entry_count),
            CHECK ((status = 'left') = (left_at IS NOT NULL AND left_reason IS NOT NULL))
        );
        CREATE UNIQUE INDEX bucket_memberships_active
            ON @extschema@.bucket_memberships (user_id, bucket_id) WHERE status = 'active';
        CREATE INDEX bucket_memberships_members
            ON @extschema@.bucket_memberships (bucket_id, user_id) WHERE status = 'active';
    END IF;

    IF to_regclass('@extschema@.bucket_timers') IS NULL THEN
        CREATE TABLE @extschema@.bucket_timers (
            user_id   text        NOT NULL,
            bucket_id text        NOT NULL,
            due_at    timestamptz NOT NULL,
            silent    boolean     NOT NULL DEFAULT false,
            failures  integer     NOT NULL DEFAULT 0,
            error     text,
            muted     boolean     NOT NULL DEFAULT false,
            PRIMARY KEY (user_id, bucket_id)
        );
        CREATE INDEX bucket_timers_due ON @extschema@.bucket_timers (due_at);
    END IF;

    IF to_regclass('@extschema@.bucket_transitions') IS NULL THEN
        CREATE TABLE @extschema@.bucket_transitions (
            id              bigint      GENERATED BY DEFAULT AS IDENTITY,
            event           text        NOT NULL,
            bucket_id       text,
            user_id         text        NOT NULL,
            transition      text        NOT NULL CHECK (transition IN ('entered', 'left', 'dwell', 'started', 'resumed', 'exited')),
            entry_count     integer     NOT NULL,
            reason          text,
            source          text        NOT NULL,
            dwell_label     text,
            dwell_count     bigint,
            effective_at    timestamptz NOT NULL,
            recorded_at     timestamptz NOT NULL,
            idempotency_key text        NOT NULL,
            xid             xid8        NOT NULL DEFAULT pg_current_xact_id(),
            journey_id      text,
            run_id          bigint,
            label           text,
            timed_out       boolean,
            event_id        bigint,
            event_properties jsonb,
            PRIMARY KEY (id, user_id)
        );
        CREATE INDEX bucket_transitions_user
            ON @extschema@.bucket_transitions (user_id, id);
        CREATE INDEX bucket_transitions_xid
            ON @extschema@.bucket_transitions (xid, id);
    END IF;

    IF to_regclass('@extschema@.bucket_consumers') IS NULL THEN
        CREATE TABLE @extschema@.bucket_consumers (
            name             text        PRIMARY KEY,
            buckets          text[],
            transitions      text[],
            reasons          text[],
            first_entry_only boolean     NOT NULL DEFAULT false,
            shards           integer     NOT NULL DEFAULT 1,
            created_at       timestamptz NOT NULL DEFAULT now(),
            instance_id      uuid,
            not_older_than   interval,
            journeys         text[]
        );
    END IF;

    IF to_regclass('@extschema@.bucket_positions') IS NULL THEN
        CREATE TABLE @extschema@.bucket_positions (
            consumer     text        NOT NULL,
            shard        integer     NOT NULL,
            passed       pg_snapshot NOT NULL,
            mark         bigint      NOT NULL,
            reading      pg_snapshot,
            next_mark    bigint,
            after_id     bigint      NOT NULL DEFAULT 0,
            last_id      bigint,
            is_last      boolean     NOT NULL DEFAULT false,
            batch        bigint      NOT NULL,
            polled_at    timestamptz,
            acked_at     timestamptz,
            lapsed_at    timestamptz,
            lapsed_up_to bigint,
            not_before   timestamptz,
            PRIMARY KEY (consumer, shard)
        ) WITH (fillfactor = 50);
    END IF;

    IF to_regclass('@extschema@.bucket_jobs') IS NULL THEN
        CREATE TABLE @extschema@.bucket_jobs (
            id          bigint      GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            bucket_id   text        NOT NULL,
            mode        text        NOT NULL CHECK (mode IN ('backfill', 'reevaluate', 'review')),
            announces   boolean     NOT NULL DEFAULT false,
            muted       boolean     NOT NULL DEFAULT false,
            queued_until bigint,
            status      text        NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'running', 'done', 'failed')),
            total       bigint,
            processed   bigint      NOT NULL DEFAULT 0,
            joined      bigint      NOT NULL DEFAULT 0,
            "left"      bigint      NOT NULL DEFAULT 0,
            reached     text,
            error       text,
            created_at  timestamptz NOT NULL DEFAULT now(),
            started_at  timestamptz,
            moved_at    timestamptz NOT NULL DEFAULT now(),
            finished_at timestamptz
        );
        CREATE INDEX bucket_jobs_open
            ON @extschema@.bucket_jobs (bucket_id) WHERE status IN ('pending', 'running');
        CREATE INDEX bucket_jobs_unfinished
            ON @extschema@.bucket_jobs (bucket_id) WHERE status <> 'done';
    END IF;

    -- Of a user who was erased no more is kept than a hash of the id and how often: keys of transitions
    -- must not come again with a user who does.
    IF to_regclass('@extschema@.bucket_erasures') IS NULL THEN
        CREATE TABLE @extschema@.bucket_erasures (
            user_hash bytea   PRIMARY KEY,
            times     integer NOT NULL DEFAULT 1
        );
    END IF;

    -- What hogsend_prune() took from the stays, by quarter of an hour: a day of any time zone is made of
    -- those. A row that counts nothing says that a bucket of this id was deleted: of that stays may be left.
    IF to_regclass('@extschema@.bucket_counts') IS NULL THEN
        CREATE TABLE @extschema@.bucket_counts (
            bucket_id        text        NOT NULL,
            since            timestamptz NOT NULL,
            entered          bigint      NOT NULL DEFAULT 0,
            "left"           bigint      NOT NULL DEFAULT 0,
            entered_silently bigint      NOT NULL DEFAULT 0,
            left_silently    bigint      NOT NULL DEFAULT 0,
            PRIMARY KEY (bucket_id, since)
        );
        -- Which were deleted under an earlier release is told by what is left of them.
        INSERT INTO @extschema@.bucket_counts (bucket_id, since)
        SELECT DISTINCT m.bucket_id, now() FROM @extschema@.bucket_memberships m
        WHERE NOT EXISTS (SELECT FROM @extschema@.buckets b WHERE b.id = m.bucket_id);
    END IF;

    IF to_regclass('@extschema@.bucket_refreshes') IS NULL THEN
        CREATE TABLE @extschema@.bucket_refreshes (
            bucket_id    text        PRIMARY KEY,
            role_id      oid,
            mode         text        NOT NULL CHECK (mode IN ('fill', 'review', 'refresh')),
            due_at       timestamptz NOT NULL,
            refreshed_at timestamptz,
            took         interval,
            returned     bigint,
            entered      bigint,
            "left"       bigint,
            failures     integer     NOT NULL DEFAULT 0,
            error        text,
            muted        boolean     NOT NULL DEFAULT false
        );
    END IF;

    IF to_regclass('@extschema@.bucket_holdouts') IS NULL THEN
        CREATE TABLE @extschema@.bucket_holdouts (
            user_id   text NOT NULL,
            bucket_id text NOT NULL,
            PRIMARY KEY (user_id, bucket_id)
        );
        CREATE INDEX bucket_holdouts_bucket ON @extschema@.bucket_holdouts (bucket_id, user_id);
    END IF;

    -- Append-only for those who write events, so that they wait for nobody; no CHECK constraints, because
    -- each is prepared anew for every INSERT.
    IF to_regclass('@extschema@.user_queue') IS NULL THEN
        CREATE TABLE @extschema@.user_queue (
            id                 bigint      GENERATED BY DEFAULT AS IDENTITY,
            user_id            text        NOT NULL,
            what               text        NOT NULL,
            name               text,
            event_id           bigint,
            occurred_at        timestamptz,
            user_email         text,
            contact_properties jsonb,
            silent             boolean     NOT NULL DEFAULT false,
            muted              boolean     NOT NULL DEFAULT false,
            queued_at          timestamptz NOT NULL DEFAULT now(),
            retry_at           timestamptz,
            failures           integer     NOT NULL DEFAULT 0,
            error              text,
            PRIMARY KEY (id, user_id)
        );
        CREATE INDEX user_queue_user ON @extschema@.user_queue (user_id, id);
    END IF;

    -- What all events of a series of a user come to, where it takes long to add them up. A row is as the events are
    -- or is not there, so that deleting rows loses nothing; n and the sums change often, and no index has them.
    IF to_regclass('@extschema@.bucket_totals') IS NULL THEN
        CREATE TABLE @extschema@.bucket_totals (
            user_id  text        NOT NULL,
            series   text        NOT NULL,
            n        bigint      NOT NULL,
            total    numeric     NOT NULL,
            least    numeric,
            most     numeric,
            first_at timestamptz,
            last_at  timestamptz,
            PRIMARY KEY (user_id, series)
        ) WITH (fillfactor = 70);
        CREATE INDEX bucket_totals_series ON @extschema@.bucket_totals (series, user_id);
    END IF;

    -- An alias never has a contact; and user_id is never an alias itself.
    IF to_regclass('@extschema@.user_aliases') IS NULL THEN
        CREATE TABLE @extschema@.user_aliases (
            alias         text        PRIMARY KEY,
            user_id       text        NOT NULL,
            identified_at timestamptz NOT NULL DEFAULT now(),
            open_until    xid8        DEFAULT '0'
        );
        CREATE INDEX user_aliases_open ON @extschema@.user_aliases (open_until) WHERE open_until IS NOT NULL;
        CREATE INDEX user_aliases_user ON @extschema@.user_aliases (user_id);
    END IF;

    -- Tables of the user's that are mirrored. Which they are is told by their triggers.
    IF to_regclass('@extschema@.feeds') IS NULL THEN
        CREATE TABLE @extschema@.feeds (
            name          text        PRIMARY KEY,
            kind          text        NOT NULL CHECK (kind IN ('events', 'contacts')),
            fields        jsonb       NOT NULL,
            on_delete     text        NOT NULL DEFAULT 'mark' CHECK (on_delete IN ('mark', 'forget')),
            owned         text[],
            search_path   text        NOT NULL DEFAULT '',
            attached_by   text        NOT NULL,
            attached_at   timestamptz NOT NULL,
            import        text        NOT NULL DEFAULT 'pending' CHECK (import IN ('pending', 'running', 'done')),
            part          text,
            file          bigint,
            block         bigint,
            blocks        bigint,
            rows_total    bigint,
            rows_imported bigint      NOT NULL DEFAULT 0,
            rows_skipped  bigint      NOT NULL DEFAULT 0,
            rows_failed   bigint      NOT NULL DEFAULT 0,
            error         text,
            error_at      timestamptz,
            imported_at   timestamptz,
            moved_at      timestamptz,
            last_event    bigint
        );
    END IF;

    -- Append-only, so that writers to a table that is mirrored wait for nobody. The clock adds it up.
    IF to_regclass('@extschema@.feed_notes') IS NULL THEN
        CREATE TABLE @extschema@.feed_notes (
            id       bigint      GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
            feed     text        NOT NULL,
            skipped  bigint      NOT NULL DEFAULT 0,
            failed   bigint      NOT NULL DEFAULT 0,
            error    text,
            noted_at timestamptz NOT NULL DEFAULT now()
        );
    END IF;

    -- The definitions of journeys.
    IF to_regclass('@extschema@.journeys') IS NULL THEN
        CREATE TABLE @extschema@.journeys (
            id           text        PRIMARY KEY,
            name         text        NOT NULL,
            description  text,
            enabled      boolean     NOT NULL DEFAULT true,
            starts_on    text[]      NOT NULL,
            exits_on     text[]      NOT NULL DEFAULT '{}',
            waits_for    text[]      NOT NULL DEFAULT '{}',
            entry_limit  text        NOT NULL DEFAULT 'unlimited',
            entry_period interval,
            created_at   timestamptz NOT NULL DEFAULT now(),
            updated_at   timestamptz NOT NULL DEFAULT now(),
            instance_id  uuid
        );
        -- Each statement asks whether any journey is another installation's.
        CREATE INDEX journeys_instance ON @extschema@.journeys (instance_id);
    END IF;

    -- No CHECK constraints, as above. A run is live as long as it has no end: not by its status, which
    -- changes with every wait, and what an index looks at cannot change without writing to every index.
    IF to_regclass('@extschema@.journey_runs') IS NULL THEN
        CREATE TABLE @extschema@.journey_runs (
            id          bigint      GENERATED BY DEFAULT AS IDENTITY,
            user_id     text        NOT NULL,
            journey_id  text        NOT NULL,
            entry_count integer     NOT NULL,
            status      text        NOT NULL,
            step        bigint      NOT NULL DEFAULT 0,
            step_id     bigint,
            label       text,
            state       jsonb,
            started_at  timestamptz NOT NULL,
            since       timestamptz NOT NULL,
            ended_at    timestamptz,
            reason      text,
            error       text,
            wait_event  text,
            wait_filter jsonb,
            wait_until  timestamptz,
            labels      jsonb       NOT NULL DEFAULT '{}',
            PRIMARY KEY (id, user_id)
        ) WITH (fillfactor = 75);
        CREATE UNIQUE INDEX journey_runs_live
            ON @extschema@.journey_runs (user_id, journey_id) WHERE ended_at IS NULL;
        CREATE INDEX journey_runs_of_journey
            ON @extschema@.journey_runs (journey_id, user_id) WHERE ended_at IS NULL;
        CREATE INDEX journey_runs_user
            ON @extschema@.journey_runs (user_id, journey_id, entry_count);
    END IF;

    -- What a release adds to a table is written into its CREATE TABLE above, and here once more for
    -- tables that are there already: ALTER TABLE … ADD COLUMN IF NOT EXISTS.

    IF NOT EXISTS (SELECT FROM pg_attribute a
                   WHERE a.attrelid = '@extschema@.bucket_jobs'::regclass AND a.attname = 'announces' AND NOT a.attisdropped)
    THEN
        ALTER TABLE @extschema@.bucket_jobs ADD COLUMN announces boolean NOT NULL DEFAULT false;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_attribute a
                   WHERE a.attrelid = '@extschema@.hogsend_clock'::regclass AND a.attname = 'cut_short_at')
    THEN
        ALTER TABLE @extschema@.hogsend_clock
            ADD COLUMN cut_short_at timestamptz, ADD COLUMN cut_short_after interval, ADD COLUMN cut_short_role name;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_attribute a
                   WHERE a.attrelid = '@extschema@.hogsend_clock'::regclass AND a.attname = 'zone_rules')
    THEN
        ALTER TABLE @extschema@.hogsend_clock ADD COLUMN zone_rules text, ADD COLUMN zones_seen_at timestamptz;
    END IF;

    -- Since 0.3.0 nobody reads the jobs that are done to find those that are not.
    IF to_regclass('@extschema@.bucket_jobs_unfinished') IS NULL THEN
        CREATE INDEX bucket_jobs_unfinished
            ON @extschema@.bucket_jobs (bucket_id) WHERE status <> 'done';
    END IF;

    -- And nobody reads all buckets to see whether one of them is another installation's.
    IF to_regclass('@extschema@.buckets_instance') IS NULL THEN
        CREATE INDEX buckets_instance ON @extschema@.buckets (instance_id);
    END IF;

    -- 0.3.0: buckets that follow a query.
    ALTER TABLE @extschema@.buckets
        ADD COLUMN IF NOT EXISTS query text, ADD COLUMN IF NOT EXISTS refresh_every interval,
        ADD COLUMN IF NOT EXISTS query_path text, ADD COLUMN IF NOT EXISTS query_role text;

    -- 0.3.0: buckets that name others.
    ALTER TABLE @extschema@.buckets ADD COLUMN IF NOT EXISTS depends_on text[];
    IF to_regclass('@extschema@.buckets_depends_on') IS NULL THEN
        CREATE INDEX buckets_depends_on ON @extschema@.buckets (id) WHERE depends_on IS NOT NULL;
    END IF;

    -- Since 0.2.0 the trigger sees to it.
    IF EXISTS (SELECT FROM pg_constraint c
               WHERE c.conrelid = '@extschema@.user_events'::regclass AND c.conname = 'user_events_contact_properties_object')
    THEN
        ALTER TABLE @extschema@.user_events DROP CONSTRAINT user_events_contact_properties_object;
    END IF;

    -- 0.3.0: silence.
    ALTER TABLE @extschema@.buckets ADD COLUMN IF NOT EXISTS quiet_before timestamptz;
    ALTER TABLE @extschema@.bucket_memberships ADD COLUMN IF NOT EXISTS announced boolean,
        ADD COLUMN IF NOT EXISTS left_announced boolean;
    ALTER TABLE @extschema@.bucket_timers ADD COLUMN IF NOT EXISTS muted boolean NOT NULL DEFAULT false;
    ALTER TABLE @extschema@.bucket_jobs ADD COLUMN IF NOT EXISTS muted boolean NOT NULL DEFAULT false;
    ALTER TABLE @extschema@.bucket_refreshes ADD COLUMN IF NOT EXISTS muted boolean NOT NULL DEFAULT false;
    ALTER TABLE @extschema@.bucket_jobs ADD COLUMN IF NOT EXISTS queued_until bigint;
    ALTER TABLE @extschema@.bucket_consumers ADD COLUMN IF NOT EXISTS not_older_than interval;
    ALTER TABLE @extschema@.bucket_positions ADD COLUMN IF NOT EXISTS not_before timestamptz;

    ALTER TABLE @extschema@.user_aliases ADD COLUMN IF NOT EXISTS open_until xid8 DEFAULT '0';

    -- 0.3.0: steps of journeys stand in the outbox, too.
    ALTER TABLE @extschema@.bucket_consumers ADD COLUMN IF NOT EXISTS journeys text[];
    ALTER TABLE @extschema@.bucket_transitions ADD COLUMN IF NOT EXISTS journey_id text, ADD COLUMN IF NOT EXISTS run_id bigint,
        ADD COLUMN IF NOT EXISTS label text, ADD COLUMN IF NOT EXISTS timed_out boolean,
        ADD COLUMN IF NOT EXISTS event_id bigint, ADD COLUMN IF NOT EXISTS event_properties jsonb,
        ALTER COLUMN bucket_id DROP NOT NULL;
    FOR named IN
        SELECT c.conname FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
        WHERE c.conrelid = '@extschema@.bucket_transitions'::regclass AND c.contype = 'c' AND a.attname = 'transition'
          AND strpos(pg_get_constraintdef(c.oid), 'dwell') > 0 AND strpos(pg_get_constraintdef(c.oid), 'resumed') = 0
    LOOP
        EXECUTE format('ALTER TABLE @extschema@.bucket_transitions DROP CONSTRAINT %1$I, ADD CONSTRAINT %1$I
            CHECK (transition IN (''entered'', ''left'', ''dwell'', ''started'', ''resumed'', ''exited''))', named.conname);
    END LOOP;

    -- 0.3.0: stays of an alias end for a reason of their own. That of the earlier release stands under
    -- whatever name it was given.
    FOR named IN
        SELECT c.conname FROM pg_constraint c
        JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
        WHERE c.conrelid = '@extschema@.bucket_memberships'::regclass AND c.contype = 'c' AND a.attname = 'left_reason'
          AND strpos(pg_get_constraintdef(c.oid), 'bucketDeleted') > 0 AND strpos(pg_get_constraintdef(c.oid), 'merged') = 0
    LOOP
        EXECUTE format('ALTER TABLE @extschema@.bucket_memberships DROP CONSTRAINT %1$I, ADD CONSTRAINT %1$I
            CHECK (left_reason IN (''criteria'', ''maxDwell'', ''manual'', ''bucketDeleted'', ''deleted'', ''merged''))', named.conname);
    END LOOP;
END
$make$;
COMMENT ON FUNCTION hogsend_make_tables() IS 'Creates those tables of hogsend that do not exist yet (called by hogsend_migrate)';
