//! Postgres's own things, as the rest of this crate sees them: sessions and statements, rows and
//! columns, locks, settings, errors. Nothing in here knows what a bucket is.

pub mod backtrace;
pub mod clock;
pub mod columns;
pub mod context;
pub mod direct;
pub mod error;
pub mod event_row;
pub mod fit;
pub mod given;
pub mod guard;
pub mod json;
pub mod locks;
pub mod memory;
pub mod moment;
pub mod numeric;
pub mod planning;
pub mod role;
pub mod row;
pub mod scratch;
pub mod settings;
pub mod snapshot;
pub mod spool;
pub mod sql;
pub mod stored;
pub mod subtransaction;
pub mod trigger;
pub mod zones;

/// What has to be in place before anything is called.
pub fn init() {
    backtrace::never();
    settings::init();
    planning::init();
}
