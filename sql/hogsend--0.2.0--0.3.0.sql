-- hogsend 0.2.0 to 0.3.0. `make upgrade-script` writes what is below the mark, from the
-- difference between the two; what is above it is written by hand, and needed only where
-- hogsend_instance or hogsend_clock change.
\echo Use "ALTER EXTENSION hogsend UPDATE TO '0.3.0'" to load this file. \quit

-- Derived from here on.

DROP FUNCTION @extschema@.hogsend_add_member(text,text);

DROP FUNCTION @extschema@.hogsend_add_member(text,text[]);

DROP FUNCTION @extschema@.hogsend_define_bucket(text,jsonb,text,text,boolean,text,text,interval,interval,interval,interval[],interval[]);

DROP FUNCTION @extschema@.hogsend_difference(text,integer,pg_snapshot,bigint,pg_snapshot,bigint,bigint,integer);

DROP FUNCTION @extschema@.hogsend_event(text,interval,bigint,bigint,bigint,bigint,bigint,boolean);

DROP FUNCTION @extschema@.hogsend_passed();

DROP FUNCTION @extschema@.hogsend_poll(text,integer,integer);

DROP FUNCTION @extschema@.hogsend_preview_change(text,jsonb,integer);

DROP FUNCTION @extschema@.hogsend_preview_change_text(text,text,integer);

DROP FUNCTION @extschema@.hogsend_property(text,text,numeric);

DROP FUNCTION @extschema@.hogsend_property(text,text,text);

DROP FUNCTION @extschema@.hogsend_property_leg(text,text,jsonb);

DROP FUNCTION @extschema@.hogsend_prune(interval,interval,boolean);

DROP FUNCTION @extschema@.hogsend_prune_oldest(timestamp with time zone,bigint,bigint);

DROP FUNCTION @extschema@.hogsend_subscribe(text,text[],text[],text[],boolean,boolean,integer);

DROP FUNCTION @extschema@.hogsend_validate(jsonb);

CREATE OR REPLACE FUNCTION @extschema@.hogsend_index_keys(events regclass)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_index_keys(regclass) IS 'Internal: Creates the index of the idempotency keys that user_events or a partition of it lacks (called by hogsend_migrate)';

REVOKE ALL ON FUNCTION @extschema@.hogsend_index_keys(regclass) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_index_partitions()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_index_partitions() IS 'Internal: Creates the indexes that a partitioned user_events lacks (called by hogsend_migrate)';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_make_tables()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET client_min_messages TO 'warning'
AS $function$
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
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_make_tables() IS 'Internal: Creates those tables of hogsend that do not exist yet (called by hogsend_migrate)';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_has_column(relation text, name text)
 RETURNS boolean
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT EXISTS (SELECT FROM pg_attribute a
                   WHERE a.attrelid = to_regclass(format('%s.%I', '@extschema@', $1)) AND a.attname = $2 AND a.attnum > 0 AND NOT a.attisdropped)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_has_column(text,text) IS 'Internal: Whether a relation of hogsend has a column (called by hogsend_migrate)';

REVOKE ALL ON FUNCTION @extschema@.hogsend_has_column(text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_make_views()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    view text;
BEGIN
    -- Views of earlier releases get at their end what is new. Inside CREATE and ALTER EXTENSION only a
    -- member can be replaced, so they are members until hogsend_migrate() lets them go.
    IF to_regclass('@extschema@.bucket_stats') IS NOT NULL AND NOT @extschema@.hogsend_has_column('bucket_stats', 'dependants') THEN
        ALTER EXTENSION hogsend ADD VIEW @extschema@.bucket_stats;
    END IF;
    IF to_regclass('@extschema@.bucket_daily') IS NOT NULL AND NOT @extschema@.hogsend_has_column('bucket_daily', 'left_silently') THEN
        ALTER EXTENSION hogsend ADD VIEW @extschema@.bucket_daily;
    END IF;
    IF position('journeys' IN pg_get_viewdef(to_regclass('@extschema@.bucket_lag'))) = 0 THEN
        ALTER EXTENSION hogsend ADD VIEW @extschema@.bucket_lag;
    END IF;

    IF to_regclass('@extschema@.bucket_members') IS NULL THEN
        CREATE VIEW @extschema@.bucket_members AS
        SELECT m.bucket_id, m.user_id, c.email, m.entered_at, m.entry_count
        FROM @extschema@.bucket_memberships m
        JOIN @extschema@.contacts c ON c.user_id = m.user_id
        WHERE m.status = 'active' AND c.deleted_at IS NULL;
    END IF;

    -- Everything is counted a bucket before it is joined. Measured with EXPLAIN, 50 buckets and
    -- 200,000 stays: a filter "bucket_id = …" gets into every one of these subqueries, so that only
    -- that bucket's rows are aggregated; without a filter each table is read once, not once a bucket
    -- as with LATERAL; and a subquery whose columns nobody asks for is not run at all. Members come
    -- by index, the rest by reading the table, which an index on bucket_id would save here and cost
    -- every writer.
    --
    -- The present is that of every evaluation (hogsend.now, where it is set). Not by a function of
    -- ours: DROP EXTENSION … CASCADE would take the view, and readers would need EXECUTE on it.
    IF NOT @extschema@.hogsend_has_column('bucket_stats', 'dependants') THEN
        CREATE OR REPLACE VIEW @extschema@.bucket_stats AS
        WITH clock AS MATERIALIZED (
            SELECT coalesce(nullif(current_setting('hogsend.now', true), '')::timestamptz, now())
                   - interval '24 hours' AS day_ago
        )
        SELECT b.id AS bucket_id, b.name, b.kind, b.enabled, b.criteria, b.entry_limit, b.min_dwell, b.max_dwell,
               coalesce(members.active, 0) AS active,
               coalesce(stays.left_total, 0) + coalesce(pruned.left_total, 0) AS left_total,
               coalesce(stays.entered_24h, 0) AS entered_24h,
               coalesce(stays.left_24h, 0) AS left_24h,
               stays.average_stay, timers.next_due,
               transitions.lateness[1] AS lateness_p50, transitions.lateness[2] AS lateness_p99,
               coalesce(jobs.job, refreshes.job) AS job,
               coalesce(stays.entered_silently_24h, 0) AS entered_silently_24h,
               coalesce(stays.left_silently_24h, 0) AS left_silently_24h,
               refreshes.refreshed_at, refreshes.took AS refresh_took, refreshes.due_at AS next_refresh,
               refreshes.error AS refresh_error,
               b.depends_on,
               (SELECT array_agg(d.id ORDER BY d.id) FROM @extschema@.buckets d WHERE d.depends_on && ARRAY[b.id::text]) AS dependants
        FROM @extschema@.buckets b
        LEFT JOIN (
            SELECT m.bucket_id, count(*) AS active
            FROM @extschema@.bucket_members m
            GROUP BY m.bucket_id
        ) AS members ON members.bucket_id = b.id
        LEFT JOIN (
            SELECT m.bucket_id, count(m.left_at) AS left_total,
                   count(*) FILTER (WHERE m.entered_at > (SELECT day_ago FROM clock)
                                      AND coalesce(m.announced, m.source <> 'backfill')) AS entered_24h,
                   count(*) FILTER (WHERE m.left_at > (SELECT day_ago FROM clock)
                                      AND coalesce(m.left_announced, m.left_reason <> 'deleted')) AS left_24h,
                   count(*) FILTER (WHERE m.entered_at > (SELECT day_ago FROM clock)
                                      AND NOT coalesce(m.announced, m.source <> 'backfill')) AS entered_silently_24h,
                   count(*) FILTER (WHERE m.left_at > (SELECT day_ago FROM clock)
                                      AND NOT coalesce(m.left_announced, m.left_reason <> 'deleted')) AS left_silently_24h,
                   justify_hours(avg(m.left_at - m.entered_at)) AS average_stay
            FROM @extschema@.bucket_memberships m
            GROUP BY m.bucket_id
        ) AS stays ON stays.bucket_id = b.id
        LEFT JOIN (
            SELECT c.bucket_id, sum(c."left" + c.left_silently)::bigint AS left_total
            FROM @extschema@.bucket_counts c
            GROUP BY c.bucket_id
        ) AS pruned ON pruned.bucket_id = b.id
        LEFT JOIN (
            SELECT t.bucket_id, min(t.due_at) AS next_due
            FROM @extschema@.bucket_timers t
            GROUP BY t.bucket_id
        ) AS timers ON timers.bucket_id = b.id
        LEFT JOIN (
            SELECT t.bucket_id,
                   percentile_disc(ARRAY[0.5, 0.99]) WITHIN GROUP (ORDER BY t.recorded_at - t.effective_at) AS lateness
            FROM @extschema@.bucket_transitions t
            WHERE t.source = 'reconcile' AND t.recorded_at > (SELECT day_ago FROM clock)
            GROUP BY t.bucket_id
        ) AS transitions ON transitions.bucket_id = b.id
        LEFT JOIN (
            SELECT DISTINCT ON (j.bucket_id) j.bucket_id,
                   CASE j.mode WHEN 'backfill' THEN 'backfill' ELSE 're-evaluation' END
                   || CASE j.status
                          WHEN 'running' THEN ' running: ' || to_char(j.processed, 'FM999,999,999,990')
                               || coalesce(' of ' || to_char(j.total, 'FM999,999,999,990'), ' so far')
                          WHEN 'failed' THEN ' failed' || coalesce(': ' || j.error, '')
                          WHEN 'pending' THEN ' pending'
                      END AS job
            FROM @extschema@.bucket_jobs j
            ORDER BY j.bucket_id, j.status IN ('pending', 'running') DESC, j.id DESC
        ) AS jobs ON jobs.bucket_id = b.id
        -- What a job is to other buckets the next refresh is to one whose query is new or another.
        LEFT JOIN (
            SELECT r.bucket_id, r.refreshed_at, r.took, r.due_at, r.error,
                   CASE WHEN r.mode = 'fill' AND r.refreshed_at IS NULL THEN 'backfill'
                        WHEN r.mode <> 'refresh' THEN 're-evaluation' END
                   || CASE WHEN r.failures > 0 THEN ' failed: ' || r.error ELSE ' pending' END AS job
            FROM @extschema@.bucket_refreshes r
        ) AS refreshes ON refreshes.bucket_id = b.id AND b.kind = 'query';
    END IF;

    IF NOT @extschema@.hogsend_has_column('bucket_daily', 'left_silently') THEN
        CREATE OR REPLACE VIEW @extschema@.bucket_daily AS
        SELECT d.bucket_id, d.day, sum(d.entered)::bigint AS entered, sum(d."left")::bigint AS "left",
               sum(d.entered_silently)::bigint AS entered_silently, sum(d.left_silently)::bigint AS left_silently
        FROM (
            SELECT m.bucket_id, move.at::date AS day,
                   count(*) FILTER (WHERE move.begins AND move.is_told) AS entered,
                   count(*) FILTER (WHERE NOT move.begins AND move.is_told) AS "left",
                   count(*) FILTER (WHERE move.begins AND NOT move.is_told) AS entered_silently,
                   count(*) FILTER (WHERE NOT move.begins AND NOT move.is_told) AS left_silently
            FROM @extschema@.bucket_memberships m
            -- Releases before 0.3.0 did not note whether somebody was told.
            CROSS JOIN LATERAL (VALUES (m.entered_at, true, coalesce(m.announced, m.source <> 'backfill')),
                                       (m.left_at, false, coalesce(m.left_announced, m.left_reason <> 'deleted'))) AS move (at, begins, is_told)
            WHERE move.at IS NOT NULL
            GROUP BY m.bucket_id, move.at::date
            UNION ALL
            SELECT c.bucket_id, c.since::date, c.entered, c."left", c.entered_silently, c.left_silently
            FROM @extschema@.bucket_counts c
            WHERE c.entered + c."left" + c.entered_silently + c.left_silently > 0
        ) AS d
        GROUP BY d.bucket_id, d.day;
    END IF;

    IF to_regclass('@extschema@.bucket_forecast') IS NULL THEN
        CREATE VIEW @extschema@.bucket_forecast AS
        SELECT t.bucket_id, date_trunc('hour', t.due_at) AS hour, count(*) AS due
        FROM @extschema@.bucket_timers t
        WHERE t.bucket_id <> '*'
        GROUP BY t.bucket_id, date_trunc('hour', t.due_at);
    END IF;

    -- What a consumer has yet to acknowledge, found as hogsend_difference() finds it: without a
    -- function of ours, for the reason above.
    IF coalesce(position('journeys' IN pg_get_viewdef(to_regclass('@extschema@.bucket_lag'))), 0) = 0 THEN
        CREATE OR REPLACE VIEW @extschema@.bucket_lag AS
        SELECT p.consumer, p.shard, behind.transitions AS rows_behind,
               greatest(coalesce(nullif(current_setting('hogsend.now', true), '')::timestamptz, now()) - behind.oldest, interval '0') AS age,
               p.last_id IS NOT NULL AS batch_is_out, p.polled_at AS last_batch, p.acked_at AS last_ack,
               p.lapsed_at IS NOT NULL AS lapsed
        FROM @extschema@.bucket_positions p
        JOIN @extschema@.bucket_consumers c ON c.name = p.consumer
        CROSS JOIN LATERAL (
            SELECT count(*) AS transitions, min(t.recorded_at) AS oldest
            FROM (
                SELECT n.* FROM @extschema@.bucket_transitions n
                WHERE n.id > p.mark
                UNION ALL
                SELECT n.* FROM pg_snapshot_xip(p.passed) AS late (xid)
                JOIN @extschema@.bucket_transitions n ON n.xid = late.xid AND n.id <= p.mark
            ) AS t
            WHERE (p.reading IS NULL OR t.id > p.after_id OR NOT pg_visible_in_snapshot(t.xid, p.reading))
              AND CASE WHEN t.journey_id IS NULL THEN
                      (c.journeys IS NULL OR c.buckets IS NOT NULL OR c.transitions IS NOT NULL OR c.reasons IS NOT NULL OR c.first_entry_only)
                      AND (c.buckets IS NULL OR t.bucket_id = ANY (c.buckets))
                      AND (c.transitions IS NULL OR t.transition = ANY (c.transitions))
                      AND (c.reasons IS NULL OR t.reason IS NULL OR t.reason = ANY (c.reasons))
                      AND (NOT c.first_entry_only OR t.transition <> 'entered' OR t.entry_count = 1)
                      AND (c.not_older_than IS NULL OR t.effective_at >=
                           coalesce(nullif(current_setting('hogsend.now', true), '')::timestamptz, now()) - c.not_older_than)
                  ELSE t.journey_id = ANY (c.journeys) END
              AND (c.shards = 1 OR ('x' || substr(md5(t.user_id), 1, 15))::bit(60)::bigint % c.shards = p.shard)
        ) AS behind;
    END IF;

    -- What is attached is told by the triggers, whose argument is the name of the feed; whoever names the
    -- table names its partitions. Names as hogsend_feed_name() makes them.
    IF to_regclass('@extschema@.bucket_feeds') IS NULL THEN
        CREATE VIEW @extschema@.bucket_feeds AS
        SELECT f.name, f.kind, source.relation, f.attached_at, f.attached_by, f.import, f.rows_imported,
               CASE f.import WHEN 'done' THEN 0 ELSE greatest(f.rows_total - f.rows_imported, 0) END AS rows_to_import,
               f.rows_skipped + coalesce(notes.skipped, 0) AS rows_skipped,
               f.rows_failed + coalesce(notes.failed, 0) AS rows_failed,
               coalesce(notes.error, f.error) AS error, coalesce(notes.error_at, f.error_at) AS error_at,
               coalesce(source.is_whole, false) AS is_whole
        FROM @extschema@.feeds f
        LEFT JOIN (
            SELECT n.feed, sum(n.skipped)::bigint AS skipped, sum(n.failed)::bigint AS failed,
                   (array_agg(n.error ORDER BY n.id DESC) FILTER (WHERE n.error IS NOT NULL))[1] AS error,
                   max(n.noted_at) FILTER (WHERE n.error IS NOT NULL) AS error_at
            FROM @extschema@.feed_notes n
            GROUP BY n.feed
        ) AS notes ON notes.feed = f.name
        LEFT JOIN LATERAL (
            WITH triggers AS MATERIALIZED (
                SELECT t.tgrelid, t.tgenabled IN ('O', 'A') AS is_on
                FROM pg_class own
                JOIN pg_proc p ON p.proname = 'hogsend_mirror' AND p.pronamespace = own.relnamespace
                JOIN pg_depend d ON d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid AND d.classid = 'pg_trigger'::regclass
                JOIN pg_trigger t ON t.oid = d.objid
                WHERE own.oid = f.tableoid AND t.tgargs = convert_to(f.name, getdatabaseencoding()) || decode('00', 'hex')
            )
            SELECT c.oid::regclass AS relation,
                   EXISTS (SELECT FROM pg_class v
                           JOIN pg_proc p ON p.proname = v.relname AND p.pronamespace = v.relnamespace AND p.proowner = v.relowner
                           JOIN pg_rewrite w ON w.ev_class = v.oid
                           JOIN pg_depend e ON e.classid = 'pg_rewrite'::regclass AND e.objid = w.oid
                                           AND e.refclassid = 'pg_class'::regclass AND e.refobjid = c.oid
                           -- Beside its table, unless that was moved.
                           WHERE v.relkind = 'v' AND v.relowner = c.relowner
                             AND v.relname = ('hogsend_feed_' || CASE WHEN octet_length(f.name) <= 50 THEN f.name ELSE md5(f.name) END)::name)
                   AND NOT EXISTS (
                       SELECT FROM (SELECT c.oid UNION SELECT t.relid FROM pg_partition_tree(c.oid) t) AS part
                       JOIN pg_class r ON r.oid = part.oid AND r.relkind IN ('r', 'p')
                       WHERE (SELECT count(*) FROM triggers t WHERE t.tgrelid = r.oid AND t.is_on) < 4) AS is_whole
            FROM triggers t JOIN pg_class c ON c.oid = t.tgrelid
            ORDER BY c.relispartition, c.oid LIMIT 1
        ) AS source ON true;
    END IF;

    -- A run keeps a line a label (src/core/run/labels.rs); where it is before its runner has said anything has
    -- none. Of runs that were pruned nothing is left here.
    IF to_regclass('@extschema@.journey_stats') IS NULL THEN
        CREATE VIEW @extschema@.journey_stats AS
        SELECT r.journey_id, nullif(l.label, '') AS label,
               count(*) FILTER (WHERE r.ended_at IS NULL AND r.status = 'waiting' AND coalesce(r.label, '') = l.label) AS waiting,
               least(coalesce(sum(k.reached), 0), 9223372036854775807)::bigint AS reached,
               least(coalesce(sum(k.timed_out), 0), 9223372036854775807)::bigint AS timed_out,
               least(coalesce(sum(k.exited), 0), 9223372036854775807)::bigint AS exited,
               justify_hours(make_interval(secs => percentile_cont(0.5) WITHIN GROUP (ORDER BY k.seconds))) AS median_time,
               count(*) FILTER (WHERE r.ended_at IS NULL AND r.status = 'active' AND coalesce(r.label, '') = l.label) AS active
        FROM @extschema@.journey_runs r
        CROSS JOIN LATERAL jsonb_each(CASE jsonb_typeof(r.labels) WHEN 'object' THEN r.labels ELSE '{}' END) AS l (label, kept)
        -- Somebody may have written what no run comes to.
        CROSS JOIN LATERAL (
            SELECT CASE jsonb_typeof(l.kept -> 'reached') WHEN 'number' THEN trunc(least(greatest((l.kept ->> 'reached')::numeric, 0), 1e18)) END AS reached,
                   CASE jsonb_typeof(l.kept -> 'timedOut') WHEN 'number' THEN trunc(least(greatest((l.kept ->> 'timedOut')::numeric, 0), 1e18)) END AS timed_out,
                   CASE jsonb_typeof(l.kept -> 'exited') WHEN 'number' THEN trunc(least(greatest((l.kept ->> 'exited')::numeric, 0), 1e18)) END AS exited,
                   CASE jsonb_typeof(l.kept -> 'seconds') WHEN 'number'
                       THEN least(greatest((l.kept ->> 'seconds')::numeric, 0), 1e12)::double precision END AS seconds) AS k
        GROUP BY r.journey_id, l.label;
    END IF;

    -- Readers read with their own rights, so that row-level security on the tables holds for the views.
    -- (Postgres 14 cannot do that.)
    IF current_setting('server_version_num')::integer >= 150000 THEN
        FOREACH view IN ARRAY ARRAY['bucket_members', 'bucket_stats', 'bucket_daily', 'bucket_forecast', 'bucket_lag', 'bucket_feeds', 'journey_stats'] LOOP
            EXECUTE format('ALTER VIEW %s.%I SET (security_invoker = true)', '@extschema@', view);
        END LOOP;
    END IF;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_make_views() IS 'Internal: Creates those views of hogsend that do not exist yet (called by hogsend_migrate)';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_comment_tables()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT * FROM (VALUES
            ('buckets', NULL, 'Segments: one row is the definition of a bucket'),
            ('buckets', 'id', 'Stable name of the bucket; part of its event names'),
            ('buckets', 'name', 'Name for people; the id unless given'),
            ('buckets', 'description', 'What the bucket is for'),
            ('buckets', 'enabled', 'A disabled bucket keeps its members and neither evaluates nor emits'),
            ('buckets', 'kind', 'dynamic: membership follows criteria; manual: it follows calls; query: it follows a query'),
            ('buckets', 'criteria', 'The predicate, as checked by hogsend_validate()'),
            ('buckets', 'entry_limit', 'Which entries are announced: unlimited, once, once_per_period'),
            ('buckets', 'entry_period', 'For once_per_period: how long after a leave an entry is announced again'),
            ('buckets', 'min_dwell', 'A stay is not ended by the criteria before it is this old'),
            ('buckets', 'max_dwell', 'A stay is ended when it is this old, whatever the criteria say'),
            ('buckets', 'dwell_after', 'Announce once a stay that the member has been in for this long'),
            ('buckets', 'dwell_every', 'Announce each time the member has been in for another such interval'),
            ('buckets', 'quiet_before', 'What took effect before this instant is recorded and not announced; NULL: all is announced'),
            ('buckets', 'created_at', 'When the bucket was defined'),
            ('buckets', 'updated_at', 'When the definition last changed'),
            ('buckets', 'criteria_hash', 'Hash of the normalised criteria; maintained by hogsend'),
            ('buckets', 'instance_id', 'The installation that the bucket was defined in; maintained by hogsend'),
            ('buckets', 'query', 'Of a query bucket: what returns the ids of its members'),
            ('buckets', 'refresh_every', 'Of a query bucket: how often the members are brought in line with it'),
            ('buckets', 'query_path', 'Of a query bucket: the search_path that the query runs with; that of who defined it unless given'),
            ('buckets', 'query_role', 'Of a query bucket: the role that the query runs as, which is who defined or last changed it'),
            ('buckets', 'depends_on', 'The buckets whose members the criteria are about; NULL: none. Maintained by hogsend'),
            ('contacts', NULL, 'Known users'),
            ('contacts', 'user_id', 'The application''s identifier of the user'),
            ('contacts', 'email', 'E-mail address, trimmed and lower-cased'),
            ('contacts', 'properties', 'What is known of the user; property legs read this and nothing else'),
            ('contacts', 'created_at', 'When the user was first seen'),
            ('contacts', 'updated_at', 'When an event last changed the row'),
            ('contacts', 'deleted_at', 'Set: the user is deleted, belongs nowhere and is never evaluated'),
            ('user_events', NULL, 'What users did; INSERT here and buckets follow in the same transaction'),
            ('user_events', 'id', 'Number of the event'),
            ('user_events', 'user_id', 'Who did it'),
            ('user_events', 'event', 'What was done; names that begin with bucket: are reserved'),
            ('user_events', 'properties', 'Details of the event; stored for you, not read by criteria'),
            ('user_events', 'value', 'An amount, where the event has one'),
            ('user_events', 'occurred_at', 'When it happened; windows go by this, not by the time of arrival'),
            ('user_events', 'source', 'Where the event came from'),
            ('user_events', 'idempotency_key', 'The same key for the same user is the same event'),
            ('user_events', 'user_email', 'Patch: the contact''s e-mail address'),
            ('user_events', 'contact_properties', 'Patch: merged into the contact''s properties before evaluation'),
            ('bucket_memberships', NULL, 'Stays: one row is one stay of one user in one bucket'),
            ('bucket_memberships', 'user_id', 'The member'),
            ('bucket_memberships', 'bucket_id', 'The bucket'),
            ('bucket_memberships', 'entry_count', '1 for the user''s first stay in the bucket, then 2, and so on'),
            ('bucket_memberships', 'status', 'active or left'),
            ('bucket_memberships', 'entered_at', 'The evaluation that began the stay'),
            ('bucket_memberships', 'left_at', 'The evaluation that ended it'),
            ('bucket_memberships', 'left_reason', 'criteria, maxDwell, manual, bucketDeleted, deleted, or merged: it went on under, or became history of, another id of the same person'),
            ('bucket_memberships', 'source', 'What began the stay: event, reconcile, backfill or manual'),
            ('bucket_memberships', 'max_dwell_at', 'When the stay ends whatever the criteria say'),
            ('bucket_memberships', 'dwell_anchor_at', 'Since when the criteria have been true, where that is earlier than entered_at and known'),
            ('bucket_memberships', 'dwell_counts', 'Highest ordinal of each dwell that has fired in this stay'),
            ('bucket_memberships', 'announced', 'Whether somebody was told of the entry; NULL: a release before 0.3.0 began the stay'),
            ('bucket_memberships', 'left_announced', 'Whether somebody was told of the leave; NULL while the stay lasts'),
            ('bucket_timers', NULL, 'The next instant at which a user and a bucket must be looked at again'),
            ('bucket_timers', 'user_id', 'The user'),
            ('bucket_timers', 'bucket_id', 'The bucket; * stands for every bucket (a user who is queued for a fresh look), journey:<id> for a run that waits'),
            ('bucket_timers', 'due_at', 'When to look, at the latest'),
            ('bucket_timers', 'silent', 'Joins are not announced: of a queued user, or of one whom a job had to pass over'),
            ('bucket_timers', 'muted', 'Nothing is announced: a session with hogsend.announce = off queued the user'),
            ('bucket_timers', 'failures', 'How often in a row the look has failed; it is tried again later and later'),
            ('bucket_timers', 'error', 'Why the last look failed'),
            ('bucket_transitions', NULL, 'Outbox and history: one row is one announced transition, or one step of a run of a journey'),
            ('bucket_transitions', 'id', 'Number of the transition; in commit order for each user'),
            ('bucket_transitions', 'event', 'bucket:entered:<id>, bucket:left:<id> or bucket:dwell:<id>:<label>; journey:started:<id>, journey:resumed:<id> or journey:exited:<id>'),
            ('bucket_transitions', 'bucket_id', 'The bucket; NULL: a step of a journey'),
            ('bucket_transitions', 'user_id', 'The user'),
            ('bucket_transitions', 'transition', 'entered, left or dwell; started, resumed or exited'),
            ('bucket_transitions', 'entry_count', 'Which stay of the user in the bucket, or which run of theirs of the journey'),
            ('bucket_transitions', 'reason', 'Why the user left; of a step the name of the event or transition that caused it, or journeyDeleted, and NULL where the time was up'),
            ('bucket_transitions', 'source', 'What caused it: event, reconcile, backfill or manual'),
            ('bucket_transitions', 'dwell_label', 'after-<ms> or every-<ms>'),
            ('bucket_transitions', 'dwell_count', 'Ordinal of the dwell'),
            ('bucket_transitions', 'effective_at', 'Since when the new state has held, as the data tells it'),
            ('bucket_transitions', 'recorded_at', 'The evaluation that found it'),
            ('bucket_transitions', 'idempotency_key', 'The same transition always has the same key, and no other has it, ever'),
            ('bucket_transitions', 'xid', 'The transaction that wrote the row; orders delivery'),
            ('bucket_transitions', 'journey_id', 'The journey; NULL: a transition of a bucket'),
            ('bucket_transitions', 'run_id', 'The run (journey_runs.id)'),
            ('bucket_transitions', 'label', 'Of a step: where the run was'),
            ('bucket_transitions', 'timed_out', 'Of a run that resumed: whether the time was up before the event came; NULL: it slept'),
            ('bucket_transitions', 'event_id', 'Of a step: the event that caused it (user_events.id); NULL: none did'),
            ('bucket_transitions', 'event_properties', 'Properties of that event, or what there is to say of the transition that caused it'),
            ('bucket_consumers', NULL, 'Journey runners and what they subscribe to'),
            ('bucket_consumers', 'name', 'Name of the consumer'),
            ('bucket_consumers', 'buckets', 'Only these buckets; NULL: all'),
            ('bucket_consumers', 'transitions', 'Only these transitions; NULL: all'),
            ('bucket_consumers', 'reasons', 'Only leaves for these reasons; NULL: all'),
            ('bucket_consumers', 'first_entry_only', 'Of entries only the first of each user'),
            ('bucket_consumers', 'shards', 'How many workers go on side by side; users are spread over them'),
            ('bucket_consumers', 'journeys', 'Also, or with no other filter only, the steps of these journeys; NULL: no steps'),
            ('bucket_consumers', 'not_older_than', 'What took effect longer ago than this, when it is first polled, is passed over; NULL: nothing is'),
            ('bucket_consumers', 'created_at', 'When the consumer subscribed'),
            ('bucket_consumers', 'instance_id', 'The installation that it subscribed in; maintained by hogsend'),
            ('bucket_positions', NULL, 'How far the consumers have come, a row a shard; maintained by hogsend'),
            ('bucket_positions', 'consumer', 'Name of the consumer'),
            ('bucket_positions', 'shard', 'The shard, from 0'),
            ('bucket_positions', 'passed', 'All that was committed in this snapshot has been acknowledged'),
            ('bucket_positions', 'mark', 'The highest number that this snapshot has'),
            ('bucket_positions', 'reading', 'The snapshot up to which it reads now; NULL between two'),
            ('bucket_positions', 'next_mark', 'The highest number that one has'),
            ('bucket_positions', 'after_id', 'Of what it reads, numbers up to here have been acknowledged'),
            ('bucket_positions', 'last_id', 'The last number of the batch that is out; NULL when none is'),
            ('bucket_positions', 'is_last', 'Whether that batch is the rest of what it reads'),
            ('bucket_positions', 'not_before', 'What took effect before is passed over in the batch that is out'),
            ('bucket_positions', 'batch', 'Token of the latest batch'),
            ('bucket_positions', 'polled_at', 'When the latest batch was given out first'),
            ('bucket_positions', 'acked_at', 'When a batch was last acknowledged'),
            ('bucket_positions', 'lapsed_at', 'When transitions that it had not read were removed'),
            ('bucket_positions', 'lapsed_up_to', 'The last of those'),
            ('bucket_jobs', NULL, 'Backfills and re-evaluations'),
            ('bucket_jobs', 'id', 'Number of the job'),
            ('bucket_jobs', 'bucket_id', 'The bucket'),
            ('bucket_jobs', 'mode', 'backfill: the first one, silent; reevaluate: other criteria, joins silent, leaves announced; review: the same criteria again'),
            ('bucket_jobs', 'announces', 'A review after the system clock was ahead: who is back is announced'),
            ('bucket_jobs', 'muted', 'Begun under hogsend.announce = off: whatever it moves is moved without a word'),
            ('bucket_jobs', 'queued_until', 'The last row of user_queue that is older than the job, which waits for it; NULL: the queue was empty'),
            ('bucket_jobs', 'status', 'pending, running, done or failed'),
            ('bucket_jobs', 'total', 'Contacts to look at, counted when the job began'),
            ('bucket_jobs', 'processed', 'Contacts looked at so far'),
            ('bucket_jobs', 'joined', 'Stays begun'),
            ('bucket_jobs', 'left', 'Stays ended'),
            ('bucket_jobs', 'reached', 'The last contact looked at; the job goes on after it'),
            ('bucket_jobs', 'error', 'Why it failed'),
            ('bucket_jobs', 'created_at', 'When the job was created'),
            ('bucket_jobs', 'started_at', 'When the first chunk was begun'),
            ('bucket_jobs', 'moved_at', 'When the job last came further, or was created'),
            ('bucket_jobs', 'finished_at', 'When the job was done, or failed'),
            ('bucket_erasures', NULL, 'Users who were erased, by a hash: the keys of one who comes back must not come again'),
            ('bucket_erasures', 'user_hash', 'SHA-256 of the user''s id'),
            ('bucket_erasures', 'times', 'How often the user was erased; one more is the number in the keys'),
            ('bucket_counts', NULL, 'Stays begun and ended that hogsend_prune() removed, by quarter of an hour; and, with nothing counted, when a bucket was deleted'),
            ('bucket_counts', 'bucket_id', 'The bucket'),
            ('bucket_counts', 'since', 'The beginning of the quarter of an hour, or when the bucket was deleted'),
            ('bucket_counts', 'entered', 'Stays begun that were announced'),
            ('bucket_counts', 'left', 'Stays ended, announced'),
            ('bucket_counts', 'entered_silently', 'Stays begun that nobody was told of'),
            ('bucket_counts', 'left_silently', 'Stays ended that nobody was told of'),
            ('bucket_refreshes', NULL, 'The state of query buckets: when each was brought in line with its query, and when it will be'),
            ('bucket_refreshes', 'bucket_id', 'The bucket'),
            ('bucket_refreshes', 'role_id', 'The role that the query runs as, whatever it is called by now; maintained by hogsend'),
            ('bucket_refreshes', 'mode', 'What the next refresh is: fill (of a new or changed query: joins are silent), review (enabled anew: so they are), or refresh'),
            ('bucket_refreshes', 'due_at', 'When the clock refreshes the bucket next'),
            ('bucket_refreshes', 'refreshed_at', 'When everybody was last in line'),
            ('bucket_refreshes', 'took', 'How long the query ran then'),
            ('bucket_refreshes', 'returned', 'How many users it returned'),
            ('bucket_refreshes', 'entered', 'How many stays the last refresh began'),
            ('bucket_refreshes', 'left', 'How many it ended'),
            ('bucket_refreshes', 'failures', 'How many refreshes in a row have failed'),
            ('bucket_refreshes', 'error', 'Why the last one failed, or whom it could not move'),
            ('bucket_refreshes', 'muted', 'Defined under hogsend.announce = off: until it has been brought in line once, nobody is told'),
            ('bucket_holdouts', NULL, 'Users whose stay in a query bucket max_dwell ended and whom the query has returned ever since'),
            ('bucket_holdouts', 'user_id', 'The user, who comes back once the query has not returned them in between'),
            ('bucket_holdouts', 'bucket_id', 'The bucket'),
            ('bucket_totals', NULL, 'What all events of a series of a user come to, where it takes long to add them up; without a row they are added up'),
            ('bucket_totals', 'user_id', 'The user'),
            ('bucket_totals', 'series', 'Which events, and what is taken of them: a hash of what criteria say, shared by all buckets that say the same'),
            ('bucket_totals', 'n', 'How many events there are, or how many numbers where such are taken'),
            ('bucket_totals', 'total', 'The sum of the numbers'),
            ('bucket_totals', 'least', 'The least of them'),
            ('bucket_totals', 'most', 'The greatest of them'),
            ('bucket_totals', 'first_at', 'When the first of the events happened'),
            ('bucket_totals', 'last_at', 'When the last of them happened'),
            ('user_queue', NULL, 'Users whom the clock is to look at, because nobody did (hogsend.evaluate = later)'),
            ('user_queue', 'id', 'Number of the row; the clock works them off in this order'),
            ('user_queue', 'user_id', 'The user'),
            ('user_queue', 'what', 'inserted, updated or deleted: an event; property or contact: the contact'),
            ('user_queue', 'name', 'The event''s name, or the property''s'),
            ('user_queue', 'event_id', 'Number of the event'),
            ('user_queue', 'occurred_at', 'When the event happened'),
            ('user_queue', 'user_email', 'Patch that is still to be applied: the e-mail address'),
            ('user_queue', 'contact_properties', 'Patch that is still to be applied: properties'),
            ('user_queue', 'silent', 'Joins are not announced'),
            ('user_queue', 'muted', 'Nothing is announced: it came under hogsend.announce = off'),
            ('user_queue', 'queued_at', 'When the row was written'),
            ('user_queue', 'retry_at', 'Not before, because the last look failed; NULL: at once'),
            ('user_queue', 'failures', 'How often in a row the look has failed; it is tried again later and later'),
            ('user_queue', 'error', 'Why the last look failed'),
            ('user_aliases', NULL, 'Ids that are somebody''s other ids (hogsend_identify)'),
            ('user_aliases', 'alias', 'The id that is no user of its own any more'),
            ('user_aliases', 'user_id', 'Whose it is; never an alias itself'),
            ('user_aliases', 'identified_at', 'When that was said'),
            ('user_aliases', 'open_until', 'Until when transactions can still store events under it that began before; 0 before the clock has seen it, and NULL afterwards'),
            ('feeds', NULL, 'Tables of yours that are mirrored (hogsend_attach_events, hogsend_attach_contacts); which they are is told by their triggers'),
            ('feeds', 'name', 'What the table was attached as; the source of its events'),
            ('feeds', 'kind', 'events or contacts'),
            ('feeds', 'fields', 'What was said of its rows when it was attached; the function and the view that read it are what is in force'),
            ('feeds', 'on_delete', 'Of contacts: mark (the contact of a deleted row is marked as deleted) or forget (everything about the user is erased)'),
            ('feeds', 'owned', 'Of contacts: the properties that it owns, where they were listed'),
            ('feeds', 'search_path', 'Where functions in its expressions look up names: as in the session that attached it'),
            ('feeds', 'attached_by', 'The role that attached it'),
            ('feeds', 'attached_at', 'When that was'),
            ('feeds', 'import', 'How far the import of what was there already is: pending, running or done'),
            ('feeds', 'part', 'The table, or partition, that the import is at'),
            ('feeds', 'file', 'The file of that table; another one: it was rewritten, and the import of it begins anew'),
            ('feeds', 'block', 'The block that the import goes on at'),
            ('feeds', 'rows_total', 'How many rows there were about to import'),
            ('feeds', 'rows_imported', 'How many it has read'),
            ('feeds', 'rows_skipped', 'Rows of nobody, or without what an event needs, by import and by statements'),
            ('feeds', 'rows_failed', 'Rows that could not be read, or written'),
            ('feeds', 'error', 'Why not, of the last of them'),
            ('feeds', 'error_at', 'When that was'),
            ('feeds', 'imported_at', 'When the import was done'),
            ('feed_notes', NULL, 'What statements on mirrored tables left out, until the clock has added it up in feeds'),
            ('feed_notes', 'id', 'Number of the note'),
            ('feed_notes', 'feed', 'The feed'),
            ('feed_notes', 'skipped', 'Rows of nobody, or without what an event needs'),
            ('feed_notes', 'failed', 'Rows that could not be read, or written'),
            ('feed_notes', 'error', 'Why not, of the first of them'),
            ('feed_notes', 'noted_at', 'When the statement ran'),
            ('journeys', NULL, 'Journeys: one row says what begins and what ends the runs of one'),
            ('journeys', 'id', 'Stable name of the journey; part of its event names'),
            ('journeys', 'name', 'Name for people; the id unless given'),
            ('journeys', 'description', 'What the journey is for'),
            ('journeys', 'enabled', 'A disabled journey begins no run; those that are live go on'),
            ('journeys', 'starts_on', 'Events and transitions that begin a run'),
            ('journeys', 'exits_on', 'Events and transitions that end a run, from outside'),
            ('journeys', 'waits_for', 'Events and transitions that runs have waited for; maintained by hogsend_wait_for()'),
            ('journeys', 'entry_limit', 'How often a user may go through it: unlimited, once, once_per_period'),
            ('journeys', 'entry_period', 'For once_per_period: how long after the end of a run the next may begin'),
            ('journeys', 'created_at', 'When the journey was defined'),
            ('journeys', 'updated_at', 'When the definition last changed'),
            ('journeys', 'instance_id', 'The installation that the journey was defined in; maintained by hogsend'),
            ('journey_runs', NULL, 'Runs: one row is one way of one user through one journey'),
            ('journey_runs', 'id', 'Number of the run, by which the runner names it'),
            ('journey_runs', 'user_id', 'The user'),
            ('journey_runs', 'journey_id', 'The journey'),
            ('journey_runs', 'entry_count', '1 for the user''s first run of the journey, then 2, and so on'),
            ('journey_runs', 'status', 'active: the runner has it; waiting: for a time or an event; completed, failed or exited: it has ended'),
            ('journey_runs', 'step', 'How many steps the run has been told of: 1 when it has started, one more each time it resumes'),
            ('journey_runs', 'step_id', 'The latest of those in bucket_transitions'),
            ('journey_runs', 'label', 'Where it is, in the runner''s words; NULL: it has started and nothing was said yet'),
            ('journey_runs', 'state', 'What the runner keeps of it'),
            ('journey_runs', 'started_at', 'When it began'),
            ('journey_runs', 'since', 'Since when status and label have been what they are'),
            ('journey_runs', 'ended_at', 'When it ended; NULL: it is live'),
            ('journey_runs', 'reason', 'What ended it from outside: the name of the event or transition, journeyDeleted, deleted (the contact) or merged (another run of the same person goes on)'),
            ('journey_runs', 'error', 'Why it failed'),
            ('journey_runs', 'wait_event', 'The event or transition that it waits for; NULL: none'),
            ('journey_runs', 'wait_filter', 'What the properties of that event must satisfy; NULL: nothing'),
            ('journey_runs', 'wait_until', 'When it resumes at the latest; NULL: it does not wait'),
            ('journey_runs', 'labels', 'How often it was where, how that ended and how long it took last; read by view journey_stats'),
            ('bucket_members', NULL, 'Who is in which bucket now; deleted contacts never show'),
            ('bucket_members', 'bucket_id', 'The bucket'),
            ('bucket_members', 'user_id', 'The member'),
            ('bucket_members', 'email', 'The contact''s e-mail address'),
            ('bucket_members', 'entered_at', 'When the stay began'),
            ('bucket_members', 'entry_count', 'Which stay of the user in the bucket'),
            ('bucket_stats', NULL, 'How every bucket is doing; only the columns asked for cost anything'),
            ('bucket_stats', 'bucket_id', 'The bucket'),
            ('bucket_stats', 'name', 'Name for people'),
            ('bucket_stats', 'kind', 'dynamic or manual'),
            ('bucket_stats', 'enabled', 'Whether the bucket evaluates and emits'),
            ('bucket_stats', 'criteria', 'The predicate; NULL: manual'),
            ('bucket_stats', 'entry_limit', 'Which entries are announced'),
            ('bucket_stats', 'min_dwell', 'A stay is not ended by the criteria before it is this old'),
            ('bucket_stats', 'max_dwell', 'A stay is ended when it is this old'),
            ('bucket_stats', 'active', 'Members now; the same as hogsend_count()'),
            ('bucket_stats', 'left_total', 'Stays that have ended, announced or not, pruned or not'),
            ('bucket_stats', 'entered_24h', 'Stays begun in the last 24 hours that were announced'),
            ('bucket_stats', 'left_24h', 'Stays ended in the last 24 hours that were announced'),
            ('bucket_stats', 'average_stay', 'How long a stay that has ended lasted on average'),
            ('bucket_stats', 'next_due', 'The next instant at which the clock looks at somebody, at the latest'),
            ('bucket_stats', 'lateness_p50', 'Half of what the clock announced in the last 24 hours was recorded within this time of becoming so'),
            ('bucket_stats', 'lateness_p99', 'The same for 99 of 100'),
            ('bucket_stats', 'job', 'The job that is open, or has failed; NULL: none, everybody has been looked at'),
            ('bucket_stats', 'entered_silently_24h', 'Those that were not: first fills, imports, entries that the limit holds back'),
            ('bucket_stats', 'left_silently_24h', 'Those that were not, of deleted contacts among them'),
            ('bucket_stats', 'refreshed_at', 'Of a query bucket: when the members were last in line with its query'),
            ('bucket_stats', 'refresh_took', 'Of a query bucket: how long the query ran then'),
            ('bucket_stats', 'next_refresh', 'Of a query bucket: when the clock refreshes it next'),
            ('bucket_stats', 'refresh_error', 'Of a query bucket: why the last refresh failed, or whom it could not move; NULL: it did not'),
            ('bucket_stats', 'depends_on', 'The buckets whose members its criteria are about; NULL: none'),
            ('bucket_stats', 'dependants', 'The buckets whose criteria are about its members; NULL: none'),
            ('bucket_daily', NULL, 'Stays begun and ended a day, of deleted buckets too, pruned or not'),
            ('bucket_daily', 'bucket_id', 'The bucket'),
            ('bucket_daily', 'day', 'The day in the time zone of the session; days without moves are not listed'),
            ('bucket_daily', 'entered', 'Stays begun that were announced'),
            ('bucket_daily', 'left', 'Stays ended that were announced'),
            ('bucket_daily', 'entered_silently', 'Stays begun that were not: first fills, imports, entries that the limit holds back'),
            ('bucket_daily', 'left_silently', 'Stays ended that were not, of deleted contacts among them'),
            ('bucket_forecast', NULL, 'What lies before the clock, hour by hour; users queued for a fresh look are not in it'),
            ('bucket_forecast', 'bucket_id', 'The bucket; journey:<id> for runs of that journey, which then resume'),
            ('bucket_forecast', 'hour', 'Beginning of the hour; one that has passed is overdue'),
            ('bucket_forecast', 'due', 'Users to be looked at; at most that many move'),
            ('feeds', 'blocks', 'The block at which that table ends, as it was when the import began it'),
            ('feeds', 'moved_at', 'When the import last went on'),
            ('feeds', 'last_event', 'The highest number that an event had when the import was begun; NULL: not known'),
            ('bucket_feeds', NULL, 'Tables that are attached, and how much of them came'),
            ('bucket_feeds', 'name', 'Name of the feed, which is the source of its events'),
            ('bucket_feeds', 'kind', 'events or contacts'),
            ('bucket_feeds', 'relation', 'The table; NULL: it is gone'),
            ('bucket_feeds', 'attached_at', 'When it was attached'),
            ('bucket_feeds', 'attached_by', 'The role that attached it'),
            ('bucket_feeds', 'import', 'What it had when it was attached: pending, running or done'),
            ('bucket_feeds', 'rows_imported', 'Rows that the import has looked at'),
            ('bucket_feeds', 'rows_to_import', 'About how many it has yet to look at'),
            ('bucket_feeds', 'rows_skipped', 'Rows without what an event or contact needs'),
            ('bucket_feeds', 'rows_failed', 'Rows that could not be read, or whose events or contacts were refused'),
            ('bucket_feeds', 'error', 'Why not, of the last of them'),
            ('bucket_feeds', 'error_at', 'When that was'),
            ('bucket_feeds', 'is_whole', 'Whether all its triggers are there and enabled, and what reads its rows'),
            ('bucket_lag', NULL, 'How far consumers are behind, a row a shard'),
            ('bucket_lag', 'consumer', 'Name of the consumer'),
            ('bucket_lag', 'shard', 'The shard, from 0'),
            ('bucket_lag', 'rows_behind', 'Transitions that it has yet to acknowledge'),
            ('bucket_lag', 'age', 'How old the oldest of them is'),
            ('bucket_lag', 'batch_is_out', 'A batch was polled and not acknowledged yet'),
            ('bucket_lag', 'last_batch', 'When the latest batch was given out first'),
            ('bucket_lag', 'last_ack', 'When a batch was last acknowledged'),
            ('bucket_lag', 'lapsed', 'Transitions that it had not read were removed; its next poll says so'),
            ('journey_stats', NULL, 'Where everybody is: a row a journey and label, of runs that are there or have been; those that were pruned are not counted'),
            ('journey_stats', 'journey_id', 'The journey'),
            ('journey_stats', 'label', 'Where; NULL: the run has started, and its runner has said nothing yet'),
            ('journey_stats', 'waiting', 'Runs that wait there now'),
            ('journey_stats', 'reached', 'How often a run came there'),
            ('journey_stats', 'timed_out', 'How often the time was up before the event came'),
            ('journey_stats', 'exited', 'How many runs ended there from outside'),
            ('journey_stats', 'median_time', 'How long half of the runs were there at most, the last time each'),
            ('journey_stats', 'active', 'Runs that are there now and have been handed to their runner'),
            ('hogsend_clock', 'cut_short_at', 'When hogsend_run() last ended early, because statement_timeout would have cancelled it; NULL: the last one did not'),
            ('hogsend_clock', 'cut_short_after', 'How long it had gone on by then'),
            ('hogsend_clock', 'cut_short_role', 'The role that called it'),
            ('hogsend_clock', 'zone_rules', 'The server''s time zones as they were seen last, in a few letters; NULL: no bucket has named one'),
            ('hogsend_clock', 'zones_seen_at', 'When it last compared them')
        ) AS c (relation, attribute, meaning)
    LOOP
        EXECUTE format('COMMENT ON %s %s.%I%s IS %L',
            CASE WHEN item.attribute IS NOT NULL THEN 'COLUMN'
                 WHEN item.relation IN ('bucket_members', 'bucket_stats', 'bucket_daily', 'bucket_forecast', 'bucket_lag', 'bucket_feeds', 'journey_stats') THEN 'VIEW'
                 ELSE 'TABLE' END,
            '@extschema@', item.relation,
            CASE WHEN item.attribute IS NULL THEN '' ELSE format('.%I', item.attribute) END,
            item.meaning);
    END LOOP;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_comment_tables() IS 'Internal: Comments every table, column and view of hogsend (called by hogsend_migrate)';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_add_member(bucket_id text, user_id text, silent boolean DEFAULT false)
 RETURNS boolean
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_add_member_said_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_add_member(text,text,boolean) IS 'Adds a user to a manual bucket, without a word if silent; false when they were in it';

REVOKE ALL ON FUNCTION @extschema@.hogsend_add_member(text,text,boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_add_member(bucket_id text, user_ids text[], silent boolean DEFAULT false)
 RETURNS bigint
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_add_members_said_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_add_member(text,text[],boolean) IS 'Adds users to a manual bucket, without a word if silent; returns how many were not in it';

REVOKE ALL ON FUNCTION @extschema@.hogsend_add_member(text,text[],boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_backfill_chunk(bucket_id text, contacts integer)
 RETURNS TABLE(processed bigint, total bigint, joined bigint, "left" bigint, done boolean)
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_backfill_chunk_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_backfill_chunk(text,integer) IS 'Internal: What hogsend_backfill() does between two commits';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_begin_import(feed text)
 RETURNS void
 LANGUAGE c
 STRICT SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_begin_import_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_begin_import(text) IS 'Internal: Imports what an attached table has, if it is little; otherwise leaves it to CALL hogsend_import() and the clock';

REVOKE ALL ON FUNCTION @extschema@.hogsend_begin_import(text) FROM PUBLIC;

COMMENT ON FUNCTION @extschema@.hogsend_canonical_text(text) IS 'Internal: What hogsend_canonical() asks';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_checkpoint(run bigint, label text, state jsonb DEFAULT NULL::jsonb, step bigint DEFAULT NULL::bigint)
 RETURNS boolean
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_checkpoint_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_checkpoint(bigint,text,jsonb,bigint) IS 'Notes where a run is, which goes on as it was; false when it is live no more, or its step was answered by somebody else';

REVOKE ALL ON FUNCTION @extschema@.hogsend_checkpoint(bigint,text,jsonb,bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_complete(run bigint, step bigint DEFAULT NULL::bigint)
 RETURNS boolean
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_complete_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_complete(bigint,bigint) IS 'Ends a run that has come to its end; false when it is live no more, or its step was answered by somebody else';

REVOKE ALL ON FUNCTION @extschema@.hogsend_complete(bigint,bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_dropped_events()
 RETURNS bigint
 LANGUAGE c
 STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_dropped_events_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_dropped_events() IS 'Internal: How many events of aliases this session has dropped, because the users whose they were had them already (asked by hogsend_ingest)';

REVOKE ALL ON FUNCTION @extschema@.hogsend_dropped_events() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_fail(run bigint, error text, step bigint DEFAULT NULL::bigint)
 RETURNS boolean
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_fail_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_fail(bigint,text,bigint) IS 'Ends a run that cannot go on, and keeps the reason; false when it is live no more, or its step was answered by somebody else';

REVOKE ALL ON FUNCTION @extschema@.hogsend_fail(bigint,text,bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_feed_differences(feed text)
 RETURNS TABLE(key text, user_id text, problem text, expected text, found text)
 LANGUAGE c
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_feed_differences_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_feed_differences(text) IS 'Internal: What hogsend_verify_feed() returns, with documents as text';

REVOKE ALL ON FUNCTION @extschema@.hogsend_feed_differences(text) FROM PUBLIC;

COMMENT ON FUNCTION @extschema@.hogsend_forget_user(text) IS 'Erases every row of a user, in all tables, whichever of their ids is given; returns how many';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_forget_users(user_ids text[])
 RETURNS bigint
 LANGUAGE c
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_forget_users_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_forget_users(text[]) IS 'Erases every row of users, as hogsend_forget_user does; returns how many';

REVOKE ALL ON FUNCTION @extschema@.hogsend_forget_users(text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_identify(alias text, user_id text)
 RETURNS boolean
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_identify_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_identify(text,text) IS 'Says that two ids are one person: what the alias did, the user did; false when that was known';

REVOKE ALL ON FUNCTION @extschema@.hogsend_identify(text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_identify(aliases text[], user_ids text[])
 RETURNS bigint
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_identify_many_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_identify(text[],text[]) IS 'Says of pairs of ids that each is one person; returns how many were not known';

REVOKE ALL ON FUNCTION @extschema@.hogsend_identify(text[],text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_import_chunk(feed text, rows integer)
 RETURNS TABLE(looked_at bigint, imported bigint, total bigint, done boolean, stuck boolean)
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_import_chunk_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_import_chunk(text,integer) IS 'Internal: What hogsend_import() does between two commits';

REVOKE ALL ON FUNCTION @extschema@.hogsend_import_chunk(text,integer) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_may_forget(bucket_id text)
 RETURNS TABLE(before timestamp with time zone, reason text)
 LANGUAGE c
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_may_forget_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_may_forget(text) IS 'Before when events may be deleted without changing who is in the bucket, now or later; -infinity, with the reason, where all may matter; infinity where none does';

REVOKE ALL ON FUNCTION @extschema@.hogsend_may_forget(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_misfits()
 RETURNS TABLE(relation text, column_name text, problem text, remedy text)
 LANGUAGE c
 STABLE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_misfits_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_misfits() IS 'Internal: Columns of our tables that are missing, or of a type or collation that would be misread, and what to do';

REVOKE ALL ON FUNCTION @extschema@.hogsend_misfits() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_missing_buckets(criteria text)
 RETURNS TABLE(path text, message text, hint text)
 LANGUAGE c
 STABLE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_missing_buckets_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_missing_buckets(text) IS 'Internal: What hogsend_validate() asks of the buckets that criteria name';

REVOKE ALL ON FUNCTION @extschema@.hogsend_missing_buckets(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_named_buckets(criteria text)
 RETURNS text[]
 LANGUAGE c
 IMMUTABLE PARALLEL SAFE STRICT
AS 'MODULE_PATHNAME', $function$hogsend_named_buckets_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_named_buckets(text) IS 'Internal: The buckets whose members criteria are about; NULL: none (called when a bucket is defined)';

REVOKE ALL ON FUNCTION @extschema@.hogsend_named_buckets(text) FROM PUBLIC;

COMMENT ON FUNCTION @extschema@.hogsend_next_xid() IS 'Internal: The id that the next transaction will get';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_preview_change_of(bucket_id text, criteria text, sample integer)
 RETURNS TABLE(joins bigint, leaves bigint, joins_sample text[], leaves_sample text[], dependants text)
 LANGUAGE c
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_preview_change_of_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_preview_change_of(text,text,integer) IS 'Internal: What hogsend_preview_change() asks';

REVOKE ALL ON FUNCTION @extschema@.hogsend_preview_change_of(text,text,integer) FROM PUBLIC;

COMMENT ON FUNCTION @extschema@.hogsend_preview_text(text,integer) IS 'Internal: What hogsend_preview() asks';

COMMENT ON FUNCTION @extschema@.hogsend_problems(text) IS 'Internal: What hogsend_validate() asks';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_refresh(bucket_id text)
 RETURNS TABLE(entered bigint, "left" bigint, error text)
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_refresh_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_refresh(text) IS 'Brings the members of a query bucket in line with its query now: how many entered and left, or the error for which they stay as they are';

REVOKE ALL ON FUNCTION @extschema@.hogsend_refresh(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_repeated_key(feed text, relation oid)
 RETURNS text
 LANGUAGE c
 STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_repeated_key_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_repeated_key(text,oid) IS 'Internal: A key that several rows of an attached table have, read with the rights of its owner; NULL: none';

REVOKE ALL ON FUNCTION @extschema@.hogsend_repeated_key(text,oid) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_report_page(facts text)
 RETURNS text
 LANGUAGE c
 STABLE PARALLEL SAFE STRICT
AS 'MODULE_PATHNAME', $function$hogsend_report_page_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_report_page(text) IS 'Internal: The page that hogsend_report() returns, of what hogsend_report_facts() told';

REVOKE ALL ON FUNCTION @extschema@.hogsend_report_page(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_require_columns(relation text)
 RETURNS boolean
 LANGUAGE c
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_require_columns_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_require_columns(text) IS 'Internal: Raises an error for the first of hogsend_misfits(), of one table or (NULL) of all; true otherwise';

REVOKE ALL ON FUNCTION @extschema@.hogsend_require_columns(text) FROM PUBLIC;

COMMENT ON FUNCTION @extschema@.hogsend_require_tables() IS 'Internal: Raises an error that says what to do when the tables are missing, of another version, or altered so that they would be misread';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_restart_import(feed text)
 RETURNS boolean
 LANGUAGE c
 STRICT SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_restart_import_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_restart_import(text) IS 'Internal: Begins the import of an attached table anew, if it is done; returns whether it was';

REVOKE ALL ON FUNCTION @extschema@.hogsend_restart_import(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_sleep(run bigint, duration interval, label text, state jsonb DEFAULT NULL::jsonb, step bigint DEFAULT NULL::bigint)
 RETURNS boolean
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_sleep_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_sleep(bigint,interval,text,jsonb,bigint) IS 'Lets a run wait for a time; false when it is live no more, or its step was answered by somebody else';

REVOKE ALL ON FUNCTION @extschema@.hogsend_sleep(bigint,interval,text,jsonb,bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_sleep_until(run bigint, at timestamp with time zone, label text, state jsonb DEFAULT NULL::jsonb, step bigint DEFAULT NULL::bigint)
 RETURNS boolean
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_sleep_until_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_sleep_until(bigint,timestamp with time zone,text,jsonb,bigint) IS 'Lets a run wait until an instant; false when it is live no more, or its step was answered by somebody else';

REVOKE ALL ON FUNCTION @extschema@.hogsend_sleep_until(bigint,timestamp with time zone,text,jsonb,bigint) FROM PUBLIC;

COMMENT ON FUNCTION @extschema@.hogsend_tables_version() IS 'Internal: The version of hogsend that made the tables; NULL where they or their triggers are missing';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_wait_for(run bigint, event text, timeout interval, label text, filter jsonb DEFAULT NULL::jsonb, state jsonb DEFAULT NULL::jsonb, step bigint DEFAULT NULL::bigint)
 RETURNS boolean
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_wait_for_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_wait_for(bigint,text,interval,text,jsonb,jsonb,bigint) IS 'Lets a run wait for an event or a transition that the filter lets through, for so long at most; false when it is live no more, or its step was answered by somebody else';

REVOKE ALL ON FUNCTION @extschema@.hogsend_wait_for(bigint,text,interval,text,jsonb,jsonb,bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_warnings(criteria text)
 RETURNS TABLE(path text, message text, hint text)
 LANGUAGE c
 STABLE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_warnings_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_warnings(text) IS 'Internal: What hogsend_validate() asks besides';

REVOKE ALL ON FUNCTION @extschema@.hogsend_warnings(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_zone_rules()
 RETURNS text
 LANGUAGE c
 STABLE PARALLEL SAFE STRICT
AS 'MODULE_PATHNAME', $function$hogsend_zone_rules_wrapper$function$;

COMMENT ON FUNCTION @extschema@.hogsend_zone_rules() IS 'Internal: The rules of all time zones of the server in a few letters, which are others when it has a newer database';

REVOKE ALL ON FUNCTION @extschema@.hogsend_zone_rules() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_validate(criteria jsonb)
 RETURNS TABLE(path text, message text, hint text, severity text)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT p.path, p.message, p.hint, 'problem' FROM @extschema@.hogsend_problems(coalesce(criteria::text, 'null')) p
    UNION ALL
    SELECT m.path, m.message, m.hint, 'problem' FROM @extschema@.hogsend_missing_buckets(criteria::text) m
    UNION ALL
    SELECT w.path, w.message, w.hint, 'warning' FROM @extschema@.hogsend_warnings(criteria::text) w
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_validate(jsonb) IS 'What there is to say of criteria: a row a problem, for which they are refused, or a warning, with which they can be used';

REVOKE ALL ON FUNCTION @extschema@.hogsend_validate(jsonb) FROM PUBLIC;

COMMENT ON FUNCTION @extschema@.hogsend_canonical(jsonb) IS 'Internal: The one text that all spellings of the same criteria have';

COMMENT ON FUNCTION @extschema@.hogsend_check_interval(text,interval) IS 'Internal: Refuses an interval that a bucket cannot use; NULL is fine';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_bucket()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_bucket() IS 'Internal: Refuses a definition that cannot be meant, with the reason and what to do; fills in defaults';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_happenings(journey text, list text, names text[])
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    wrong text;
BEGIN
    IF names IS NULL THEN
        RAISE EXCEPTION '% must not be NULL', list
            USING ERRCODE = '22004', DETAIL = format('Journey "%s".', journey),
                  HINT = CASE list WHEN 'starts_on' THEN 'Name the events and transitions that begin a run.' ELSE 'Use ''{}'' for none.' END;
    END IF;
    IF array_ndims(names) > 1 THEN
        RAISE EXCEPTION '% must be a plain list', list
            USING ERRCODE = '22023', DETAIL = format('Journey "%s": it has more than one dimension.', journey),
                  HINT = 'Write it like ''{order.placed,bucket:entered:lapsed}''.';
    END IF;
    IF list <> 'waits_for' AND cardinality(names) > 20 THEN
        RAISE EXCEPTION '% has too many names', list
            USING ERRCODE = '22023', DETAIL = format('Journey "%s": there are %s of at most 20.', journey, cardinality(names)),
                  HINT = 'Define a bucket of what they have in common, and name its transition.';
    END IF;
    SELECT n INTO wrong FROM unnest(names) n WHERE coalesce(n, '') = '' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a name in % must not be %', list, CASE WHEN wrong IS NULL THEN 'NULL' ELSE 'empty' END
            USING ERRCODE = CASE WHEN wrong IS NULL THEN '22004' ELSE '22023' END, DETAIL = format('Journey "%s".', journey),
                  HINT = 'Leave the element out.';
    END IF;
    SELECT n INTO wrong FROM unnest(names) n WHERE octet_length(n) > 500 LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a name in % is too long', list
            USING ERRCODE = '22023', DETAIL = format('Journey "%s": "%s…" has %s bytes, and at most 500 are possible.', journey, left(wrong, 50), octet_length(wrong)),
                  HINT = 'Give the event a shorter name; what differs from user to user belongs into its properties.';
    END IF;
    SELECT n INTO wrong FROM unnest(names) n WHERE starts_with(n, 'journey:') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a journey cannot go by the steps of journeys'
            USING ERRCODE = '22023', DETAIL = format('Journey "%s": %s names "%s".', journey, list, left(wrong, 200)),
                  HINT = 'Let the runner of that journey store an event of its own, and name that.';
    END IF;
    SELECT n INTO wrong FROM unnest(names) n
    WHERE starts_with(n, 'bucket:')
      AND n !~ '^bucket:((entered|left):[[:alnum:]][[:alnum:]_.-]*|dwell:[[:alnum:]][[:alnum:]_.-]*:(after|every)-[0-9]+)$' LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'no transition is called "%"', left(wrong, 200)
            USING ERRCODE = '22023', DETAIL = format('Journey "%s": it stands in %s, and names that begin with "bucket:" are those of transitions.', journey, list),
                  HINT = 'Use bucket:entered:<id>, bucket:left:<id>, bucket:dwell:<id>:after-<ms> or bucket:dwell:<id>:every-<ms>.';
    END IF;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_happenings(text,text,text[]) IS 'Internal: Refuses names of events and transitions that a journey cannot go by';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_happenings(text,text,text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_journey()
 RETURNS trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    twice text;
    home uuid;
BEGIN
    IF TG_OP = 'UPDATE' AND NEW.id IS DISTINCT FROM OLD.id THEN
        RAISE EXCEPTION 'a journey cannot be renamed'
            USING ERRCODE = '22023',
                  DETAIL = format('"%s" is part of its runs and of its event names.', OLD.id),
                  HINT = format('Define a journey "%s" and delete "%s", or change the column "name".', NEW.id, OLD.id);
    END IF;
    IF NEW.id IS NOT NULL AND (NEW.id !~ '^[[:alnum:]][[:alnum:]_.-]*$' OR octet_length(NEW.id) > 200) THEN
        RAISE EXCEPTION 'journey id "%" is not usable', left(NEW.id, 200)
            USING ERRCODE = '22023',
                  DETAIL = 'The id is part of event names and idempotency keys.',
                  HINT = 'Use letters, digits, "_", "-" and ".", beginning with a letter or digit, at most 200 bytes.';
    END IF;
    IF NEW.id IS NULL OR NEW.enabled IS NULL THEN
        RAISE EXCEPTION '% must not be NULL', CASE WHEN NEW.id IS NULL THEN 'id' ELSE 'enabled' END
            USING ERRCODE = '22004', DETAIL = format('Journey %s.', coalesce('"' || NEW.id || '"', 'NULL')),
                  HINT = CASE WHEN NEW.id IS NULL THEN 'Give the journey a name that stays.' ELSE 'Leave it out for true; false begins no more runs.' END;
    END IF;
    NEW.name := coalesce(NEW.name, NEW.id);
    PERFORM @extschema@.hogsend_check_happenings(NEW.id::text, 'starts_on'::text, NEW.starts_on::text[]),
            @extschema@.hogsend_check_happenings(NEW.id::text, 'exits_on'::text, NEW.exits_on::text[]),
            @extschema@.hogsend_check_happenings(NEW.id::text, 'waits_for'::text, NEW.waits_for::text[]);
    -- What a run waits for stays (I14 in doc/design.md): an event of a name that nobody mentions ends no wait.
    IF TG_OP = 'UPDATE' AND NOT NEW.waits_for @> OLD.waits_for THEN
        NEW.waits_for := NEW.waits_for || ARRAY(
            SELECT DISTINCT r.wait_event::text FROM @extschema@.journey_runs r
            WHERE r.journey_id = NEW.id AND r.ended_at IS NULL AND r.wait_event IS NOT NULL
              AND r.wait_event <> ALL (NEW.waits_for));
    END IF;
    IF cardinality(NEW.starts_on) = 0 THEN
        RAISE EXCEPTION 'a journey must start on something'
            USING ERRCODE = '22023', DETAIL = format('Journey "%s": starts_on is empty.', NEW.id),
                  HINT = 'Name an event or a transition, or let the runner store an event to begin a run by.';
    END IF;
    SELECT n INTO twice FROM unnest(NEW.starts_on) n WHERE n = ANY (NEW.exits_on) LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'a journey cannot start and exit on the same'
            USING ERRCODE = '22023', DETAIL = format('Journey "%s": "%s" stands in starts_on and in exits_on, and would end what it begins.', NEW.id, left(twice, 200)),
                  HINT = 'Take it out of one of them.';
    END IF;
    IF NEW.entry_limit IS NULL OR NEW.entry_limit NOT IN ('unlimited', 'once', 'once_per_period') THEN
        RAISE EXCEPTION 'unknown entry limit %', coalesce(quote_literal(NEW.entry_limit), 'NULL')
            USING ERRCODE = '22023', DETAIL = format('Journey "%s".', NEW.id),
                  HINT = 'Use ''unlimited'', ''once'' or ''once_per_period''.';
    END IF;
    PERFORM @extschema@.hogsend_check_interval('entry_period'::text, NEW.entry_period);

    IF TG_OP = 'INSERT' THEN
        SELECT i.id INTO home FROM @extschema@.hogsend_instance i;
        -- As for buckets: a dump that is restored brings its instance along.
        IF NEW.instance_id IS NULL
           OR EXISTS (SELECT FROM @extschema@.buckets b WHERE b.instance_id = home)
           OR EXISTS (SELECT FROM @extschema@.journeys j WHERE j.instance_id = home)
        THEN
            NEW.instance_id := home;
        END IF;
    -- What runs wait for is no part of the definition.
    ELSIF (NEW.name, NEW.description, NEW.enabled, NEW.starts_on, NEW.exits_on, NEW.entry_limit, NEW.entry_period)
          IS DISTINCT FROM
          (OLD.name, OLD.description, OLD.enabled, OLD.starts_on, OLD.exits_on, OLD.entry_limit, OLD.entry_period)
    THEN
        NEW.updated_at := now();
    END IF;
    RETURN NEW;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_journey() IS 'Internal: Refuses a journey that cannot be meant, with the reason and what to do; fills in defaults';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_journey() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_put_journey(text, text[], text[], text, interval, text, text, boolean)
 RETURNS boolean
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
INSERT INTO @extschema@.journeys AS j (id, starts_on, exits_on, entry_limit, entry_period, name, description, enabled)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (id) DO UPDATE
SET starts_on = EXCLUDED.starts_on, exits_on = EXCLUDED.exits_on, entry_limit = EXCLUDED.entry_limit,
    entry_period = EXCLUDED.entry_period, name = EXCLUDED.name, description = EXCLUDED.description, enabled = EXCLUDED.enabled
WHERE (j.starts_on, j.exits_on, j.entry_limit, j.entry_period, j.name, j.description, j.enabled)
      IS DISTINCT FROM
      (EXCLUDED.starts_on, EXCLUDED.exits_on, EXCLUDED.entry_limit, EXCLUDED.entry_period, EXCLUDED.name, EXCLUDED.description, EXCLUDED.enabled)
-- Somebody else may have defined it while we waited; a row that was updated has an xmax.
RETURNING j.xmax = 0
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_put_journey(text,text[],text[],text,interval,text,text,boolean) IS 'Internal: Inserts a journey or makes one what is said: whether it is new, NULL if it is what it was (called by hogsend_define_journey)';

REVOKE ALL ON FUNCTION @extschema@.hogsend_put_journey(text,text[],text[],text,interval,text,text,boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_define_journey(id text, starts_on text[], exits_on text[] DEFAULT '{}'::text[], entry_limit text DEFAULT 'unlimited'::text, entry_period interval DEFAULT NULL::interval, name text DEFAULT NULL::text, description text DEFAULT NULL::text, enabled boolean DEFAULT true)
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    created boolean;
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    -- As for buckets: a statement that changes nothing waits for writers all the same, so look first. A
    -- month equals 30 days, and is refused where it is written.
    IF coalesce(date_trunc('month', $5), interval '0') = interval '0'
       AND EXISTS (
           SELECT FROM @extschema@.journeys j
           WHERE j.id = $1
             AND (j.starts_on, j.exits_on, j.entry_limit, j.entry_period, j.name, j.description, j.enabled)
                 IS NOT DISTINCT FROM ($2, $3, $4, $5, coalesce($6, $1), $7, $8))
    THEN
        RETURN 'unchanged';
    END IF;
    created := @extschema@.hogsend_put_journey($1, $2, $3, $4, $5, $6, $7, $8);
    RETURN CASE WHEN created IS NULL THEN 'unchanged' WHEN created THEN 'created' ELSE 'changed' END;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_define_journey(text,text[],text[],text,interval,text,text,boolean) IS 'Makes a journey exactly what is said here, what is left out being the default: created, changed or unchanged; unchanged writes and locks nothing';

REVOKE ALL ON FUNCTION @extschema@.hogsend_define_journey(text,text[],text[],text,interval,text,text,boolean) FROM PUBLIC;

COMMENT ON FUNCTION @extschema@.hogsend_on_user_events() IS 'Internal: Calls hogsend_evaluate_user_events() for statements on user_events that may change something';

COMMENT ON FUNCTION @extschema@.hogsend_evaluate_user_events() IS 'Internal: Evaluates the buckets that a statement on user_events concerns';

COMMENT ON FUNCTION @extschema@.hogsend_before_contacts() IS 'Internal: Keeps definitions from changing while a statement on contacts runs';

COMMENT ON FUNCTION @extschema@.hogsend_on_contacts() IS 'Internal: Evaluates the buckets that a statement on contacts concerns';

COMMENT ON FUNCTION @extschema@.hogsend_before_buckets() IS 'Internal: Waits for the writers who were evaluated without the definition, and holds new ones off';

COMMENT ON FUNCTION @extschema@.hogsend_on_buckets() IS 'Internal: Brings memberships in line with new, changed and deleted definitions';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_before_journeys()
 RETURNS trigger
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_before_journeys$function$;

COMMENT ON FUNCTION @extschema@.hogsend_before_journeys() IS 'Internal: Waits for the writers who were evaluated without the journey, and holds new ones off';

REVOKE ALL ON FUNCTION @extschema@.hogsend_before_journeys() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_on_journeys()
 RETURNS trigger
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_on_journeys$function$;

COMMENT ON FUNCTION @extschema@.hogsend_on_journeys() IS 'Internal: Tells all sessions of new, changed and deleted journeys, and ends the runs of those that are gone';

REVOKE ALL ON FUNCTION @extschema@.hogsend_on_journeys() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_before_transitions()
 RETURNS trigger
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_before_transitions$function$;

COMMENT ON FUNCTION @extschema@.hogsend_before_transitions() IS 'Internal: Keeps consumers from missing anything when TRUNCATE empties the outbox';

REVOKE ALL ON FUNCTION @extschema@.hogsend_before_transitions() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_sign_bucket()
 RETURNS trigger
 LANGUAGE c
AS 'MODULE_PATHNAME', $function$hogsend_sign_bucket$function$;

COMMENT ON FUNCTION @extschema@.hogsend_sign_bucket() IS 'Internal: Takes down with whose rights and search_path a query bucket runs: of who defined it, or changed it';

REVOKE ALL ON FUNCTION @extschema@.hogsend_sign_bucket() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_make_triggers()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    source text;
    relation regclass;
    operation text;
    is_unseen boolean;
BEGIN
    -- What was written to a table of events while our triggers were not on it was added to no total.
    IF to_regclass('@extschema@.bucket_totals') IS NOT NULL THEN
        FOR relation IN
            SELECT t.relid FROM (
                SELECT to_regclass('@extschema@.user_events')
                UNION
                SELECT p.relid FROM pg_partition_tree(to_regclass('@extschema@.user_events')) p) AS t (relid)
            JOIN pg_class c ON c.oid = t.relid AND c.relkind IN ('r', 'p')
            WHERE (SELECT count(*) FROM pg_trigger g
                   WHERE g.tgrelid = t.relid AND g.tgname IN ('hogsend_insert', 'hogsend_update', 'hogsend_delete', 'hogsend_truncate')
                     AND g.tgenabled IN ('O', 'A')) < 4
        LOOP
            EXECUTE format('LOCK TABLE ONLY %s IN SHARE ROW EXCLUSIVE MODE', relation);
            EXECUTE format('SELECT EXISTS (SELECT FROM %s)', relation) INTO is_unseen;
            IF is_unseen THEN
                DELETE FROM @extschema@.bucket_totals;
                EXIT;
            END IF;
        END LOOP;
    END IF;
    -- Partitions, too: a statement fires the triggers of the table that it names, and no others.
    FOR source, relation IN
        SELECT s.name, c.oid::regclass
        FROM unnest(ARRAY['user_events', 'contacts', 'buckets', 'journeys']) AS s (name)
        CROSS JOIN LATERAL (
            SELECT to_regclass('@extschema@.' || s.name)
            UNION
            SELECT t.relid FROM pg_partition_tree(to_regclass('@extschema@.' || s.name)) t) AS t (relid)
        JOIN pg_class c ON c.oid = t.relid AND c.relkind IN ('r', 'p')
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER hogsend_insert AFTER INSERT ON %s
            REFERENCING NEW TABLE AS hogsend_new
            FOR EACH STATEMENT EXECUTE FUNCTION %s.hogsend_on_%s()', relation, '@extschema@', source);
        EXECUTE format('CREATE OR REPLACE TRIGGER hogsend_update AFTER UPDATE ON %s
            REFERENCING OLD TABLE AS hogsend_old NEW TABLE AS hogsend_new
            FOR EACH STATEMENT EXECUTE FUNCTION %s.hogsend_on_%s()', relation, '@extschema@', source);
        EXECUTE format('CREATE OR REPLACE TRIGGER hogsend_delete AFTER DELETE ON %s
            REFERENCING OLD TABLE AS hogsend_old
            FOR EACH STATEMENT EXECUTE FUNCTION %s.hogsend_on_%s()', relation, '@extschema@', source);
        EXECUTE format('CREATE OR REPLACE TRIGGER hogsend_truncate AFTER TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION %s.hogsend_on_%s()', relation, '@extschema@', source);
        FOREACH operation IN ARRAY ARRAY['insert', 'update', 'delete', 'truncate'] LOOP
            EXECUTE format('COMMENT ON TRIGGER hogsend_%s ON %s IS %L', operation, relation,
                CASE source WHEN 'journeys' THEN 'Keeps runs in line with what ' || upper(operation) || ' on journeys changes'
                            ELSE format('Keeps buckets in line with what %s on %s changes', upper(operation), source) END);
        END LOOP;
    END LOOP;
    CREATE OR REPLACE TRIGGER hogsend_before BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @extschema@.contacts
        FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.hogsend_before_contacts();
    COMMENT ON TRIGGER hogsend_before ON @extschema@.contacts IS 'Keeps definitions from changing while the statement runs';
    CREATE OR REPLACE TRIGGER hogsend_before BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @extschema@.buckets
        FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.hogsend_before_buckets();
    COMMENT ON TRIGGER hogsend_before ON @extschema@.buckets IS 'Keeps writers out while the definition changes';
    CREATE OR REPLACE TRIGGER hogsend_before BEFORE INSERT OR UPDATE OR DELETE OR TRUNCATE ON @extschema@.journeys
        FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.hogsend_before_journeys();
    COMMENT ON TRIGGER hogsend_before ON @extschema@.journeys IS 'Keeps writers out while the journey changes';
    CREATE OR REPLACE TRIGGER hogsend_check BEFORE INSERT OR UPDATE ON @extschema@.journeys
        FOR EACH ROW EXECUTE FUNCTION @extschema@.hogsend_check_journey();
    COMMENT ON TRIGGER hogsend_check ON @extschema@.journeys IS 'Refuses journeys that cannot be meant';
    FOR relation IN
        SELECT to_regclass('@extschema@.bucket_transitions')
        UNION
        SELECT t.relid FROM pg_partition_tree(to_regclass('@extschema@.bucket_transitions')) t
    LOOP
        EXECUTE format('CREATE OR REPLACE TRIGGER hogsend_before BEFORE TRUNCATE ON %s
            FOR EACH STATEMENT EXECUTE FUNCTION %s.hogsend_before_transitions()', relation, '@extschema@');
        EXECUTE format('COMMENT ON TRIGGER hogsend_before ON %s IS ''Keeps consumers from missing anything''', relation);
    END LOOP;
    -- How far an import came is nobody else's to know.
    CREATE OR REPLACE TRIGGER hogsend_changed AFTER INSERT OR DELETE OR TRUNCATE OR UPDATE OF name, kind, fields, on_delete, owned, search_path, import
        ON @extschema@.feeds FOR EACH STATEMENT EXECUTE FUNCTION @extschema@.hogsend_on_feeds();
    COMMENT ON TRIGGER hogsend_changed ON @extschema@.feeds IS 'Tells all sessions that a feed is another one';
    -- Before hogsend_check, which is the order of names.
    CREATE OR REPLACE TRIGGER hogsend_author BEFORE INSERT OR UPDATE ON @extschema@.buckets
        FOR EACH ROW EXECUTE FUNCTION @extschema@.hogsend_sign_bucket();
    COMMENT ON TRIGGER hogsend_author ON @extschema@.buckets IS 'Takes down who defined a query, whose rights it has';
    -- The argument tells hogsend_tables_version() what these tables are made for. A trigger goes where
    -- its table goes, and is made anew by each hogsend_migrate().
    EXECUTE format('CREATE OR REPLACE TRIGGER hogsend_check BEFORE INSERT OR UPDATE ON %1$s.buckets
        FOR EACH ROW EXECUTE FUNCTION %1$s.hogsend_check_bucket(%2$L)', '@extschema@',
        (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'hogsend'));
    COMMENT ON TRIGGER hogsend_check ON @extschema@.buckets IS 'Refuses definitions that cannot be meant';
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_make_triggers() IS 'Internal: Creates or replaces the triggers of hogsend (called by hogsend_migrate)';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_put_bucket(text, jsonb, text, text, boolean, text, text, interval, interval, interval, interval[], interval[], timestamp with time zone, text, interval, text)
 RETURNS boolean
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_put_bucket(text,jsonb,text,text,boolean,text,text,interval,interval,interval,interval[],interval[],timestamp with time zone,text,interval,text) IS 'Internal: Inserts a definition or makes one what is said: whether it is new, NULL if it is what it was (called by hogsend_define_bucket)';

REVOKE ALL ON FUNCTION @extschema@.hogsend_put_bucket(text,jsonb,text,text,boolean,text,text,interval,interval,interval,interval[],interval[],timestamp with time zone,text,interval,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_define_bucket(id text, criteria jsonb DEFAULT NULL::jsonb, name text DEFAULT NULL::text, description text DEFAULT NULL::text, enabled boolean DEFAULT true, kind text DEFAULT 'dynamic'::text, entry_limit text DEFAULT 'unlimited'::text, entry_period interval DEFAULT NULL::interval, min_dwell interval DEFAULT NULL::interval, max_dwell interval DEFAULT NULL::interval, dwell_after interval[] DEFAULT '{}'::interval[], dwell_every interval[] DEFAULT '{}'::interval[], quiet_before timestamp with time zone DEFAULT NULL::timestamp with time zone, query text DEFAULT NULL::text, refresh_every interval DEFAULT NULL::interval, query_path text DEFAULT current_setting('search_path'::text))
 RETURNS text
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_define_bucket(text,jsonb,text,text,boolean,text,text,interval,interval,interval,interval[],interval[],timestamp with time zone,text,interval,text) IS 'Makes a bucket exactly what is said here, what is left out being the default: created, changed or unchanged; unchanged writes and locks nothing';

REVOKE ALL ON FUNCTION @extschema@.hogsend_define_bucket(text,jsonb,text,text,boolean,text,text,interval,interval,interval,interval[],interval[],timestamp with time zone,text,interval,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_not(condition jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT jsonb_build_object('type', 'not', 'condition', condition) $function$;

COMMENT ON FUNCTION @extschema@.hogsend_not(jsonb) IS 'Criteria: the condition does not hold';

REVOKE ALL ON FUNCTION @extschema@.hogsend_not(jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_everyone()
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT jsonb_build_object('type', 'everyone') $function$;

COMMENT ON FUNCTION @extschema@.hogsend_everyone() IS 'Criteria: every contact that is not deleted';

REVOKE ALL ON FUNCTION @extschema@.hogsend_everyone() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_sample(salt text, from_percent numeric, to_percent numeric)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_sample(text,numeric,numeric) IS 'Criteria: a share of all users, always the same for the same salt: those whose number is in the range of percent';

REVOKE ALL ON FUNCTION @extschema@.hogsend_sample(text,numeric,numeric) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_sample_of(salt text, user_id text)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    -- The first 64 bits of the hash, without a sign, times 100 / 2^64, which has these digits and no more.
    SELECT trim_scale(
        (('x' || encode(substring(h.hash FOR 4), 'hex'))::bit(32)::bigint * 4294967296::numeric
         + ('x' || encode(substring(h.hash FROM 5 FOR 4), 'hex'))::bit(32)::bigint)
        * 0.00000000000000000542101086242752217003726400434970855712890625)
    FROM (SELECT sha256(convert_to($1, 'UTF8') || decode('00', 'hex') || convert_to($2, 'UTF8'))) AS h (hash)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_sample_of(text,text) IS 'The user''s number from 0 up to 100 in the sample with this salt: what hogsend_sample() compares';

REVOKE ALL ON FUNCTION @extschema@.hogsend_sample_of(text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_event_span(argument text, span interval)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF extract(year FROM span) <> 0 OR extract(month FROM span) <> 0 THEN
        RAISE EXCEPTION 'a window must not be given in months or years'
            USING ERRCODE = '22023', DETAIL = format('%s is %s, and the length of a month varies.', argument, span),
                  HINT = 'Use days, for example interval ''30 days''. A day is 24 hours.';
    END IF;
    IF extract(epoch FROM span) <= 0 THEN
        RAISE EXCEPTION 'a window must be positive'
            USING ERRCODE = '22023', DETAIL = format('%s is %s.', argument, span),
                  HINT = format('Give an interval longer than zero, or leave %s out.', argument);
    END IF;
    RETURN CASE WHEN span = make_interval(days => extract(day FROM span)::integer)
                THEN jsonb_build_object('days', extract(day FROM span))
                ELSE jsonb_build_object('seconds', trim_scale(extract(epoch FROM span))) END;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_event_span(text,interval) IS 'Internal: An argument of the builders of event legs that is an interval, in JSON';

REVOKE ALL ON FUNCTION @extschema@.hogsend_event_span(text,interval) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_event_instant(argument text, instant jsonb, given regtype)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF given NOT IN ('timestamptz'::regtype, 'date'::regtype, 'text'::regtype, 'varchar'::regtype) THEN
        RAISE EXCEPTION '% must be an instant or a date', argument
            USING ERRCODE = '22023', DETAIL = format('It is given as %s.', given),
                  HINT = 'Use a timestamptz, or a date for the start of that day in the zone, or either in ISO 8601 as text: ''2026-01-31T12:00:00+01:00'', ''2026-01-31''.';
    END IF;
    IF given IN ('timestamptz'::regtype, 'date'::regtype) AND instant #>> '{}' !~ '^[0-9]{4}-[^B]*$' THEN
        RAISE EXCEPTION '% must be in the years from 1 to 9999', argument
            USING ERRCODE = '22023', DETAIL = format('It is %s.', instant #>> '{}'),
                  HINT = format('Give an instant that is on the calendar, or leave %s out.', argument);
    END IF;
    RETURN instant;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_event_instant(text,jsonb,regtype) IS 'Internal: An argument of the builders of event legs that is an instant, in JSON';

REVOKE ALL ON FUNCTION @extschema@.hogsend_event_instant(text,jsonb,regtype) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_event_leg(builder text, names jsonb, within interval, older_than interval, since jsonb, until jsonb, given regtype, zone text, filter jsonb)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF names IS NULL OR names @> '[null]' THEN
        RAISE EXCEPTION 'the event name must not be NULL'
            USING ERRCODE = '22004', DETAIL = format(
                      CASE WHEN names IS NULL THEN '%s() was called without a name.' ELSE '%s() was called with a NULL among the names.' END, builder),
                  HINT = format('For example %s(''app.opened'', within => interval ''7 days'').', builder);
    END IF;
    IF within <= older_than THEN
        RAISE EXCEPTION 'within must be longer than older_than'
            USING ERRCODE = '22023', DETAIL = format('within is %s and older_than is %s, so that no instant is in between.', within, older_than),
                  HINT = 'within is where the window begins and older_than where it ends: "between 60 and 30 days ago" is within => ''60 days'', older_than => ''30 days''.';
    END IF;
    RETURN jsonb_build_object('type', 'event', 'eventName', names)
        || CASE WHEN within IS NULL THEN '{}'
                ELSE jsonb_build_object('within', @extschema@.hogsend_event_span('within'::text, within)) END
        || CASE WHEN older_than IS NULL THEN '{}'
                ELSE jsonb_build_object('olderThan', @extschema@.hogsend_event_span('older_than'::text, older_than)) END
        || CASE WHEN since IS NULL THEN '{}'
                ELSE jsonb_build_object('since', @extschema@.hogsend_event_instant('since'::text, since, given)) END
        || CASE WHEN until IS NULL THEN '{}'
                ELSE jsonb_build_object('until', @extschema@.hogsend_event_instant('until'::text, until, given)) END
        || CASE WHEN zone IS NULL THEN '{}' ELSE jsonb_build_object('zone', zone) END
        || CASE WHEN filter IS NULL THEN '{}' ELSE jsonb_build_object('where', filter) END;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_event_leg(text,jsonb,interval,interval,jsonb,jsonb,regtype,text,jsonb) IS 'Internal: What the builders of event legs have in common: which occurrences are meant';

REVOKE ALL ON FUNCTION @extschema@.hogsend_event_leg(text,jsonb,interval,interval,jsonb,jsonb,regtype,text,jsonb) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_event_bound(names jsonb, at_least bigint, more_than bigint, at_most bigint, less_than bigint, exactly bigint, never boolean)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    bounds integer := num_nonnulls(at_least, more_than, at_most, less_than, exactly)
                      + CASE WHEN never THEN 1 ELSE 0 END;
    bound bigint := coalesce(at_least, more_than, at_most, less_than, exactly);
BEGIN
    IF bounds > 1 THEN
        RAISE EXCEPTION 'an event leg takes one bound'
            USING ERRCODE = '22023', DETAIL = format('%s bounds are given for event %s.', bounds, names),
                  HINT = 'Give one of at_least, more_than, at_most, less_than, exactly and never; combine legs with hogsend_all().';
    END IF;
    IF bound < 0 THEN
        RAISE EXCEPTION 'a count must not be negative'
            USING ERRCODE = '22023', DETAIL = format('The bound for event %s is %s.', names, bound),
                  HINT = 'Use a whole number, zero or more.';
    END IF;
    RETURN CASE
        WHEN bound IS NULL THEN jsonb_build_object('check', CASE WHEN never THEN 'not_exists' ELSE 'exists' END)
        ELSE jsonb_build_object('check', 'count', 'value', bound, 'operator',
            CASE WHEN at_least IS NOT NULL THEN 'gte' WHEN more_than IS NOT NULL THEN 'gt'
                 WHEN at_most IS NOT NULL THEN 'lte' WHEN less_than IS NOT NULL THEN 'lt' ELSE 'eq' END)
        END;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_event_bound(jsonb,bigint,bigint,bigint,bigint,bigint,boolean) IS 'Internal: What the forms of hogsend_event() have in common: how often it is to have been';

REVOKE ALL ON FUNCTION @extschema@.hogsend_event_bound(jsonb,bigint,bigint,bigint,bigint,bigint,boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_event(name text, within interval DEFAULT NULL::interval, at_least bigint DEFAULT NULL::bigint, more_than bigint DEFAULT NULL::bigint, at_most bigint DEFAULT NULL::bigint, less_than bigint DEFAULT NULL::bigint, exactly bigint DEFAULT NULL::bigint, never boolean DEFAULT NULL::boolean, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_event'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_bound(to_jsonb(name), at_least, more_than, at_most, less_than, exactly, never)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_event(text,interval,bigint,bigint,bigint,bigint,bigint,boolean,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the event occurred (within a window, passing a filter), as often as the bound says; no bound: at least once';

REVOKE ALL ON FUNCTION @extschema@.hogsend_event(text,interval,bigint,bigint,bigint,bigint,bigint,boolean,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_event(name text[], within interval DEFAULT NULL::interval, at_least bigint DEFAULT NULL::bigint, more_than bigint DEFAULT NULL::bigint, at_most bigint DEFAULT NULL::bigint, less_than bigint DEFAULT NULL::bigint, exactly bigint DEFAULT NULL::bigint, never boolean DEFAULT NULL::boolean, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_event'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_bound(to_jsonb(name), at_least, more_than, at_most, less_than, exactly, never)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_event(text[],interval,bigint,bigint,bigint,bigint,bigint,boolean,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: one of the events occurred (within a window, passing a filter), as often together as the bound says; no bound: at least once';

REVOKE ALL ON FUNCTION @extschema@.hogsend_event(text[],interval,bigint,bigint,bigint,bigint,bigint,boolean,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_event_picked(pick text, matching jsonb, never boolean)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT jsonb_build_object('pick', pick, 'check', CASE WHEN never THEN 'not_exists' ELSE 'exists' END)
        || CASE WHEN matching IS NULL THEN '{}' ELSE jsonb_build_object('having', matching) END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_event_picked(text,jsonb,boolean) IS 'Internal: What hogsend_first() and hogsend_last() have in common: what holds of the one that is picked';

REVOKE ALL ON FUNCTION @extschema@.hogsend_event_picked(text,jsonb,boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_first(name text, within interval DEFAULT NULL::interval, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, matching jsonb DEFAULT NULL::jsonb, never boolean DEFAULT NULL::boolean, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_first'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_picked('first'::text, matching, never)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_first(text,interval,interval,anycompatible,anycompatible,jsonb,jsonb,boolean,text) IS 'Criteria: the first occurrence of the event (of those that pass the filter) is in the window and matches, or never';

REVOKE ALL ON FUNCTION @extschema@.hogsend_first(text,interval,interval,anycompatible,anycompatible,jsonb,jsonb,boolean,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_first(name text[], within interval DEFAULT NULL::interval, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, matching jsonb DEFAULT NULL::jsonb, never boolean DEFAULT NULL::boolean, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_first'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_picked('first'::text, matching, never)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_first(text[],interval,interval,anycompatible,anycompatible,jsonb,jsonb,boolean,text) IS 'Criteria: the first occurrence of any of the events (of those that pass the filter) is in the window and matches, or never';

REVOKE ALL ON FUNCTION @extschema@.hogsend_first(text[],interval,interval,anycompatible,anycompatible,jsonb,jsonb,boolean,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_last(name text, within interval DEFAULT NULL::interval, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, matching jsonb DEFAULT NULL::jsonb, never boolean DEFAULT NULL::boolean, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_last'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_picked('last'::text, matching, never)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_last(text,interval,interval,anycompatible,anycompatible,jsonb,jsonb,boolean,text) IS 'Criteria: the last occurrence of the event (of those that pass the filter) is in the window and matches, or never';

REVOKE ALL ON FUNCTION @extschema@.hogsend_last(text,interval,interval,anycompatible,anycompatible,jsonb,jsonb,boolean,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_last(name text[], within interval DEFAULT NULL::interval, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, matching jsonb DEFAULT NULL::jsonb, never boolean DEFAULT NULL::boolean, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_last'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_picked('last'::text, matching, never)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_last(text[],interval,interval,anycompatible,anycompatible,jsonb,jsonb,boolean,text) IS 'Criteria: the last occurrence of any of the events (of those that pass the filter) is in the window and matches, or never';

REVOKE ALL ON FUNCTION @extschema@.hogsend_last(text[],interval,interval,anycompatible,anycompatible,jsonb,jsonb,boolean,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property_leg(property jsonb, operator text, value jsonb, ignore_case boolean, zone text, zone_property text, unit text)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF property IS NULL OR operator IS NULL THEN
        RAISE EXCEPTION 'property and operator must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'hogsend_property() was called with a NULL.',
                  HINT = 'For example hogsend_property(''plan'', ''eq'', ''trial'').';
    END IF;
    IF num_nonnulls(zone, zone_property) = 2 THEN
        RAISE EXCEPTION 'zone and zone_property exclude each other'
            USING ERRCODE = '22023', DETAIL = format('The zone is said to be %s, and the one that the property %s names.', zone, zone_property),
                  HINT = 'Give zone where it is the same for everybody, or zone_property where each contact has one.';
    END IF;
    RETURN jsonb_build_object('type', 'property', 'property', property, 'operator', operator)
        || CASE WHEN value IS NULL THEN '{}' ELSE jsonb_build_object('value', value) END
        || CASE WHEN ignore_case THEN jsonb_build_object('ignoreCase', true) ELSE '{}' END
        || CASE WHEN zone IS NULL THEN '{}' ELSE jsonb_build_object('zone', zone) END
        || CASE WHEN zone_property IS NULL THEN '{}'
                ELSE jsonb_build_object('zone', jsonb_build_object('property', zone_property)) END
        || CASE WHEN unit IS NULL THEN '{}' ELSE jsonb_build_object('unit', unit) END;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_property_leg(jsonb,text,jsonb,boolean,text,text,text) IS 'Internal: What the forms of hogsend_property() have in common';

REVOKE ALL ON FUNCTION @extschema@.hogsend_property_leg(jsonb,text,jsonb,boolean,text,text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property_number(value numeric)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    -- In JSON these are texts.
    IF value IN ('NaN', 'Infinity', '-Infinity') THEN
        RAISE EXCEPTION 'a property cannot be compared with %', value
            USING ERRCODE = '22023', DETAIL = 'No property has this value: JSON''s numbers are finite.',
                  HINT = 'Use a finite number.';
    END IF;
    RETURN to_jsonb(value);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_property_number(numeric) IS 'Internal: A number that hogsend_property() compares with, in JSON';

REVOKE ALL ON FUNCTION @extschema@.hogsend_property_number(numeric) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property_span(value interval)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF value IS NULL THEN
        RETURN NULL;
    END IF;
    IF extract(year FROM value) <> 0 OR extract(month FROM value) <> 0 THEN
        RAISE EXCEPTION 'a length of time must not be given in months or years'
            USING ERRCODE = '22023', DETAIL = format('It is %s, and the length of a month varies.', value),
                  HINT = 'Use days, for example interval ''30 days''. A day is 24 hours.';
    END IF;
    IF extract(epoch FROM value) <= 0 THEN
        RAISE EXCEPTION 'a length of time must be positive'
            USING ERRCODE = '22023', DETAIL = format('It is %s.', value),
                  HINT = 'Give an interval longer than zero; whether it is the past or what is ahead is said by the operator.';
    END IF;
    RETURN CASE WHEN value = make_interval(days => extract(day FROM value)::integer)
                THEN jsonb_build_object('days', extract(day FROM value))
                ELSE jsonb_build_object('seconds', trim_scale(extract(epoch FROM value))) END;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_property_span(interval) IS 'Internal: A length of time that hogsend_property() compares with, in JSON';

REVOKE ALL ON FUNCTION @extschema@.hogsend_property_span(interval) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property_path(property text[])
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF array_position(property, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'a step of a path must not be NULL'
            USING ERRCODE = '22004', DETAIL = format('The path is %s.', property),
                  HINT = 'Give names of keys and positions in arrays, for example ARRAY[''address'', ''country''].';
    END IF;
    RETURN CASE WHEN property IS NOT NULL THEN (
        SELECT coalesce(jsonb_agg(
                   CASE WHEN s.n > 1 AND s.step ~ '^(0|[1-9][0-9]{0,8})$' THEN to_jsonb(s.step::integer) ELSE to_jsonb(s.step) END
                   ORDER BY s.n), '[]')
        FROM unnest(property) WITH ORDINALITY s (step, n)) END;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_property_path(text[]) IS 'Internal: A path that hogsend_property() is given, in JSON';

REVOKE ALL ON FUNCTION @extschema@.hogsend_property_path(text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property(property text, operator text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT @extschema@.hogsend_property_leg(to_jsonb(property), operator, NULL::jsonb, NULL::boolean, NULL::text, NULL::text, NULL::text) $function$;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property(property text, operator text, value text, ignore_case boolean DEFAULT NULL::boolean, zone text DEFAULT NULL::text, zone_property text DEFAULT NULL::text, unit text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT @extschema@.hogsend_property_leg(to_jsonb(property), operator, to_jsonb(value), ignore_case, zone, zone_property, unit) $function$;

COMMENT ON FUNCTION @extschema@.hogsend_property(text,text,text,boolean,text,text,text) IS 'Criteria: the contact''s property compared with a text, whatever the case of letters if that is said; or with an instant, a date or a length of time';

REVOKE ALL ON FUNCTION @extschema@.hogsend_property(text,text,text,boolean,text,text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property(property text, operator text, value numeric, ignore_case boolean DEFAULT NULL::boolean, zone text DEFAULT NULL::text, zone_property text DEFAULT NULL::text, unit text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT @extschema@.hogsend_property_leg(
        to_jsonb(property), operator, @extschema@.hogsend_property_number(value), ignore_case, zone, zone_property, unit)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_property(text,text,numeric,boolean,text,text,text) IS 'Criteria: the contact''s property compared with a number, or with days after today where clocks are those of the zone';

REVOKE ALL ON FUNCTION @extschema@.hogsend_property(text,text,numeric,boolean,text,text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property(property text, operator text, value interval, ignore_case boolean DEFAULT NULL::boolean, zone text DEFAULT NULL::text, zone_property text DEFAULT NULL::text, unit text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT @extschema@.hogsend_property_leg(
        to_jsonb(property), operator, @extschema@.hogsend_property_span(value), ignore_case, zone, zone_property, unit)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_property(text,text,interval,boolean,text,text,text) IS 'Criteria: the contact''s property is an instant within_last, within_next, older_than or later_than so long';

REVOKE ALL ON FUNCTION @extschema@.hogsend_property(text,text,interval,boolean,text,text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property(property text, operator text, value boolean)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT @extschema@.hogsend_property_leg(to_jsonb(property), operator, to_jsonb(value), NULL::boolean, NULL::text, NULL::text, NULL::text) $function$;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property(property text, operator text, value text[], ignore_case boolean DEFAULT NULL::boolean)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT @extschema@.hogsend_property_leg(to_jsonb(property), operator, to_jsonb(value), ignore_case, NULL::text, NULL::text, NULL::text) $function$;

COMMENT ON FUNCTION @extschema@.hogsend_property(text,text,text[],boolean) IS 'Criteria: the contact''s property compared with a list of texts';

REVOKE ALL ON FUNCTION @extschema@.hogsend_property(text,text,text[],boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property(property text[], operator text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT @extschema@.hogsend_property_leg(@extschema@.hogsend_property_path(property), operator, NULL::jsonb, NULL::boolean, NULL::text, NULL::text, NULL::text) $function$;

COMMENT ON FUNCTION @extschema@.hogsend_property(text[],text) IS 'Criteria: what is at this path in the contact''s properties exists, or not_exists';

REVOKE ALL ON FUNCTION @extschema@.hogsend_property(text[],text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property(property text[], operator text, value text, ignore_case boolean DEFAULT NULL::boolean, zone text DEFAULT NULL::text, zone_property text DEFAULT NULL::text, unit text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT @extschema@.hogsend_property_leg(
        @extschema@.hogsend_property_path(property), operator, to_jsonb(value), ignore_case, zone, zone_property, unit)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_property(text[],text,text,boolean,text,text,text) IS 'Criteria: what is at this path in the contact''s properties compared with a text, or with an instant, a date or a length of time';

REVOKE ALL ON FUNCTION @extschema@.hogsend_property(text[],text,text,boolean,text,text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property(property text[], operator text, value numeric, ignore_case boolean DEFAULT NULL::boolean, zone text DEFAULT NULL::text, zone_property text DEFAULT NULL::text, unit text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT @extschema@.hogsend_property_leg(
        @extschema@.hogsend_property_path(property), operator, @extschema@.hogsend_property_number(value), ignore_case,
        zone, zone_property, unit)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_property(text[],text,numeric,boolean,text,text,text) IS 'Criteria: what is at this path in the contact''s properties compared with a number, or with days after today';

REVOKE ALL ON FUNCTION @extschema@.hogsend_property(text[],text,numeric,boolean,text,text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property(property text[], operator text, value interval, ignore_case boolean DEFAULT NULL::boolean, zone text DEFAULT NULL::text, zone_property text DEFAULT NULL::text, unit text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT @extschema@.hogsend_property_leg(
        @extschema@.hogsend_property_path(property), operator, @extschema@.hogsend_property_span(value), ignore_case,
        zone, zone_property, unit)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_property(text[],text,interval,boolean,text,text,text) IS 'Criteria: what is at this path in the contact''s properties is an instant within_last, within_next, older_than or later_than so long';

REVOKE ALL ON FUNCTION @extschema@.hogsend_property(text[],text,interval,boolean,text,text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property(property text[], operator text, value boolean)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT @extschema@.hogsend_property_leg(@extschema@.hogsend_property_path(property), operator, to_jsonb(value), NULL::boolean, NULL::text, NULL::text, NULL::text) $function$;

COMMENT ON FUNCTION @extschema@.hogsend_property(text[],text,boolean) IS 'Criteria: what is at this path in the contact''s properties compared with a boolean';

REVOKE ALL ON FUNCTION @extschema@.hogsend_property(text[],text,boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_property(property text[], operator text, value text[], ignore_case boolean DEFAULT NULL::boolean)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT @extschema@.hogsend_property_leg(@extschema@.hogsend_property_path(property), operator, to_jsonb(value), ignore_case, NULL::text, NULL::text, NULL::text) $function$;

COMMENT ON FUNCTION @extschema@.hogsend_property(text[],text,text[],boolean) IS 'Criteria: what is at this path in the contact''s properties compared with a list of texts';

REVOKE ALL ON FUNCTION @extschema@.hogsend_property(text[],text,text[],boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_in_bucket(bucket_id text, at_least interval DEFAULT NULL::interval, member boolean DEFAULT true)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_in_bucket(text,interval,boolean) IS 'Criteria: the user is a member of that bucket, or is not; at_least: and has been so for at least that long';

REVOKE ALL ON FUNCTION @extschema@.hogsend_in_bucket(text,interval,boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_event_measure(measure text, names jsonb, of jsonb, at_least numeric, more_than numeric, at_most numeric, less_than numeric, exactly numeric)
 RETURNS jsonb
 LANGUAGE plpgsql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    bound numeric := coalesce(at_least, more_than, at_most, less_than, exactly);
BEGIN
    IF num_nonnulls(at_least, more_than, at_most, less_than, exactly) > 1 THEN
        RAISE EXCEPTION 'a measure takes one bound'
            USING ERRCODE = '22023', DETAIL = format('%s bounds are given for event %s.', num_nonnulls(at_least, more_than, at_most, less_than, exactly), names),
                  HINT = 'Give one of at_least, more_than, at_most, less_than and exactly; combine legs with hogsend_all().';
    END IF;
    IF bound IN ('NaN', 'Infinity', '-Infinity') THEN
        RAISE EXCEPTION 'a bound must be a number'
            USING ERRCODE = '22023', DETAIL = format('The bound for event %s is %s.', names, bound),
                  HINT = 'Give a finite number.';
    END IF;
    IF measure = 'distinct' AND of IS NULL THEN
        RAISE EXCEPTION 'what is to differ must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'hogsend_distinct() was called without of.',
                  HINT = 'Give the property of the event, or ''$day'': hogsend_distinct(''app.opened'', of => ''$day'', at_least => 5, within => ''14 days'').';
    END IF;
    RETURN jsonb_build_object('check', measure)
        || CASE WHEN of IS NULL THEN '{}' ELSE jsonb_build_object('of', of) END
        || CASE WHEN bound IS NULL THEN '{}'
                ELSE jsonb_build_object('value', bound, 'operator',
                    CASE WHEN at_least IS NOT NULL THEN 'gte' WHEN more_than IS NOT NULL THEN 'gt'
                         WHEN at_most IS NOT NULL THEN 'lte' WHEN less_than IS NOT NULL THEN 'lt' ELSE 'eq' END) END;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_event_measure(text,jsonb,jsonb,numeric,numeric,numeric,numeric,numeric) IS 'Internal: What the builders of measures have in common: what is measured, and what it is compared with';

REVOKE ALL ON FUNCTION @extschema@.hogsend_event_measure(text,jsonb,jsonb,numeric,numeric,numeric,numeric,numeric) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_sum(name text, of text DEFAULT NULL::text, within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_sum'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('sum'::text, to_jsonb(name), to_jsonb(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_sum(text,text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the sum of numbers in the events (their value, or what stands at of), is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_sum(text,text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_sum(name text, of text[], within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_sum'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('sum'::text, to_jsonb(name), @extschema@.hogsend_property_path(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_sum(text,text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the sum of numbers in the events (their value, or what stands at of), by a path, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_sum(text,text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_sum(name text[], of text DEFAULT NULL::text, within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_sum'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('sum'::text, to_jsonb(name), to_jsonb(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_sum(text[],text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the sum of numbers in the events (their value, or what stands at of), which count together, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_sum(text[],text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_sum(name text[], of text[], within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_sum'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('sum'::text, to_jsonb(name), @extschema@.hogsend_property_path(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_sum(text[],text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the sum of numbers in the events (their value, or what stands at of), which count together, by a path, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_sum(text[],text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_avg(name text, of text DEFAULT NULL::text, within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_avg'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('avg'::text, to_jsonb(name), to_jsonb(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_avg(text,text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the average of numbers in the events (their value, or what stands at of), is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_avg(text,text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_avg(name text, of text[], within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_avg'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('avg'::text, to_jsonb(name), @extschema@.hogsend_property_path(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_avg(text,text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the average of numbers in the events (their value, or what stands at of), by a path, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_avg(text,text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_avg(name text[], of text DEFAULT NULL::text, within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_avg'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('avg'::text, to_jsonb(name), to_jsonb(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_avg(text[],text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the average of numbers in the events (their value, or what stands at of), which count together, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_avg(text[],text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_avg(name text[], of text[], within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_avg'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('avg'::text, to_jsonb(name), @extschema@.hogsend_property_path(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_avg(text[],text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the average of numbers in the events (their value, or what stands at of), which count together, by a path, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_avg(text[],text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_min(name text, of text DEFAULT NULL::text, within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_min'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('min'::text, to_jsonb(name), to_jsonb(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_min(text,text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the least of numbers in the events (their value, or what stands at of), is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_min(text,text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_min(name text, of text[], within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_min'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('min'::text, to_jsonb(name), @extschema@.hogsend_property_path(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_min(text,text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the least of numbers in the events (their value, or what stands at of), by a path, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_min(text,text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_min(name text[], of text DEFAULT NULL::text, within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_min'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('min'::text, to_jsonb(name), to_jsonb(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_min(text[],text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the least of numbers in the events (their value, or what stands at of), which count together, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_min(text[],text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_min(name text[], of text[], within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_min'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('min'::text, to_jsonb(name), @extschema@.hogsend_property_path(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_min(text[],text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the least of numbers in the events (their value, or what stands at of), which count together, by a path, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_min(text[],text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_max(name text, of text DEFAULT NULL::text, within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_max'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('max'::text, to_jsonb(name), to_jsonb(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_max(text,text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the greatest of numbers in the events (their value, or what stands at of), is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_max(text,text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_max(name text, of text[], within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_max'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('max'::text, to_jsonb(name), @extschema@.hogsend_property_path(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_max(text,text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the greatest of numbers in the events (their value, or what stands at of), by a path, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_max(text,text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_max(name text[], of text DEFAULT NULL::text, within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_max'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('max'::text, to_jsonb(name), to_jsonb(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_max(text[],text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the greatest of numbers in the events (their value, or what stands at of), which count together, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_max(text[],text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_max(name text[], of text[], within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_max'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('max'::text, to_jsonb(name), @extschema@.hogsend_property_path(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_max(text[],text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: the greatest of numbers in the events (their value, or what stands at of), which count together, by a path, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_max(text[],text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_distinct(name text, of text, within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_distinct'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('distinct'::text, to_jsonb(name), to_jsonb(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_distinct(text,text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: how many different things stand at of in the events, or on how many days ($day) they occurred, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_distinct(text,text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_distinct(name text, of text[], within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_distinct'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('distinct'::text, to_jsonb(name), @extschema@.hogsend_property_path(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_distinct(text,text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: how many different things stand at of in the events, or on how many days ($day) they occurred, by a path, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_distinct(text,text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_distinct(name text[], of text, within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_distinct'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('distinct'::text, to_jsonb(name), to_jsonb(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_distinct(text[],text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: how many different things stand at of in the events, or on how many days ($day) they occurred, which count together, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_distinct(text[],text,interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_distinct(name text[], of text[], within interval DEFAULT NULL::interval, at_least numeric DEFAULT NULL::numeric, more_than numeric DEFAULT NULL::numeric, at_most numeric DEFAULT NULL::numeric, less_than numeric DEFAULT NULL::numeric, exactly numeric DEFAULT NULL::numeric, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, filter jsonb DEFAULT NULL::jsonb, zone text DEFAULT NULL::text)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT @extschema@.hogsend_event_leg('hogsend_distinct'::text, to_jsonb(name), within, older_than,
                                         to_jsonb(since), to_jsonb(until), pg_typeof(since), zone, filter)
        || @extschema@.hogsend_event_measure('distinct'::text, to_jsonb(name), @extschema@.hogsend_property_path(of),
                                             at_least, more_than, at_most, less_than, exactly)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_distinct(text[],text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) IS 'Criteria: how many different things stand at of in the events, or on how many days ($day) they occurred, which count together, by a path, is as the bound says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_distinct(text[],text[],interval,numeric,numeric,numeric,numeric,numeric,interval,anycompatible,anycompatible,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_compare("left" jsonb, operator text, "right" jsonb, factor numeric DEFAULT NULL::numeric)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    -- Without a bound an event is counted here.
    SELECT jsonb_build_object('type', 'compare', 'operator', operator,
               'left', "left" || CASE WHEN "left" ->> 'check' = 'exists' AND NOT "left" ? 'pick' THEN '{"check": "count"}'::jsonb ELSE '{}'::jsonb END,
               'right', "right" || CASE WHEN "right" ->> 'check' = 'exists' AND NOT "right" ? 'pick' THEN '{"check": "count"}'::jsonb ELSE '{}'::jsonb END)
        || CASE WHEN factor IS NULL THEN '{}' ELSE jsonb_build_object('factor', factor) END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_compare(jsonb,text,jsonb,numeric) IS 'Criteria: one measure (hogsend_event() or hogsend_sum() and the like, without a bound) is more, less or as much as factor times another';

REVOKE ALL ON FUNCTION @extschema@.hogsend_compare(jsonb,text,jsonb,numeric) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_step_of(name jsonb, within interval, filter jsonb, never boolean)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT jsonb_build_object('eventName', name)
        || CASE WHEN within IS NULL THEN '{}' ELSE jsonb_build_object('within', @extschema@.hogsend_event_span('within'::text, within)) END
        || CASE WHEN filter IS NULL THEN '{}' ELSE jsonb_build_object('where', filter) END
        || CASE WHEN never THEN jsonb_build_object('never', true) ELSE '{}' END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_step_of(jsonb,interval,jsonb,boolean) IS 'Internal: What the forms of hogsend_step() have in common';

REVOKE ALL ON FUNCTION @extschema@.hogsend_step_of(jsonb,interval,jsonb,boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_step(name text, within interval DEFAULT NULL::interval, filter jsonb DEFAULT NULL::jsonb, never boolean DEFAULT NULL::boolean)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT @extschema@.hogsend_step_of(to_jsonb(name), within, filter, never) $function$;

COMMENT ON FUNCTION @extschema@.hogsend_step(text,interval,jsonb,boolean) IS 'A step of hogsend_sequence(): the event, how long after the step before at the latest, passing a filter; or that it must not come';

REVOKE ALL ON FUNCTION @extschema@.hogsend_step(text,interval,jsonb,boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_step(name text[], within interval DEFAULT NULL::interval, filter jsonb DEFAULT NULL::jsonb, never boolean DEFAULT NULL::boolean)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT @extschema@.hogsend_step_of(to_jsonb(name), within, filter, never) $function$;

COMMENT ON FUNCTION @extschema@.hogsend_step(text[],interval,jsonb,boolean) IS 'A step of hogsend_sequence(): one of the events, how long after the step before at the latest, passing a filter; or that none must come';

REVOKE ALL ON FUNCTION @extschema@.hogsend_step(text[],interval,jsonb,boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_sequence(VARIADIC steps jsonb[])
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT jsonb_build_object('type', 'sequence', 'steps', to_jsonb(steps)) $function$;

COMMENT ON FUNCTION @extschema@.hogsend_sequence(jsonb[]) IS 'Criteria: the steps happened one after the other, whenever that was';

REVOKE ALL ON FUNCTION @extschema@.hogsend_sequence(jsonb[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_sequence(steps jsonb[], within interval, older_than interval DEFAULT NULL::interval, since anycompatible DEFAULT NULL::unknown, until anycompatible DEFAULT NULL::unknown, matching text[] DEFAULT NULL::text[])
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "TimeZone" TO 'UTC'
AS $function$
    SELECT jsonb_build_object('type', 'sequence', 'steps', to_jsonb(steps))
        || CASE WHEN within IS NULL THEN '{}' ELSE jsonb_build_object('within', @extschema@.hogsend_event_span('within'::text, within)) END
        || CASE WHEN older_than IS NULL THEN '{}' ELSE jsonb_build_object('olderThan', @extschema@.hogsend_event_span('older_than'::text, older_than)) END
        || CASE WHEN since IS NULL THEN '{}' ELSE jsonb_build_object('since', @extschema@.hogsend_event_instant('since'::text, to_jsonb(since), pg_typeof(since))) END
        || CASE WHEN until IS NULL THEN '{}' ELSE jsonb_build_object('until', @extschema@.hogsend_event_instant('until'::text, to_jsonb(until), pg_typeof(since))) END
        || CASE WHEN matching IS NULL THEN '{}' ELSE jsonb_build_object('match', to_jsonb(matching)) END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_sequence(jsonb[],interval,interval,anycompatible,anycompatible,text[]) IS 'Criteria: the steps happened one after the other, the first of them in the window; where properties are named, with the same in all';

REVOKE ALL ON FUNCTION @extschema@.hogsend_sequence(jsonb[],interval,interval,anycompatible,anycompatible,text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_ingest(user_id text, event text, properties jsonb DEFAULT '{}'::jsonb, occurred_at timestamp with time zone DEFAULT now(), contact_properties jsonb DEFAULT NULL::jsonb, user_email text DEFAULT NULL::text, value numeric DEFAULT NULL::numeric, source text DEFAULT NULL::text, idempotency_key text DEFAULT NULL::text)
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
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
$function$;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_note_erasure(user_ids text[])
 RETURNS void
 LANGUAGE sql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    INSERT INTO @extschema@.bucket_erasures AS e (user_hash)
    SELECT DISTINCT sha256(convert_to(u, 'UTF8')) FROM unnest($1) AS u ORDER BY 1
    ON CONFLICT (user_hash) DO UPDATE SET times = e.times + 1
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_note_erasure(text[]) IS 'Internal: Notes by hashes that users were erased, so that the keys of the transitions do not come again (called by hogsend_forget_user)';

REVOKE ALL ON FUNCTION @extschema@.hogsend_note_erasure(text[]) FROM PUBLIC;

COMMENT ON FUNCTION @extschema@.hogsend_require_bucket(text) IS 'Internal: Raises an error unless the bucket is defined';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_has(bucket_id text, user_id text)
 RETURNS boolean
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    IF EXISTS (SELECT FROM @extschema@.bucket_members m WHERE m.bucket_id = $1 AND m.user_id = $2) THEN
        RETURN true;
    END IF;
    PERFORM @extschema@.hogsend_require_bucket($1);
    -- Who was granted no look at the aliases, as earlier releases did not, asks for the ids of users alone.
    IF has_column_privilege('@extschema@.user_aliases', 'alias', 'SELECT') AND has_column_privilege('@extschema@.user_aliases', 'user_id', 'SELECT') THEN
        RETURN EXISTS (SELECT FROM @extschema@.user_aliases a
                       JOIN @extschema@.bucket_members m ON m.user_id = a.user_id AND m.bucket_id = $1 WHERE a.alias = $2);
    END IF;
    RETURN false;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_has(text,text) IS 'Whether the user is in the bucket now, by whichever of their ids';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_members(bucket_id text, max integer DEFAULT 50, after text DEFAULT NULL::text)
 RETURNS TABLE(user_id text, email text, entered_at timestamp with time zone, entry_count integer)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF max IS NULL OR max < 1 THEN
        RAISE EXCEPTION 'max must be a positive number'
            USING ERRCODE = '22023', DETAIL = format('max is %s.', coalesce(max::text, 'NULL')),
                  HINT = 'Leave it out for 50; a call returns at most 100.';
    END IF;
    PERFORM @extschema@.hogsend_require_bucket($1);
    RETURN QUERY
        SELECT m.user_id::text, m.email::text, m.entered_at, m.entry_count
        FROM @extschema@.bucket_members m
        WHERE m.bucket_id = $1 AND ($3 IS NULL OR m.user_id > $3)
        ORDER BY m.user_id
        LIMIT least(max, 100);
END
$function$;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_dependencies()
 RETURNS TABLE(bucket_id text, depends_on text, level integer)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    WITH RECURSIVE named (bucket_id, depends_on) AS (
        SELECT b.id::text, n.id FROM @extschema@.buckets b CROSS JOIN unnest(b.depends_on) AS n (id)
    ), above (bucket_id, level) AS (
        SELECT DISTINCT n.depends_on, 0 FROM named n
        WHERE NOT EXISTS (SELECT FROM named m WHERE m.bucket_id = n.depends_on)
        UNION
        SELECT n.bucket_id, a.level + 1 FROM above a JOIN named n ON n.depends_on = a.bucket_id
        -- Only where the check was bypassed is there a circle.
        WHERE a.level < (SELECT count(*) FROM named)
    )
    SELECT n.bucket_id, n.depends_on, (SELECT max(a.level) FROM above a WHERE a.bucket_id = n.bucket_id)
    FROM named n
    ORDER BY 3, 1, 2
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_dependencies() IS 'Which buckets are about the members of which others: a row a pair; level: how many lie one below the other at most';

REVOKE ALL ON FUNCTION @extschema@.hogsend_dependencies() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_note_run(cut_short_after interval, role name)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
BEGIN
    UPDATE @extschema@.hogsend_clock
    SET cut_short_at = CASE WHEN $1 IS NOT NULL THEN @extschema@.hogsend_now() END,
        cut_short_after = $1, cut_short_role = CASE WHEN $1 IS NOT NULL THEN $2 END
    WHERE only_row IN (
        SELECT c.only_row FROM @extschema@.hogsend_clock c
        WHERE $1 IS NOT NULL OR c.cut_short_at IS NOT NULL
        -- Whoever has it in hands notes as well as we do.
        FOR UPDATE SKIP LOCKED);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_note_run(interval,name) IS 'Internal: Notes how long hogsend_run() went on when statement_timeout cut it short, and for whom; NULL: it did not';

REVOKE ALL ON FUNCTION @extschema@.hogsend_note_run(interval,name) FROM PUBLIC;

CREATE OR REPLACE PROCEDURE @extschema@.hogsend_run(IN for_time interval DEFAULT '00:01:00'::interval)
 LANGUAGE plpgsql
AS $procedure$
DECLARE
    begun_at pg_catalog.timestamptz := pg_catalog.clock_timestamp();
    stop_at pg_catalog.timestamptz := begun_at OPERATOR(pg_catalog.+) for_time;
    -- The whole call is one statement, whose time counts from when it arrived. A tenth is left for
    -- what cannot be foreseen.
    granted pg_catalog.interval := pg_catalog.current_setting('statement_timeout')::pg_catalog.interval;
    must_stop_at pg_catalog.timestamptz;
    -- Small batches, each committed, so that a transition is never held back by later work; and the
    -- smaller, the less time there is.
    batch integer := 1000;
    looked_at pg_catalog.timestamptz;
    longest pg_catalog.interval := interval '0';
    cut_short_after pg_catalog.interval;
    more boolean;
    -- A role that was granted what the clock needed before the last update may not.
    reads_journeys CONSTANT boolean := coalesce(pg_catalog.has_table_privilege(pg_catalog.to_regclass('@extschema@.journeys'), 'SELECT'), false);
BEGIN
    IF for_time IS NULL OR for_time OPERATOR(pg_catalog.<) interval '0' THEN
        RAISE EXCEPTION 'for_time must be an interval of zero or more'
            USING ERRCODE = '22023', DETAIL = pg_catalog.format('for_time is %s.', coalesce(for_time::pg_catalog.text, 'NULL')),
                  HINT = 'For example CALL hogsend_run(''60 seconds'') once a minute.';
    END IF;
    IF granted OPERATOR(pg_catalog.>) interval '0' THEN
        must_stop_at := pg_catalog.statement_timestamp() OPERATOR(pg_catalog.+) (granted OPERATOR(pg_catalog.*) 0.9);
        batch := greatest(least(1000, extract(epoch FROM granted) OPERATOR(pg_catalog.*) 100)::integer, 1);
    END IF;
    -- Partitions that came while no event trigger looked. Once a run is often enough.
    IF pg_catalog.has_function_privilege('@extschema@.hogsend_complete_feeds()', 'EXECUTE') THEN
        PERFORM @extschema@.hogsend_complete_feeds();
        COMMIT;
    END IF;
    LOOP
        looked_at := pg_catalog.clock_timestamp();
        -- What remains without anything having been done waits for somebody else's transaction.
        SELECT r.remaining AND greatest(r.entered, r.left, r.dwelled, r.rearmed, r.backfilled) OPERATOR(pg_catalog.>) 0
            INTO more FROM @extschema@.hogsend_reconcile(batch) r;
        COMMIT;
        longest := greatest(longest, pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) looked_at);
        -- A restored copy: once a run is often enough to say so.
        EXIT WHEN EXISTS (SELECT FROM @extschema@.buckets b, @extschema@.hogsend_instance i
                          WHERE b.instance_id OPERATOR(pg_catalog.<>) i.id);
        IF reads_journeys THEN
            EXIT WHEN EXISTS (SELECT FROM @extschema@.journeys j, @extschema@.hogsend_instance i
                              WHERE j.instance_id OPERATOR(pg_catalog.<>) i.id);
        END IF;
        EXIT WHEN pg_catalog.clock_timestamp() OPERATOR(pg_catalog.>=) stop_at;
        IF (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) longest OPERATOR(pg_catalog.+) longest) OPERATOR(pg_catalog.>=) must_stop_at THEN
            cut_short_after := pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) begun_at;
            EXIT;
        END IF;
        IF NOT more THEN
            -- Never longer than this, because an event may arm a timer that is due earlier than
            -- the earliest we know of.
            PERFORM pg_catalog.pg_sleep(0.05);
        END IF;
    END LOOP;
    -- A minute is all that is asked for: then the next one has begun.
    IF cut_short_after OPERATOR(pg_catalog.>=) interval '61 seconds' THEN
        cut_short_after := NULL;
    END IF;
    IF cut_short_after IS NOT NULL THEN
        RAISE WARNING 'hogsend_run() ends early, because statement_timeout would cancel it'
            USING DETAIL = pg_catalog.format('It went on for %s s of %s s, and until the next one nothing moves anybody on time.',
                               pg_catalog.round(extract(epoch FROM cut_short_after), 1), pg_catalog.round(extract(epoch FROM for_time), 1)),
                  HINT = pg_catalog.format('ALTER ROLE %I IN DATABASE %I SET statement_timeout = 0;', current_user, pg_catalog.current_database());
    END IF;
    -- A role that was granted what the clock needed before the last update may not have this.
    IF pg_catalog.has_function_privilege('@extschema@.hogsend_note_run(pg_catalog.interval, pg_catalog.name)', 'EXECUTE') THEN
        PERFORM @extschema@.hogsend_note_run(cut_short_after, current_user::pg_catalog.name);
    END IF;
END
$procedure$;

COMMENT ON PROCEDURE @extschema@.hogsend_run(interval) IS 'Reconciles in a loop, committing each batch, so that a once-a-minute job is on time to the second; ends before statement_timeout would cancel it';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_setting_of(role name, setting text)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    WITH altered AS (
        SELECT r.rolname AS role, substr(c.line, length($2) + 2) AS value, s.setrole <> 0 AS of_role, s.setdatabase <> 0 AS of_database
        FROM pg_db_role_setting s
        LEFT JOIN pg_roles r ON r.oid = s.setrole
        CROSS JOIN unnest(s.setconfig) AS c (line)
        WHERE (s.setdatabase = 0 OR s.setdatabase = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database()))
          AND starts_with(c.line, $2 || '=')
    )
    SELECT coalesce(
        (SELECT a.value FROM altered a WHERE a.role = $1 OR NOT a.of_role ORDER BY a.of_role DESC, a.of_database DESC LIMIT 1),
        -- Nobody altered it for that role, so it is the server's: ours, unless it was altered for us.
        (SELECT CASE p.unit WHEN 'ms' THEN p.reset_val || 'ms' ELSE p.reset_val END FROM pg_settings p
         WHERE p.name = $2 AND NOT EXISTS (SELECT FROM altered a WHERE a.role = session_user)))
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_setting_of(name,text) IS 'Internal: What a setting is for a role when it connects to this database; NULL: cannot be told';

REVOKE ALL ON FUNCTION @extschema@.hogsend_setting_of(name,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_clock_obstacles(role name)
 RETURNS TABLE(obstacle text, remedy text)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT format('statement_timeout is %s for role %I, which ends each run of the clock early', s.value, $1),
           format('ALTER ROLE %I IN DATABASE %I SET statement_timeout = 0', $1, current_database())
    FROM (SELECT btrim(@extschema@.hogsend_setting_of($1, 'statement_timeout'::text))) AS s (value)
    WHERE CASE WHEN s.value ~ '^[0-9]+$' THEN (s.value || 'ms')::interval
               WHEN s.value ~ '^[0-9.]+ *(us|ms|s|min|h|d)$' THEN s.value::interval END
          BETWEEN interval '1 microsecond' AND interval '70 seconds'
    UNION ALL
    SELECT format('default_transaction_read_only is on for role %I, so that the clock cannot write', $1),
           format('ALTER ROLE %I IN DATABASE %I SET default_transaction_read_only = off', $1, current_database())
    FROM (SELECT @extschema@.hogsend_setting_of($1, 'default_transaction_read_only'::text)) AS s (value)
    WHERE lower(btrim(s.value)) IN ('on', 'true', 'yes', '1')
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_clock_obstacles(name) IS 'Internal: What keeps the clock of a role from going all the time, and the command that removes it';

REVOKE ALL ON FUNCTION @extschema@.hogsend_clock_obstacles(name) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_cron()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    home text := current_setting('cron.database_name', true);
BEGIN
    IF EXISTS (SELECT FROM pg_extension WHERE extname = 'pg_cron') THEN
        RETURN;
    END IF;
    IF home IS NOT NULL AND home <> current_database() THEN
        RAISE EXCEPTION 'pg_cron lives in another database'
            USING ERRCODE = '55000',
                  DETAIL = format('cron.database_name is "%s" and this is "%s".', home, current_database()),
                  -- The names of jobs are pg_cron's, not a database's: another one may have a clock, too.
                  HINT = format('In database %I: SELECT cron.schedule_in_database(%L, ''*/2 * * * *'', %3$L, %4$L), '
                                'cron.schedule_in_database(%5$L, ''1-59/2 * * * *'', %3$L, %4$L);',
                                home, 'hogsend-' || current_database(), 'CALL @extschema@.hogsend_run(''75 seconds'')', current_database(),
                                'hogsend-' || current_database() || '-2');
    END IF;
    RAISE EXCEPTION 'pg_cron is not installed in this database'
        USING ERRCODE = '55000',
              DETAIL = 'The clock needs something that calls hogsend_reconcile() or hogsend_run() regularly.',
              HINT = 'Add pg_cron to shared_preload_libraries and CREATE EXTENSION pg_cron, or call SELECT hogsend_reconcile() every minute from a scheduler of your own.';
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_cron() IS 'Internal: Says what to do when pg_cron cannot be used from here';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_forget_runs(older_than interval DEFAULT '7 days'::interval)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    history CONSTANT regclass := @extschema@.hogsend_cron_table('job_run_details'::name);
    removed bigint := 0;
BEGIN
    IF history IS NOT NULL THEN
        EXECUTE format($query$
            WITH old AS (
                SELECT max(r.runid) AS runid FROM %1$s r WHERE coalesce(r.end_time, r.start_time) < clock_timestamp() - $1
            )
            DELETE FROM %1$s r USING old
            WHERE r.database = current_database() AND r.username = current_user AND r.command ~ 'hogsend_(run|reconcile|forget_runs)'
              AND coalesce(coalesce(r.end_time, r.start_time) < clock_timestamp() - $1, r.runid < old.runid)
            $query$, history) USING older_than;
        GET DIAGNOSTICS removed = ROW_COUNT;
    END IF;
    RETURN removed;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_forget_runs(interval) IS 'Internal: Removes what pg_cron keeps of the caller''s own runs of the clock that are older than that; returns how many';

REVOKE ALL ON FUNCTION @extschema@.hogsend_forget_runs(interval) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_schedule(schedule text DEFAULT '* * * * *'::text)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    fields CONSTANT text[] := regexp_split_to_array(btrim(schedule), '[[:space:]]+');
    others CONSTANT text := array_to_string(fields[2:], ' ');
    in_turn CONSTANT boolean := fields[1] IN ('*', '*/1', '0-59', '0-59/1');
    command CONSTANT text := 'CALL @extschema@.hogsend_run(''75 seconds'')';
    elsewhere text;
    obstacle record;
    job bigint;
BEGIN
    PERFORM @extschema@.hogsend_check_cron();
    IF coalesce(cardinality(fields), 0) <> 5 THEN
        RAISE EXCEPTION 'a schedule has five fields'
            USING ERRCODE = '22023',
                  DETAIL = format('Got %s. pg_cron counts in minutes and ignores a sixth field.', quote_nullable(schedule)),
                  HINT = 'Use ''* * * * *'': once a minute is enough, because the job itself runs on time to the second.';
    END IF;
    -- pg_cron would change the job and leave it where it is.
    EXECUTE 'SELECT min(j.database) FROM cron.job j
             WHERE j.jobname IN (''hogsend'', ''hogsend-2'', ''hogsend-history'') AND j.username = current_user AND j.database <> current_database()'
        INTO elsewhere;
    IF elsewhere IS NOT NULL THEN
        RAISE EXCEPTION 'job "hogsend" is the clock of another database'
            USING ERRCODE = '42710',
                  DETAIL = format('It runs in "%s", and this is "%s".', elsewhere, current_database()),
                  HINT = format('SELECT jobid, cron.unschedule(jobid) FROM cron.job WHERE database = %L, and schedule it under another name.', elsewhere);
    END IF;
    -- Somebody may have set them to rest, and scheduling them again would leave them there.
    EXECUTE 'SELECT cron.unschedule(j.jobid) FROM cron.job j
             WHERE j.jobname IN (''hogsend'', ''hogsend-2'', ''hogsend-history'') AND j.username = current_user
               AND (NOT j.active OR j.jobname = ''hogsend-2'' AND NOT $1)'
        USING in_turn;
    IF in_turn THEN
        EXECUTE 'SELECT cron.schedule($1, $2, $3)' INTO job USING 'hogsend', '*/2 ' || others, command;
        EXECUTE 'SELECT cron.schedule($1, $2, $3)' USING 'hogsend-2', '1-59/2 ' || others, command;
    ELSE
        EXECUTE 'SELECT cron.schedule($1, $2, $3)' INTO job USING 'hogsend', array_to_string(fields, ' '), command;
    END IF;
    -- Every run leaves a row behind. Those of a week are kept, and what is older now goes now.
    EXECUTE 'SELECT cron.schedule($1, $2, $3)' USING 'hogsend-history', '17 3 * * *', 'SELECT @extschema@.hogsend_forget_runs()';
    PERFORM @extschema@.hogsend_forget_runs('7 days'::interval);
    FOR obstacle IN SELECT o.* FROM @extschema@.hogsend_clock_obstacles(current_user) o LOOP
        RAISE WARNING '%', obstacle.obstacle
            USING DETAIL = 'The jobs run as this role, and are scheduled nevertheless.', HINT = obstacle.remedy || ';';
    END LOOP;
    RETURN job;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_schedule(text) IS 'Sets up the pg_cron jobs "hogsend" and "hogsend-2", which take the minutes in turn, or changes their schedule, and "hogsend-history", which removes what is kept of past runs; returns the id of the first';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_unschedule()
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    removed boolean;
BEGIN
    PERFORM @extschema@.hogsend_check_cron();
    EXECUTE 'SELECT coalesce(bool_or(cron.unschedule(j.jobid)), false) FROM cron.job j
             WHERE j.jobname IN (''hogsend'', ''hogsend-2'', ''hogsend-history'') AND j.database = current_database()'
        INTO removed;
    RETURN removed;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_unschedule() IS 'Removes the pg_cron jobs of hogsend_schedule(); false when there were none';

CREATE OR REPLACE PROCEDURE @extschema@.hogsend_backfill(IN bucket_id text)
 LANGUAGE plpgsql
AS $procedure$
DECLARE
    begun_at pg_catalog.timestamptz := pg_catalog.clock_timestamp();
    told_at pg_catalog.timestamptz := begun_at;
    seconds double precision;
    -- The whole call is one statement, whose time counts from when it arrived. A tenth is left for
    -- what cannot be foreseen, and the chunks are small enough that it is no great part of it.
    granted pg_catalog.interval := pg_catalog.current_setting('statement_timeout')::pg_catalog.interval;
    must_end_at pg_catalog.timestamptz;
    contacts integer := 5000;
    chunk_at pg_catalog.timestamptz;
    took pg_catalog.interval;
    step pg_catalog.record;
    processed bigint := 0;
    begun_with bigint;
    joined bigint := 0;
    ended bigint := 0;
BEGIN
    IF bucket_id IS NULL THEN
        RAISE EXCEPTION 'bucket_id must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'hogsend_backfill() was called without a bucket.',
                  HINT = 'SELECT bucket_id FROM bucket_jobs WHERE status <> ''done'' lists what there is to fill.';
    END IF;
    IF granted OPERATOR(pg_catalog.>) interval '0' THEN
        must_end_at := pg_catalog.statement_timestamp() OPERATOR(pg_catalog.+) (granted OPERATOR(pg_catalog.*) 0.9);
        contacts := 50;
    END IF;
    LOOP
        chunk_at := pg_catalog.clock_timestamp();
        SELECT s.* INTO step FROM @extschema@.hogsend_backfill_chunk(bucket_id, contacts) s;
        -- A chunk is done for good, whatever becomes of those after it. Nobody hears of silent joins,
        -- so as long as nobody left the disk can wait: what a crash takes back is done again. The
        -- last commit waits, for this one and all before it.
        IF step."left" OPERATOR(pg_catalog.=) 0 AND NOT step.done THEN
            SET LOCAL synchronous_commit = off;
        END IF;
        COMMIT;
        IF step.processed IS NULL THEN
            -- Finished by somebody else meanwhile, or long ago.
            RAISE NOTICE 'bucket "%" is complete', bucket_id;
            RETURN;
        END IF;
        begun_with := coalesce(begun_with, greatest(step.processed OPERATOR(pg_catalog.-) contacts, 0));
        joined := joined OPERATOR(pg_catalog.+) step.joined;
        ended := ended OPERATOR(pg_catalog.+) step."left";
        seconds := extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) begun_at);
        processed := step.processed OPERATOR(pg_catalog.-) begun_with;
        IF step.done THEN
            RAISE NOTICE 'bucket "%" is complete: % contacts looked at, % joined, % left, in % s',
                bucket_id, step.processed, joined, ended, pg_catalog.round(seconds::pg_catalog.numeric, 1);
            RETURN;
        END IF;
        IF must_end_at IS NOT NULL THEN
            took := pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) chunk_at;
            IF (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) took OPERATOR(pg_catalog.+) took) OPERATOR(pg_catalog.>=) must_end_at THEN
                RAISE NOTICE 'bucket "%": % of % contacts so far', bucket_id, step.processed, step.total
                    USING DETAIL = pg_catalog.format('It ends here, because statement_timeout (%s) would cancel it. What was done is kept.',
                                       pg_catalog.current_setting('statement_timeout')),
                          HINT = pg_catalog.format('CALL hogsend_backfill(%L) again goes on from there; after SET statement_timeout = 0 it goes on to the end.', bucket_id);
                RETURN;
            END IF;
            contacts := CASE
                WHEN took OPERATOR(pg_catalog.>) (granted OPERATOR(pg_catalog./) 10) THEN greatest(contacts OPERATOR(pg_catalog./) 2, 1)
                WHEN took OPERATOR(pg_catalog.<) (granted OPERATOR(pg_catalog./) 40) THEN least(contacts OPERATOR(pg_catalog.*) 2, 5000)
                ELSE contacts END;
        END IF;
        IF pg_catalog.clock_timestamp() OPERATOR(pg_catalog.>=) (told_at OPERATOR(pg_catalog.+) interval '1 second') THEN
            told_at := pg_catalog.clock_timestamp();
            RAISE NOTICE 'bucket "%": % of % contacts, % a second, about % s left',
                bucket_id, step.processed, step.total,
                pg_catalog.round((processed OPERATOR(pg_catalog./) seconds)::pg_catalog.numeric),
                pg_catalog.ceil(greatest(step.total OPERATOR(pg_catalog.-) step.processed, 0)
                    OPERATOR(pg_catalog.*) seconds OPERATOR(pg_catalog./) greatest(processed, 1));
        END IF;
    END LOOP;
END
$procedure$;

COMMENT ON PROCEDURE @extschema@.hogsend_backfill(text) IS 'Fills a new or changed bucket to the end, committing each chunk and reporting progress; can be interrupted and called again, and ends before statement_timeout would cancel it';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_preview_change(bucket_id text, criteria jsonb, sample integer DEFAULT 10)
 RETURNS TABLE(joins bigint, leaves bigint, joins_sample text[], leaves_sample text[], dependants jsonb)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT p.joins, p.leaves, p.joins_sample, p.leaves_sample, p.dependants::jsonb
      FROM @extschema@.hogsend_preview_change_of($1, coalesce($2::text, 'null'), $3) p $function$;

COMMENT ON FUNCTION @extschema@.hogsend_preview_change(text,jsonb,integer) IS 'Who would join and who would leave if the bucket had these criteria, and how many would follow in buckets that depend on it; writes nothing';

REVOKE ALL ON FUNCTION @extschema@.hogsend_preview_change(text,jsonb,integer) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_require_consumer(consumer text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    subscription record;
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    PERFORM @extschema@.hogsend_require_columns('bucket_consumers'::text);
    PERFORM @extschema@.hogsend_require_columns('bucket_positions'::text);
    SELECT c.* INTO subscription FROM @extschema@.bucket_consumers c WHERE c.name = $1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'consumer % is not subscribed', coalesce('"' || $1 || '"', 'NULL')
            USING ERRCODE = '42704',
                  DETAIL = 'No row of table "bucket_consumers" has this name.',
                  HINT = 'SELECT hogsend_subscribe(consumer) first; it can be repeated.';
    END IF;
    IF subscription.instance_id IS DISTINCT FROM (SELECT i.id FROM @extschema@.hogsend_instance i) THEN
        RAISE EXCEPTION 'hogsend is suspended: nothing is delivered'
            USING ERRCODE = '55000',
                  DETAIL = format('Consumer "%s" subscribed in another installation, so this is a restored copy.', $1),
                  HINT = 'SELECT hogsend_adopt() once this copy is meant to act.';
    END IF;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_require_consumer(text) IS 'Internal: Raises an error that says what to do unless the consumer is subscribed here';

COMMENT ON FUNCTION @extschema@.hogsend_shard(text,integer) IS 'Internal: The shard (from 0) that is told of a user, where a consumer has so many';

COMMENT ON FUNCTION @extschema@.hogsend_snapshot() IS 'Internal: The current snapshot, with every transaction listed that has an id and is not in it, this one included';

COMMENT ON FUNCTION @extschema@.hogsend_mark(pg_snapshot) IS 'Internal: The highest number of a transition that the snapshot has';

COMMENT ON FUNCTION @extschema@.hogsend_consumer_lock(text,integer) IS 'Internal: The key of the advisory lock of a consumer''s shard';

COMMENT ON FUNCTION @extschema@.hogsend_token(integer) IS 'Internal: A token for a batch of a shard';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_difference(consumer text, shard integer, passed pg_snapshot, mark bigint, reading pg_snapshot, after_id bigint, last_id bigint, max integer, not_before timestamp with time zone)
 RETURNS TABLE(id bigint, event text, bucket_id text, user_id text, transition text, entry_count integer, reason text, source text, dwell_label text, dwell_count bigint, effective_at timestamp with time zone, recorded_at timestamp with time zone, idempotency_key text, journey_id text, run_id bigint, label text, timed_out boolean, event_id bigint, event_properties jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET jit TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
#variable_conflict use_column
DECLARE
    subscription record;
    only_steps boolean;
    -- Of a batch that is out the age has been judged.
    since timestamptz;
BEGIN
    SELECT c.* INTO subscription FROM @extschema@.bucket_consumers c WHERE c.name = $1;
    only_steps := subscription.journeys IS NOT NULL AND subscription.buckets IS NULL AND subscription.transitions IS NULL
                  AND subscription.reasons IS NULL AND NOT subscription.first_entry_only;
    since := coalesce($9, @extschema@.hogsend_now() - subscription.not_older_than);
    RETURN QUERY
        (SELECT t.id, t.event::text, t.bucket_id::text, t.user_id::text, t.transition::text, t.entry_count,
                t.reason::text, t.source::text, t.dwell_label::text, t.dwell_count, t.effective_at, t.recorded_at,
                t.idempotency_key::text, t.journey_id::text, t.run_id, t.label::text, t.timed_out, t.event_id, t.event_properties
         FROM @extschema@.bucket_transitions t
         WHERE t.id > greatest($4, $6) AND t.id <= coalesce($7, 9223372036854775807)
           AND pg_visible_in_snapshot(t.xid, $5)
           AND CASE WHEN t.journey_id IS NULL THEN
                   NOT only_steps
                   AND (subscription.buckets IS NULL OR t.bucket_id = ANY (subscription.buckets))
                   AND (subscription.transitions IS NULL OR t.transition = ANY (subscription.transitions))
                   AND (subscription.reasons IS NULL OR t.reason IS NULL OR t.reason = ANY (subscription.reasons))
                   AND (NOT subscription.first_entry_only OR t.transition <> 'entered' OR t.entry_count = 1)
                   AND (since IS NULL OR t.effective_at >= since)
               ELSE t.journey_id = ANY (subscription.journeys) END
           AND (subscription.shards = 1 OR @extschema@.hogsend_shard(t.user_id, subscription.shards) = $2)
         ORDER BY t.id LIMIT $8)
        UNION ALL
        (SELECT t.*
         FROM pg_snapshot_xip($3) AS late (xid)
         CROSS JOIN LATERAL (
             SELECT t.id, t.event::text, t.bucket_id::text, t.user_id::text, t.transition::text, t.entry_count,
                    t.reason::text, t.source::text, t.dwell_label::text, t.dwell_count, t.effective_at, t.recorded_at,
                    t.idempotency_key::text, t.journey_id::text, t.run_id, t.label::text, t.timed_out, t.event_id, t.event_properties
             FROM @extschema@.bucket_transitions t
             WHERE t.xid = late.xid AND pg_visible_in_snapshot(late.xid, $5)
               AND t.id > $6 AND t.id <= least($4, $7)
               AND CASE WHEN t.journey_id IS NULL THEN
                       NOT only_steps
                       AND (subscription.buckets IS NULL OR t.bucket_id = ANY (subscription.buckets))
                       AND (subscription.transitions IS NULL OR t.transition = ANY (subscription.transitions))
                       AND (subscription.reasons IS NULL OR t.reason IS NULL OR t.reason = ANY (subscription.reasons))
                       AND (NOT subscription.first_entry_only OR t.transition <> 'entered' OR t.entry_count = 1)
                       AND (since IS NULL OR t.effective_at >= since)
                   ELSE t.journey_id = ANY (subscription.journeys) END
               AND (subscription.shards = 1 OR @extschema@.hogsend_shard(t.user_id, subscription.shards) = $2)
             ORDER BY t.id LIMIT $8) AS t)
        ORDER BY id LIMIT $8;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_difference(text,integer,pg_snapshot,bigint,pg_snapshot,bigint,bigint,integer,timestamp with time zone) IS 'Internal: What a consumer''s shard has to be told of that one snapshot has and an earlier one has not, by number';

REVOKE ALL ON FUNCTION @extschema@.hogsend_difference(text,integer,pg_snapshot,bigint,pg_snapshot,bigint,bigint,integer,timestamp with time zone) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_subscribe(consumer text, buckets text[] DEFAULT NULL::text[], transitions text[] DEFAULT NULL::text[], reasons text[] DEFAULT NULL::text[], first_entry_only boolean DEFAULT false, from_beginning boolean DEFAULT false, shards integer DEFAULT 1, not_older_than interval DEFAULT NULL::interval, journeys text[] DEFAULT NULL::text[])
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    wrong text;
    known integer;
    start_mark bigint;
    start_snapshot pg_snapshot;
    is_new boolean;
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    PERFORM @extschema@.hogsend_require_columns('bucket_consumers'::text);
    PERFORM @extschema@.hogsend_require_columns('bucket_positions'::text);
    IF $1 IS NULL OR $1 = '' THEN
        RAISE EXCEPTION 'a consumer needs a name'
            USING ERRCODE = CASE WHEN $1 IS NULL THEN '22004' ELSE '22023' END,
                  DETAIL = 'Its position is kept under it.', HINT = 'Give each journey runner a name of its own.';
    END IF;
    IF $5 IS NULL OR $6 IS NULL THEN
        RAISE EXCEPTION '% must not be NULL', CASE WHEN $5 IS NULL THEN 'first_entry_only' ELSE 'from_beginning' END
            USING ERRCODE = '22004', DETAIL = 'It is true or false.', HINT = 'Leave it out for false.';
    END IF;
    IF $7 IS NULL OR $7 NOT BETWEEN 1 AND 1024 THEN
        RAISE EXCEPTION 'shards must be a number from 1 to 1024'
            USING ERRCODE = '22023', DETAIL = format('shards is %s.', coalesce($7::text, 'NULL')),
                  HINT = 'Leave it out for 1; with more, so many workers go on side by side.';
    END IF;
    SELECT w INTO wrong FROM unnest($3) w WHERE w IS NULL OR w NOT IN ('entered', 'left', 'dwell') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'unknown transition %', quote_nullable(wrong)
            USING ERRCODE = '22023', DETAIL = 'It stands in transitions.', HINT = 'Use ''entered'', ''left'' and ''dwell''.';
    END IF;
    SELECT w INTO wrong FROM unnest($4) w
    WHERE w IS NULL OR w NOT IN ('criteria', 'maxDwell', 'manual', 'bucketDeleted') LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION 'unknown reason %', quote_nullable(wrong)
            USING ERRCODE = '22023', DETAIL = 'It stands in reasons.',
                  HINT = 'Use ''criteria'', ''maxDwell'', ''manual'' and ''bucketDeleted''.';
    END IF;

    IF $8 <= interval '0' THEN
        RAISE EXCEPTION 'not_older_than must be positive'
            USING ERRCODE = '22023', DETAIL = format('not_older_than is %s.', $8),
                  HINT = 'Say how long ago a transition may have taken effect to be of use, or leave it out: then all are delivered.';
    END IF;
    FOR wrong IN
        SELECT DISTINCT w FROM unnest($2) w
        WHERE NOT EXISTS (SELECT FROM @extschema@.buckets b WHERE b.id = w)
        ORDER BY w
    LOOP
        RAISE NOTICE 'there is no bucket %', coalesce('"' || wrong || '"', 'NULL')
            USING DETAIL = format('Consumer "%s" subscribes to it.', $1),
                  HINT = 'It will be told of it once it is defined; see that the name is right.';
    END LOOP;
    FOR wrong IN
        SELECT DISTINCT w FROM unnest($9) w
        WHERE NOT EXISTS (SELECT FROM @extschema@.journeys j WHERE j.id = w)
        ORDER BY w
    LOOP
        RAISE NOTICE 'there is no journey %', coalesce('"' || wrong || '"', 'NULL')
            USING DETAIL = format('Consumer "%s" subscribes to its steps.', $1),
                  HINT = 'It will be told of them once it is defined; see that the name is right.';
    END LOOP;

    start_snapshot := CASE WHEN $6 THEN '3:3:'::pg_snapshot ELSE @extschema@.hogsend_snapshot() END;
    start_mark := CASE WHEN $6 THEN 0 ELSE @extschema@.hogsend_mark(start_snapshot) END;
    INSERT INTO @extschema@.bucket_consumers (name, buckets, transitions, reasons, first_entry_only, shards, instance_id, not_older_than, journeys)
    VALUES ($1, $2, $3, $4, $5, $7, (SELECT i.id FROM @extschema@.hogsend_instance i), $8, $9)
    ON CONFLICT (name) DO NOTHING;
    is_new := FOUND;
    IF is_new THEN
        INSERT INTO @extschema@.bucket_positions (consumer, shard, passed, mark, batch)
        SELECT $1, n, start_snapshot, start_mark, @extschema@.hogsend_token(n)
        FROM generate_series(0, $7 - 1) n;
    ELSE
        PERFORM @extschema@.hogsend_require_consumer($1);
        -- Said again in each deployment, it keeps the position. Another filter holds at once. Who was
        -- overtaken stays so: a runner that subscribes when it starts has not read the error.
        UPDATE @extschema@.bucket_consumers c
        SET buckets = $2, transitions = $3, reasons = $4, first_entry_only = $5, not_older_than = $8, journeys = $9
        WHERE c.name = $1
        RETURNING c.shards INTO known;
        IF known <> $7 THEN
            RAISE EXCEPTION 'consumer "%" was subscribed with shards => %', $1, known
                USING ERRCODE = '55000',
                      DETAIL = 'Each shard has its own position, and with another number users would change shards.',
                      HINT = 'Subscribe under another name; or hogsend_unsubscribe(consumer) once everything is read, and subscribe again.';
        END IF;
    END IF;
    RETURN is_new;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_subscribe(text,text[],text[],text[],boolean,boolean,integer,interval,text[]) IS 'Subscribes a consumer to transitions and to steps of journeys (with journeys alone to those alone), or changes its filters and keeps its position; true when it is new';

REVOKE ALL ON FUNCTION @extschema@.hogsend_subscribe(text,text[],text[],text[],boolean,boolean,integer,interval,text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_batch(consumer text, shard integer, passed pg_snapshot, mark bigint, reading pg_snapshot, after_id bigint, last_id bigint, not_before timestamp with time zone)
 RETURNS TABLE(id bigint, event text, bucket_id text, user_id text, transition text, entry_count integer, reason text, source text, dwell_label text, dwell_count bigint, effective_at timestamp with time zone, recorded_at timestamp with time zone, idempotency_key text, journey_id text, run_id bigint, label text, timed_out boolean, event_id bigint, event_properties jsonb, state jsonb)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET jit TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        SELECT d.*, (SELECT r.state FROM @extschema@.journey_runs r WHERE r.id = d.run_id ORDER BY r.user_id <> d.user_id LIMIT 1)
        FROM @extschema@.hogsend_difference($1, $2, $3, $4, $5, $6, $7, NULL::integer, $8) d;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_batch(text,integer,pg_snapshot,bigint,pg_snapshot,bigint,bigint,timestamp with time zone) IS 'Internal: The rows of a batch, with what their runs keep (called by hogsend_poll)';

REVOKE ALL ON FUNCTION @extschema@.hogsend_batch(text,integer,pg_snapshot,bigint,pg_snapshot,bigint,bigint,timestamp with time zone) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_poll(consumer text, max integer DEFAULT 100, shard integer DEFAULT 0)
 RETURNS TABLE(batch bigint, id bigint, event text, bucket_id text, user_id text, transition text, entry_count integer, reason text, source text, dwell_label text, dwell_count bigint, effective_at timestamp with time zone, recorded_at timestamp with time zone, idempotency_key text, journey_id text, run_id bigint, label text, timed_out boolean, event_id bigint, event_properties jsonb, state jsonb)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    place record;
    shards integer;
    numbers bigint[];
    is_newest boolean := false;
    has_moved boolean := false;
BEGIN
    PERFORM @extschema@.hogsend_require_consumer($1);
    IF $2 IS NULL OR $2 NOT BETWEEN 1 AND 10000 THEN
        RAISE EXCEPTION 'max must be a number from 1 to 10000'
            USING ERRCODE = '22023', DETAIL = format('max is %s.', coalesce($2::text, 'NULL')),
                  HINT = 'Leave it out for 100.';
    END IF;
    -- A worker that has polled and not yet committed has the batch.
    IF NOT pg_try_advisory_xact_lock(@extschema@.hogsend_consumer_lock($1, $3)) THEN
        RETURN;
    END IF;
    -- Takes the lock on the table: who empties it sets positions to its beginning, before we look or after.
    PERFORM FROM @extschema@.bucket_transitions LIMIT 0;
    SELECT p.* INTO place FROM @extschema@.bucket_positions p WHERE p.consumer = $1 AND p.shard = $3;
    IF NOT FOUND THEN
        shards := (SELECT c.shards FROM @extschema@.bucket_consumers c WHERE c.name = $1);
        RAISE EXCEPTION 'consumer "%" has no shard %', $1, coalesce($3::text, 'NULL')
            USING ERRCODE = '22023', DETAIL = format('Its shards go from 0 to %s.', shards - 1),
                  HINT = 'hogsend_subscribe(consumer, shards => n) says how many there are.';
    END IF;
    IF place.lapsed_at IS NOT NULL THEN
        RAISE EXCEPTION 'consumer "%" was overtaken', $1
            USING ERRCODE = '55000',
                  DETAIL = format('Transitions it had not read, up to number %s, were removed at %s.', place.lapsed_up_to, place.lapsed_at),
                  HINT = 'Compare what it did with bucket_members; then hogsend_unsubscribe(consumer) and hogsend_subscribe(consumer, …), with from_beginning => true for what is still there.';
    END IF;

    IF place.last_id IS NOT NULL THEN
        -- The same batch until it is acknowledged, whatever "max" is now.
        RETURN QUERY
            SELECT place.batch, d.* FROM @extschema@.hogsend_batch(
                $1, $3, place.passed, place.mark, place.reading, place.after_id, place.last_id, place.not_before) d;
        IF FOUND THEN
            RETURN;
        END IF;
        -- Nothing is left of it: its users were erased, or the filter is another one now.
        PERFORM @extschema@.hogsend_advance($1, $3);
        SELECT p.* INTO place FROM @extschema@.bucket_positions p WHERE p.consumer = $1 AND p.shard = $3;
    END IF;

    place.not_before := coalesce((SELECT @extschema@.hogsend_now() - c.not_older_than FROM @extschema@.bucket_consumers c WHERE c.name = $1), '-infinity');
    LOOP
        IF place.reading IS NULL THEN
            PERFORM @extschema@.hogsend_require_order($1, place.passed, place.mark);
            place.reading := @extschema@.hogsend_snapshot();
            place.next_mark := greatest(place.mark, @extschema@.hogsend_mark(place.reading));
            place.after_id := 0;
            is_newest := true;
        END IF;
        numbers := ARRAY(
            SELECT d.id FROM @extschema@.hogsend_difference(
                $1, $3, place.passed, place.mark, place.reading, place.after_id, NULL::bigint, $2, place.not_before) d);
        EXIT WHEN cardinality(numbers) > 0;
        IF is_newest THEN
            -- Nothing new. What did not concern this consumer is not looked at again; if there was
            -- nothing at all, nothing is written.
            IF has_moved OR place.next_mark <> place.mark THEN
                UPDATE @extschema@.bucket_positions p
                SET passed = place.reading, mark = place.next_mark, reading = NULL, next_mark = NULL, after_id = 0
                WHERE p.consumer = $1 AND p.shard = $3;
            END IF;
            RETURN;
        END IF;
        -- The rest of the difference is gone, or its last page happened to be full: on to the next.
        place.passed := place.reading;
        place.mark := place.next_mark;
        place.reading := NULL;
        has_moved := true;
    END LOOP;

    place.batch := greatest(place.batch + 1024, @extschema@.hogsend_token($3));
    place.last_id := numbers[cardinality(numbers)];
    UPDATE @extschema@.bucket_positions p
    SET passed = place.passed, mark = place.mark, reading = place.reading, next_mark = place.next_mark,
        after_id = place.after_id, last_id = place.last_id, batch = place.batch, not_before = place.not_before,
        is_last = cardinality(numbers) < $2, polled_at = clock_timestamp()
    WHERE p.consumer = $1 AND p.shard = $3;
    RETURN QUERY
        SELECT place.batch, d.* FROM @extschema@.hogsend_batch(
            $1, $3, place.passed, place.mark, place.reading, place.after_id, place.last_id, place.not_before) d;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_poll(text,integer,integer) IS 'The next batch of transitions and steps for a consumer, or a shard of it; the same one until hogsend_ack(consumer, batch). No rows: nothing new, or another worker is at it';

REVOKE ALL ON FUNCTION @extschema@.hogsend_poll(text,integer,integer) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_advance(consumer text, shard integer)
 RETURNS void
 LANGUAGE sql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    UPDATE @extschema@.bucket_positions p
    SET passed = CASE WHEN p.is_last THEN p.reading ELSE p.passed END,
        mark = CASE WHEN p.is_last THEN p.next_mark ELSE p.mark END,
        reading = CASE WHEN p.is_last THEN NULL ELSE p.reading END,
        next_mark = CASE WHEN p.is_last THEN NULL ELSE p.next_mark END,
        after_id = CASE WHEN p.is_last THEN 0 ELSE p.last_id END,
        last_id = NULL, is_last = false, not_before = NULL, acked_at = clock_timestamp()
    WHERE p.consumer = $1 AND p.shard = $2
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_advance(text,integer) IS 'Internal: Moves a position past its batch (called by hogsend_ack and hogsend_poll)';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_set_back(passed pg_snapshot, mark bigint)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_bitmapscan TO 'off'
 SET jit TO 'off'
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
BEGIN
    -- Transaction 3 is what hogsend_adopt() writes where the one that it was is of another server.
    RETURN (SELECT t.id FROM @extschema@.bucket_transitions t
            WHERE t.xid >= greatest(pg_snapshot_xmax($1), '4'::xid8) AND t.id <= $2
            ORDER BY t.xid, t.id LIMIT 1);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_set_back(pg_snapshot,bigint) IS 'Internal: A transition that was written after a snapshot, with a number that the snapshot had passed; NULL: there is none';

REVOKE ALL ON FUNCTION @extschema@.hogsend_set_back(pg_snapshot,bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_require_order(consumer text, passed pg_snapshot, mark bigint)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    number bigint := @extschema@.hogsend_set_back($2, $3);
BEGIN
    IF number IS NOT NULL THEN
        RAISE EXCEPTION 'the numbers of the transitions were set back'
            USING ERRCODE = '55000',
                  DETAIL = format('Number %s was given out after consumer "%s" had passed number %s, so that it would be skipped.', number, $1, $3),
                  HINT = 'Compare what it did with bucket_members; then hogsend_unsubscribe(consumer) and hogsend_subscribe(consumer, …), with from_beginning => true for what is there. To empty the table use TRUNCATE, which consumers survive, with or without RESTART IDENTITY.';
    END IF;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_require_order(text,pg_snapshot,bigint) IS 'Internal: Raises an error if a consumer would skip transitions because their numbers were set back';

REVOKE ALL ON FUNCTION @extschema@.hogsend_require_order(text,pg_snapshot,bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_lost(before timestamp with time zone, part oid)
 RETURNS TABLE(consumer text, shard integer, up_to bigint)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT o.consumer, o.shard, max(d.id)
    FROM @extschema@.bucket_positions o
    CROSS JOIN LATERAL (
        SELECT d.id, d.recorded_at FROM @extschema@.hogsend_difference(
            o.consumer, o.shard, o.passed, o.mark, coalesce(o.reading, pg_current_snapshot()), o.after_id, NULL::bigint, NULL::integer, o.not_before) d
        UNION ALL
        SELECT d.id, d.recorded_at FROM @extschema@.hogsend_difference(
            o.consumer, o.shard, o.reading, o.next_mark, pg_current_snapshot(), 0::bigint, NULL::bigint, NULL::integer, NULL::timestamptz) d
        WHERE o.reading IS NOT NULL
        UNION ALL
        SELECT b.id, b.recorded_at FROM @extschema@.bucket_transitions b
        WHERE b.id = @extschema@.hogsend_set_back(coalesce(o.reading, o.passed), coalesce(o.next_mark, o.mark))
    ) d
    WHERE o.lapsed_at IS NULL AND ($1 IS NULL OR d.recorded_at < $1)
      -- A TRUNCATE of the whole table has begun the positions anew when it comes to its partitions.
      AND ($2 IS NULL OR EXISTS (
          SELECT FROM @extschema@.bucket_transitions t
          WHERE t.id = d.id AND t.tableoid = $2 AND NOT pg_visible_in_snapshot(t.xid, o.passed)))
    GROUP BY o.consumer, o.shard
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_lost(timestamp with time zone,oid) IS 'Internal: The shards of consumers that have not read all that was recorded before an instant, or at all if it is NULL, in a partition or, if that is NULL, anywhere; and the last number of that';

REVOKE ALL ON FUNCTION @extschema@.hogsend_lost(timestamp with time zone,oid) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_unread_by(run bigint, of_user text)
 RETURNS SETOF text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT c.name::text
    FROM @extschema@.journey_runs r
    -- It keeps the name under which it was said.
    JOIN @extschema@.bucket_transitions t ON t.id = r.step_id
    JOIN @extschema@.bucket_consumers c ON r.journey_id = ANY (c.journeys)
    JOIN @extschema@.bucket_positions p ON p.consumer = c.name AND p.shard = @extschema@.hogsend_shard(t.user_id::text, c.shards)
    WHERE r.id = $1 AND r.user_id = $2
      AND NOT pg_visible_in_snapshot(t.xid, p.passed)
      AND (p.reading IS NULL OR t.id > p.after_id OR NOT pg_visible_in_snapshot(t.xid, p.reading))
    ORDER BY 1
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_unread_by(bigint,text) IS 'Internal: The consumers that have yet to acknowledge the last step of a run';

REVOKE ALL ON FUNCTION @extschema@.hogsend_unread_by(bigint,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_explain_run(run bigint)
 RETURNS TABLE(aspect text, detail text, at timestamp with time zone)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    the_run record;
    journey record;
    told record;
    unread text;
    present timestamptz := @extschema@.hogsend_now();
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    IF $1 IS NULL THEN
        RAISE EXCEPTION 'run must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'hogsend_explain_run() was called without a run.',
                  HINT = 'Give its number: SELECT id FROM journey_runs WHERE user_id = …';
    END IF;
    SELECT r.* INTO the_run FROM @extschema@.journey_runs r WHERE r.id = $1;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'run % does not exist', $1
            USING ERRCODE = '42704', DETAIL = 'No row of table "journey_runs" has this id; those of users who were erased have gone, and old ones may have been pruned.',
                  HINT = 'SELECT id FROM journey_runs WHERE user_id = … lists the runs of a user.';
    END IF;
    SELECT j.* INTO journey FROM @extschema@.journeys j WHERE j.id = the_run.journey_id;

    RETURN QUERY VALUES
        ('run', format('user "%s", journey "%s", entry count %s', the_run.user_id, the_run.journey_id, the_run.entry_count), the_run.started_at),
        ('journey', CASE WHEN journey.id IS NULL THEN 'it is defined no more'
                         WHEN journey.enabled THEN 'it is enabled'
                         ELSE 'it is disabled, so that nobody begins; those who have begun go on' END, NULL),
        ('status', concat_ws(' ', the_run.status, CASE WHEN the_run.label IS NULL THEN 'since it began: its runner has said nothing of it yet'
                                                  ELSE format('at "%s"', the_run.label) END), the_run.since);

    -- The step that the runner has, or has had last.
    SELECT t.* INTO told FROM @extschema@.bucket_transitions t WHERE t.id = the_run.step_id LIMIT 1;
    IF told.id IS NOT NULL THEN
        unread := (SELECT string_agg(format('"%s"', u), ', ') FROM @extschema@.hogsend_unread_by(the_run.id, the_run.user_id::text) u);
        RETURN QUERY VALUES ('step', format('%s: number %s, %s%s; %s', the_run.step, told.id, told.event,
            CASE WHEN told.reason IS NOT NULL THEN format(' because of %s', told.reason)
                 WHEN told.transition = 'resumed' THEN CASE WHEN told.timed_out THEN ', the time was up' ELSE ', it has slept' END ELSE '' END,
            CASE WHEN NOT EXISTS (SELECT FROM @extschema@.bucket_consumers c WHERE the_run.journey_id = ANY (c.journeys))
                 THEN 'no consumer subscribes to the journey'
                 WHEN unread IS NOT NULL THEN format('consumer %s has yet to acknowledge it', unread)
                 ELSE 'acknowledged' END), told.recorded_at);
    ELSIF the_run.step_id IS NOT NULL THEN
        RETURN QUERY VALUES ('step', format('%s: number %s, which was pruned', the_run.step, the_run.step_id), NULL::timestamptz);
    END IF;

    IF the_run.ended_at IS NOT NULL THEN
        RETURN QUERY VALUES ('ended', CASE the_run.status
            WHEN 'completed' THEN 'its runner completed it'
            WHEN 'failed' THEN format('its runner gave up: %s', coalesce(the_run.error, 'no error was given'))
            ELSE CASE the_run.reason
                WHEN 'journeyDeleted' THEN 'the journey was deleted'
                WHEN 'deleted' THEN 'the contact was deleted'
                WHEN 'merged' THEN 'an older run of the same person goes on'
                ELSE format('because of %s', the_run.reason) END END, the_run.ended_at);
    ELSIF the_run.status = 'waiting' THEN
        RETURN QUERY VALUES ('waits for', CASE WHEN the_run.wait_event IS NULL THEN 'the time'
            ELSE format('%s%s, and no longer than this', the_run.wait_event,
                        CASE WHEN the_run.wait_filter IS NOT NULL THEN format(' that satisfies %s', the_run.wait_filter) ELSE '' END) END, the_run.wait_until);
        RETURN QUERY SELECT 'clock', CASE WHEN t.user_id IS NULL THEN 'there is no timer, so that the time alone will not resume it: SELECT hogsend_wait_for() or hogsend_sleep() again'
                                          WHEN t.failures > 0 THEN format('it looked %s times and failed: %s', t.failures, t.error)
                                          WHEN t.due_at <= present THEN 'due: see hogsend_health() if that is long ago'
                                          ELSE 'it looks then' END, t.due_at
            FROM (SELECT) AS one
            LEFT JOIN @extschema@.bucket_timers t ON t.user_id = the_run.user_id AND t.bucket_id = 'journey:' || the_run.journey_id;
    ELSE
        RETURN QUERY VALUES ('waits for', 'its runner, who has the next word', NULL::timestamptz);
    END IF;

    IF the_run.ended_at IS NULL THEN
        RETURN QUERY VALUES ('would end it', concat_ws(', ',
            CASE WHEN cardinality(journey.exits_on) > 0 THEN array_to_string(journey.exits_on, ', ') END,
            'its runner', 'deleting the contact', CASE WHEN journey.id IS NOT NULL THEN 'deleting the journey' END), NULL::timestamptz);
    ELSIF EXISTS (SELECT FROM @extschema@.journey_runs r WHERE r.user_id = the_run.user_id AND r.journey_id = the_run.journey_id AND r.entry_count > the_run.entry_count) THEN
        RETURN QUERY VALUES ('entry limit', 'the user has begun again since', NULL::timestamptz);
    ELSIF journey.id IS NOT NULL THEN
        RETURN QUERY VALUES ('entry limit', CASE
            WHEN NOT journey.enabled THEN 'none begins while the journey is disabled'
            WHEN journey.entry_limit = 'once' THEN 'once: the user will not begin again'
            WHEN journey.entry_limit = 'once_per_period' AND the_run.ended_at + journey.entry_period > present
                THEN format('once_per_period: the user may begin again %s after the end', journey.entry_period)
            ELSE format('%s: the user may begin again', journey.entry_limit) END,
            CASE WHEN journey.enabled AND journey.entry_limit = 'once_per_period' THEN the_run.ended_at + journey.entry_period END);
    END IF;
    IF the_run.state IS NOT NULL THEN
        RETURN QUERY VALUES ('state', CASE WHEN length(the_run.state::text) <= 1000 THEN the_run.state::text ELSE left(the_run.state::text, 1000) || ' …' END, NULL::timestamptz);
    END IF;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_explain_run(bigint) IS 'Where a run is, since when, what it waits for, and what would end it';

REVOKE ALL ON FUNCTION @extschema@.hogsend_explain_run(bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_feed_name(feed text, prefix text)
 RETURNS name
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    -- A name that would be cut off could be that of another feed.
    SELECT (prefix || CASE WHEN octet_length(feed) <= 63 - octet_length(prefix) THEN feed ELSE md5(feed) END)::name
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_feed_name(text,text) IS 'Internal: What an object of a feed is called: its reader, and its triggers';

REVOKE ALL ON FUNCTION @extschema@.hogsend_feed_name(text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_feed_fields(kind text)
 RETURNS TABLE(field text, type text, "position" integer, "column" text)
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT f.field, f.type, f.n, f."column"
    FROM (VALUES ('events', 'key', 'text', 1, 'key'), ('events', 'user_id', 'text', 2, 'user_id'), ('events', 'event', 'text', 3, 'event'),
                 ('events', 'occurred_at', 'timestamptz', 4, 'occurred_at'), ('events', 'value', 'numeric', 5, 'value'),
                 ('events', 'properties', 'jsonb', 6, 'properties'), ('events', 'condition', 'bool', 7, 'kept'),
                 ('contacts', 'user_id', 'text', 1, 'key'), ('contacts', 'email', 'text', 2, 'email'),
                 ('contacts', 'properties', 'jsonb', 3, 'properties'), ('contacts', 'condition', 'bool', 4, 'kept')) AS f (kind, field, type, n, "column")
    WHERE f.kind = $1
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_feed_fields(text) IS 'Internal: What a reader of a kind of feed returns, and of which argument it is made';

REVOKE ALL ON FUNCTION @extschema@.hogsend_feed_fields(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_run_in_path(path text, statement text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    PERFORM set_config('search_path', concat_ws(', ', nullif(path, ''), 'pg_temp'), true);
    EXECUTE statement;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_run_in_path(text,text) IS 'Internal: Runs a statement with the rights and in the search_path of whoever attaches a table';

REVOKE ALL ON FUNCTION @extschema@.hogsend_run_in_path(text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_feed_probe(relation regclass, field text, expression text, type text, path text, OUT columns smallint[], OUT is_whole boolean)
 RETURNS record
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    place text := (SELECT quote_ident(n.nspname) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation);
    called text := (SELECT quote_ident(c.relname) FROM pg_class c WHERE c.oid = relation);
    probe text := format('%s.%I', place, 'hogsend_probe_' || md5(random()::text));
    made regprocedure;
    tree text;
    flaw text;
    said text;
    code text;
BEGIN
    BEGIN
        PERFORM @extschema@.hogsend_run_in_path(path,
            format(E'CREATE FUNCTION %s() RETURNS TABLE (it %s) LANGUAGE sql STABLE BEGIN ATOMIC SELECT CAST((%s\n) AS %s) FROM %s.%s AS %s; END',
                   probe, 'pg_catalog.' || type, expression, 'pg_catalog.' || type, place, called, called));
    EXCEPTION WHEN OTHERS THEN
        GET STACKED DIAGNOSTICS said = MESSAGE_TEXT, code = RETURNED_SQLSTATE;
        -- What is no fault of the expression.
        IF code = '42501' OR left(code, 2) IN ('25', '40', '53', '54', '55', '57', '58', 'XX') THEN
            RAISE;
        END IF;
        RAISE EXCEPTION 'argument "%" of the feed cannot be read', field
            USING ERRCODE = '22023', DETAIL = format('%s: %s.', expression, said),
                  HINT = format('Give an SQL expression over the columns of %s that can be cast to %s.', relation, type)
                      || CASE field WHEN 'event' THEN ' A name that is the same for all rows stands in quotes of its own: $$''order.placed''$$.' ELSE '' END;
    END;
    made := (probe || '()')::regprocedure;
    tree := (SELECT p.prosqlbody::text FROM pg_proc p WHERE p.oid = made);
    columns := ARRAY(SELECT d.refobjsubid FROM pg_depend d
                     WHERE d.classid = 'pg_proc'::regclass AND d.objid = made AND d.refclassid = 'pg_class'::regclass
                       AND d.refobjid = relation AND d.refobjsubid > 0 ORDER BY 1);
    -- A variable of number 0 is the row itself.
    is_whole := tree ~ ':varattno 0 ';
    flaw := CASE
        WHEN regexp_count(tree, '[{]QUERY ') <> 1 OR tree ~ ':(hasSubLinks|hasModifyingCTE|hasForUpdate) true' THEN 'asks for more than the row at hand'
        WHEN tree ~ ':hasAggs true' THEN 'has an aggregate'
        WHEN tree ~ ':hasWindowFuncs true' THEN 'has a window function'
        WHEN tree ~ ':hasTargetSRFs true' THEN 'returns a set'
        WHEN tree ~ '[{]SQLVALUEFUNCTION ' OR tree ~ (':funcid ' || 'pg_catalog.now()'::regprocedure::oid || ' ') THEN 'depends on when, or by whom, it is asked'
        WHEN tree ~ ':varattno -' THEN 'reads a system column'
        WHEN EXISTS (SELECT FROM regexp_matches(tree, ':(?:funcid|opfuncid) ([0-9]+)', 'g') AS f (ids)
                     JOIN pg_proc p ON p.oid = f.ids[1]::oid WHERE p.provolatile = 'v') THEN 'is volatile'
        END;
    EXECUTE format('DROP FUNCTION %s()', probe);
    IF flaw IS NOT NULL THEN
        RAISE EXCEPTION 'argument "%" of the feed %', field, flaw
            USING ERRCODE = '22023', DETAIL = format('It is %s. A row must mean the same whenever it is read.', expression),
                  HINT = format('Give an expression over the columns of %s alone, without subqueries, sets and the present time.', relation);
    END IF;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_feed_probe(regclass,text,text,text,text) IS 'Internal: Which columns of a table an expression reads; raises an error unless it says the same of a row each time';

REVOKE ALL ON FUNCTION @extschema@.hogsend_feed_probe(regclass,text,text,text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_feed_list(relation regclass, properties text)
 RETURNS text[]
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    names text[];
    missing text;
BEGIN
    IF properties IS NULL OR ltrim(properties) NOT LIKE '{%' THEN
        RETURN NULL;
    END IF;
    BEGIN
        names := properties::text[];
    EXCEPTION WHEN invalid_text_representation THEN
        RAISE EXCEPTION 'argument "properties" of the feed is no list of columns'
            USING ERRCODE = '22023', DETAIL = format('It is %s.', properties), HINT = 'Give ''{plan,locale}'', or an expression that yields jsonb.';
    END;
    missing := (SELECT string_agg(quote_ident(coalesce(n, 'NULL')), ', ') FROM unnest(names) AS n
                WHERE NOT EXISTS (SELECT FROM pg_attribute a
                                  WHERE a.attrelid = relation AND a.attname = n AND a.attnum > 0 AND NOT a.attisdropped));
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'argument "properties" of the feed names columns that % does not have', relation
            USING ERRCODE = '42703', DETAIL = format('There is no column %s.', missing), HINT = 'Names are taken as they are written, upper and lower case included.';
    END IF;
    RETURN names;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_feed_list(regclass,text) IS 'Internal: The columns that an argument "properties" lists; NULL when it is an expression';

REVOKE ALL ON FUNCTION @extschema@.hogsend_feed_list(regclass,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_feed_object(columns text[])
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT coalesce('pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object('
               || string_agg(format('%L, %I', c, c), ', ' ORDER BY n) || '))', '''{}''::pg_catalog.jsonb')
    FROM unnest(columns) WITH ORDINALITY AS u (c, n)
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_feed_object(text[]) IS 'Internal: The expression that makes an object of columns';

REVOKE ALL ON FUNCTION @extschema@.hogsend_feed_object(text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_make_reader(feed text, kind text, relation regclass, fields jsonb, path text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    source record;
    of_key smallint[];
    needed smallint[] := '{}';
    field record;
    probed record;
    outputs text;
    expressions text;
    types text;
    parameters text;
    inputs text;
    columns text;
    reader text;
    gone record;
    made regprocedure;
BEGIN
    SELECT c.oid, c.relowner, quote_ident(n.nspname) AS place, quote_ident(c.relname) AS called INTO source
    FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;
    FOR field IN
        SELECT f.field, f.type, f."position", fields ->> f.field AS expression
        FROM @extschema@.hogsend_feed_fields(kind) f WHERE fields ->> f.field IS NOT NULL ORDER BY f."position"
    LOOP
        probed := @extschema@.hogsend_feed_probe(relation, field.field, field.expression, field.type, path);
        IF field."position" = 1 THEN
            of_key := probed.columns;
        END IF;
        IF probed.is_whole THEN
            needed := ARRAY(SELECT a.attnum FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND NOT a.attisdropped);
        END IF;
        needed := needed || probed.columns;
    END LOOP;
    PERFORM @extschema@.hogsend_require_key(relation, of_key, fields ->> (SELECT f.field FROM @extschema@.hogsend_feed_fields(kind) f WHERE f."position" = 1));

    SELECT string_agg(format('%I pg_catalog.%s', f."column", f.type), ', ' ORDER BY f."position"),
           string_agg(format(E'CAST((%s\n) AS pg_catalog.%s)',
               coalesce(fields ->> f.field, CASE f.field WHEN 'condition' THEN 'true' ELSE 'NULL' END), f.type), ', ' ORDER BY f."position")
    INTO outputs, expressions
    FROM @extschema@.hogsend_feed_fields(kind) f;
    SELECT string_agg(a.type, ', ' ORDER BY a.attnum), string_agg(format('hogsend_%s %s', a.n, a.type), ', ' ORDER BY a.attnum),
           string_agg(format('hogsend_%s AS %I', a.n, a.attname), ', ' ORDER BY a.attnum),
           string_agg(format('%s.%I', source.called, a.attname), ', ' ORDER BY a.attnum)
    INTO types, parameters, inputs, columns
    FROM (SELECT a.attnum, a.attname, format('%I.%I', n.nspname, t.typname) AS type, row_number() OVER (ORDER BY a.attnum) AS n
          FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid JOIN pg_namespace n ON n.oid = t.typnamespace
          WHERE a.attrelid = relation AND a.attnum = ANY (needed)) AS a;
    reader := format('%s.%I', source.place, @extschema@.hogsend_feed_name(feed, 'hogsend_feed_'));
    -- With an extension that was dropped the triggers went, and not the reader.
    FOR gone IN SELECT r.reader, r.function FROM @extschema@.hogsend_feed_reader(feed, relation) r LOOP
        EXECUTE format('DROP VIEW %s', gone.reader);
        IF NOT EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = gone.function) THEN
            EXECUTE format('DROP FUNCTION %s', gone.function);
        END IF;
    END LOOP;
    -- With a table that was dropped its view went, and not the function.
    FOR gone IN
        SELECT p.oid::regprocedure AS function FROM pg_proc p JOIN pg_class c ON c.oid = relation AND c.relnamespace = p.pronamespace AND c.relowner = p.proowner
        WHERE p.proname = @extschema@.hogsend_feed_name(feed, 'hogsend_feed_')
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid)
    LOOP
        EXECUTE format('DROP FUNCTION %s', gone.function);
    END LOOP;
    PERFORM @extschema@.hogsend_run_in_path(path,
        format('CREATE FUNCTION %s(%s) RETURNS TABLE (%s) LANGUAGE sql STABLE BEGIN ATOMIC SELECT %s FROM (SELECT %s) AS %s; END',
               reader, coalesce(parameters, ''), outputs, expressions, coalesce(inputs, ''), source.called));
    EXECUTE format('CREATE VIEW %s AS SELECT f.* FROM %s.%s AS %s CROSS JOIN LATERAL %s(%s) AS f',
                   reader, source.place, source.called, source.called, reader, coalesce(columns, ''));
    made := format('%s(%s)', reader, coalesce(types, ''))::regprocedure;
    EXECUTE format('REVOKE ALL ON FUNCTION %s FROM PUBLIC', made);
    EXECUTE format('COMMENT ON FUNCTION %s IS %L', made, format('What a row of %s means to hogsend (feed %s)', relation, feed));
    EXECUTE format('COMMENT ON VIEW %s IS %L', reader, format('What the rows of %s mean to hogsend (feed %s)', relation, feed));
    IF source.relowner <> (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) THEN
        EXECUTE format('ALTER FUNCTION %s OWNER TO %I', made, pg_get_userbyid(source.relowner));
        EXECUTE format('ALTER VIEW %s OWNER TO %I', reader, pg_get_userbyid(source.relowner));
    END IF;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_make_reader(text,text,regclass,jsonb,text) IS 'Internal: Makes the function and the view that say what a row of an attached table means';

REVOKE ALL ON FUNCTION @extschema@.hogsend_make_reader(text,text,regclass,jsonb,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_require_key(relation regclass, columns smallint[], expression text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF NOT EXISTS (
        SELECT FROM pg_index i
        WHERE i.indrelid = relation AND i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL
          AND NOT EXISTS (
              SELECT FROM pg_depend d
              WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid AND d.refclassid = 'pg_class'::regclass
                AND d.refobjid = relation AND d.refobjsubid > 0 AND NOT d.refobjsubid = ANY (columns))
          AND NOT EXISTS (
              SELECT FROM unnest(i.indkey::smallint[]) WITH ORDINALITY AS k (number, n)
              WHERE k.n <= i.indnkeyatts AND k.number > 0 AND NOT k.number = ANY (columns)))
    THEN
        RAISE EXCEPTION 'the key of the feed is not unique'
            USING ERRCODE = '22023',
                  DETAIL = format('%s has no unique index whose columns are all in %s.', relation, expression),
                  HINT = 'Give the primary key, or an expression over all of its columns; or CREATE UNIQUE INDEX first.';
    END IF;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_require_key(regclass,smallint[],text) IS 'Internal: Raises an error unless a unique index is about columns of a key';

REVOKE ALL ON FUNCTION @extschema@.hogsend_require_key(regclass,smallint[],text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_feed_triggers(feed text)
 RETURNS TABLE(relation regclass, trigger name, is_root boolean)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT t.tgrelid::regclass, t.tgname, NOT c.relispartition
    FROM pg_depend d
    JOIN pg_trigger t ON t.oid = d.objid
    JOIN pg_class c ON c.oid = t.tgrelid
    WHERE d.classid = 'pg_trigger'::regclass AND d.refclassid = 'pg_proc'::regclass
      AND d.refobjid = to_regproc('@extschema@.hogsend_mirror')
      AND t.tgargs = convert_to($1, getdatabaseencoding()) || decode('00', 'hex')
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_feed_triggers(text) IS 'Internal: The triggers of a feed: four on its table and on each partition of it';

REVOKE ALL ON FUNCTION @extschema@.hogsend_feed_triggers(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_feed_relation(feed text)
 RETURNS regclass
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    -- A partition that was detached while nobody looked has the triggers still, and no reader; which is asked only
    -- where there are several, because an import asks before each part.
    SELECT t.relation FROM (SELECT DISTINCT g.relation, g.is_root FROM @extschema@.hogsend_feed_triggers($1) g) AS t
    ORDER BY t.is_root DESC,
             CASE WHEN count(*) OVER () > 1 THEN EXISTS (SELECT FROM @extschema@.hogsend_feed_reader($1, t.relation) r) END DESC,
             t.relation::oid LIMIT 1
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_feed_relation(text) IS 'Internal: The table that is attached under a name; NULL: none, or it is gone';

REVOKE ALL ON FUNCTION @extschema@.hogsend_feed_relation(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_make_feed_triggers(feed text, relation regclass)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET client_min_messages TO 'warning'
AS $function$
DECLARE
    part regclass;
    operation text;
BEGIN
    FOR part IN
        SELECT c.oid FROM (SELECT relation AS oid UNION SELECT t.relid FROM pg_partition_tree(relation) t) AS p
        JOIN pg_class c ON c.oid = p.oid AND c.relkind IN ('r', 'p')
    LOOP
        FOREACH operation IN ARRAY ARRAY['insert', 'update', 'delete', 'truncate'] LOOP
            PERFORM @extschema@.hogsend_make_feed_trigger(feed, part, operation);
        END LOOP;
    END LOOP;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_make_feed_triggers(text,regclass) IS 'Internal: Creates the triggers of a feed on its table and all its partitions';

REVOKE ALL ON FUNCTION @extschema@.hogsend_make_feed_triggers(text,regclass) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_note_feed(feed text, kind text, fields jsonb, on_delete text, owned text[], search_path text, attached_by text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    alike text := (SELECT min(o.name) FROM @extschema@.feeds o WHERE starts_with(o.name, $1 || ':') OR starts_with($1, o.name || ':'));
BEGIN
    IF alike IS NOT NULL THEN
        RAISE EXCEPTION 'the name "%" of a feed is too much like "%"', $1, alike
            USING ERRCODE = '22023', DETAIL = 'Rows of both could have one idempotency key, which is made of the name, a colon and the row''s key.',
                  HINT = 'Give a name that does not go on from another feed''s with a colon.';
    END IF;
    INSERT INTO @extschema@.feeds AS f (name, kind, fields, on_delete, owned, search_path, attached_by, attached_at, import)
    VALUES ($1, $2, $3, $4, $5, $6, $7, @extschema@.hogsend_now(), 'pending')
    ON CONFLICT (name) DO UPDATE
    SET kind = $2, fields = $3, on_delete = $4, owned = $5, search_path = $6, attached_by = $7, attached_at = @extschema@.hogsend_now(), import = 'pending',
        part = NULL, file = NULL, block = NULL, blocks = NULL, rows_total = NULL, moved_at = NULL, rows_imported = 0, rows_skipped = 0, rows_failed = 0, error = NULL, error_at = NULL, imported_at = NULL;
    -- Who asks has the preset admin, and owns the table or not. Looked at when nobody else can be at it any more.
    IF EXISTS (SELECT FROM @extschema@.hogsend_feed_triggers($1) t) THEN
        RAISE EXCEPTION 'the feed "%" is attached', $1
            USING ERRCODE = '55000', DETAIL = format('%s has its triggers.', @extschema@.hogsend_feed_relation($1)), HINT = 'hogsend_detach() ends it.';
    END IF;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_note_feed(text,text,jsonb,text,text[],text,text) IS 'Internal: Writes down what a table was attached as (called by hogsend_attach_events and hogsend_attach_contacts)';

REVOKE ALL ON FUNCTION @extschema@.hogsend_note_feed(text,text,jsonb,text,text[],text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_require_source(relation regclass)
 RETURNS void
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    source record;
    flaw text;
    remedy text := 'Attach an ordinary or partitioned table.';
BEGIN
    SELECT c.*, n.nspname INTO source FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.oid = relation;
    IF relation IS NULL OR source.oid IS NULL THEN
        RAISE EXCEPTION 'relation must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'A table was to be attached, and none was named.', HINT = remedy;
    END IF;
    IF source.relkind NOT IN ('r', 'p') THEN
        flaw := CASE source.relkind WHEN 'v' THEN 'a view' WHEN 'm' THEN 'a materialized view' WHEN 'f' THEN 'a foreign table' ELSE 'no table' END;
        remedy := CASE WHEN source.relkind IN ('v', 'm') THEN 'Attach the tables that it reads: rows are mirrored where they are written.' ELSE remedy END;
    ELSIF source.relpersistence = 't' THEN
        flaw := 'a temporary table';
    ELSIF source.relnamespace = to_regnamespace('@extschema@') AND EXISTS (
        SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
        WHERE t.tgrelid = source.oid AND p.pronamespace = source.relnamespace AND starts_with(p.proname, 'hogsend_') AND p.proname <> 'hogsend_mirror')
        OR source.relnamespace = to_regnamespace('@extschema@') AND source.relname IN (
            SELECT m.relation FROM (VALUES ('bucket_memberships'), ('bucket_timers'), ('bucket_transitions'), ('bucket_consumers'), ('bucket_positions'),
                ('bucket_jobs'), ('bucket_erasures'), ('bucket_counts'), ('bucket_refreshes'), ('bucket_holdouts'), ('bucket_totals'), ('user_queue'), ('user_aliases'),
                ('feeds'), ('feed_notes'), ('journeys'), ('journey_runs'), ('hogsend_instance'), ('hogsend_clock')) AS m (relation))
    THEN
        flaw := 'a table of hogsend';
        remedy := 'Attach a table of yours.';
    ELSIF source.relnamespace IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace) THEN
        flaw := 'a table of Postgres';
    ELSIF source.relispartition THEN
        flaw := 'a partition';
        remedy := format('Attach %s, and all its partitions are.', (SELECT t FROM pg_partition_root(relation) t));
    ELSIF EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = relation OR i.inhparent = relation AND source.relkind <> 'p') THEN
        flaw := 'a part of an inheritance';
        remedy := 'Its rows have no common key. Attach a table of its own, or a partitioned one.';
    ELSIF NOT pg_has_role(source.relowner, 'USAGE') THEN
        RAISE EXCEPTION 'must be owner of table %', relation
            USING ERRCODE = '42501', DETAIL = format('It belongs to %s, and what is said of its rows is read with the rights of that role.', quote_ident(pg_get_userbyid(source.relowner))),
                  HINT = 'SET ROLE to its owner, who needs the preset ''admin''.';
    ELSIF NOT has_schema_privilege(source.relowner, source.relnamespace, 'CREATE') OR NOT has_schema_privilege(source.relnamespace, 'CREATE') THEN
        RAISE EXCEPTION 'permission denied for schema %', quote_ident(source.nspname)
            USING ERRCODE = '42501', DETAIL = 'The function that reads the rows is made beside the table, and belongs to its owner.',
                  HINT = format('GRANT CREATE ON SCHEMA %I TO %I.', source.nspname, pg_get_userbyid(source.relowner));
    END IF;
    IF flaw IS NOT NULL THEN
        RAISE EXCEPTION '% cannot be attached', relation USING ERRCODE = '42809', DETAIL = format('It is %s.', flaw), HINT = remedy;
    END IF;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_require_source(regclass) IS 'Internal: Raises an error unless the table is one that can be attached, by whoever asks';

REVOKE ALL ON FUNCTION @extschema@.hogsend_require_source(regclass) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_attach(kind text, relation regclass, feed text, fields jsonb, on_delete text, path text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    said jsonb := fields;
    owned text[];
    missing text;
    of_key text := btrim(fields ->> CASE kind WHEN 'events' THEN 'key' ELSE 'user_id' END);
    repeated text;
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    PERFORM @extschema@.hogsend_require_source(relation);
    feed := coalesce(feed, (SELECT c.relname FROM pg_class c WHERE c.oid = relation));
    IF feed = '' OR octet_length(feed) > 200 THEN
        RAISE EXCEPTION 'the name of a feed has between 1 and 200 bytes'
            USING ERRCODE = '22023', DETAIL = format('It has %s.', octet_length(feed)), HINT = 'Leave it out to have the table''s.';
    END IF;
    IF EXISTS (SELECT FROM @extschema@.hogsend_feed_triggers(feed) t) THEN
        RAISE EXCEPTION 'the feed "%" exists already', feed
            USING ERRCODE = '42710', DETAIL = format('%s is attached under this name.', @extschema@.hogsend_feed_relation(feed)),
                  HINT = format('SELECT hogsend_detach(%L) first, which leaves what came of it; or give another name.', feed);
    END IF;
    missing := (SELECT string_agg(format('"%s"', f.field), ', ' ORDER BY f."position") FROM @extschema@.hogsend_feed_fields(kind) f
                WHERE f.field IN ('key', 'user_id', 'event', 'occurred_at') AND fields ->> f.field IS NULL);
    IF missing IS NOT NULL THEN
        RAISE EXCEPTION 'argument % must not be NULL', missing
            USING ERRCODE = '22004', DETAIL = format('hogsend_attach_%s() was called without.', kind), HINT = 'Give an SQL expression over the columns of the table.';
    END IF;
    -- Writers wait from here on, and what they have written by now is seen by the import.
    EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', relation);
    owned := @extschema@.hogsend_feed_list(relation, fields ->> 'properties');
    IF owned IS NOT NULL THEN
        fields := fields || jsonb_build_object('properties', @extschema@.hogsend_feed_object(owned));
    END IF;
    PERFORM @extschema@.hogsend_make_reader(feed, kind, relation, fields, path);
    PERFORM @extschema@.hogsend_note_feed(feed, kind, said, on_delete, owned, path, current_user::text);
    -- Of an expression over a key nobody knows that it differs wherever the key does.
    IF NOT EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = relation AND a.attnum > 0 AND quote_ident(a.attname) = of_key) THEN
        repeated := @extschema@.hogsend_repeated_key(feed, relation);
        IF repeated IS NOT NULL THEN
            RAISE EXCEPTION 'the key of the feed is not unique'
                USING ERRCODE = '22023', DETAIL = format('Several rows of %s have the key %s.', relation, quote_literal(repeated)),
                      HINT = 'Give an expression that no two rows have in common, with a separator between its parts.';
        END IF;
    END IF;
    PERFORM @extschema@.hogsend_make_feed_triggers(feed, relation);
    PERFORM @extschema@.hogsend_begin_import(feed);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_attach(text,regclass,text,jsonb,text,text) IS 'Internal: Attaches a table (called by hogsend_attach_events and hogsend_attach_contacts)';

REVOKE ALL ON FUNCTION @extschema@.hogsend_attach(text,regclass,text,jsonb,text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_attach_events(relation regclass, key text, user_id text, event text, occurred_at text, value text DEFAULT NULL::text, properties text DEFAULT NULL::text, condition text DEFAULT NULL::text, name text DEFAULT NULL::text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
    PERFORM @extschema@.hogsend_attach('events', relation, name, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'key', key, 'user_id', user_id, 'event', event, 'occurred_at', occurred_at, 'value', value, 'properties', properties, 'condition', condition)),
        'mark', pg_catalog.current_setting('search_path'));
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_attach_events(regclass,text,text,text,text,text,text,text,text) IS 'Mirrors a table into user_events from now on, and imports what it has, silently; each argument is an SQL expression over a row, properties a list of columns or such an expression';

REVOKE ALL ON FUNCTION @extschema@.hogsend_attach_events(regclass,text,text,text,text,text,text,text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_attach_contacts(relation regclass, user_id text, email text DEFAULT NULL::text, properties text DEFAULT NULL::text, condition text DEFAULT NULL::text, on_delete text DEFAULT 'mark'::text, name text DEFAULT NULL::text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
    IF on_delete IS NULL OR NOT on_delete OPERATOR(pg_catalog.=) ANY (ARRAY['mark', 'forget']) THEN
        RAISE EXCEPTION 'on_delete must be ''mark'' or ''forget'''
            USING ERRCODE = '22023', DETAIL = pg_catalog.format('It is %s.', pg_catalog.quote_nullable(on_delete)),
                  HINT = 'mark: the contact of a row that is deleted is marked as deleted; forget: everything about the user is erased.';
    END IF;
    PERFORM @extschema@.hogsend_attach('contacts', relation, name, pg_catalog.jsonb_strip_nulls(pg_catalog.jsonb_build_object(
        'user_id', user_id, 'email', email, 'properties', properties, 'condition', condition)),
        on_delete, pg_catalog.current_setting('search_path'));
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_attach_contacts(regclass,text,text,text,text,text,text) IS 'Mirrors a table into contacts from now on, and imports what it has, silently; it owns the e-mail address and the properties that it names, and no others';

REVOKE ALL ON FUNCTION @extschema@.hogsend_attach_contacts(regclass,text,text,text,text,text,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_detach(feed text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    source regclass := @extschema@.hogsend_feed_relation(feed);
    made record;
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    -- Whoever deletes the row of it has detached nothing.
    IF source IS NULL THEN
        PERFORM @extschema@.hogsend_require_feed(feed);
    ELSE
        IF NOT pg_has_role((SELECT c.relowner FROM pg_class c WHERE c.oid = source), 'USAGE') THEN
            RAISE EXCEPTION 'must be owner of table %', source
                USING ERRCODE = '42501', DETAIL = format('Feed "%s" is a trigger of it.', feed), HINT = 'SET ROLE to its owner.';
        END IF;
        EXECUTE format('LOCK TABLE %s IN SHARE ROW EXCLUSIVE MODE', source);
        FOR made IN SELECT t.relation, t.trigger FROM @extschema@.hogsend_feed_triggers(feed) t LOOP
            EXECUTE format('DROP TRIGGER %I ON %s', made.trigger, made.relation);
        END LOOP;
        FOR made IN SELECT r.reader, r.function FROM @extschema@.hogsend_feed_reader(feed, source) r LOOP
            EXECUTE format('DROP VIEW %s', made.reader);
            EXECUTE format('DROP FUNCTION %s', made.function);
        END LOOP;
    END IF;
    PERFORM @extschema@.hogsend_drop_feed(feed);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_detach(text) IS 'Ends mirroring a table that was attached under the name; what came of it stays';

REVOKE ALL ON FUNCTION @extschema@.hogsend_detach(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_drop_feed(feed text)
 RETURNS void
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF EXISTS (SELECT FROM @extschema@.hogsend_feed_triggers($1) t) THEN
        RAISE EXCEPTION 'the feed "%" is attached', $1
            USING ERRCODE = '55000', DETAIL = format('%s has its triggers.', @extschema@.hogsend_feed_relation($1)), HINT = 'hogsend_detach() ends it.';
    END IF;
    DELETE FROM @extschema@.feed_notes n WHERE n.feed = $1;
    DELETE FROM @extschema@.feeds f WHERE f.name = $1;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_drop_feed(text) IS 'Internal: Forgets a feed that is not attached any more (called by hogsend_detach)';

REVOKE ALL ON FUNCTION @extschema@.hogsend_drop_feed(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_require_feed(feed text)
 RETURNS void
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF NOT EXISTS (SELECT FROM @extschema@.feeds f WHERE f.name = $1) THEN
        RAISE EXCEPTION 'nothing is attached under the name %', coalesce('"' || feed || '"', 'NULL')
            USING ERRCODE = '42704', DETAIL = 'No row of table "feeds" has it.', HINT = 'SELECT name FROM bucket_feeds lists what is attached.';
    END IF;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_require_feed(text) IS 'Internal: Raises an error unless something is attached under the name';

REVOKE ALL ON FUNCTION @extschema@.hogsend_require_feed(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_feed_reader(feed text, relation regclass)
 RETURNS TABLE(reader regclass, function regprocedure, columns name[])
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT v.oid::regclass, p.oid::regprocedure,
           ARRAY(SELECT a.attname FROM pg_attribute a
                 WHERE a.attrelid = $2 AND a.attnum IN (
                     SELECT d.refobjsubid FROM pg_depend d
                     WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                       AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $2 AND d.refobjsubid > 0)
                 ORDER BY a.attnum)
    FROM pg_class v
    JOIN pg_class c ON c.oid = $2 AND c.relowner = v.relowner
    JOIN pg_rewrite w ON w.ev_class = v.oid
    JOIN pg_proc p ON p.proname = v.relname AND p.pronamespace = v.relnamespace AND p.proowner = v.relowner
    WHERE v.relname = @extschema@.hogsend_feed_name($1, 'hogsend_feed_') AND v.relkind = 'v'
      AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                    AND d.refclassid = 'pg_proc'::regclass AND d.refobjid = p.oid)
      AND EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid
                    AND d.refclassid = 'pg_class'::regclass AND d.refobjid = $2)
    ORDER BY v.oid LIMIT 1
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_feed_reader(text,regclass) IS 'Internal: The view and the function that read a feed; none if they are gone, or belong to another role than the table';

REVOKE ALL ON FUNCTION @extschema@.hogsend_feed_reader(text,regclass) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_feed_gaps()
 RETURNS TABLE(feed text, relation regclass, operation text, trigger name)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    WITH made AS MATERIALIZED (
        SELECT convert_from(substr(t.tgargs, 1, length(t.tgargs) - 1), 'UTF8') AS feed, t.tgrelid, t.tgname, c.relispartition,
               CASE t.tgtype WHEN 4 THEN 'insert' WHEN 16 THEN 'update' WHEN 8 THEN 'delete' WHEN 34 THEN 'truncate' END AS operation
        FROM pg_depend d
        JOIN pg_trigger t ON t.oid = d.objid AND t.tgnargs = 1
        JOIN pg_class c ON c.oid = t.tgrelid
        WHERE d.classid = 'pg_trigger'::regclass AND d.refclassid = 'pg_proc'::regclass
          AND d.refobjid = to_regproc('@extschema@.hogsend_mirror')
    ), root AS MATERIALIZED (
        SELECT m.feed, m.tgrelid
        FROM (SELECT DISTINCT o.feed, o.tgrelid FROM made o WHERE NOT o.relispartition) AS m
        CROSS JOIN LATERAL @extschema@.hogsend_feed_reader(m.feed, m.tgrelid) r
    ), part AS MATERIALIZED (
        SELECT r.feed, c.oid FROM root r
        CROSS JOIN LATERAL (SELECT r.tgrelid AS relid UNION SELECT p.relid FROM pg_partition_tree(r.tgrelid) p) AS p
        JOIN pg_class c ON c.oid = p.relid AND c.relkind IN ('r', 'p')
    )
    SELECT p.feed, p.oid::regclass, o.operation, NULL::name
    FROM part p CROSS JOIN unnest(ARRAY['insert', 'update', 'delete', 'truncate']) AS o (operation)
    WHERE NOT EXISTS (SELECT FROM made m WHERE m.feed = p.feed AND m.tgrelid = p.oid AND m.operation = o.operation)
    UNION ALL
    SELECT m.feed, m.tgrelid::regclass, m.operation, m.tgname
    FROM made m
    WHERE EXISTS (SELECT FROM root r WHERE r.feed = m.feed) AND NOT EXISTS (SELECT FROM part p WHERE p.feed = m.feed AND p.oid = m.tgrelid)
    ORDER BY 1, 2, 3
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_feed_gaps() IS 'Internal: Triggers that partitions of attached tables lack; with a name: triggers of tables that are partitions no more';

REVOKE ALL ON FUNCTION @extschema@.hogsend_feed_gaps() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_make_feed_trigger(feed text, relation regclass, operation text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    EXECUTE format('CREATE TRIGGER %I %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION %s.hogsend_mirror(%L)',
        @extschema@.hogsend_feed_name(feed, 'hogsend_' || operation || '_'),
        CASE operation WHEN 'truncate' THEN 'BEFORE ' ELSE 'AFTER ' END || upper(operation), relation,
        CASE operation
            WHEN 'insert' THEN 'REFERENCING NEW TABLE AS hogsend_new'
            WHEN 'update' THEN 'REFERENCING OLD TABLE AS hogsend_old NEW TABLE AS hogsend_new'
            WHEN 'delete' THEN 'REFERENCING OLD TABLE AS hogsend_old' ELSE '' END,
        '@extschema@', feed);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_make_feed_trigger(text,regclass,text) IS 'Internal: Creates one of the triggers of a feed';

REVOKE ALL ON FUNCTION @extschema@.hogsend_make_feed_trigger(text,regclass,text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_complete_feeds()
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET lock_timeout TO '100ms'
AS $function$
DECLARE
    gap record;
    done integer := 0;
BEGIN
    FOR gap IN SELECT g.* FROM @extschema@.hogsend_feed_gaps() g LOOP
        BEGIN
            IF gap.trigger IS NULL THEN
                PERFORM @extschema@.hogsend_make_feed_trigger(gap.feed, gap.relation, gap.operation);
            ELSE
                EXECUTE format('DROP TRIGGER %I ON %s', gap.trigger, gap.relation);
            END IF;
            done := done + 1;
        EXCEPTION WHEN OTHERS THEN
            RAISE WARNING 'the triggers of feed "%" on % are not as they should be', gap.feed, gap.relation
                USING DETAIL = SQLERRM || '.', HINT = 'The clock tries again once a minute; SELECT * FROM hogsend_feed_gaps() shows what it will do.';
        END;
    END LOOP;
    RETURN done;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_complete_feeds() IS 'Internal: Gives partitions of attached tables the triggers that they lack, and takes them from what is no partition any more';

REVOKE ALL ON FUNCTION @extschema@.hogsend_complete_feeds() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_on_partitions()
 RETURNS event_trigger
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF current_setting('row_security') = 'on'
       AND EXISTS (SELECT FROM pg_depend d
               WHERE d.classid = 'pg_trigger'::regclass AND d.refclassid = 'pg_proc'::regclass
                 AND d.refobjid = to_regproc('@extschema@.hogsend_mirror'))
       AND EXISTS (SELECT FROM pg_event_trigger_ddl_commands() c JOIN pg_class r ON r.oid = c.objid
                   WHERE c.classid = 'pg_class'::regclass AND (r.relkind = 'p' OR r.relispartition))
    THEN
        PERFORM @extschema@.hogsend_complete_feeds();
    END IF;
EXCEPTION WHEN OTHERS THEN
    RAISE WARNING 'partitions of attached tables were not looked at' USING DETAIL = SQLERRM || '.', HINT = 'The clock does it once a minute.';
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_on_partitions() IS 'Internal: Gives new partitions of attached tables their triggers; a warning is all that it can cost';

REVOKE ALL ON FUNCTION @extschema@.hogsend_on_partitions() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_make_event_trigger()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF EXISTS (SELECT FROM pg_event_trigger t WHERE t.evtname = 'hogsend_on_partitions')
       OR NOT (SELECT r.rolsuper FROM pg_roles r WHERE r.rolname = current_user) THEN
        RETURN;
    END IF;
    CREATE EVENT TRIGGER hogsend_on_partitions ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'ALTER TABLE')
        EXECUTE FUNCTION @extschema@.hogsend_on_partitions();
    COMMENT ON EVENT TRIGGER hogsend_on_partitions IS 'Gives new partitions of attached tables their triggers';
    IF NOT EXISTS (SELECT FROM pg_depend d JOIN pg_event_trigger t ON t.oid = d.objid AND t.evtname = 'hogsend_on_partitions'
                   WHERE d.classid = 'pg_event_trigger'::regclass AND d.deptype = 'e') THEN
        ALTER EXTENSION hogsend ADD EVENT TRIGGER hogsend_on_partitions;
    END IF;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_make_event_trigger() IS 'Internal: Creates the event trigger that looks after new partitions (called by hogsend_migrate)';

REVOKE ALL ON FUNCTION @extschema@.hogsend_make_event_trigger() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_mirror()
 RETURNS trigger
 LANGUAGE c
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS 'MODULE_PATHNAME', $function$hogsend_mirror$function$;

COMMENT ON FUNCTION @extschema@.hogsend_mirror() IS 'Internal: Mirrors what a statement does to an attached table; takes the name of the feed';

REVOKE ALL ON FUNCTION @extschema@.hogsend_mirror() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_on_feeds()
 RETURNS trigger
 LANGUAGE c
AS 'MODULE_PATHNAME', $function$hogsend_on_feeds$function$;

COMMENT ON FUNCTION @extschema@.hogsend_on_feeds() IS 'Internal: Tells all sessions that a feed was attached, detached or changed';

REVOKE ALL ON FUNCTION @extschema@.hogsend_on_feeds() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_remove_extra(feed text)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "hogsend.announce" TO 'off'
AS $function$
DECLARE
    last_event bigint;
    kind "char";
    has_earlier boolean;
    removed bigint;
BEGIN
    SELECT f.last_event, c.relkind INTO last_event, kind
    FROM @extschema@.feeds f JOIN pg_class c ON c.oid = (SELECT @extschema@.hogsend_feed_relation($1))
    WHERE f.name = $1 AND f.kind = 'events';
    IF kind IS NULL THEN
        RETURN 0;
    ELSIF last_event IS NULL OR kind = 'p' THEN
        has_earlier := EXISTS (SELECT FROM @extschema@.user_events e WHERE e.source = $1 AND starts_with(e.idempotency_key, $1 || ':'));
    ELSE
        -- By its number alone, so that only those that were there before are read.
        has_earlier := EXISTS (SELECT FROM @extschema@.user_events e
                               WHERE e.id <= last_event AND e.source = $1 AND starts_with(e.idempotency_key, $1 || ':'));
    END IF;
    IF NOT has_earlier THEN
        RETURN 0;
    END IF;
    WITH gone AS (
        DELETE FROM @extschema@.user_events e
        USING (SELECT o.tableoid AS part, o.ctid AS place
               FROM @extschema@.hogsend_feed_differences($1) d
               JOIN @extschema@.user_events o ON o.user_id = d.user_id AND o.idempotency_key = $1 || ':' || d.key
               WHERE d.problem = 'extra') AS x
        WHERE e.tableoid = x.part AND e.ctid = x.place
        RETURNING e.user_id)
    SELECT count(*) INTO removed FROM gone;
    RETURN removed;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_remove_extra(text) IS 'Internal: Removes the events of rows that an attached table does not have any more, silently (called by hogsend_import)';

REVOKE ALL ON FUNCTION @extschema@.hogsend_remove_extra(text) FROM PUBLIC;

CREATE OR REPLACE PROCEDURE @extschema@.hogsend_import(IN feed text)
 LANGUAGE plpgsql
AS $procedure$
DECLARE
    begun_at pg_catalog.timestamptz := pg_catalog.clock_timestamp();
    told_at pg_catalog.timestamptz := begun_at;
    seconds double precision;
    -- The whole call is one statement, whose time counts from when it arrived. A tenth is left for
    -- what cannot be foreseen, and the chunks are small enough that it is no great part of it.
    granted pg_catalog.interval := pg_catalog.current_setting('statement_timeout')::pg_catalog.interval;
    must_end_at pg_catalog.timestamptz;
    -- How long a chunk keeps rows from those who want to change them.
    wanted pg_catalog.interval := interval '0.4 seconds';
    rows integer := 5000;
    chunk_at pg_catalog.timestamptz;
    took pg_catalog.interval;
    step pg_catalog.record;
    looked_at bigint := 0;
BEGIN
    IF feed IS NULL THEN
        RAISE EXCEPTION 'feed must not be NULL'
            USING ERRCODE = '22004', DETAIL = 'hogsend_import() was called without the name of a feed.',
                  HINT = 'SELECT name FROM bucket_feeds lists what is attached.';
    END IF;
    IF granted OPERATOR(pg_catalog.>) interval '0' THEN
        must_end_at := pg_catalog.statement_timestamp() OPERATOR(pg_catalog.+) (granted OPERATOR(pg_catalog.*) 0.9);
        wanted := least(wanted, granted OPERATOR(pg_catalog./) 10);
        rows := 50;
    END IF;
    PERFORM @extschema@.hogsend_restart_import(feed);
    COMMIT;
    LOOP
        chunk_at := pg_catalog.clock_timestamp();
        SELECT s.* INTO step FROM @extschema@.hogsend_import_chunk(feed, rows) s;
        -- Nobody hears of history, so the disk can wait: what a crash takes back is done again. The last
        -- commit waits, for this one and all before it.
        IF NOT step.done THEN
            SET LOCAL synchronous_commit = off;
        END IF;
        COMMIT;
        took := pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) chunk_at;
        seconds := extract(epoch FROM pg_catalog.clock_timestamp() OPERATOR(pg_catalog.-) begun_at);
        looked_at := looked_at OPERATOR(pg_catalog.+) step.looked_at;
        IF step.done THEN
            -- Of which nobody knows how long it takes.
            IF must_end_at IS NULL THEN
                PERFORM @extschema@.hogsend_remove_extra(feed);
            END IF;
            RAISE NOTICE 'feed "%" is imported: % rows looked at, in % s',
                feed, step.imported, pg_catalog.round(seconds::pg_catalog.numeric, 1);
            RETURN;
        END IF;
        IF (pg_catalog.clock_timestamp() OPERATOR(pg_catalog.+) took OPERATOR(pg_catalog.+) took) OPERATOR(pg_catalog.>=) must_end_at THEN
            RAISE NOTICE 'feed "%": % of about % rows so far', feed, step.imported, step.total
                USING DETAIL = pg_catalog.format('It ends here, because statement_timeout (%s) would cancel it. What was done is kept.',
                                   pg_catalog.current_setting('statement_timeout')),
                      HINT = pg_catalog.format('CALL hogsend_import(%L) again goes on from there; after SET statement_timeout = 0 it goes on to the end.', feed);
            RETURN;
        END IF;
        rows := CASE
            WHEN step.stuck OR took OPERATOR(pg_catalog.>) wanted THEN greatest(rows OPERATOR(pg_catalog./) 2, 1)
            WHEN took OPERATOR(pg_catalog.<) (wanted OPERATOR(pg_catalog./) 4) THEN least(rows OPERATOR(pg_catalog.*) 2, 20000)
            ELSE rows END;
        IF pg_catalog.clock_timestamp() OPERATOR(pg_catalog.>=) (told_at OPERATOR(pg_catalog.+) interval '1 second') THEN
            told_at := pg_catalog.clock_timestamp();
            RAISE NOTICE 'feed "%": % of about % rows, % a second, about % s left',
                feed, step.imported, step.total,
                pg_catalog.round((looked_at OPERATOR(pg_catalog./) seconds)::pg_catalog.numeric),
                pg_catalog.ceil(greatest(step.total OPERATOR(pg_catalog.-) step.imported, 0)
                    OPERATOR(pg_catalog.*) seconds OPERATOR(pg_catalog./) greatest(looked_at, 1));
        END IF;
        IF step.stuck THEN
            PERFORM pg_catalog.pg_sleep(0.05);
        END IF;
    END LOOP;
END
$procedure$;

COMMENT ON PROCEDURE @extschema@.hogsend_import(text) IS 'Imports what an attached table has to the end, silently, committing each chunk and reporting progress; can be interrupted and called again, and ends before statement_timeout would cancel it; imports anew what was imported already';

REVOKE ALL ON PROCEDURE @extschema@.hogsend_import(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_verify_feed(name text)
 RETURNS TABLE(key text, user_id text, problem text, expected jsonb, found jsonb)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT d.key, d.user_id, d.problem, d.expected::jsonb, d.found::jsonb FROM @extschema@.hogsend_feed_differences($1) d
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_verify_feed(text) IS 'The rows of an attached table of which events (or contacts) say something else, or nothing, and the events that no row has: none';

REVOKE ALL ON FUNCTION @extschema@.hogsend_verify_feed(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_feeds(present timestamp with time zone, patience interval, OUT ok boolean, OUT detail text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    fact record;
BEGIN
    IF to_regclass('@extschema@.bucket_feeds') IS NULL THEN
        ok := false;
        detail := 'view bucket_feeds is missing: SELECT hogsend_migrate()';
        RETURN;
    END IF;
    SELECT min(v.name) FILTER (WHERE v.relation IS NULL) AS gone,
           min(v.name) FILTER (WHERE v.relation IS NOT NULL AND NOT v.is_whole) AS broken,
           (array_agg(v.relation ORDER BY v.name) FILTER (WHERE v.relation IS NOT NULL AND NOT v.is_whole))[1] AS broken_table,
           min(v.name) FILTER (WHERE v.rows_failed > 0) AS failing,
           (array_agg(v.rows_failed ORDER BY v.name) FILTER (WHERE v.rows_failed > 0))[1] AS failures,
           left((array_agg(v.error ORDER BY v.name) FILTER (WHERE v.rows_failed > 0))[1], 200) AS failure,
           min(v.name) FILTER (WHERE is_late) AS late,
           present - min(f.rested_since) FILTER (WHERE is_late) AS rested,
           left((array_agg(v.error ORDER BY v.name) FILTER (WHERE is_late))[1], 200) AS obstacle,
           sum(v.rows_skipped) AS skipped,
           count(*) FILTER (WHERE v.relation IS NULL OR NOT v.is_whole OR v.rows_failed > 0 OR is_late) AS ill, count(*) AS feeds
    INTO fact
    FROM @extschema@.bucket_feeds v
    JOIN (SELECT r.name, coalesce(r.moved_at, r.attached_at) AS rested_since FROM @extschema@.feeds r) AS f ON f.name = v.name
    CROSS JOIN LATERAL (SELECT v.relation IS NOT NULL AND v.import <> 'done' AND present - f.rested_since > patience AS is_late) AS l;
    ok := fact.ill = 0;
    detail := concat_ws('; ',
        format('no table has the triggers of feed "%s" any more: SELECT hogsend_detach(%L) forgets it; if its table is there, attach that again', fact.gone, fact.gone) || left(fact.gone, 0),
        format('feed "%s": triggers of %s or of a partition, or what reads its rows, are missing or disabled: enable them, or hogsend_detach(%L) and attach it again',
               fact.broken, fact.broken_table, fact.broken) || left(fact.broken, 0),
        format('feed "%s": %s rows could not be taken over (%s); CALL hogsend_import(%L) once that is mended', fact.failing, fact.failures, fact.failure, fact.failing)
            || left(fact.failing, 0),
        format('the import of feed "%s" has rested for %s%s: see "last reconcile"; CALL hogsend_import(%L) goes on with it', fact.late,
               @extschema@.hogsend_roughly(fact.rested), coalesce(' (' || fact.obstacle || ')', ''), fact.late) || left(fact.late, 0),
        CASE WHEN fact.ill > 1 THEN format('%s feeds in all: SELECT * FROM bucket_feeds', fact.ill) END,
        CASE WHEN fact.skipped > 0 THEN format('rows without what an event or contact needs: %s', fact.skipped) END,
        CASE WHEN fact.feeds = 0 THEN 'none' WHEN ok AND coalesce(fact.skipped, 0) = 0 THEN 'all is well' END);
EXCEPTION WHEN OTHERS THEN
    -- Columns that are missing or of another type.
    ok := false;
    detail := format('not known: %s', SQLERRM);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_feeds(timestamp with time zone,interval) IS 'Internal: What hogsend_health() says of attached tables';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_feeds(timestamp with time zone,interval) FROM PUBLIC;

COMMENT ON FUNCTION @extschema@.hogsend_now() IS 'Internal: The present as hogsend takes it: the clock, or hogsend.now';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_passed(OUT up_to bigint, OUT late xid8[], OUT since xid8)
 RETURNS record
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT coalesce(min(p.mark), 9223372036854775807), ARRAY(
               SELECT x.xid FROM @extschema@.bucket_positions o CROSS JOIN LATERAL pg_snapshot_xip(o.passed) AS x (xid)
               WHERE o.lapsed_at IS NULL),
           greatest(coalesce(min(pg_snapshot_xmax(p.passed)), '18446744073709551615'::xid8), '4'::xid8)
    FROM @extschema@.bucket_positions p WHERE p.lapsed_at IS NULL
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_passed() IS 'Internal: The number up to which every consumer has read, but for some late transactions';

REVOKE ALL ON FUNCTION @extschema@.hogsend_passed() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_prune_transitions(older_than interval, force boolean)
 RETURNS bigint
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
#variable_conflict use_column
DECLARE
    cutoff timestamptz := @extschema@.hogsend_now() - $1;
    passed record;
    pruned bigint;
BEGIN
    IF $2 THEN
        -- Whoever has not read what goes now is told by the next poll, and holds up nobody from here on.
        UPDATE @extschema@.bucket_positions p
        SET lapsed_at = @extschema@.hogsend_now(), lapsed_up_to = lost.up_to
        FROM @extschema@.hogsend_lost(cutoff, NULL::oid) AS lost
        WHERE p.consumer = lost.consumer AND p.shard = lost.shard;
    END IF;
    SELECT p.* INTO passed FROM @extschema@.hogsend_passed() p;
    DELETE FROM @extschema@.bucket_transitions t
    WHERE t.recorded_at < cutoff AND ($2 OR (t.id <= passed.up_to AND t.xid < passed.since AND t.xid <> ALL (passed.late)));
    GET DIAGNOSTICS pruned = ROW_COUNT;
    RETURN pruned;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_prune_transitions(interval,boolean) IS 'Internal: Removes old transitions that every consumer has passed, or with force all (called by hogsend_prune)';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_prune(transitions_older_than interval DEFAULT NULL::interval, memberships_older_than interval DEFAULT NULL::interval, force boolean DEFAULT false, runs_older_than interval DEFAULT NULL::interval)
 RETURNS TABLE(transitions bigint, memberships bigint, runs bigint)
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    wrong record;
BEGIN
    PERFORM @extschema@.hogsend_require_tables();
    SELECT a.name, a.age INTO wrong
    FROM (VALUES (1, 'transitions_older_than', $1), (2, 'memberships_older_than', $2), (3, 'runs_older_than', $4)) AS a (place, name, age)
    WHERE a.age < interval '0' ORDER BY a.place LIMIT 1;
    IF FOUND THEN
        RAISE EXCEPTION '% must not be negative', wrong.name
            USING ERRCODE = '22023', DETAIL = format('It is %s.', wrong.age),
                  HINT = 'Say how old a row must be to go, for example interval ''90 days''.';
    END IF;
    transitions := 0;
    memberships := 0;
    runs := 0;
    IF $1 IS NOT NULL THEN
        transitions := @extschema@.hogsend_prune_transitions($1, coalesce($3, false));
    END IF;
    IF $2 IS NOT NULL THEN
        -- The latest stay remains: entry counts and limits go on from it.
        -- What goes is counted before, so that the days of the past stay what they were.
        WITH gone AS (
            DELETE FROM @extschema@.bucket_memberships m
            WHERE m.status = 'left' AND m.left_at < @extschema@.hogsend_now() - $2
              AND EXISTS (SELECT FROM @extschema@.bucket_memberships l
                          WHERE l.user_id = m.user_id AND l.bucket_id = m.bucket_id AND l.entry_count > m.entry_count)
            RETURNING m.*
        ), counted AS (
            INSERT INTO @extschema@.bucket_counts AS c (bucket_id, since, entered, "left", entered_silently, left_silently)
            SELECT g.bucket_id, date_bin(interval '15 minutes', move.at, '2000-01-01 00:00+00') AS since,
                   count(*) FILTER (WHERE move.begins AND move.is_told), count(*) FILTER (WHERE NOT move.begins AND move.is_told),
                   count(*) FILTER (WHERE move.begins AND NOT move.is_told), count(*) FILTER (WHERE NOT move.begins AND NOT move.is_told)
            FROM gone g
            -- Releases before 0.3.0 did not note it (as in view bucket_daily).
            CROSS JOIN LATERAL (VALUES (g.entered_at, true, coalesce(g.announced, g.source <> 'backfill')),
                                       (g.left_at, false, coalesce(g.left_announced, g.left_reason <> 'deleted'))) AS move (at, begins, is_told)
            GROUP BY 1, 2 ORDER BY 1, 2
            ON CONFLICT (bucket_id, since) DO UPDATE
            SET entered = c.entered + EXCLUDED.entered, "left" = c."left" + EXCLUDED."left",
                entered_silently = c.entered_silently + EXCLUDED.entered_silently,
                left_silently = c.left_silently + EXCLUDED.left_silently
        )
        SELECT count(*) INTO memberships FROM gone;
    END IF;
    IF $4 IS NOT NULL THEN
        -- As with stays the latest remains.
        DELETE FROM @extschema@.journey_runs r
        WHERE r.ended_at < @extschema@.hogsend_now() - $4
          AND EXISTS (SELECT FROM @extschema@.journey_runs l
                      WHERE l.user_id = r.user_id AND l.journey_id = r.journey_id AND l.entry_count > r.entry_count);
        GET DIAGNOSTICS runs = ROW_COUNT;
    END IF;
    RETURN NEXT;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_prune(interval,interval,boolean,interval) IS 'Removes transitions that every consumer has passed, and stays and runs that ended, if so old; with force also what some consumer has not read, which its next poll says';

REVOKE ALL ON FUNCTION @extschema@.hogsend_prune(interval,interval,boolean,interval) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_cron_table(name name)
 RETURNS regclass
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT c.oid::regclass
    FROM pg_depend d
    JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'pg_cron'
    JOIN pg_class c ON c.oid = d.objid AND c.relname = $1
    WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_cron_table(name) IS 'Internal: A table of pg_cron, if it is in this database';

REVOKE ALL ON FUNCTION @extschema@.hogsend_cron_table(name) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_cron_jobs()
 RETURNS TABLE(name text, role name, schedule text, active boolean)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    jobs CONSTANT regclass := @extschema@.hogsend_cron_table('job'::name);
BEGIN
    IF jobs IS NULL THEN
        RETURN;
    END IF;
    RETURN QUERY EXECUTE format($query$
        SELECT coalesce(j.jobname, j.jobid::text)::text, j.username::name, j.schedule, j.active
        FROM %s j
        WHERE j.database = current_database() AND j.command ~ 'hogsend_(run|reconcile)'
        ORDER BY j.jobid
        $query$, jobs);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_cron_jobs() IS 'Internal: The pg_cron jobs of this database that call the clock';

REVOKE ALL ON FUNCTION @extschema@.hogsend_cron_jobs() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_reconciled(present timestamp with time zone, patience interval, is_current boolean, OUT ok boolean, OUT detail text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    age interval := present - (SELECT c.reconciled_at FROM @extschema@.hogsend_clock c);
    corrections bigint := 0;
BEGIN
    IF is_current THEN
        SELECT count(*) INTO corrections FROM @extschema@.bucket_jobs j WHERE j.announces AND j.status <> 'done';
    END IF;
    ok := coalesce(age BETWEEN interval '-5 seconds' AND patience, false) AND corrections = 0;
    detail := CASE
        WHEN age < interval '-5 seconds'
        THEN format('noted for %s from now: the clock of this server was ahead, or is behind; the next hogsend_reconcile() has everybody looked at again who was moved meanwhile',
                    @extschema@.hogsend_roughly(-age))
        WHEN corrections > 0
        THEN format('%s ago; the clock of this server was ahead until then, and everybody is being looked at again in %s: SELECT * FROM bucket_jobs WHERE announces',
                    @extschema@.hogsend_roughly(age), CASE corrections WHEN 1 THEN 'one bucket' ELSE corrections || ' buckets' END)
        WHEN age IS NULL THEN 'never ran: SELECT hogsend_schedule(), or call hogsend_reconcile() every minute'
        WHEN ok THEN @extschema@.hogsend_roughly(age) || ' ago'
        ELSE @extschema@.hogsend_roughly(age)
             || ' ago: see that the scheduler runs (SELECT hogsend_schedule() sets up pg_cron), or call hogsend_reconcile() every minute'
    END;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_reconciled(timestamp with time zone,interval,boolean) IS 'Internal: What hogsend_health() says of the last reconcile';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_reconciled(timestamp with time zone,interval,boolean) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_schedule(present timestamp with time zone, OUT ok boolean, OUT detail text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    home text := current_setting('cron.database_name', true);
    cron_job regclass := @extschema@.hogsend_cron_table('job'::name);
    job record;
    cut record;
    obstacle text;
BEGIN
    -- Whatever calls it: what it said itself, if that was lately.
    SELECT c.cut_short_after AS after, c.cut_short_role AS role INTO cut
    FROM @extschema@.hogsend_clock c
    WHERE c.cut_short_at BETWEEN present - interval '10 minutes' AND present;
    IF cut.after IS NOT NULL THEN
        obstacle := format('hogsend_run() ended after %s, because statement_timeout would have cancelled it: ALTER ROLE %I IN DATABASE %I SET statement_timeout = 0',
                           @extschema@.hogsend_roughly(cut.after), cut.role, current_database());
    END IF;

    IF cron_job IS NULL THEN
        detail := CASE
            WHEN home <> current_database()
            THEN format('pg_cron lives in database "%s", and what it does here cannot be seen from here: see "last reconcile"', home)
            ELSE 'pg_cron is not in this database: see "last reconcile"' END;
    ELSE
        SELECT string_agg(format('"%s"', j.name), ', ') FILTER (WHERE j.active) AS active,
               string_agg(format('"%s"', j.name), ', ') AS any,
               bool_or(j.active AND j.name = 'hogsend' AND j.schedule = '* * * * *') AS is_old,
               (SELECT string_agg(format('%s: %s', o.obstacle, o.remedy), '; ')
                FROM (SELECT DISTINCT a.role FROM @extschema@.hogsend_cron_jobs() a WHERE a.active) AS r
                CROSS JOIN @extschema@.hogsend_clock_obstacles(r.role) o) AS obstacles
        INTO job FROM @extschema@.hogsend_cron_jobs() j;
        obstacle := coalesce(job.obstacles, obstacle);
        IF job.active IS NOT NULL THEN
            detail := 'pg_cron: ' || job.active
                || CASE WHEN job.is_old THEN '; some seconds of each minute may be without a clock: SELECT hogsend_schedule() sets it up as it is now' ELSE '' END;
        ELSIF row_security_active(cron_job) THEN
            detail := format('no job of pg_cron is seen that calls the clock; %I sees its own jobs alone: see "last reconcile"', current_user);
        ELSE
            ok := false;
            detail := coalesce(
                format('pg_cron has it and is told not to run it (%s): SELECT hogsend_schedule()', job.any),
                'pg_cron has no job here that calls the clock: SELECT hogsend_schedule()');
        END IF;
    END IF;
    ok := coalesce(ok, obstacle IS NULL);
    detail := concat_ws('; ', detail, obstacle);
EXCEPTION
WHEN undefined_column THEN
    ok := false;
    detail := 'not known: see "outdated tables"';
WHEN insufficient_privilege THEN
    ok := obstacle IS NULL;
    detail := concat_ws('; ', format('the jobs of pg_cron cannot be seen (%s): see "last reconcile"', SQLERRM), obstacle);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_schedule(timestamp with time zone) IS 'Internal: What hogsend_health() says of whoever is to call the clock, and of what is in its way';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_schedule(timestamp with time zone) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_cron_runs(OUT ok boolean, OUT detail text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    history regclass := @extschema@.hogsend_cron_table('job_run_details'::name);
    failed record;
    is_due boolean;
BEGIN
    ok := true;
    IF history IS NULL THEN
        detail := 'none known: pg_cron is not in this database';
        RETURN;
    END IF;
    -- Nothing ever shortens the history by itself, and it has an index by number only: its end will do.
    EXECUTE format($query$
        WITH latest AS MATERIALIZED (
            SELECT r.runid, r.database, r.command, r.status, r.return_message, r.start_time, r.end_time
            FROM %s r ORDER BY r.runid DESC LIMIT 10000
        ), ours AS (
            SELECT l.* FROM latest l
            WHERE l.database = current_database() AND l.command ~ 'hogsend_(run|reconcile)'
        )
        SELECT o.return_message AS message, clock_timestamp() - coalesce(o.end_time, o.start_time) AS age,
               EXISTS (SELECT FROM ours later WHERE later.runid > o.runid AND later.status = 'succeeded') AS is_over
        FROM ours o WHERE o.status = 'failed' ORDER BY o.runid DESC LIMIT 1
        $query$, history) INTO failed;
    detail := 'none';
    IF failed.is_over IS NOT NULL THEN
        ok := failed.is_over;
        -- A run that could not connect has no times.
        detail := concat_ws(': ', @extschema@.hogsend_roughly(failed.age) || ' ago', left(btrim(failed.message, E' \n'), 200));
        IF ok THEN
            detail := detail || '; the runs since then succeeded';
        ELSIF failed.message LIKE '%connection failed%' THEN
            detail := detail || '; set cron.use_background_workers = on in the server''s configuration and restart it';
        ELSE
            SELECT bool_or(j.active) INTO is_due FROM @extschema@.hogsend_cron_jobs() j;
            detail := detail || CASE WHEN is_due THEN '; the next run tries again, and' ELSE '; nothing is scheduled that would try again: see "scheduled clock";' END
                || ' SELECT * FROM cron.job_run_details has the history';
        END IF;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    ok := true;
    detail := format('none known: cron.job_run_details cannot be read (%s)', SQLERRM);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_cron_runs() IS 'Internal: What hogsend_health() says of the runs of the pg_cron jobs';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_columns(OUT ok boolean, OUT detail text)
 RETURNS record
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT count(*) = 0,
           coalesce(min(m.problem || ': ' || m.remedy) FILTER (WHERE m.n = 1), 'none')
           || CASE WHEN count(*) > 1 THEN format(' (%s more: SELECT * FROM hogsend_misfits())', count(*) - 1) ELSE '' END
    FROM (SELECT f.problem, f.remedy, row_number() OVER () AS n FROM @extschema@.hogsend_misfits() f) AS m
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_columns() IS 'Internal: What hogsend_health() says of columns that are missing, or of a type or collation that would be misread';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_columns() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_owners(OUT ok boolean, OUT detail text)
 RETURNS record
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT count(*) = 0,
           coalesce(string_agg(format('%s belongs to %s', t.relation, t.owner), ', ' ORDER BY t.relation)
               || format('; an update will refuse that: ALTER TABLE (or VIEW) … OWNER TO %s', min(t.ours)), 'none')
    FROM (SELECT c.oid::regclass::text AS relation, quote_ident(o.rolname) AS owner, quote_ident(pg_get_userbyid(e.extowner)) AS ours
          FROM unnest(ARRAY[
              'buckets', 'contacts', 'user_events', 'bucket_memberships', 'bucket_timers', 'bucket_transitions',
              'bucket_consumers', 'bucket_positions', 'bucket_jobs', 'bucket_erasures', 'bucket_counts', 'bucket_refreshes', 'bucket_holdouts', 'bucket_totals',
              'user_queue', 'user_aliases', 'feeds', 'feed_notes', 'journeys', 'journey_runs', 'bucket_members', 'bucket_stats',
              'bucket_daily', 'bucket_forecast', 'bucket_lag', 'bucket_feeds', 'journey_stats', 'hogsend_instance', 'hogsend_clock']) AS w (name)
          JOIN pg_class c ON c.relname = w.name AND c.relnamespace = to_regnamespace('@extschema@')
          JOIN pg_roles o ON o.oid = c.relowner
          JOIN pg_extension e ON e.extname = 'hogsend'
          WHERE NOT o.rolsuper AND c.relowner <> e.extowner) AS t
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_owners() IS 'Internal: What hogsend_health() says of tables and views that belong to another role';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_owners() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_future(OUT ok boolean, OUT detail text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    events CONSTANT regclass := '@extschema@.user_events';
    tomorrow timestamptz := @extschema@.hogsend_now() + interval '1 day';
    ahead bigint := 0;
    latest timestamptz;
    sampled timestamptz;
BEGIN
    -- A user's own partitioned table may have no index by number.
    IF EXISTS (SELECT FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attname = 'id'
               WHERE i.indrelid = events AND i.indpred IS NULL AND i.indkey[0] = a.attnum)
    THEN
        SELECT count(*), max(l.occurred_at) INTO ahead, latest
        FROM (SELECT e.occurred_at FROM @extschema@.user_events e ORDER BY e.id DESC LIMIT 1000) AS l
        WHERE l.occurred_at > tomorrow;
    END IF;
    SELECT max(s.bounds[cardinality(s.bounds)]) INTO sampled
    FROM (SELECT p.histogram_bounds::text::timestamptz[] AS bounds
          FROM pg_stats p JOIN pg_class c ON c.relname = p.tablename JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = p.schemaname
          WHERE c.oid = events AND p.attname = 'occurred_at') AS s;
    ok := ahead = 0 AND coalesce(sampled <= tomorrow, true);
    detail := CASE WHEN ok THEN 'none' ELSE concat_ws('; ',
        CASE WHEN ahead > 0 THEN format('%s of the latest 1000 are more than a day ahead, up to %s', ahead, latest) END,
        CASE WHEN sampled > tomorrow THEN format('ANALYZE saw one at %s', sampled) END,
        'they are inside every window until then: correct occurred_at where milliseconds were taken for seconds, then ANALYZE user_events') END;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_future() IS 'Internal: What hogsend_health() says of events more than a day in the future: it looks at the latest 1000 by id, and at what ANALYZE saw last';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_future() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_early_keys()
 RETURNS TABLE(problem text, remedy text)
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT format('foreign key %I of %s refuses events of unknown users, whose contacts are made after them', k.conname, k.conrelid::regclass),
           format('ALTER TABLE %s ALTER CONSTRAINT %I DEFERRABLE INITIALLY DEFERRED', k.conrelid::regclass, k.conname)
    FROM pg_constraint k
    JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attname = 'user_id' AND a.attnum = ANY (k.conkey)
    WHERE k.contype = 'f' AND NOT k.condeferred AND k.conparentid = 0
      -- From Postgres 18 on a key need not be enforced.
      AND (to_jsonb(k) ->> 'conenforced')::boolean IS DISTINCT FROM false
      AND k.confrelid = to_regclass('@extschema@.contacts')
      AND (k.conrelid = to_regclass('@extschema@.user_events')
           OR k.conrelid IN (SELECT t.relid FROM pg_partition_tree(to_regclass('@extschema@.user_events')) t))
    ORDER BY k.conrelid::regclass::text, k.conname
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_early_keys() IS 'Internal: Foreign keys from user_events to contacts that are checked before a contact is made, and how to defer them';

REVOKE ALL ON FUNCTION @extschema@.hogsend_early_keys() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_keys(OUT ok boolean, OUT detail text)
 RETURNS record
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT count(*) = 0, coalesce(string_agg(k.problem || ': ' || k.remedy, '; '), 'none')
    FROM @extschema@.hogsend_early_keys() k
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_keys() IS 'Internal: What hogsend_health() says of foreign keys that are checked before a contact is made';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_keys() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_aliases(most bigint, OUT ok boolean, OUT detail text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    aliases real := (SELECT sum(c.reltuples) FROM pg_partition_tree('@extschema@.user_aliases'::regclass) t
                     JOIN pg_class c ON c.oid = t.relid WHERE t.isleaf);
    part real := least(100, 100 * most / greatest(aliases, 1));
    found record;
BEGIN
    SELECT count(*) AS aliases, min(f.alias) AS alias,
           count(*) FILTER (WHERE f.is_known) AS known, count(*) FILTER (WHERE f.did) AS did, count(*) FILTER (WHERE f.chained) AS chained
    INTO found
    FROM (SELECT a.alias,
                 EXISTS (SELECT FROM @extschema@.contacts c WHERE c.user_id = a.alias) AS is_known,
                 -- Those are stored as they come, whoever did them; and of a new alias the clock fetches some.
                 a.open_until IS NULL AND EXISTS (SELECT FROM @extschema@.user_events e WHERE e.user_id = a.alias AND NOT starts_with(e.event, 'bucket:'))
                     AND NOT EXISTS (SELECT FROM @extschema@.user_queue q WHERE q.user_id = a.alias) AS did,
                 EXISTS (SELECT FROM @extschema@.user_aliases o WHERE o.alias = a.user_id) AS chained
          FROM @extschema@.user_aliases a TABLESAMPLE SYSTEM (part)) AS f
    WHERE f.is_known OR f.did OR f.chained;
    ok := found.aliases = 0;
    detail := CASE WHEN ok THEN 'none is a user of its own' ELSE concat_ws('; ',
        CASE WHEN found.known > 0 THEN format('%s with a contact', found.known) END,
        CASE WHEN found.did > 0 THEN format('%s with events', found.did) END,
        CASE WHEN found.chained > 0 THEN format('%s of somebody who is an alias', found.chained) END,
        format('such as %L: written while triggers were off, or by hand; DELETE its row of user_aliases and say hogsend_identify(alias, user_id) again, in one transaction', found.alias),
        CASE WHEN part < 100 THEN 'some of the aliases were looked at' END) END;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_aliases(bigint) IS 'Internal: What hogsend_health() says of aliases that have a contact or events nonetheless';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_aliases(bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_journeys(present timestamp with time zone, OUT ok boolean, OUT detail text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    most CONSTANT bigint := 100000;
    -- A runner may take its time after it has said that it has the step.
    patience CONSTANT interval := '1 day';
    home uuid := (SELECT i.id FROM @extschema@.hogsend_instance i);
    runs real := (SELECT sum(c.reltuples) FROM pg_partition_tree('@extschema@.journey_runs'::regclass) t
                  JOIN pg_class c ON c.oid = t.relid WHERE t.isleaf);
    part real := least(100, 100 * most / greatest(runs, 1));
    found record;
    unheard text;
BEGIN
    SELECT count(*) AS runs, (array_agg(r.id ORDER BY r.since, r.id))[1] AS id
    INTO found
    FROM (SELECT r.id, r.user_id, r.since
          FROM @extschema@.journey_runs r TABLESAMPLE SYSTEM (part)
          WHERE r.ended_at IS NULL AND r.status = 'active' AND r.since < present - patience
            AND EXISTS (SELECT FROM @extschema@.bucket_consumers c WHERE r.journey_id = ANY (c.journeys))
          -- Each is looked up in the outbox.
          LIMIT 1000) AS r
    WHERE NOT EXISTS (SELECT FROM @extschema@.hogsend_unread_by(r.id, r.user_id::text));
    SELECT string_agg(format('"%s"', j.id), ', ' ORDER BY j.id) INTO unheard
    FROM @extschema@.journeys j
    WHERE j.enabled AND j.instance_id = home
      AND NOT EXISTS (SELECT FROM @extschema@.bucket_consumers c WHERE j.id = ANY (c.journeys));
    ok := found.runs = 0 AND unheard IS NULL;
    detail := CASE WHEN ok THEN 'none stands still' ELSE concat_ws('; ',
        CASE WHEN found.runs > 0
             THEN format('%s of which the runner has acknowledged a step more than %s ago and not said where to go on, such as %s: let each branch end in hogsend_sleep(), hogsend_wait_for(), hogsend_complete() or hogsend_fail(); SELECT * FROM hogsend_explain_run(%3$s)',
                  CASE found.runs WHEN 1 THEN 'a run' ELSE found.runs || ' runs' END, @extschema@.hogsend_roughly(patience), found.id) END,
        CASE WHEN unheard IS NOT NULL
             THEN format('nobody is told of the steps of %s: hogsend_subscribe(consumer, journeys => …)', unheard) END,
        CASE WHEN part < 100 THEN 'some of the runs were looked at' END) END;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_journeys(timestamp with time zone) IS 'Internal: What hogsend_health() says of runs that stand still, and of journeys that nobody runs';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_journeys(timestamp with time zone) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_notifications(used double precision, OUT ok boolean, OUT detail text)
 RETURNS record
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT $1 < 0.1,
           CASE WHEN $1 < 0.1 THEN 'the queue is ' || CASE WHEN $1 = 0 THEN 'empty' ELSE 'nearly empty' END
           ELSE format('the queue is %s %% full, and each transaction that notifies fails once it is full: a session that listens has been in one transaction for long; '
                       'SELECT pid, xact_start, state FROM pg_stat_activity WHERE xact_start < now() - interval ''10 minutes'' ORDER BY xact_start, and end it',
                       round(100 * $1)) END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_notifications(double precision) IS 'Internal: What hogsend_health() says of the queue of notifications, of which so much is used';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_notifications(double precision) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_cron_history(most bigint, OUT ok boolean, OUT detail text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    history CONSTANT regclass := @extschema@.hogsend_cron_table('job_run_details'::name);
    size bigint;
BEGIN
    ok := true;
    detail := 'none: pg_cron is not in this database';
    IF history IS NOT NULL THEN
        size := pg_total_relation_size(history);
        ok := size <= most;
        detail := CASE WHEN ok THEN pg_size_pretty(size)
            ELSE format('%s of past runs: SELECT hogsend_schedule() sets up a job that removes those of the clock, and '
                        'DELETE FROM %s WHERE end_time < now() - interval ''7 days'' removes those of all jobs, then VACUUM FULL %2$s', pg_size_pretty(size), history) END;
    END IF;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_cron_history(bigint) IS 'Internal: What hogsend_health() says of what pg_cron keeps of past runs, which may take so many bytes';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_cron_history(bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_vacuum(OUT ok boolean, OUT detail text)
 RETURNS record
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    WITH parts AS (
        SELECT DISTINCT p.relid AS oid
        FROM unnest(ARRAY['buckets', 'contacts', 'user_events', 'bucket_memberships', 'bucket_timers', 'bucket_transitions', 'bucket_positions',
                          'bucket_jobs', 'bucket_counts', 'bucket_refreshes', 'user_queue', 'user_aliases', 'feeds', 'feed_notes', 'journey_runs']) AS w (name)
        CROSS JOIN LATERAL (SELECT to_regclass('@extschema@.' || w.name)::oid AS relid
                            UNION ALL SELECT t.relid FROM pg_partition_tree(to_regclass('@extschema@.' || w.name)) t) AS p
        WHERE p.relid IS NOT NULL
    ), tables AS (
        SELECT c.oid::regclass::text AS relation, pg_stat_get_dead_tuples(c.oid) AS dead, age(c.relfrozenxid) AS age,
               age(c.relfrozenxid) > 1.5 * current_setting('autovacuum_freeze_max_age')::bigint AS is_old,
               pg_stat_get_last_autovacuum_time(c.oid) AS last,
               coalesce((o.options ->> 'autovacuum_enabled')::boolean, true) AND current_setting('autovacuum')::boolean AS is_on,
               coalesce((o.options ->> 'autovacuum_vacuum_threshold')::bigint, current_setting('autovacuum_vacuum_threshold')::bigint)
               + coalesce((o.options ->> 'autovacuum_vacuum_scale_factor')::float8, current_setting('autovacuum_vacuum_scale_factor')::float8)
                 * greatest(c.reltuples, 0) AS begins
        FROM parts p JOIN pg_class c ON c.oid = p.oid AND c.relkind = 'r'
        CROSS JOIN LATERAL (SELECT jsonb_object_agg(s.option_name, s.option_value) AS options FROM pg_options_to_table(c.reloptions) s) AS o
    ), behind AS (
        SELECT t.*, row_number() OVER (ORDER BY t.is_old DESC, t.dead DESC, t.relation) AS n
        FROM tables t
        WHERE t.is_old OR t.dead > greatest(10000, 3 * t.begins)
    )
    SELECT count(*) = 0,
           CASE WHEN count(*) = 0 THEN 'keeps up' ELSE concat_ws('; ',
               min(CASE WHEN b.n = 1 THEN format('%s %s; %s', b.relation,
                   CASE WHEN b.is_old THEN format('has rows of %s transactions ago that are not frozen', b.age) ELSE format('has %s dead rows', b.dead) END,
                   coalesce('autovacuum was there last on ' || to_char(b.last, 'YYYY-MM-DD HH24:MI'), 'autovacuum was never there')) END),
               CASE WHEN count(*) > 1 THEN CASE count(*) WHEN 2 THEN 'one more table' ELSE format('%s more tables', count(*) - 1) END END,
               CASE WHEN bool_or(NOT b.is_on) THEN format('autovacuum is off for %s', string_agg(b.relation, ', ' ORDER BY b.relation) FILTER (WHERE NOT b.is_on)) END,
               format('VACUUM %s; if that leaves them, an old transaction may still see them: SELECT pid, xact_start FROM pg_stat_activity WHERE backend_xmin IS NOT NULL ORDER BY xact_start',
                      min(CASE WHEN b.n = 1 THEN b.relation END))) END
    FROM behind b
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_vacuum() IS 'Internal: What hogsend_health() says of tables that autovacuum does not get to';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_vacuum() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_zones(OUT ok boolean, OUT detail text)
 RETURNS record
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    buckets bigint := (SELECT count(*) FROM @extschema@.buckets b WHERE b.enabled AND b.criteria::text LIKE '%"zone":%');
    seen record;
BEGIN
    SELECT c.zone_rules AS rules, c.zones_seen_at AS at INTO seen FROM @extschema@.hogsend_clock c;
    ok := buckets = 0 OR seen.rules IS NULL OR seen.rules = @extschema@.hogsend_zone_rules();
    detail := CASE
        WHEN buckets = 0 THEN 'no bucket names one'
        WHEN ok THEN format('the rules are those by which timers were set; %s', CASE buckets WHEN 1 THEN 'one bucket names a zone' ELSE format('%s buckets name zones', buckets) END)
        ELSE format('the server has other rules than on %s: within an hour hogsend_reconcile() begins to review %s; sessions that were there before keep the old ones, so end and begin those that go on for long, that of CALL hogsend_run() first',
                    to_char(seen.at, 'YYYY-MM-DD HH24:MI'), CASE buckets WHEN 1 THEN 'the bucket that names a zone' ELSE format('the %s buckets that name zones', buckets) END) END;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_zones() IS 'Internal: What hogsend_health() says of the server''s database of time zones';

REVOKE ALL ON FUNCTION @extschema@.hogsend_check_zones() FROM PUBLIC;

COMMENT ON FUNCTION @extschema@.hogsend_roughly(interval) IS 'Internal: How long that is, as a person would say it';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_checks(aliases bigint)
 RETURNS TABLE("check" text, ok boolean, detail text)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    present timestamptz := @extschema@.hogsend_now();
    home uuid := (SELECT i.id FROM @extschema@.hogsend_instance i);
    -- A schedule of once a minute may miss a run or two before anybody is woken.
    patience CONSTANT interval := '5 minutes';
    -- A journey runner looks every half minute, whether it is notified or not.
    behind CONSTANT interval := '1 hour';
    age interval;
    missing text := (
        SELECT string_agg(t.name, ', ') FROM unnest(ARRAY[
            'buckets', 'contacts', 'user_events', 'bucket_memberships', 'bucket_timers',
            'bucket_transitions', 'bucket_consumers', 'bucket_positions', 'bucket_jobs', 'bucket_erasures', 'bucket_counts',
            'bucket_refreshes', 'bucket_holdouts', 'bucket_totals', 'user_queue', 'user_aliases', 'feeds', 'feed_notes', 'journeys', 'journey_runs']) AS t (name)
        WHERE to_regclass('@extschema@.' || t.name) IS NULL);
    -- CREATE TABLE … LIKE has none, and an interrupted pg_restore --disable-triggers leaves them off.
    idle text := (
        SELECT string_agg(DISTINCT t.name, ', ')
        FROM unnest(ARRAY['buckets', 'contacts', 'user_events', 'journeys']) AS t (name)
        CROSS JOIN unnest(ARRAY['insert', 'update', 'delete', 'truncate']) AS w (operation)
        WHERE NOT EXISTS (
            SELECT FROM pg_trigger g
            WHERE g.tgrelid = to_regclass('@extschema@.' || t.name) AND g.tgname = 'hogsend_' || w.operation
              AND g.tgenabled IN ('O', 'A')));
    installed text := (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'hogsend');
    made_by text := @extschema@.hogsend_tables_version();
    columns record;
    is_current boolean := missing IS NULL AND made_by IS NOT DISTINCT FROM installed;
    is_readable boolean;
    fact record;
BEGIN
    SELECT c.* INTO columns FROM @extschema@.hogsend_check_columns() c;
    is_readable := is_current AND columns.ok;

    "check" := 'last reconcile';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_reconciled(present, patience, is_readable) r;
    RETURN NEXT;

    ok := false;
    detail := format('not known: see "%s"', CASE WHEN is_current THEN 'unfit columns' ELSE 'outdated tables' END);

    "check" := 'oldest due timer';
    IF is_readable THEN
        SELECT present - min(t.due_at) INTO age FROM @extschema@.bucket_timers t WHERE t.due_at <= present;
        -- A look that failed is tried again within the hour.
        SELECT count(*) AS looks INTO fact FROM @extschema@.bucket_timers t
        WHERE t.due_at > present AND t.due_at <= present + interval '1 hour' AND t.failures > 0;
        ok := coalesce(age <= patience, true) AND fact.looks = 0;
        detail := concat_ws('; ',
            CASE WHEN age > patience
                 THEN format('due for %s: see "last reconcile"; if that was just now, CALL hogsend_run() once a minute does more', @extschema@.hogsend_roughly(age))
                 ELSE coalesce('due for ' || @extschema@.hogsend_roughly(age), 'none is due') END,
            CASE WHEN fact.looks > 0
                 THEN format('%s could not be looked at and will be tried again: SELECT * FROM bucket_timers WHERE failures > 0', fact.looks) END);
    END IF;
    RETURN NEXT;

    "check" := 'oldest queued user';
    IF is_readable THEN
        SELECT present - q.queued_at INTO age FROM @extschema@.user_queue q WHERE q.failures = 0 ORDER BY q.id LIMIT 1;
        SELECT count(DISTINCT q.user_id) AS users INTO fact FROM @extschema@.user_queue q WHERE q.failures > 0;
        ok := coalesce(age <= patience, true) AND fact.users = 0;
        detail := concat_ws('; ',
            CASE WHEN age > patience
                 THEN format('waits for %s: see "last reconcile"; CALL hogsend_run() once a minute works the queue off', @extschema@.hogsend_roughly(age))
                 ELSE coalesce('waits for ' || @extschema@.hogsend_roughly(age), 'nobody is queued') END,
            CASE WHEN fact.users > 0
                 THEN format('%s could not be looked at and will be tried again: SELECT * FROM user_queue WHERE failures > 0', fact.users) END);
    END IF;
    RETURN NEXT;

    "check" := 'failed jobs';
    IF is_readable THEN
        SELECT count(*) AS jobs, min(j.bucket_id) AS bucket, left((array_agg(j.error ORDER BY j.bucket_id))[1], 200) AS error
        INTO fact
        FROM @extschema@.bucket_jobs j JOIN @extschema@.buckets b ON b.id = j.bucket_id
        WHERE j.status = 'failed';
        -- One job is carried on at a time, so those that wait for their turn have not moved either.
        SELECT present - max(greatest(j.moved_at, j.finished_at)) INTO age FROM @extschema@.bucket_jobs j
        HAVING bool_or(j.status IN ('pending', 'running'));
        ok := fact.jobs = 0 AND coalesce(age <= patience, true);
        detail := concat_ws('; ',
            CASE WHEN fact.jobs > 0
                 THEN format('bucket "%s" (%s): CALL hogsend_backfill(%L) goes on with it', fact.bucket, fact.error, fact.bucket) END,
            CASE WHEN fact.jobs > 1
                 THEN format('%s more: SELECT * FROM bucket_jobs WHERE status = ''failed''', fact.jobs - 1) END,
            CASE WHEN age > patience
                 THEN format('those that are open have rested for %s: see "last reconcile"; CALL hogsend_backfill(bucket_id) waits for contacts that are locked', @extschema@.hogsend_roughly(age)) END,
            CASE WHEN ok THEN 'none' END);
    END IF;
    RETURN NEXT;

    "check" := 'query buckets';
    IF is_readable THEN
        SELECT count(*) FILTER (WHERE r.error IS NOT NULL) AS failing,
               min(r.bucket_id) FILTER (WHERE r.error IS NOT NULL) AS bucket,
               left((array_agg(r.error ORDER BY r.bucket_id) FILTER (WHERE r.error IS NOT NULL))[1], 200) AS error,
               present - min(r.due_at) AS late
        INTO fact
        FROM @extschema@.bucket_refreshes r JOIN @extschema@.buckets b ON b.id = r.bucket_id
        WHERE b.kind = 'query' AND b.enabled AND b.instance_id = home;
        ok := fact.failing = 0 AND coalesce(fact.late <= patience, true);
        detail := concat_ws('; ',
            CASE WHEN fact.failing > 0
                 THEN format('bucket "%s" (%s): its members stay as they are; SELECT * FROM hogsend_refresh(%L) tries again', fact.bucket, fact.error, fact.bucket) END,
            CASE WHEN fact.failing > 1
                 THEN format('%s more: SELECT * FROM bucket_refreshes WHERE error IS NOT NULL', fact.failing - 1) END,
            CASE WHEN fact.late > patience
                 THEN format('due for %s: see "last reconcile"; if that was just now, queries take longer than the clock has', @extschema@.hogsend_roughly(fact.late)) END,
            CASE WHEN ok THEN 'none fails' END);
    END IF;
    RETURN NEXT;

    "check" := 'attached tables';
    IF is_readable THEN
        SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_feeds(present, patience) r;
    END IF;
    RETURN NEXT;

    "check" := 'lapsed consumers';
    IF is_readable THEN
        SELECT string_agg(DISTINCT format('"%s"', p.consumer), ', ') FILTER (WHERE p.lapsed_at IS NOT NULL) AS lapsed,
               string_agg(DISTINCT format('"%s"', p.consumer), ', ') FILTER (WHERE unread.since < present - behind) AS late,
               present - min(unread.since) AS age,
               string_agg(DISTINCT format('"%s"', p.consumer), ', ') FILTER (
                   WHERE p.lapsed_at IS NULL
                     AND @extschema@.hogsend_set_back(coalesce(p.reading, p.passed), coalesce(p.next_mark, p.mark)) IS NOT NULL) AS set_back
        INTO fact
        FROM @extschema@.bucket_positions p
        JOIN @extschema@.bucket_consumers c ON c.name = p.consumer AND c.instance_id = home
        LEFT JOIN LATERAL (
            SELECT min(d.recorded_at) AS since
            FROM (
                SELECT f.recorded_at FROM @extschema@.hogsend_difference(
                    p.consumer, p.shard, p.passed, p.mark, coalesce(p.reading, pg_current_snapshot()), p.after_id, NULL::bigint, 1, p.not_before) f
                UNION ALL
                SELECT f.recorded_at FROM @extschema@.hogsend_difference(
                    p.consumer, p.shard, p.reading, p.next_mark, pg_current_snapshot(), 0::bigint, NULL::bigint, 1, NULL::timestamptz) f
                WHERE p.reading IS NOT NULL
            ) AS d
        ) AS unread ON p.lapsed_at IS NULL;
        ok := fact.lapsed IS NULL AND fact.late IS NULL AND fact.set_back IS NULL;
        detail := concat_ws('; ',
            CASE WHEN fact.lapsed IS NOT NULL
                 THEN format('transitions were removed that %s had not read: the next poll says what to do', fact.lapsed) END,
            CASE WHEN fact.set_back IS NOT NULL
                 THEN format('the numbers of transitions were set back below those that %s had passed: the next poll says what to do', fact.set_back) END,
            CASE WHEN fact.late IS NOT NULL
                 THEN format('%s: up to %s behind; let it poll, or hogsend_unsubscribe() it if it is gone', fact.late, @extschema@.hogsend_roughly(fact.age)) END,
            CASE WHEN ok THEN 'none' END);
    END IF;
    RETURN NEXT;

    "check" := 'journeys';
    IF is_readable THEN
        SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_journeys(present) r;
    END IF;
    RETURN NEXT;

    "check" := 'suspended';
    IF is_readable THEN
        ok := NOT EXISTS (SELECT FROM @extschema@.buckets b WHERE b.instance_id IS DISTINCT FROM home)
          AND NOT EXISTS (SELECT FROM @extschema@.journeys j WHERE j.instance_id IS DISTINCT FROM home)
          AND NOT EXISTS (SELECT FROM @extschema@.bucket_consumers c WHERE c.instance_id IS DISTINCT FROM home);
        detail := CASE WHEN ok THEN 'no'
            ELSE 'this is a restored copy, and nothing is evaluated or delivered: SELECT hogsend_adopt() once it is meant to act' END;
    END IF;
    RETURN NEXT;

    "check" := 'outdated tables';
    ok := is_current AND idle IS NULL;
    detail := CASE
        WHEN missing IS NOT NULL THEN format('missing: %s; restore them, or SELECT hogsend_migrate() to create empty ones', missing)
        WHEN made_by IS NULL THEN 'their triggers are missing: finish the restore, or SELECT hogsend_migrate()'
        WHEN NOT is_current THEN format('version %s made them, and version %s is installed: SELECT hogsend_migrate()', made_by, installed)
        WHEN idle IS NOT NULL THEN format('triggers of %s are missing or disabled, and what is written there moves nobody: SELECT hogsend_migrate()', idle)
        ELSE 'none' END;
    RETURN NEXT;

    "check" := 'unfit columns';
    ok := columns.ok;
    detail := columns.detail;
    RETURN NEXT;

    "check" := 'early foreign keys';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_keys() r;
    RETURN NEXT;

    "check" := 'tables of other roles';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_owners() r;
    RETURN NEXT;

    "check" := 'events in the future';
    ok := false;
    detail := format('not known: see "%s"', CASE WHEN is_current THEN 'unfit columns' ELSE 'outdated tables' END);
    IF is_readable THEN
        SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_future() r;
    END IF;
    RETURN NEXT;

    "check" := 'aliases';
    ok := false;
    detail := format('not known: see "%s"', CASE WHEN is_current THEN 'unfit columns' ELSE 'outdated tables' END);
    IF is_readable THEN
        SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_aliases($1) r;
    END IF;
    RETURN NEXT;

    "check" := 'scheduled clock';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_schedule(present) r;
    RETURN NEXT;

    "check" := 'failed cron run';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_cron_runs() r;
    RETURN NEXT;

    "check" := 'cron history';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_cron_history(100 * 1024 * 1024::bigint) r;
    RETURN NEXT;

    "check" := 'notifications';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_notifications(pg_notification_queue_usage()) r;
    RETURN NEXT;

    "check" := 'autovacuum';
    SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_vacuum() r;
    RETURN NEXT;

    "check" := 'time zones';
    ok := false;
    detail := format('not known: see "%s"', CASE WHEN is_current THEN 'unfit columns' ELSE 'outdated tables' END);
    IF is_readable THEN
        SELECT r.ok, r.detail INTO ok, detail FROM @extschema@.hogsend_check_zones() r;
    END IF;
    RETURN NEXT;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_checks(bigint) IS 'Internal: The rows of hogsend_health(), which look at so many aliases';

REVOKE ALL ON FUNCTION @extschema@.hogsend_checks(bigint) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_health()
 RETURNS TABLE("check" text, ok boolean, detail text)
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT c."check", c.ok, c.detail FROM @extschema@.hogsend_checks(100000::bigint) c $function$;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_report_buckets(bucket_id text, charts integer)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET jit TO 'off'
AS $function$
DECLARE
    today date := @extschema@.hogsend_now()::date;
    result json;
BEGIN
    -- Planned anew for these arguments: a plan for all would add up every bucket to show one. And run to its
    -- end at once, so that parallel workers may help.
    EXECUTE $query$
    WITH stats AS MATERIALIZED (
        SELECT o.*, o.place <= 20 OR o.place <= $2 AND (o.active > 0 OR o.left_total > 0) AS has_charts
        FROM (SELECT s.*, row_number() OVER (ORDER BY s.entered_24h + s.left_24h DESC, s.active DESC, s.bucket_id) AS place
              FROM @extschema@.bucket_stats s
              WHERE $1 IS NULL OR s.bucket_id = $1) AS o
    ), daily AS MATERIALIZED (
        SELECT d.bucket_id, $3 - d.day AS ago, d.entered, d."left", d.entered_silently, d.left_silently
        FROM @extschema@.bucket_daily d
        WHERE d.day > $3 - 60 AND d.day <= $3 AND ($1 IS NULL OR d.bucket_id = $1)
    ), due AS MATERIALIZED (
        -- What is overdue is due today.
        SELECT t.bucket_id, greatest(t.due_at::date - $3, 0) AS day, count(*) AS looks
        FROM @extschema@.bucket_timers t
        WHERE t.due_at < ($3 + 7)::timestamptz AND t.bucket_id <> '*' AND ($1 IS NULL OR t.bucket_id = $1)
        GROUP BY t.bucket_id, greatest(t.due_at::date - $3, 0)
    ), days AS (
        SELECT d.bucket_id, json_agg(json_build_array(d.ago, d.entered, d."left", d.entered_silently, d.left_silently) ORDER BY d.ago) AS days
        FROM daily d JOIN stats s USING (bucket_id)
        WHERE s.has_charts
        GROUP BY d.bucket_id
    ), ahead AS (
        SELECT g.bucket_id, json_agg(coalesce(d.looks, 0) ORDER BY g.day) AS forecast
        FROM (SELECT b.bucket_id, n AS day FROM (SELECT DISTINCT u.bucket_id FROM due u) AS b
              JOIN stats s ON s.bucket_id = b.bucket_id AND s.has_charts
              CROSS JOIN generate_series(0, 6) AS n) AS g
        LEFT JOIN due d ON d.bucket_id = g.bucket_id AND d.day = g.day
        GROUP BY g.bucket_id
    )
    SELECT json_build_object(
        'buckets', (
            SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
                'id', s.bucket_id, 'name', s.name, 'kind', s.kind, 'enabled', s.enabled,
                'active', s.active, 'entered', s.entered_24h, 'left', s.left_24h,
                'entered_silently', s.entered_silently_24h, 'left_silently', s.left_silently_24h, 'left_total', s.left_total,
                'average_stay', extract(epoch FROM s.average_stay),
                'lateness', CASE WHEN s.lateness_p50 IS NOT NULL
                                 THEN json_build_array(extract(epoch FROM s.lateness_p50), extract(epoch FROM s.lateness_p99)) END,
                'next_due', to_char(s.next_due, 'YYYY-MM-DD HH24:MI'), 'job', left(s.job, 300),
                'refreshed_at', to_char(s.refreshed_at, 'YYYY-MM-DD HH24:MI'), 'next_refresh', to_char(s.next_refresh, 'YYYY-MM-DD HH24:MI'),
                'refresh_took', extract(epoch FROM s.refresh_took), 'refresh_error', left(s.refresh_error, 300),
                'days', CASE WHEN s.has_charts THEN coalesce(d.days, '[]'::json) END, 'forecast', coalesce(a.forecast, '[]'::json)))
                ORDER BY s.place), '[]'::json)
            FROM stats s LEFT JOIN days d USING (bucket_id) LEFT JOIN ahead a USING (bucket_id)),
        'defined', (SELECT count(*) FROM stats s),
        'enabled', (SELECT count(*) FROM stats s WHERE s.enabled),
        'days', (
            SELECT coalesce(json_agg(json_build_array(d.ago, d.entered, d."left", d.entered_silently, d.left_silently) ORDER BY d.ago), '[]'::json)
            FROM (SELECT y.ago, sum(y.entered)::bigint AS entered, sum(y."left")::bigint AS "left",
                         sum(y.entered_silently)::bigint AS entered_silently, sum(y.left_silently)::bigint AS left_silently
                  FROM daily y JOIN stats s USING (bucket_id) GROUP BY y.ago) AS d),
        'forecast', (
            SELECT json_agg(coalesce(u.looks, 0) ORDER BY n)
            FROM generate_series(0, 6) AS n
            LEFT JOIN (SELECT d.day, sum(d.looks)::bigint AS looks FROM due d JOIN stats s USING (bucket_id) GROUP BY d.day) AS u ON u.day = n))
    $query$ INTO result USING bucket_id, charts, today;
    RETURN result;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_report_buckets(text,integer) IS 'Internal: What hogsend_report() tells of the buckets, or of one: the busiest first, so many of them with their days';

REVOKE ALL ON FUNCTION @extschema@.hogsend_report_buckets(text,integer) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_report_delivery(bucket_id text)
 RETURNS json
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT json_build_object(
        'consumers', (
            SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
                'name', l.consumer, 'shard', l.shard, 'shards', c.shards, 'buckets', c.buckets, 'behind', l.rows_behind,
                'age', extract(epoch FROM l.age), 'batch_is_out', l.batch_is_out, 'lapsed', l.lapsed,
                'last_batch', to_char(l.last_batch, 'YYYY-MM-DD HH24:MI:SS'), 'last_ack', to_char(l.last_ack, 'YYYY-MM-DD HH24:MI:SS')))
                ORDER BY l.consumer, l.shard), '[]'::json)
            FROM @extschema@.bucket_lag l JOIN @extschema@.bucket_consumers c ON c.name = l.consumer
            WHERE $1 IS NULL OR c.buckets IS NULL OR $1 = ANY (c.buckets)),
        'feeds', (
            SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
                'name', f.name, 'kind', f.kind, 'relation', f.relation::text, 'import', f.import, 'imported', f.rows_imported,
                'to_import', f.rows_to_import, 'skipped', f.rows_skipped, 'failed', f.rows_failed, 'error', left(f.error, 300),
                'is_whole', f.is_whole)) ORDER BY f.name), '[]'::json)
            FROM @extschema@.bucket_feeds f WHERE $1 IS NULL),
        'jobs', (
            SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
                'bucket', j.bucket_id, 'mode', j.mode, 'status', j.status, 'total', j.total, 'processed', j.processed,
                'joined', j.joined, 'left', j."left", 'moved_at', to_char(j.moved_at, 'YYYY-MM-DD HH24:MI:SS'), 'error', left(j.error, 300)))
                ORDER BY j.status = 'failed' DESC, j.id), '[]'::json)
            FROM (SELECT o.* FROM @extschema@.bucket_jobs o
                  WHERE o.status <> 'done' AND ($1 IS NULL OR o.bucket_id = $1)
                  ORDER BY o.status = 'failed' DESC, o.id LIMIT 100) AS j))
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_report_delivery(text) IS 'Internal: What hogsend_report() tells of consumers, attached tables and open jobs';

REVOKE ALL ON FUNCTION @extschema@.hogsend_report_delivery(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_report_journeys()
 RETURNS json
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
        'journey', j.id, 'name', j.name, 'enabled', j.enabled, 'is_taken', s.journey_id IS NOT NULL, 'label', s.label,
        'waiting', coalesce(s.waiting + s.active, 0), 'reached', coalesce(s.reached, 0), 'timed_out', coalesce(s.timed_out, 0),
        'exited', coalesce(s.exited, 0), 'median', extract(epoch FROM s.median_time))) ORDER BY j.id, s.label NULLS FIRST), '[]'::json)
    FROM @extschema@.journeys j LEFT JOIN @extschema@.journey_stats s ON s.journey_id = j.id
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_report_journeys() IS 'Internal: What hogsend_report() tells of journeys: their steps and who is at each';

REVOKE ALL ON FUNCTION @extschema@.hogsend_report_journeys() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_report_bucket(bucket_id text)
 RETURNS json
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET "IntervalStyle" TO 'postgres'
AS $function$
    SELECT json_strip_nulls(json_build_object(
        'description', b.description, 'criteria', jsonb_pretty(b.criteria), 'query', b.query,
        'rules', (
            SELECT coalesce(json_agg(json_build_array(r.what, r.how) ORDER BY r.place), '[]'::json)
            FROM (VALUES
                (1, 'Entry limit', CASE WHEN b.entry_limit <> 'unlimited' THEN b.entry_limit || coalesce(', ' || b.entry_period::text, '') END),
                (2, 'At least in', b.min_dwell::text),
                (3, 'At most in', b.max_dwell::text),
                (4, 'Dwells after', nullif(array_to_string(b.dwell_after, ', '), '')),
                (5, 'Dwells every', nullif(array_to_string(b.dwell_every, ', '), '')),
                (6, 'Announces nothing before', to_char(b.quiet_before, 'YYYY-MM-DD HH24:MI:SS')),
                (7, 'Refreshed every', CASE WHEN b.kind = 'query' THEN coalesce(b.refresh_every, interval '5 minutes')::text END),
                (8, 'Query runs as', b.query_role)) AS r (place, what, how)
            WHERE r.how IS NOT NULL),
        'journeys', (
            SELECT coalesce(json_agg(j.id ORDER BY j.id), '[]'::json) FROM @extschema@.journeys j
            WHERE EXISTS (SELECT FROM unnest(j.starts_on || j.exits_on || j.waits_for) AS e (event)
                          WHERE e.event LIKE 'bucket:%' AND split_part(e.event, ':', 3) = $1)),
        'looked_at', 200000,
        'transitions', (
            SELECT coalesce(json_agg(json_strip_nulls(json_build_object(
                'at', to_char(t.effective_at, 'YYYY-MM-DD HH24:MI:SS'), 'user', t.user_id, 'transition', t.transition,
                'entry', t.entry_count, 'reason', t.reason, 'source', t.source,
                'dwell', t.dwell_label, 'dwell_count', t.dwell_count)) ORDER BY t.id DESC), '[]'::json)
            FROM (SELECT l.* FROM (SELECT n.* FROM @extschema@.bucket_transitions n ORDER BY n.id DESC LIMIT 200000) AS l
                  WHERE l.bucket_id = $1 ORDER BY l.id DESC LIMIT 25) AS t),
        'members', (
            SELECT coalesce(json_agg(json_build_object(
                'user', m.user_id, 'since', to_char(m.entered_at, 'YYYY-MM-DD HH24:MI'), 'entry', m.entry_count, 'why', why.rows)
                ORDER BY m.user_id), '[]'::json)
            FROM (SELECT v.user_id, v.entered_at, v.entry_count
                  FROM (SELECT i.user_id FROM (SELECT s.user_id FROM @extschema@.bucket_memberships s
                                               WHERE s.bucket_id = $1 AND s.status = 'active' LIMIT 1000000) AS i
                        ORDER BY md5(i.user_id) LIMIT 20) AS drawn
                  JOIN @extschema@.bucket_members v ON v.bucket_id = $1 AND v.user_id = drawn.user_id
                  ORDER BY md5(v.user_id) LIMIT 5) AS m
            CROSS JOIN LATERAL (
                SELECT json_agg(json_strip_nulls(json_build_object(
                    'path', e.path, 'condition', e.condition, 'result', e.result, 'observed', e.observed,
                    'flips_at', to_char(e.flips_at, 'YYYY-MM-DD HH24:MI:SS'))) ORDER BY e.place) AS rows
                FROM @extschema@.hogsend_explain($1, m.user_id) WITH ORDINALITY AS e (path, condition, result, observed, flips_at, place)) AS why)))
    FROM @extschema@.buckets b WHERE b.id = $1
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_report_bucket(text) IS 'Internal: What hogsend_report() tells of one bucket alone: definition, latest transitions, some members and why';

REVOKE ALL ON FUNCTION @extschema@.hogsend_report_bucket(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_estimated_rows(relation regclass)
 RETURNS bigint
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT sum(c.reltuples)::bigint
    FROM pg_class c
    WHERE c.oid IN (SELECT $1 UNION SELECT t.relid FROM pg_partition_tree($1) t WHERE t.isleaf)
      AND c.relkind IN ('r', 'i') AND c.reltuples >= 0
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_estimated_rows(regclass) IS 'Internal: About how many rows a table has, as VACUUM and ANALYZE left it; NULL where neither has been';

REVOKE ALL ON FUNCTION @extschema@.hogsend_estimated_rows(regclass) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_report_facts(bucket_id text DEFAULT NULL::text)
 RETURNS json
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET jit TO 'off'
AS $function$
DECLARE
    present timestamptz := @extschema@.hogsend_now();
BEGIN
    IF bucket_id IS NULL THEN
        PERFORM @extschema@.hogsend_require_tables();
    ELSE
        PERFORM @extschema@.hogsend_require_bucket(bucket_id);
    END IF;
    RETURN (
        SELECT json_object_agg(fact.key, fact.value)
        FROM (
            SELECT o.key, o.value FROM json_each(@extschema@.hogsend_report_buckets($1, 300)) o
            UNION ALL
            SELECT o.key, o.value FROM json_each(@extschema@.hogsend_report_delivery($1)) o
            UNION ALL
            SELECT o.key, o.value FROM json_each(json_strip_nulls(json_build_object(
                'database', current_database(), 'role', current_user,
                'version', (SELECT e.extversion FROM pg_extension e WHERE e.extname = 'hogsend'),
                'at', to_char(present, 'YYYY-MM-DD HH24:MI'), 'zone', current_setting('TimeZone'),
                'today', present::date - date '2000-01-01',
                'contacts', @extschema@.hogsend_estimated_rows('@extschema@.contacts'),
                'events', @extschema@.hogsend_estimated_rows('@extschema@.user_events'),
                'checks', (SELECT json_agg(json_build_object('name', h."check", 'ok', h.ok, 'detail', h.detail) ORDER BY h.place)
                           FROM @extschema@.hogsend_health() WITH ORDINALITY AS h ("check", ok, detail, place))))) o
            UNION ALL
            SELECT 'journeys', @extschema@.hogsend_report_journeys() WHERE $1 IS NULL
            UNION ALL
            SELECT 'one', @extschema@.hogsend_report_bucket($1) WHERE $1 IS NOT NULL
        ) AS fact);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_report_facts(text) IS 'Internal: All that hogsend_report() shows, as JSON';

REVOKE ALL ON FUNCTION @extschema@.hogsend_report_facts(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_report(bucket_id text DEFAULT NULL::text)
 RETURNS text
 LANGUAGE sql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT @extschema@.hogsend_report_page(@extschema@.hogsend_report_facts($1)::text) $function$;

COMMENT ON FUNCTION @extschema@.hogsend_report(text) IS 'A page for a browser, in one file that needs nothing else: all buckets, or one with its criteria, members and why; with the rights of the caller';

REVOKE ALL ON FUNCTION @extschema@.hogsend_report(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_metric_label(value text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT '"' || replace(replace(replace($1, chr(92), chr(92) || chr(92)), '"', chr(92) || '"'), chr(10), chr(92) || 'n') || '"'
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_metric_label(text) IS 'Internal: A text as a label''s value in OpenMetrics';

REVOKE ALL ON FUNCTION @extschema@.hogsend_metric_label(text) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_metric(name text, type text, help text, samples text[])
 RETURNS text
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
    SELECT CASE WHEN cardinality($4) > 0 THEN
        format('# TYPE %s %s', $1, $2) || chr(10)
        || coalesce('# UNIT ' || $1 || ' ' || substring($1 FROM '_(seconds|bytes|ratio)$') || chr(10), '')
        || format('# HELP %s %s', $1, $3) || chr(10)
        || $1 || array_to_string($4, chr(10) || $1) || chr(10)
    ELSE '' END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_metric(text,text,text,text[]) IS 'Internal: A metric with its samples, as OpenMetrics has it';

REVOKE ALL ON FUNCTION @extschema@.hogsend_metric(text,text,text,text[]) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_metric_sample(number numeric)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT CASE WHEN $1 IS NULL THEN '{}'::text[] ELSE ARRAY[' ' || $1] END $function$;

COMMENT ON FUNCTION @extschema@.hogsend_metric_sample(numeric) IS 'Internal: The samples of a metric without labels; none where nothing is known';

REVOKE ALL ON FUNCTION @extschema@.hogsend_metric_sample(numeric) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_metric_age(present timestamp with time zone, instant timestamp with time zone)
 RETURNS numeric
 LANGUAGE sql
 IMMUTABLE PARALLEL SAFE STRICT
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$ SELECT trim_scale(extract(epoch FROM $1 - least(greatest($2, '2000-01-01 00:00+00'::timestamptz), $1))) $function$;

COMMENT ON FUNCTION @extschema@.hogsend_metric_age(timestamp with time zone,timestamp with time zone) IS 'Internal: So many seconds ago, not less than none';

REVOKE ALL ON FUNCTION @extschema@.hogsend_metric_age(timestamp with time zone,timestamp with time zone) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_metrics_members()
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    most CONSTANT integer := 100000;
    counted text[];
    active bigint;
    buckets text[];
BEGIN
    SELECT array_agg(format('{kind=%s,enabled="%s"} %s', @extschema@.hogsend_metric_label(b.kind), b.enabled::text, b.number) ORDER BY b.kind, b.enabled)
    INTO buckets
    FROM (SELECT d.kind, d.enabled, count(*) AS number FROM @extschema@.buckets d GROUP BY d.kind, d.enabled) AS b;

    SELECT array_agg('{bucket="' || replace(replace(replace(m.bucket_id, chr(92), chr(92) || chr(92)), '"', chr(92) || '"'), chr(10), chr(92) || 'n') || '"} ' || m.members
                     ORDER BY m.bucket_id), sum(m.members)
    INTO counted, active
    FROM (SELECT s.bucket_id, count(*) AS members
          FROM (SELECT a.bucket_id FROM @extschema@.bucket_memberships a WHERE a.status = 'active' LIMIT most + 1) AS s
          GROUP BY s.bucket_id) AS m;
    IF active > most THEN
        active := coalesce(@extschema@.hogsend_estimated_rows(to_regclass('@extschema@.bucket_memberships_members')),
                           @extschema@.hogsend_estimated_rows('@extschema@.bucket_memberships'));
        SELECT array_agg('{bucket=' || @extschema@.hogsend_metric_label(v.bucket) || '} ' || round((v.share * active)::numeric) ORDER BY v.bucket)
        INTO counted
        FROM pg_stats p
        JOIN pg_class c ON c.relname = p.tablename
        JOIN pg_namespace n ON n.oid = c.relnamespace AND n.nspname = p.schemaname
        CROSS JOIN LATERAL unnest(p.most_common_vals::text::text[], p.most_common_freqs) AS v (bucket, share)
        WHERE c.oid = '@extschema@.bucket_memberships'::regclass AND p.attname = 'bucket_id'
          AND p.inherited = (c.relkind = 'p');
        RETURN @extschema@.hogsend_metric('hogsend_buckets', 'gauge', 'Buckets that are defined, counted.', buckets)
            || @extschema@.hogsend_metric('hogsend_members', 'gauge', 'Members of all buckets, estimated: as VACUUM or ANALYZE saw last.', @extschema@.hogsend_metric_sample(active))
            || @extschema@.hogsend_metric('hogsend_bucket_members', 'gauge',
                   'Members of a bucket, estimated: from the stays, ended ones among them, that ANALYZE saw last, and of the largest buckets alone.', counted);
    END IF;
    RETURN @extschema@.hogsend_metric('hogsend_buckets', 'gauge', 'Buckets that are defined, counted.', buckets)
        || @extschema@.hogsend_metric('hogsend_members', 'gauge', 'Members of all buckets, counted.', @extschema@.hogsend_metric_sample(coalesce(active, 0)))
        || @extschema@.hogsend_metric('hogsend_bucket_members', 'gauge', 'Members of a bucket, counted; none of one without any.', counted);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_metrics_members() IS 'Internal: What hogsend_metrics() says of buckets and their members';

REVOKE ALL ON FUNCTION @extschema@.hogsend_metrics_members() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_metrics_moves(present timestamp with time zone)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    most CONSTANT integer := 10000;
    bounds CONSTANT numeric[] := '{0.1,0.5,1,5,15,60,300,1800,3600}';
    found record;
BEGIN
    WITH latest AS MATERIALIZED (
        SELECT t.bucket_id, t.journey_id, t.transition, t.source, t.recorded_at,
               CASE WHEN isfinite(t.effective_at) THEN greatest(extract(epoch FROM t.recorded_at - t.effective_at), 0) END AS late
        FROM (SELECT n.* FROM @extschema@.bucket_transitions n ORDER BY n.id DESC LIMIT most) AS t
        WHERE t.recorded_at > present - interval '15 minutes'
    ), late AS MATERIALIZED (
        SELECT l.late FROM latest l WHERE l.source = 'reconcile' AND l.late IS NOT NULL
    )
    SELECT (SELECT array_agg('{' || CASE WHEN m.bucket_id IS NULL THEN 'journey' ELSE 'bucket' END || '="'
                             || replace(replace(replace(coalesce(m.bucket_id, m.journey_id, ''), chr(92), chr(92) || chr(92)), '"', chr(92) || '"'), chr(10), chr(92) || 'n')
                             || '",transition="' || m.transition || '"} ' || m.moves ORDER BY m.bucket_id, m.journey_id, m.transition)
            FROM (SELECT l.bucket_id, l.journey_id, l.transition, count(*) AS moves FROM latest l GROUP BY l.bucket_id, l.journey_id, l.transition) AS m) AS moves,
           (SELECT CASE WHEN count(*) < most THEN 900 ELSE @extschema@.hogsend_metric_age(present, min(l.recorded_at)) END FROM latest l) AS seconds,
           (SELECT array_agg(format('_bucket{le="%s"} %s', b.bound, (SELECT count(*) FROM late l WHERE l.late <= b.bound)) ORDER BY b.bound)
                   || ARRAY[format('_bucket{le="+Inf"} %s', (SELECT count(*) FROM late)),
                            format('_gcount %s', (SELECT count(*) FROM late)),
                            format('_gsum %s', (SELECT trim_scale(coalesce(sum(l.late), 0)) FROM late l))]
            FROM unnest(bounds) AS b (bound)) AS lateness
    INTO found;
    RETURN @extschema@.hogsend_metric('hogsend_transitions', 'counter',
               'Transitions so far, kept: numbers of the outbox that were given, some perhaps to what was rolled back.',
               (SELECT array_agg('_total ' || coalesce(pg_sequence_last_value(pg_get_serial_sequence('@extschema@.bucket_transitions', 'id')::regclass), 0))))
        || @extschema@.hogsend_metric('hogsend_recent_transitions', 'gauge',
               'Transitions of buckets and steps of journeys in the last 15 minutes, counted: among the latest 10000.', found.moves)
        || @extschema@.hogsend_metric('hogsend_recent_seconds', 'gauge',
               'How far back the latest 10000 transitions go, 15 minutes at most.', @extschema@.hogsend_metric_sample(found.seconds))
        || @extschema@.hogsend_metric('hogsend_lateness_seconds', 'gaugehistogram',
               'From the instant at which the clock had to move somebody to when that was recorded, of the last 15 minutes, counted: among the latest 10000.',
               found.lateness);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_metrics_moves(timestamp with time zone) IS 'Internal: What hogsend_metrics() says of transitions and how late they came';

REVOKE ALL ON FUNCTION @extschema@.hogsend_metrics_moves(timestamp with time zone) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_metrics_consumers(present timestamp with time zone)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    found record;
BEGIN
    WITH positions AS MATERIALIZED (
        SELECT '{consumer=' || @extschema@.hogsend_metric_label(p.consumer) || ',shard="' || p.shard || '"} ' AS labels, p.lapsed_at IS NOT NULL AS lapsed,
               greatest(coalesce((SELECT max(t.id) FROM @extschema@.bucket_transitions t), 0) - p.mark, 0) AS behind,
               coalesce(@extschema@.hogsend_metric_age(present, (SELECT t.recorded_at FROM @extschema@.bucket_transitions t WHERE t.id > p.mark ORDER BY t.id LIMIT 1)), 0) AS age
        FROM @extschema@.bucket_positions p
    )
    SELECT array_agg(p.labels || p.behind ORDER BY p.labels) AS behind, array_agg(p.labels || p.age ORDER BY p.labels) AS age,
           array_agg(p.labels || p.lapsed::integer ORDER BY p.labels) AS lapsed
    INTO found FROM positions p;
    RETURN @extschema@.hogsend_metric('hogsend_consumer_behind', 'gauge',
               'Transitions after the consumer''s position, at most: by their numbers, whichever it asked for.', found.behind)
        || @extschema@.hogsend_metric('hogsend_consumer_age_seconds', 'gauge',
               'How old the first transition after the consumer''s position is, whether it asked for it or not.', found.age)
        || @extschema@.hogsend_metric('hogsend_consumer_lapsed', 'gauge', 'Whether transitions were removed that the consumer had not read.', found.lapsed);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_metrics_consumers(timestamp with time zone) IS 'Internal: What hogsend_metrics() says of consumers';

REVOKE ALL ON FUNCTION @extschema@.hogsend_metrics_consumers(timestamp with time zone) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_metrics_work(present timestamp with time zone)
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    most CONSTANT integer := 10000;
    due record;
    queued record;
    jobs record;
    queries record;
    feeds record;
BEGIN
    SELECT count(*) AS number, min(t.due_at) AS oldest INTO due
    FROM (SELECT d.due_at FROM @extschema@.bucket_timers d WHERE d.due_at <= present ORDER BY d.due_at LIMIT most) AS t;
    SELECT count(*) AS number, min(t.queued_at) AS oldest, count(*) FILTER (WHERE t.failures > 0) AS failed INTO queued
    FROM (SELECT q.queued_at, q.failures FROM @extschema@.user_queue q ORDER BY q.id LIMIT most) AS t;
    SELECT count(*) FILTER (WHERE j.status = 'failed') AS failed,
           ARRAY[format('{status="failed"} %s', count(*) FILTER (WHERE j.status = 'failed')),
                 format('{status="pending"} %s', count(*) FILTER (WHERE j.status = 'pending')),
                 format('{status="running"} %s', count(*) FILTER (WHERE j.status = 'running'))] AS number,
           CASE WHEN bool_or(j.status IN ('pending', 'running'))
                THEN @extschema@.hogsend_metric_age(present, max(greatest(j.moved_at, j.finished_at))) ELSE 0 END AS rested
    INTO jobs FROM @extschema@.bucket_jobs j WHERE j.status <> 'done';
    SELECT count(*) FILTER (WHERE r.error IS NOT NULL) AS failing, @extschema@.hogsend_metric_age(present, min(r.due_at)) AS late
    INTO queries
    FROM @extschema@.bucket_refreshes r JOIN @extschema@.buckets b ON b.id = r.bucket_id AND b.kind = 'query' AND b.enabled;
    SELECT array_agg(f.labels || f.to_import ORDER BY f.labels) AS to_import, array_agg('_total' || f.labels || f.failed ORDER BY f.labels) AS failed
    INTO feeds
    FROM (SELECT '{feed=' || @extschema@.hogsend_metric_label(a.name) || '} ' AS labels,
                 CASE WHEN a.import = 'done' THEN 0 ELSE greatest(coalesce(a.rows_total, 0) - a.rows_imported, 0) END AS to_import,
                 a.rows_failed + coalesce((SELECT sum(n.failed) FROM @extschema@.feed_notes n WHERE n.feed = a.name), 0) AS failed
          FROM @extschema@.feeds a) AS f;
    RETURN @extschema@.hogsend_metric('hogsend_clock_age_seconds', 'gauge', 'Since the clock last did its work, to ten seconds; missing until it has.',
               @extschema@.hogsend_metric_sample((SELECT @extschema@.hogsend_metric_age(present, c.reconciled_at) FROM @extschema@.hogsend_clock c)))
        || @extschema@.hogsend_metric('hogsend_timers_due', 'gauge', 'Timers that are due, counted: 10000 at most.', @extschema@.hogsend_metric_sample(due.number))
        || @extschema@.hogsend_metric('hogsend_oldest_timer_seconds', 'gauge', 'For how long the oldest timer has been due.',
               @extschema@.hogsend_metric_sample(coalesce(@extschema@.hogsend_metric_age(present, due.oldest), 0)))
        || @extschema@.hogsend_metric('hogsend_queued', 'gauge', 'Users whom the clock is to look at because nobody did, counted: 10000 rows of user_queue at most.',
               @extschema@.hogsend_metric_sample(queued.number))
        || @extschema@.hogsend_metric('hogsend_oldest_queued_seconds', 'gauge', 'For how long the first of them has waited.',
               @extschema@.hogsend_metric_sample(coalesce(@extschema@.hogsend_metric_age(present, queued.oldest), 0)))
        || @extschema@.hogsend_metric('hogsend_jobs', 'gauge', 'Backfills and re-evaluations that are not done, counted.', jobs.number)
        || @extschema@.hogsend_metric('hogsend_jobs_rested_seconds', 'gauge', 'Since one of the open jobs last moved on; 0 where none is open.',
               @extschema@.hogsend_metric_sample(jobs.rested))
        || @extschema@.hogsend_metric('hogsend_refresh_late_seconds', 'gauge', 'For how long the oldest refresh of a query bucket has been due.',
               @extschema@.hogsend_metric_sample(coalesce(queries.late, 0)))
        || @extschema@.hogsend_metric('hogsend_feed_rows_to_import', 'gauge', 'Rows of an attached table that its import has yet to come to, estimated.', feeds.to_import)
        || @extschema@.hogsend_metric('hogsend_feed_rows_failed', 'counter', 'Rows of an attached table that could not be mirrored, kept.', feeds.failed)
        || @extschema@.hogsend_metric('hogsend_errors', 'gauge', 'What went wrong and is tried again, or waits for somebody, counted: timers up to an hour ahead.', ARRAY[
               format('{of="jobs"} %s', jobs.failed),
               format('{of="queries"} %s', queries.failing),
               format('{of="queue"} %s', queued.failed),
               format('{of="timers"} %s', (
                   SELECT count(*) FROM (SELECT FROM @extschema@.bucket_timers t
                                         WHERE t.due_at > present AND t.due_at <= present + interval '1 hour' AND t.failures > 0 LIMIT most) AS f))]);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_metrics_work(timestamp with time zone) IS 'Internal: What hogsend_metrics() says of the clock, timers, the queue, jobs and errors';

REVOKE ALL ON FUNCTION @extschema@.hogsend_metrics_work(timestamp with time zone) FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_metrics_runs()
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    most CONSTANT integer := 100000;
    counted text[];
    live bigint;
BEGIN
    SELECT array_agg(format('{journey=%s,status=%s} %s', @extschema@.hogsend_metric_label(r.journey_id), @extschema@.hogsend_metric_label(r.status), r.runs)
                     ORDER BY r.journey_id, r.status), coalesce(sum(r.runs), 0)
    INTO counted, live
    FROM (SELECT l.journey_id, l.status, count(*) AS runs
          FROM (SELECT n.journey_id, n.status FROM @extschema@.journey_runs n WHERE n.ended_at IS NULL LIMIT most + 1) AS l
          GROUP BY l.journey_id, l.status) AS r;
    IF live > most THEN
        RETURN @extschema@.hogsend_metric('hogsend_runs', 'gauge', 'Runs of journeys that have not ended, estimated: as VACUUM or ANALYZE saw last.',
            @extschema@.hogsend_metric_sample(coalesce(@extschema@.hogsend_estimated_rows(to_regclass('@extschema@.journey_runs_of_journey')), live)));
    END IF;
    RETURN @extschema@.hogsend_metric('hogsend_runs', 'gauge', 'Runs of journeys that have not ended, counted.', @extschema@.hogsend_metric_sample(live))
        || @extschema@.hogsend_metric('hogsend_journey_runs', 'gauge', 'Runs of a journey that have not ended, counted.', counted);
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_metrics_runs() IS 'Internal: What hogsend_metrics() says of who is in a journey';

REVOKE ALL ON FUNCTION @extschema@.hogsend_metrics_runs() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_metrics_sizes()
 RETURNS text
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    found record;
BEGIN
    SELECT array_agg(format('{table="%s"} %s', t.name, t.rows) ORDER BY t.name) FILTER (WHERE t.rows IS NOT NULL) AS rows,
           array_agg(format('{table="%s"} %s', t.name, t.bytes) ORDER BY t.name) FILTER (WHERE t.bytes IS NOT NULL) AS bytes
    INTO found
    FROM (SELECT w.name, @extschema@.hogsend_estimated_rows(w.relation) AS rows,
                 (SELECT sum(pg_total_relation_size(o.oid)) FROM (SELECT w.relation::oid AS oid UNION SELECT p.relid FROM pg_partition_tree(w.relation) p) AS o) AS bytes
          FROM (SELECT n.name, to_regclass('@extschema@.' || n.name) AS relation
                FROM unnest(ARRAY['bucket_memberships', 'bucket_timers', 'bucket_totals', 'bucket_transitions', 'contacts', 'journey_runs', 'user_events', 'user_queue']) AS n (name)) AS w
          WHERE w.relation IS NOT NULL) AS t;
    RETURN @extschema@.hogsend_metric('hogsend_table_rows', 'gauge',
               'Rows of a table, estimated: as VACUUM or ANALYZE saw last. The outbox is bucket_transitions.', found.rows)
        || @extschema@.hogsend_metric('hogsend_table_bytes', 'gauge', 'What a table takes on disk with its indexes, as the file system says.', found.bytes)
        || @extschema@.hogsend_metric('hogsend_notification_queue_ratio', 'gauge', 'How full the server''s queue of notifications is, as it says.',
               @extschema@.hogsend_metric_sample(pg_notification_queue_usage()::numeric));
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_metrics_sizes() IS 'Internal: What hogsend_metrics() says of tables and the queue of notifications';

REVOKE ALL ON FUNCTION @extschema@.hogsend_metrics_sizes() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_metrics()
 RETURNS text
 LANGUAGE plpgsql
 STABLE SECURITY DEFINER
 SET search_path TO 'pg_catalog', 'pg_temp'
 SET jit TO 'off'
AS $function$
DECLARE
    begun CONSTANT timestamptz := clock_timestamp();
    present timestamptz := @extschema@.hogsend_now();
    checks text[];
    is_ready boolean;
    page text;
BEGIN
    SELECT array_agg(format('{check=%s} %s', @extschema@.hogsend_metric_label(h."check"), h.ok::integer) ORDER BY h."check"),
           coalesce(bool_and(h.ok) FILTER (WHERE h."check" = 'unfit columns'), false)
               AND coalesce(bool_and(h.detail NOT LIKE 'not known:%') FILTER (WHERE h."check" = 'suspended'), false)
    INTO checks, is_ready
    FROM @extschema@.hogsend_checks(1000::bigint) h;
    page := @extschema@.hogsend_metric('hogsend', 'info', 'What is installed.',
                (SELECT array_agg(format('_info{version=%s} 1', @extschema@.hogsend_metric_label(e.extversion))) FROM pg_extension e WHERE e.extname = 'hogsend'))
        || @extschema@.hogsend_metric('hogsend_ready', 'gauge', 'Whether the tables are there, of this version and fit; nothing else is known where they are not.',
                @extschema@.hogsend_metric_sample(is_ready::integer))
        || @extschema@.hogsend_metric('hogsend_check_ok', 'gauge', 'Whether a check of hogsend_health() is well; of the aliases it looks at some.', checks);
    IF is_ready THEN
        page := page || @extschema@.hogsend_metrics_members() || @extschema@.hogsend_metrics_moves(present) || @extschema@.hogsend_metrics_consumers(present)
            || @extschema@.hogsend_metrics_runs() || @extschema@.hogsend_metrics_work(present) || @extschema@.hogsend_metrics_sizes();
    END IF;
    RETURN page
        || @extschema@.hogsend_metric('hogsend_metrics_seconds', 'gauge', 'How long it took to say all this.',
               @extschema@.hogsend_metric_sample(extract(epoch FROM clock_timestamp() - begun)))
        -- Whoever prints it ends the line.
        || '# EOF';
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_metrics() IS 'How hogsend is doing as OpenMetrics text, cheap enough to be asked every few seconds; each HELP says what is counted, kept or estimated';

REVOKE ALL ON FUNCTION @extschema@.hogsend_metrics() FROM PUBLIC;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_privileges(preset text)
 RETURNS TABLE(privilege text, object text)
 LANGUAGE plpgsql
 STABLE
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
BEGIN
    IF preset IS NULL OR preset NOT IN ('ingest', 'orm', 'runner', 'analyst', 'admin') THEN
        RAISE EXCEPTION 'unknown preset %', quote_nullable(preset)
            USING ERRCODE = '22023', DETAIL = 'A preset says what a role may do with hogsend.',
                  HINT = 'Use ''ingest'' (store events), ''orm'' (that, and read them: RETURNING and ON CONFLICT with columns need it), ''runner'' (consume transitions and ask who is a member), ''analyst'' (read) or ''admin'' (all of that, define buckets and run the clock).';
    END IF;
    PERFORM @extschema@.hogsend_require_tables();
    RETURN QUERY
        SELECT 'USAGE', format('SCHEMA %I', n.nspname)
        FROM pg_namespace n WHERE n.oid = to_regnamespace('@extschema@')
        UNION ALL
        SELECT given.privileges, format('TABLE %s', c.oid::regclass)
        FROM (VALUES
            ('ingest', 'INSERT', ARRAY['user_events']),
            ('orm', 'SELECT, INSERT', ARRAY['user_events']),
            -- The view is read with the reader's rights. So what it reads is granted, by columns: of an
            -- ended stay, and of a contact who is in no bucket, a runner can see no more than of a member.
            ('runner', 'SELECT', ARRAY['bucket_members']),
            ('runner', 'SELECT (bucket_id, user_id, entered_at, entry_count, status)', ARRAY['bucket_memberships']),
            ('runner', 'SELECT (user_id, email, deleted_at)', ARRAY['contacts']),
            ('runner', 'SELECT (id)', ARRAY['buckets']),
            ('runner', 'SELECT (alias, user_id)', ARRAY['user_aliases']),
            -- The identity, so that a reader sees a restored copy for what it is.
            ('analyst', 'SELECT', ARRAY[
                'buckets', 'contacts', 'user_events', 'bucket_memberships', 'bucket_timers', 'bucket_transitions',
                'bucket_consumers', 'bucket_positions', 'bucket_jobs', 'bucket_counts', 'bucket_refreshes', 'bucket_holdouts', 'bucket_totals', 'user_queue', 'user_aliases', 'feeds', 'feed_notes', 'journeys', 'journey_runs', 'bucket_members', 'bucket_stats',
                'bucket_daily', 'bucket_forecast', 'bucket_lag', 'bucket_feeds', 'journey_stats', 'hogsend_instance']),
            ('admin', 'SELECT', ARRAY[
                'bucket_consumers', 'bucket_positions', 'bucket_jobs', 'bucket_counts', 'bucket_refreshes', 'feeds', 'feed_notes', 'bucket_members', 'bucket_stats',
                'bucket_daily', 'bucket_forecast', 'bucket_lag', 'bucket_feeds', 'journey_stats', 'hogsend_instance']),
            ('admin', 'SELECT, INSERT, UPDATE, DELETE', ARRAY['buckets', 'contacts', 'user_events', 'journeys']),
            -- An erasure runs with the caller's rights, so that row-level security holds for it.
            ('admin', 'SELECT, DELETE', ARRAY['bucket_memberships', 'bucket_timers', 'bucket_transitions', 'bucket_holdouts', 'bucket_totals', 'user_queue', 'user_aliases', 'journey_runs'])
        ) AS given (preset, privileges, relations)
        JOIN pg_class c ON c.relnamespace = to_regnamespace('@extschema@') AND c.relname = ANY (given.relations)
        WHERE given.preset = $1
        UNION ALL
        SELECT 'EXECUTE', format('ROUTINE %s', p.oid::regprocedure)
        FROM pg_depend d
        JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'hogsend'
        JOIN pg_proc p ON p.oid = d.objid
        WHERE d.classid = 'pg_proc'::regclass AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
          AND CASE $1
              WHEN 'ingest' THEN p.proname IN ('hogsend_ingest', 'hogsend_identify', 'hogsend_require_columns', 'hogsend_dropped_events')
              WHEN 'orm' THEN p.proname IN ('hogsend_ingest', 'hogsend_identify', 'hogsend_require_columns', 'hogsend_dropped_events')
              WHEN 'runner' THEN p.proname IN (
                  'hogsend_subscribe', 'hogsend_unsubscribe', 'hogsend_poll', 'hogsend_ack', 'hogsend_has',
                  'hogsend_sleep', 'hogsend_sleep_until', 'hogsend_wait_for', 'hogsend_checkpoint', 'hogsend_complete', 'hogsend_fail',
                  -- What that asks with the caller's rights.
                  'hogsend_require_tables', 'hogsend_require_bucket', 'hogsend_tables_version')
              WHEN 'analyst' THEN p.proname IN (
                  'hogsend_has', 'hogsend_count', 'hogsend_members', 'hogsend_dependencies', 'hogsend_matches', 'hogsend_may_forget', 'hogsend_explain',
                  'hogsend_preview', 'hogsend_preview_change', 'hogsend_verify', 'hogsend_verify_feed', 'hogsend_feed_differences', 'hogsend_health', 'hogsend_metrics',
                  'hogsend_explain_run',
                  'hogsend_event', 'hogsend_first', 'hogsend_last', 'hogsend_sum', 'hogsend_avg', 'hogsend_min', 'hogsend_max', 'hogsend_distinct', 'hogsend_compare', 'hogsend_sequence', 'hogsend_step',
                  'hogsend_property', 'hogsend_all', 'hogsend_any', 'hogsend_not',
                  'hogsend_everyone', 'hogsend_in_bucket', 'hogsend_sample', 'hogsend_sample_of', 'hogsend_validate', 'hogsend_report',
                  -- What that asks.
                  'hogsend_report_facts', 'hogsend_report_buckets', 'hogsend_report_delivery', 'hogsend_report_journeys', 'hogsend_report_bucket', 'hogsend_estimated_rows',
                  'hogsend_report_page',
                  -- What the builders ask.
                  'hogsend_event_leg', 'hogsend_event_span', 'hogsend_event_instant', 'hogsend_event_bound', 'hogsend_event_picked', 'hogsend_event_measure', 'hogsend_step_of',
                  'hogsend_property_leg', 'hogsend_property_number', 'hogsend_property_span', 'hogsend_property_path',
                  -- What those ask with the caller's rights.
                  'hogsend_require_tables', 'hogsend_require_bucket', 'hogsend_require_columns', 'hogsend_tables_version', 'hogsend_now',
                  'hogsend_unread_by', 'hogsend_shard',
                  'hogsend_canonical', 'hogsend_canonical_text', 'hogsend_problems', 'hogsend_missing_buckets', 'hogsend_warnings',
                  'hogsend_preview_text', 'hogsend_preview_change_of')
              -- Whoever attaches a table creates the triggers that mirror it.
              ELSE (p.prorettype NOT IN ('trigger'::regtype, 'event_trigger'::regtype) OR p.proname = 'hogsend_mirror')
                   AND p.proname NOT IN (
                       'hogsend_grant', 'hogsend_revoke', 'hogsend_adopt', 'hogsend_migrate', 'hogsend_check_tables',
                       'hogsend_make_tables', 'hogsend_index_partitions', 'hogsend_index_keys', 'hogsend_make_views', 'hogsend_make_triggers', 'hogsend_make_event_trigger',
                       'hogsend_comment_tables')
              END
        ORDER BY 2;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_require_role(text) IS 'Internal: Raises an error unless the role exists';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_grant(role text, preset text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    given record;
BEGIN
    PERFORM @extschema@.hogsend_require_role(role);
    FOR given IN SELECT p.privilege, p.object FROM @extschema@.hogsend_privileges(preset) p LOOP
        -- Most often PUBLIC may use the schema, and its owner is somebody else.
        CONTINUE WHEN given.privilege = 'USAGE' AND has_schema_privilege(role, to_regnamespace('@extschema@'), 'USAGE');
        EXECUTE format('GRANT %s ON %s TO %I', given.privilege, given.object, role);
    END LOOP;
    IF preset = 'orm' THEN
        RAISE NOTICE 'role "%" can read every event of every user', role
            USING DETAIL = 'RETURNING, and ON CONFLICT with columns, need SELECT on user_events.',
                  HINT = 'The preset ''ingest'' stores events without it; row-level security on user_events narrows what is read.';
    END IF;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_grant(text,text) IS 'Grants a role what a preset needs: ingest, orm, runner, analyst or admin; can be repeated, and is to be after an update';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_revoke(role text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    given record;
BEGIN
    PERFORM @extschema@.hogsend_require_role(role);
    FOR given IN
        SELECT DISTINCT p.object
        FROM unnest(ARRAY['ingest', 'orm', 'runner', 'analyst', 'admin']) AS preset
        CROSS JOIN @extschema@.hogsend_privileges(preset) p
        -- What else is in the schema is not ours.
        WHERE p.privilege <> 'USAGE'
    LOOP
        EXECUTE format('REVOKE ALL ON %s FROM %I', given.object, role);
    END LOOP;
END
$function$;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_adopt()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    home uuid := (SELECT i.id FROM @extschema@.hogsend_instance i);
    numbered text;
    numbers regclass;
    highest bigint;
BEGIN
    -- A dump of an older version brings its tables as they were.
    PERFORM @extschema@.hogsend_migrate() FROM pg_extension e
    WHERE e.extname = 'hogsend' AND e.extversion <> @extschema@.hogsend_tables_version();
    PERFORM @extschema@.hogsend_require_tables();

    -- Transaction ids of another server mean nothing here, and positions are made of them. What was
    -- passed is still to be told from both as they came; so positions are set before the first
    -- transition that is pending, and all transitions count as older than any transaction. Something
    -- that was read already may come again where it lies among what was not.
    IF EXISTS (SELECT FROM @extschema@.bucket_consumers c WHERE c.instance_id IS DISTINCT FROM home)
       OR EXISTS (SELECT FROM @extschema@.buckets b WHERE b.instance_id IS DISTINCT FROM home)
       OR EXISTS (SELECT FROM @extschema@.journeys j WHERE j.instance_id IS DISTINCT FROM home)
    THEN
        UPDATE @extschema@.bucket_positions p
        SET mark = coalesce(
                (SELECT min(t.id) - 1 FROM @extschema@.bucket_transitions t
                 WHERE NOT pg_visible_in_snapshot(t.xid, p.passed)
                   AND (p.reading IS NULL OR t.id > p.after_id OR NOT pg_visible_in_snapshot(t.xid, p.reading))),
                (SELECT max(t.id) FROM @extschema@.bucket_transitions t), 0),
            passed = '3:3:', reading = NULL, next_mark = NULL, after_id = 0, last_id = NULL, is_last = false;
        UPDATE @extschema@.bucket_transitions t SET xid = '3' WHERE t.xid <> '3';
        UPDATE @extschema@.bucket_consumers c SET instance_id = home WHERE c.instance_id IS DISTINCT FROM home;

        -- Whoever stored something under an alias there has ended.
        UPDATE @extschema@.user_aliases a SET open_until = '0' WHERE a.open_until IS NOT NULL;

        -- Logical replication brings rows and not where their numbers had come to. A transition with a
        -- number that was passed would be delivered to nobody.
        FOREACH numbered IN ARRAY ARRAY['user_events', 'bucket_transitions', 'bucket_jobs', 'user_queue', 'journey_runs'] LOOP
            numbers := pg_get_serial_sequence('@extschema@.' || numbered, 'id');
            EXECUTE format('SELECT max(t.id) FROM %s.%I t', '@extschema@', numbered) INTO highest;
            IF highest > coalesce(pg_sequence_last_value(numbers), 0) THEN
                PERFORM setval(numbers, highest);
            END IF;
        END LOOP;
    END IF;

    -- Journeys first: the transitions of those who are looked at again may move their runs.
    UPDATE @extschema@.journeys j SET instance_id = home WHERE j.instance_id IS DISTINCT FROM home;
    UPDATE @extschema@.buckets b SET instance_id = home WHERE b.instance_id IS DISTINCT FROM home;
END
$function$;

CREATE OR REPLACE FUNCTION @extschema@.hogsend_check_tables()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    item record;
BEGIN
    FOR item IN
        SELECT c.oid::regclass AS relation, c.relname, n.nspname, w.kind, c.relkind,
               pg_get_userbyid(c.relowner) AS owner,
               o.rolsuper OR c.relowner = (SELECT r.oid FROM pg_roles r WHERE r.rolname = current_user) AS trusted,
               -- Where our triggers are the tables are ours, whatever became of their columns, about which
               -- hogsend_migrate() has more to say.
               (SELECT string_agg(split_part(required, ' ', 1), ', ' ORDER BY position)
                FROM unnest(w.columns) WITH ORDINALITY AS r (required, position)
                LEFT JOIN pg_attribute a
                    ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND a.attname = split_part(required, ' ', 1)
                WHERE CASE w.kind
                    WHEN 'view' THEN
                        (CASE a.atttypid WHEN 'varchar'::regtype THEN 'text'::regtype ELSE a.atttypid END
                         = to_regtype(substr(required, strpos(required, ' ') + 1))) IS NOT TRUE
                    ELSE @extschema@.hogsend_tables_version() IS NULL
                        AND (a.attname IS NULL OR EXISTS (
                            SELECT FROM @extschema@.hogsend_misfits() m
                            WHERE m.relation = c.relname AND m.column_name = a.attname))
                    END) AS lacking
        FROM (VALUES
            ('buckets', 'table', ARRAY['id text', 'enabled boolean', 'kind text', 'criteria jsonb', 'criteria_hash text', 'instance_id uuid']),
            ('contacts', 'table', ARRAY['user_id text', 'email text', 'properties jsonb', 'updated_at timestamp with time zone', 'deleted_at timestamp with time zone']),
            ('user_events', 'table', ARRAY['id bigint', 'user_id text', 'event text', 'occurred_at timestamp with time zone', 'user_email text', 'contact_properties jsonb']),
            ('bucket_memberships', 'table', ARRAY['user_id text', 'bucket_id text', 'entry_count integer', 'status text', 'dwell_counts jsonb']),
            ('bucket_timers', 'table', ARRAY['user_id text', 'bucket_id text', 'due_at timestamp with time zone', 'silent boolean']),
            ('bucket_transitions', 'table', ARRAY['id bigint', 'event text', 'user_id text', 'idempotency_key text', 'xid xid8']),
            ('bucket_consumers', 'table', ARRAY['name text', 'buckets text[]', 'first_entry_only boolean']),
            ('bucket_positions', 'table', ARRAY['consumer text', 'shard integer', 'passed pg_snapshot', 'mark bigint']),
            ('bucket_jobs', 'table', ARRAY['id bigint', 'bucket_id text', 'mode text', 'status text', 'reached text']),
            ('bucket_erasures', 'table', ARRAY['user_hash bytea', 'times integer']),
            ('bucket_counts', 'table', ARRAY['bucket_id text', 'since timestamp with time zone', 'entered bigint', 'left bigint']),
            ('bucket_refreshes', 'table', ARRAY['bucket_id text', 'role_id oid', 'mode text', 'due_at timestamp with time zone']),
            ('bucket_holdouts', 'table', ARRAY['user_id text', 'bucket_id text']),
            ('bucket_totals', 'table', ARRAY['user_id text', 'series text', 'n bigint', 'total numeric']),
            ('user_queue', 'table', ARRAY['id bigint', 'user_id text', 'what text', 'queued_at timestamp with time zone']),
            ('user_aliases', 'table', ARRAY['alias text', 'user_id text', 'identified_at timestamp with time zone']),
            ('feeds', 'table', ARRAY['name text', 'kind text', 'fields jsonb', 'search_path text', 'import text']),
            ('feed_notes', 'table', ARRAY['id bigint', 'feed text', 'skipped bigint', 'failed bigint']),
            ('journeys', 'table', ARRAY['id text', 'enabled boolean', 'starts_on text[]', 'exits_on text[]', 'instance_id uuid']),
            ('journey_runs', 'table', ARRAY['id bigint', 'user_id text', 'journey_id text', 'status text', 'wait_until timestamp with time zone']),
            ('bucket_members', 'view', ARRAY['bucket_id text', 'user_id text', 'email text']),
            ('bucket_stats', 'view', ARRAY['bucket_id text', 'active bigint', 'next_due timestamp with time zone', 'job text']),
            ('bucket_daily', 'view', ARRAY['bucket_id text', 'day date', 'entered bigint', 'left bigint']),
            ('bucket_forecast', 'view', ARRAY['bucket_id text', 'hour timestamp with time zone', 'due bigint']),
            ('bucket_lag', 'view', ARRAY['consumer text', 'shard integer', 'rows_behind bigint']),
            ('bucket_feeds', 'view', ARRAY['name text', 'kind text', 'import text', 'rows_imported bigint']),
            ('journey_stats', 'view', ARRAY['journey_id text', 'label text', 'waiting bigint', 'median_time interval'])
        ) AS w (name, kind, columns)
        JOIN pg_class c ON c.relname = w.name
        JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_roles o ON o.oid = c.relowner
        WHERE c.relnamespace = to_regnamespace('@extschema@')
    LOOP
        IF item.lacking IS NOT NULL OR NOT item.relkind = ANY (CASE item.kind WHEN 'view' THEN ARRAY['v'] ELSE ARRAY['r', 'p'] END::"char"[]) THEN
            RAISE EXCEPTION 'the name "%" is taken in schema "%"', item.relname, item.nspname
                USING ERRCODE = '42P07',
                      DETAIL = format('It is not a %s of hogsend%s.', item.kind,
                          CASE WHEN item.lacking IS NOT NULL THEN ': these columns are missing or of another type: ' || item.lacking ELSE '' END),
                      HINT = 'Install into a schema of its own: CREATE SCHEMA hogsend; CREATE EXTENSION hogsend SCHEMA hogsend;';
        END IF;
        IF NOT item.trusted THEN
            RAISE EXCEPTION '"%" in schema "%" belongs to another role', item.relname, item.nspname
                USING ERRCODE = '42501',
                      DETAIL = format('Its owner is %s, who could read and change what hogsend does.', item.owner),
                      HINT = format('ALTER %s %s OWNER TO %I, or install into a schema of its own.', upper(item.kind), item.relation, current_user);
        END IF;
    END LOOP;
END
$function$;

COMMENT ON FUNCTION @extschema@.hogsend_check_tables() IS 'Internal: Refuses to install over tables that are not ours (called by hogsend_migrate)';

CREATE OR REPLACE FUNCTION @extschema@.hogsend_migrate()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'pg_catalog', 'pg_temp'
AS $function$
DECLARE
    member record;
    early record;
BEGIN
    PERFORM @extschema@.hogsend_check_tables();
    PERFORM @extschema@.hogsend_make_tables();
    PERFORM @extschema@.hogsend_require_columns(NULL::text);
    PERFORM @extschema@.hogsend_make_views();
    PERFORM @extschema@.hogsend_make_triggers();
    PERFORM @extschema@.hogsend_comment_tables();
    PERFORM @extschema@.hogsend_make_event_trigger();
    FOR early IN SELECT k.problem, k.remedy FROM @extschema@.hogsend_early_keys() k LOOP
        RAISE WARNING '%', early.problem USING HINT = early.remedy || ';';
    END LOOP;

    -- Inside CREATE or ALTER EXTENSION everything that is made becomes a member: let it go.
    FOR member IN
        SELECT c.oid::regclass AS relation,
               CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END AS kind
        FROM pg_depend d
        JOIN pg_extension e ON e.oid = d.refobjid AND e.extname = 'hogsend'
        JOIN pg_class c ON c.oid = d.objid
        WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_extension'::regclass
          AND d.deptype = 'e' AND c.relname NOT IN ('hogsend_instance', 'hogsend_clock')
        ORDER BY c.relkind DESC
    LOOP
        EXECUTE format('ALTER EXTENSION hogsend DROP %s %s', member.kind, member.relation);
    END LOOP;
END
$function$;

-- Tables, views and triggers. In the middle of a restore there are none yet: the dump brings them.
SELECT @extschema@.hogsend_migrate() WHERE pg_catalog.to_regclass('@extschema@.buckets') IS NOT NULL;
