//! Settings (`SET hogsend.…`), in alphabetical order.

mod now;
mod test_fail;

use std::cell::Cell;

use pgrx::guc::{GucContext, GucFlags, GucRegistry, GucSetting, PostgresGucEnum};

pub use now::injected_now;
pub use test_fail::place as place_to_fail;

#[derive(Clone, Copy, Debug, PartialEq, Eq, PostgresGucEnum)]
#[allow(non_camel_case_types)]
pub enum Evaluate {
    on,
    off,
    later,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PostgresGucEnum)]
#[allow(non_camel_case_types)]
pub enum Install {
    all,
    none,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PostgresGucEnum)]
#[allow(non_camel_case_types)]
pub enum Notify {
    transition,
    wake,
    off,
}

/// Anybody may be silent: it is about what the session's own statements do, who could as well not do
/// it, and what moved shows in the tables all the same.
static ANNOUNCE: GucSetting<bool> = GucSetting::<bool>::new(true);
/// Anybody may defer evaluation: it only moves work to the next reconcile, nothing is lost.
static EVALUATE: GucSetting<Evaluate> = GucSetting::<Evaluate>::new(Evaluate::on);
/// Up to here a definition takes a moment; beyond it, it would keep every writer waiting.
static INLINE_BACKFILL: GucSetting<i32> = GucSetting::<i32>::new(10_000);
/// Read by the install script alone.
static INSTALL: GucSetting<Install> = GucSetting::<Install>::new(Install::all);
/// The default tells a listener all it needs for one transition, without personal data.
static NOTIFY: GucSetting<Notify> = GucSetting::<Notify>::new(Notify::transition);
/// Who writes a query that takes longer than this in a refresh of every few minutes did not mean to.
/// 0: no limit.
static QUERY_TIMEOUT: GucSetting<i32> = GucSetting::<i32>::new(30_000);
/// 0: nothing is pruned by itself. A database's history is its owner's to throw away.
static RETENTION: GucSetting<i32> = GucSetting::<i32>::new(0);
/// Superusers only: exists so that the test of the plans can have them made while there is nothing.
static TEST_EMPTY: GucSetting<bool> = GucSetting::<bool>::new(false);
/// Superusers only: exists so that the tests can compare both ways of reading.
static TEST_NO_DIRECT: GucSetting<bool> = GucSetting::<bool>::new(false);
/// Superusers only: exists so that the concurrency tests can show that they catch a missing lock.
static TEST_NO_LOCK: GucSetting<bool> = GucSetting::<bool>::new(false);
/// Superusers only: exists so that the test of the plans can tell whose they are.
static TEST_PLACES: GucSetting<bool> = GucSetting::<bool>::new(false);
/// Superusers only: exists so that tests need not do as much as those for whom totals are kept. Fewer events than
/// that take no longer to read than it takes to write the row of a total with each further one.
static TEST_TOTALS: GucSetting<i32> = GucSetting::<i32>::new(100);

pub fn init() {
    GucRegistry::define_bool_guc(
        c"hogsend.announce",
        c"Whether what the session's statements move is announced.",
        c"With off they move members without a word, for imports; a silent stay counts under the entry limit.",
        &ANNOUNCE,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_enum_guc(
        c"hogsend.evaluate",
        c"Whether statements on user_events and contacts evaluate buckets at once.",
        c"With off, the users touched are queued and the next hogsend_reconcile() evaluates them; with later, that takes no lock.",
        &EVALUATE,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_int_guc(
        c"hogsend.inline_backfill",
        c"Up to how many candidate users a definition is filled in the defining statement.",
        c"Above it hogsend_reconcile() fills the bucket in the background, or CALL hogsend_backfill(bucket_id).",
        &INLINE_BACKFILL,
        0,
        i32::MAX,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_enum_guc(
        c"hogsend.install",
        c"Whether CREATE EXTENSION hogsend creates the tables.",
        c"With none it creates functions only, because a dump that is being restored brings the tables.",
        &INSTALL,
        GucContext::Userset,
        GucFlags::default(),
    );
    GucRegistry::define_enum_guc(
        c"hogsend.notify",
        c"What is sent on channel bucket_transitions.",
        c"transition: one notification a transition; wake: one constant payload a transaction; off: none.",
        &NOTIFY,
        GucContext::Userset,
        GucFlags::default(),
    );
    now::define();
    GucRegistry::define_int_guc(
        c"hogsend.query_timeout",
        c"For how long the query of a query bucket may run; 0: as long as it takes.",
        c"One that takes longer leaves the members as they are, and hogsend_health() shows it.",
        &QUERY_TIMEOUT,
        0,
        i32::MAX,
        GucContext::Userset,
        GucFlags::UNIT_MS,
    );
    GucRegistry::define_int_guc(
        c"hogsend.retention",
        c"How old transitions must be for hogsend_reconcile() to remove them; 0: it keeps them.",
        c"Only what every consumer has passed is removed.",
        &RETENTION,
        0,
        i32::MAX,
        GucContext::Suset,
        GucFlags::UNIT_S,
    );
    GucRegistry::define_bool_guc(
        c"hogsend.test_empty",
        c"Plans statements as if all tables were empty. For hogsend's own tests.",
        c"",
        &TEST_EMPTY,
        GucContext::Suset,
        GucFlags::NO_SHOW_ALL,
    );
    test_fail::define();
    GucRegistry::define_bool_guc(
        c"hogsend.test_no_direct",
        c"Reads in SQL what is otherwise read by index directly. For hogsend's own tests.",
        c"",
        &TEST_NO_DIRECT,
        GucContext::Suset,
        GucFlags::NO_SHOW_ALL,
    );
    GucRegistry::define_bool_guc(
        c"hogsend.test_no_lock",
        c"Leaves out the lock on contacts. For hogsend's own tests only: it loses transitions.",
        c"",
        &TEST_NO_LOCK,
        GucContext::Suset,
        GucFlags::NO_SHOW_ALL,
    );
    GucRegistry::define_bool_guc(
        c"hogsend.test_places",
        c"Writes into each statement that is planned where it comes from. For hogsend's own tests.",
        c"",
        &TEST_PLACES,
        GucContext::Suset,
        GucFlags::NO_SHOW_ALL,
    );
    GucRegistry::define_int_guc(
        c"hogsend.test_totals",
        c"From how many events on that were looked at their total is kept. For hogsend's own tests.",
        c"",
        &TEST_TOTALS,
        1,
        i32::MAX,
        GucContext::Suset,
        GucFlags::NO_SHOW_ALL,
    );
}

pub fn announce() -> bool {
    ANNOUNCE.get() && !SILENT.get()
}

thread_local! {
    /// Whether work of our own is being done of which nobody is to hear.
    static SILENT: Cell<bool> = const { Cell::new(false) };
}

/// Does `work` as if under `hogsend.announce = off`, if it `is_silent`.
pub fn silently<R>(is_silent: bool, work: impl FnOnce() -> R) -> R {
    /// Puts back what was, also when an error unwinds.
    struct Before(bool);
    impl Drop for Before {
        fn drop(&mut self) {
            SILENT.set(self.0);
        }
    }
    let _before = Before(SILENT.replace(SILENT.get() || is_silent));
    work()
}

pub fn evaluate() -> Evaluate {
    EVALUATE.get()
}

pub fn inline_backfill() -> i32 {
    INLINE_BACKFILL.get()
}

pub fn notify() -> Notify {
    NOTIFY.get()
}

/// In milliseconds; 0 for no limit.
pub fn query_timeout() -> i32 {
    QUERY_TIMEOUT.get()
}

/// In seconds; 0 for ever.
pub fn retention() -> i32 {
    RETENTION.get()
}

pub fn test_empty() -> bool {
    TEST_EMPTY.get()
}

pub fn test_no_direct() -> bool {
    TEST_NO_DIRECT.get()
}

pub fn test_no_lock() -> bool {
    TEST_NO_LOCK.get()
}

pub fn test_places() -> bool {
    TEST_PLACES.get()
}

pub fn totals_from() -> usize {
    usize::try_from(TEST_TOTALS.get()).unwrap_or(usize::MAX)
}
