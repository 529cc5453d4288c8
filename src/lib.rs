//! hogsend: real-time user segments inside Postgres.
//!
//! Who belongs where, and when that changes, is decided in the crate `hogsend_core`, which knows no
//! Postgres. This crate fetches facts and writes decisions down: [`ingest`], [`reconcile`],
//! [`backfill`] and [`define`] are the ways in, and all of them go through [`pipeline`].

mod backfill;
mod define;
mod delivery;
mod erase;
mod explain;
mod feed;
mod foresight;
mod forgetting;
mod identify;
mod ingest;
mod journeys;
mod language;
mod manual;
mod matches;
mod nesting;
mod outbox;
mod pg;
mod pipeline;
mod preview;
mod query;
mod queue;

mod reconcile;
mod registry;
mod report;
mod runs;
mod store;
mod strays;
mod survey;
mod tables;
mod validate;
mod verify;
mod warnings;

use pgrx::prelude::*;

::pgrx::pg_module_magic!(name, version);

#[pg_guard]
pub extern "C-unwind" fn _PG_init() {
    pg::init();
}

extension_sql_file!("../sql/instance.sql");
extension_sql_file!("../sql/clock.sql", requires = ["instance"]);
extension_sql_file!("../sql/tables.sql", requires = ["clock"]);
extension_sql_file!("../sql/views.sql", requires = ["tables"]);
extension_sql_file!("../sql/comments.sql", requires = ["views"]);
extension_sql_file!(
    "../sql/validate.sql",
    requires = [
        "comments",
        hogsend_problems,
        hogsend_warnings,
        hogsend_canonical_text,
        hogsend_zone_rules
    ]
);
extension_sql_file!("../sql/definitions.sql", requires = ["validate"]);
extension_sql_file!("../sql/journeys.sql", requires = ["definitions"]);
extension_sql_file!("../sql/triggers.sql", requires = ["journeys"]);
extension_sql_file!("../sql/define.sql", requires = ["triggers"]);
extension_sql_file!("../sql/builders.sql", requires = ["define"]);
extension_sql_file!("../sql/builders_event.sql", requires = ["builders"]);
extension_sql_file!("../sql/builders_bucket.sql", requires = ["builders_event"]);
extension_sql_file!(
    "../sql/builders_measure.sql",
    requires = ["builders_event", "builders_property"]
);
extension_sql_file!(
    "../sql/builders_sequence.sql",
    requires = ["builders_measure"]
);
extension_sql_file!(
    "../sql/builders_property.sql",
    requires = ["builders_event"]
);
extension_sql_file!(
    "../sql/ingest.sql",
    requires = [
        "builders_bucket",
        "builders_sequence",
        "builders_property",
        hogsend_forget_user,
        hogsend_dropped_events,
        hogsend_forget_users
    ]
);
extension_sql_file!(
    "../sql/read.sql",
    requires = [
        "ingest",
        hogsend_matches,
        hogsend_may_forget,
        hogsend_explain,
        hogsend_reconcile,
        hogsend_require_tables,
        hogsend_tables_version,
        hogsend_misfits,
        hogsend_require_columns
    ]
);
extension_sql_file!("../sql/procedures.sql", requires = ["read"]);
extension_sql_file!("../sql/schedule.sql", requires = ["procedures"]);
extension_sql_file!(
    "../sql/backfill.sql",
    requires = ["schedule", hogsend_backfill_chunk]
);
extension_sql_file!(
    "../sql/manual.sql",
    requires = [
        "backfill",
        hogsend_add_member_said,
        hogsend_add_members_said,
        hogsend_remove_member,
        hogsend_remove_members
    ]
);
extension_sql_file!(
    "../sql/identify.sql",
    requires = ["manual", hogsend_identify, hogsend_identify_many]
);
extension_sql_file!(
    "../sql/runs.sql",
    requires = [
        "identify",
        hogsend_sleep,
        hogsend_sleep_until,
        hogsend_wait_for,
        hogsend_checkpoint,
        hogsend_complete,
        hogsend_fail
    ]
);
extension_sql_file!("../sql/query.sql", requires = ["runs", hogsend_refresh]);
extension_sql_file!(
    "../sql/preview.sql",
    requires = [
        "query",
        hogsend_preview_text,
        hogsend_preview_change_text,
        hogsend_verify
    ]
);
extension_sql_file!(
    "../sql/consumers.sql",
    requires = ["preview", hogsend_next_xid]
);
extension_sql_file!("../sql/unread.sql", requires = ["consumers"]);
extension_sql_file!("../sql/journeys_ask.sql", requires = ["unread"]);
extension_sql_file!("../sql/feeds_reader.sql", requires = ["journeys_ask"]);
extension_sql_file!(
    "../sql/feeds_attach.sql",
    requires = ["feeds_reader", hogsend_repeated_key]
);
extension_sql_file!("../sql/feeds_parts.sql", requires = ["feeds_attach"]);
extension_sql_file!("../sql/feeds.sql", requires = ["feeds_parts"]);
extension_sql_file!(
    "../sql/feeds_import.sql",
    requires = [
        "feeds",
        hogsend_begin_import,
        hogsend_restart_import,
        hogsend_import_chunk
    ]
);
extension_sql_file!(
    "../sql/feeds_verify.sql",
    requires = ["feeds_import", hogsend_feed_differences]
);
extension_sql_file!("../sql/prune.sql", requires = ["feeds_verify"]);
extension_sql_file!("../sql/health_clock.sql", requires = ["prune"]);
extension_sql_file!("../sql/health_tables.sql", requires = ["health_clock"]);
extension_sql_file!("../sql/health_journeys.sql", requires = ["health_tables"]);
extension_sql_file!("../sql/health_server.sql", requires = ["health_journeys"]);
extension_sql_file!("../sql/health.sql", requires = ["health_server"]);
extension_sql_file!(
    "../sql/report.sql",
    requires = ["health", hogsend_report_page]
);
extension_sql_file!("../sql/metrics.sql", requires = ["report"]);
extension_sql_file!("../sql/privileges.sql", requires = ["metrics"]);
extension_sql_file!("../sql/adopt.sql", requires = ["privileges"]);
extension_sql_file!("../sql/install.sql", requires = ["adopt"]);
extension_sql_file!("../sql/interface.sql", requires = ["install"]);
extension_sql_file!("../sql/finish.sql", requires = ["interface"], finalize);
