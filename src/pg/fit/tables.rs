//! The columns of our tables that statements of ours name (sql/tables.sql makes them).

use std::ffi::CStr;

use pgrx::pg_sys;

use super::Column;

/// A table of ours.
pub(super) struct Ours {
    pub table: &'static CStr,
    /// What evaluation reads and writes: without these, no statement on events goes on. What tables of
    /// earlier releases do not have is optional: there it goes on until they are migrated.
    pub evaluated: &'static [Column],
    /// What only some functions do.
    pub others: &'static [Column],
}

/// Tables that evaluation reads and writes, and that 0.3.0 was the first release to have: tables of an earlier
/// one are evaluated without them until they are migrated.
pub(super) static MADE_SINCE: [&CStr; 3] = [c"bucket_totals", c"journeys", c"journey_runs"];

const fn interval(name: &'static CStr) -> Column {
    Column::of(name, pg_sys::INTERVALOID)
}

const fn intervals(name: &'static CStr) -> Column {
    Column::of(name, pg_sys::INTERVALARRAYOID)
}

const fn texts(name: &'static CStr) -> Column {
    Column::of(name, pg_sys::TEXTARRAYOID)
}

const fn uuid(name: &'static CStr) -> Column {
    Column::of(name, pg_sys::UUIDOID)
}

const fn snapshot(name: &'static CStr) -> Column {
    Column::of(name, pg_sys::PG_SNAPSHOTOID)
}

/// By the first column of its kind all others go, in their collation.
pub(super) static TABLES: [Ours; 20] = [
    Ours {
        table: c"contacts",
        evaluated: &[
            Column::user(c"user_id"),
            Column::json(c"properties"),
            Column::instant(c"created_at"),
            Column::instant(c"updated_at"),
            Column::instant(c"deleted_at"),
        ],
        others: &[Column::text(c"email")],
    },
    Ours {
        table: c"user_events",
        evaluated: &[
            Column::user(c"user_id"),
            Column::key(c"event"),
            Column::instant(c"occurred_at"),
        ],
        others: &[
            Column::bigint(c"id"),
            Column::json(c"properties"),
            Column::of(c"value", pg_sys::NUMERICOID),
            Column::text(c"source"),
            Column::key(c"idempotency_key"),
            Column::text(c"user_email"),
            Column::json(c"contact_properties"),
        ],
    },
    Ours {
        table: c"buckets",
        evaluated: &[
            Column::bucket(c"id"),
            Column::boolean(c"enabled"),
            Column::key(c"kind"),
            Column::json(c"criteria"),
            Column::key(c"entry_limit"),
            interval(c"entry_period"),
            interval(c"min_dwell"),
            interval(c"max_dwell"),
            intervals(c"dwell_after"),
            intervals(c"dwell_every"),
            uuid(c"instance_id"),
            Column::instant(c"quiet_before").optional(),
            Column::text(c"query").optional(),
            interval(c"refresh_every").optional(),
            Column::text(c"query_path").optional(),
            Column::key(c"query_role").optional(),
            texts(c"depends_on").optional(),
        ],
        others: &[
            Column::text(c"name"),
            Column::text(c"description"),
            Column::instant(c"created_at"),
            Column::instant(c"updated_at"),
            Column::key(c"criteria_hash"),
        ],
    },
    Ours {
        table: c"bucket_memberships",
        evaluated: &[
            Column::user(c"user_id"),
            Column::bucket(c"bucket_id"),
            Column::int(c"entry_count"),
            Column::key(c"status"),
            Column::instant(c"entered_at"),
            Column::instant(c"left_at"),
            Column::key(c"left_reason"),
            Column::key(c"source"),
            Column::instant(c"max_dwell_at"),
            Column::instant(c"dwell_anchor_at"),
            Column::json(c"dwell_counts"),
            Column::boolean(c"announced").optional(),
            Column::boolean(c"left_announced").optional(),
        ],
        others: &[],
    },
    Ours {
        table: c"bucket_timers",
        evaluated: &[
            Column::user(c"user_id"),
            Column::bucket(c"bucket_id"),
            Column::instant(c"due_at"),
            Column::boolean(c"silent"),
            Column::int(c"failures"),
            Column::boolean(c"muted").optional(),
        ],
        others: &[Column::text(c"error")],
    },
    Ours {
        table: c"bucket_transitions",
        evaluated: &[
            Column::bigint(c"id"),
            Column::text(c"event"),
            Column::bucket(c"bucket_id"),
            Column::user(c"user_id"),
            Column::key(c"transition"),
            Column::int(c"entry_count"),
            Column::key(c"reason"),
            Column::key(c"source"),
            Column::text(c"dwell_label"),
            Column::bigint(c"dwell_count"),
            Column::instant(c"effective_at"),
            Column::instant(c"recorded_at"),
            Column::key(c"idempotency_key"),
            Column::of(c"xid", pg_sys::XID8OID),
            Column::key(c"journey_id").optional(),
            Column::bigint(c"run_id").optional(),
            Column::text(c"label").optional(),
            Column::boolean(c"timed_out").optional(),
            Column::bigint(c"event_id").optional(),
            Column::json(c"event_properties").optional(),
        ],
        others: &[],
    },
    Ours {
        table: c"bucket_jobs",
        evaluated: &[
            Column::bigint(c"id"),
            Column::bucket(c"bucket_id"),
            Column::key(c"mode"),
            Column::key(c"status"),
            Column::text(c"reached"),
            Column::boolean(c"announces").optional(),
            Column::boolean(c"muted").optional(),
            Column::bigint(c"queued_until").optional(),
        ],
        others: &[
            Column::bigint(c"total"),
            Column::bigint(c"processed"),
            Column::bigint(c"joined"),
            Column::bigint(c"left"),
            Column::text(c"error"),
            Column::instant(c"created_at"),
            Column::instant(c"started_at"),
            Column::instant(c"moved_at"),
            Column::instant(c"finished_at"),
        ],
    },
    Ours {
        table: c"bucket_refreshes",
        evaluated: &[],
        others: &[
            Column::bucket(c"bucket_id"),
            Column::of(c"role_id", pg_sys::OIDOID),
            Column::key(c"mode"),
            Column::instant(c"due_at"),
            Column::instant(c"refreshed_at"),
            interval(c"took"),
            Column::bigint(c"returned"),
            Column::bigint(c"entered"),
            Column::bigint(c"left"),
            Column::int(c"failures"),
            Column::text(c"error"),
            Column::boolean(c"muted").optional(),
        ],
    },
    Ours {
        table: c"bucket_holdouts",
        evaluated: &[],
        others: &[Column::user(c"user_id"), Column::bucket(c"bucket_id")],
    },
    Ours {
        table: c"bucket_totals",
        evaluated: &[
            Column::user(c"user_id"),
            Column::key(c"series"),
            Column::bigint(c"n"),
            Column::numeric(c"total"),
            Column::numeric(c"least"),
            Column::numeric(c"most"),
            Column::instant(c"first_at"),
            Column::instant(c"last_at"),
        ],
        others: &[],
    },
    Ours {
        table: c"bucket_consumers",
        evaluated: &[],
        others: &[
            Column::key(c"name"),
            texts(c"buckets"),
            texts(c"transitions"),
            texts(c"reasons"),
            Column::boolean(c"first_entry_only"),
            Column::int(c"shards"),
            Column::instant(c"created_at"),
            uuid(c"instance_id"),
            interval(c"not_older_than").optional(),
            texts(c"journeys").optional(),
        ],
    },
    Ours {
        table: c"bucket_positions",
        evaluated: &[],
        others: &[
            Column::key(c"consumer"),
            Column::int(c"shard"),
            snapshot(c"passed"),
            Column::bigint(c"mark"),
            snapshot(c"reading"),
            Column::bigint(c"next_mark"),
            Column::bigint(c"after_id"),
            Column::bigint(c"last_id"),
            Column::boolean(c"is_last"),
            Column::bigint(c"batch"),
            Column::instant(c"polled_at"),
            Column::instant(c"acked_at"),
            Column::instant(c"lapsed_at"),
            Column::bigint(c"lapsed_up_to"),
            Column::instant(c"not_before").optional(),
        ],
    },
    Ours {
        table: c"bucket_erasures",
        evaluated: &[],
        others: &[
            Column::of(c"user_hash", pg_sys::BYTEAOID),
            Column::int(c"times"),
        ],
    },
    Ours {
        table: c"bucket_counts",
        evaluated: &[],
        others: &[
            Column::bucket(c"bucket_id"),
            Column::instant(c"since"),
            Column::bigint(c"entered"),
            Column::bigint(c"left"),
            Column::bigint(c"entered_silently"),
            Column::bigint(c"left_silently"),
        ],
    },
    Ours {
        table: c"user_queue",
        evaluated: &[],
        others: &[
            Column::bigint(c"id"),
            Column::user(c"user_id"),
            Column::key(c"what"),
            Column::key(c"name"),
            Column::bigint(c"event_id"),
            Column::instant(c"occurred_at"),
            Column::text(c"user_email"),
            Column::json(c"contact_properties"),
            Column::boolean(c"silent"),
            Column::boolean(c"muted"),
            Column::instant(c"queued_at"),
            Column::instant(c"retry_at"),
            Column::int(c"failures"),
            Column::text(c"error"),
        ],
    },
    Ours {
        table: c"user_aliases",
        evaluated: &[],
        others: &[
            Column::user(c"alias"),
            Column::user(c"user_id"),
            Column::instant(c"identified_at"),
            Column::of(c"open_until", pg_sys::XID8OID),
        ],
    },
    Ours {
        table: c"feeds",
        evaluated: &[],
        others: &[
            Column::key(c"name"),
            Column::key(c"kind"),
            Column::json(c"fields"),
            Column::key(c"on_delete"),
            texts(c"owned"),
            Column::text(c"search_path"),
            Column::text(c"attached_by"),
            Column::instant(c"attached_at"),
            Column::key(c"import"),
            Column::text(c"part"),
            Column::bigint(c"file"),
            Column::bigint(c"block"),
            Column::bigint(c"blocks").optional(),
            Column::instant(c"moved_at").optional(),
            Column::bigint(c"rows_total"),
            Column::bigint(c"rows_imported"),
            Column::bigint(c"rows_skipped"),
            Column::bigint(c"rows_failed"),
            Column::text(c"error"),
            Column::instant(c"error_at"),
            Column::instant(c"imported_at"),
            Column::bigint(c"last_event"),
        ],
    },
    Ours {
        table: c"feed_notes",
        evaluated: &[],
        others: &[
            Column::bigint(c"id"),
            Column::key(c"feed"),
            Column::bigint(c"skipped"),
            Column::bigint(c"failed"),
            Column::text(c"error"),
            Column::instant(c"noted_at"),
        ],
    },
    Ours {
        table: c"journeys",
        evaluated: &[
            Column::key(c"id"),
            Column::boolean(c"enabled"),
            texts(c"starts_on"),
            texts(c"exits_on"),
            texts(c"waits_for"),
            Column::key(c"entry_limit"),
            interval(c"entry_period"),
            uuid(c"instance_id"),
        ],
        others: &[
            Column::text(c"name"),
            Column::text(c"description"),
            Column::instant(c"created_at"),
            Column::instant(c"updated_at"),
        ],
    },
    Ours {
        table: c"journey_runs",
        evaluated: &[
            Column::bigint(c"id"),
            Column::user(c"user_id"),
            Column::key(c"journey_id"),
            Column::int(c"entry_count"),
            Column::key(c"status"),
            Column::bigint(c"step"),
            Column::bigint(c"step_id"),
            Column::text(c"label"),
            Column::instant(c"started_at"),
            Column::instant(c"since"),
            Column::instant(c"ended_at"),
            Column::text(c"reason"),
            Column::key(c"wait_event"),
            Column::json(c"wait_filter"),
            Column::instant(c"wait_until"),
            Column::json(c"labels"),
        ],
        others: &[Column::json(c"state"), Column::text(c"error")],
    },
];
