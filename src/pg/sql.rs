//! A thin layer over SPI: kept plans, chosen snapshots, borrowed results.
//!
//! pgrx's own client decides by itself whether a call is read-only and cannot be told which
//! snapshot to use; both matter here. After a user's lock is taken, everything must be read as it
//! is *now*: at READ COMMITTED that is what a non-read-only SPI call does, at REPEATABLE READ and
//! above it takes an explicit latest snapshot, or the second of two concurrent events would be
//! counted without the first and nobody would notice.

mod argument;
mod rows;

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::c_char;
use std::panic::Location;
use std::ptr::NonNull;

use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::planning;
use crate::pg::settings;
use crate::pg::spool::Spool;

use argument::data;
pub use argument::{Arg, json_datum, json_text, numeric_datum, numeric_text, text_datum};
pub use rows::{Cursor, Rows};

/// An SQL text with `{s}` for our schema (see [`Context::expand`]), planned once a backend.
pub struct Statement {
    text: &'static str,
    arguments: &'static [pg_sys::Oid],
    /// Where it is written.
    place: &'static Location<'static>,
}

impl Statement {
    #[track_caller]
    pub const fn new(text: &'static str, arguments: &'static [pg_sys::Oid]) -> Statement {
        let place = Location::caller();
        Statement {
            text,
            arguments,
            place,
        }
    }

    /// The text, for the test of the plans with its place before it, so that none can escape it.
    fn text(&self) -> Cow<'static, str> {
        if settings::test_places() {
            let (file, line) = (self.place.file(), self.place.line());
            return format!("/* {file}:{line} */ {}", self.text).into();
        }
        self.text.into()
    }
}

/// How a session reads.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// Sees everything committed up to each statement, and our own writes.
    Latest,
    /// Sees what the calling query sees; works on a standby and takes no transaction id.
    Caller,
}

/// An open SPI connection.
pub struct Session<'c> {
    context: &'c Context,
    mode: Mode,
}

#[derive(Clone, Copy)]
struct Plan {
    spi: NonNull<pg_sys::_SPI_plan>,
    /// By what the planner knows it.
    text: *const c_char,
}

thread_local! {
    static PLANS: RefCell<HashMap<*const Statement, Plan>> = RefCell::new(HashMap::new());
    /// Plans that are no longer used, and may be in use.
    static FORGOTTEN: RefCell<Vec<Plan>> = const { RefCell::new(Vec::new()) };
    /// The context that the plans were made for.
    static PLANNED_FOR: Cell<(u64, bool)> = const { Cell::new((0, false)) };
}

/// Forgets all plans: they were made for another schema. A trigger of the user's can make us do so in the
/// middle of a statement, whose plan is being run; then they are freed by whoever forgets after it.
fn forget_plans() {
    let plans = PLANS.with(|plans| std::mem::take(&mut *plans.borrow_mut()));
    let mut forgotten = FORGOTTEN.take();
    forgotten.extend(plans.into_values());
    if planning::is_running() {
        return FORGOTTEN.set(forgotten);
    }
    for plan in forgotten {
        // SAFETY: the plan was kept by us, is no longer reachable, and no statement of ours is being run.
        unsafe { pg_sys::SPI_freeplan(plan.spi.as_ptr()) };
    }
}

impl<'c> Session<'c> {
    /// Runs `work` with a connection for writers.
    pub fn write<R>(context: &'c Context, work: impl FnOnce(&Session<'c>) -> R) -> R {
        Session::run(context, Mode::Latest, work)
    }

    /// Runs `work` with a connection for readers.
    pub fn read<R>(context: &'c Context, work: impl FnOnce(&Session<'c>) -> R) -> R {
        Session::run(context, Mode::Caller, work)
    }

    fn run<R>(context: &'c Context, mode: Mode, work: impl FnOnce(&Session<'c>) -> R) -> R {
        // SAFETY: SPI_connect and SPI_finish are paired on the success path. On an error Postgres
        // closes the connection itself when it aborts the (sub)transaction, so nothing is done in
        // a destructor while unwinding.
        unsafe {
            check(pg_sys::SPI_connect());
            settings::place_to_fail();
            let result = work(&Session { context, mode });
            check(pg_sys::SPI_finish());
            result
        }
    }

    /// Where a writer's rows may be fetched by index, without SQL.
    pub fn direct(&self) -> Option<&'c Context> {
        (self.mode == Mode::Latest).then_some(self.context)
    }

    /// The schema that our tables are in.
    pub fn namespace(&self) -> pg_sys::Oid {
        self.context.namespace()
    }

    pub fn context(&self) -> &'c Context {
        self.context
    }

    /// Runs `work` with a connection inside this one; what it reads is freed at its end.
    pub fn nested<R>(&self, work: impl FnOnce(&Session<'c>) -> R) -> R {
        Session::run(self.context, self.mode, work)
    }

    /// Makes the transition tables of a trigger readable by their names.
    pub fn register_transition_tables(&self, trigger: *mut pg_sys::TriggerData) {
        // SAFETY: the caller got the pointer from Postgres in this very trigger call.
        check(unsafe { pg_sys::SPI_register_trigger_data(trigger) });
    }

    /// Runs a statement by its kept plan.
    ///
    /// What a rule of the user's makes of a statement may be nothing at all, and such a plan depends on no
    /// table: Postgres would not notice when the rule is gone. So none of those is kept.
    pub fn execute(&self, statement: &'static Statement, arguments: &[Arg]) -> Rows<'_> {
        let key: *const Statement = statement;
        let Some(plan) = self.kept_plan(key) else {
            let plan = self.prepare(statement);
            let rows = self.run_plan(plan, arguments);
            if !rows.rewritten {
                self.keep_plan(key, plan);
            }
            return rows;
        };
        let rows = self.run_plan(plan, arguments);
        if rows.rewritten {
            // It is not freed: somebody further out may be running it.
            PLANS.with(|plans| plans.borrow_mut().remove(&key));
        }
        rows
    }

    /// Runs a statement that is planned each time: because it names a transition table, and such a
    /// plan belongs to one trigger call, or because the plan must fit the tables as they are. SPI
    /// frees it with the connection.
    pub fn execute_once(&self, statement: &'static Statement, arguments: &[Arg]) -> Rows<'_> {
        self.run_plan(self.prepare(statement), arguments)
    }

    /// Runs a statement that only reads, by its kept plan, and puts the rows that it returns into a spool
    /// with such columns.
    pub fn put(&self, statement: &'static Statement, into: &Spool) {
        let key: *const Statement = statement;
        let plan = self.kept_plan(key).unwrap_or_else(|| {
            let plan = self.prepare(statement);
            self.keep_plan(key, plan);
            plan
        });
        // SAFETY: the plan takes no arguments; the receiver belongs to this call, and the spool outlives it.
        unsafe {
            let _running = planning::Running::begin(plan.text);
            pg_sys::PushActiveSnapshot(pg_sys::GetLatestSnapshot());
            let options = pg_sys::SPIExecuteOptions {
                read_only: true,
                dest: into.receiver(),
                ..Default::default()
            };
            let code = pg_sys::SPI_execute_plan_extended(plan.spi.as_ptr(), &options);
            pg_sys::PopActiveSnapshot();
            check(code);
        }
    }

    /// Begins a statement whose rows are fetched a few at a time.
    pub fn open(&self, statement: &'static Statement, arguments: &[Arg]) -> Cursor<'_> {
        let plan = self.prepare(statement);
        let (mut values, nulls) = data(arguments);
        // SAFETY: as in `run_plan`. The portal is planned here; it ends with `Cursor::close`, or on
        // an error with the (sub)transaction.
        unsafe {
            let _running = planning::Running::begin(plan.text);
            let portal = pg_sys::SPI_cursor_open(
                std::ptr::null(),
                plan.spi.as_ptr(),
                values.as_mut_ptr(),
                nulls.as_ptr(),
                self.mode == Mode::Caller,
            );
            Cursor {
                portal,
                context: self.context,
            }
        }
    }

    fn run_plan(&self, plan: Plan, arguments: &[Arg]) -> Rows<'_> {
        let (mut values, nulls) = data(arguments);
        // SAFETY: every statement is written next to the types of its arguments, the arrays
        // outlive the call, and SPI copies the snapshot before it uses it.
        unsafe {
            debug_assert_eq!(
                pg_sys::SPI_getargcount(plan.spi.as_ptr()),
                values.len() as i32
            );
            let latest = self.mode == Mode::Latest
                && pg_sys::XactIsoLevel >= pg_sys::XACT_REPEATABLE_READ as i32;
            let _running = planning::Running::begin(plan.text);
            // The tables are locked before the snapshot is taken. A table that somebody has rewritten
            // while we waited for it is empty to an older one.
            let locked = latest.then(|| pg_sys::SPI_plan_get_cached_plan(plan.spi.as_ptr()));
            let snapshot = if latest {
                pg_sys::GetLatestSnapshot()
            } else {
                std::ptr::null_mut()
            };
            settings::place_to_fail();
            let code = pg_sys::SPI_execute_snapshot(
                plan.spi.as_ptr(),
                values.as_mut_ptr(),
                nulls.as_ptr(),
                snapshot,
                std::ptr::null_mut(),
                self.mode == Mode::Caller,
                true,
                0,
            );
            check(code);
            let rows = Rows::of_last_call(self.context, code == pg_sys::SPI_OK_REWRITTEN as i32);
            if let Some(locked) = locked.filter(|locked| !locked.is_null()) {
                let is_kept = (*locked).is_saved;
                let owner = [std::ptr::null_mut(), pg_sys::CurrentResourceOwner];
                pg_sys::ReleaseCachedPlan(locked, owner[usize::from(is_kept)]);
            }
            rows
        }
    }

    fn kept_plan(&self, key: *const Statement) -> Option<Plan> {
        let of = (self.context.number, self.context.has_new_columns());
        if PLANNED_FOR.replace(of) != of {
            forget_plans();
        }
        PLANS.with(|plans| plans.borrow().get(&key).copied())
    }

    fn keep_plan(&self, key: *const Statement, plan: Plan) {
        let is_kept = PLANS.with(|plans| plans.borrow().contains_key(&key));
        // Triggers may have run it meanwhile, or something of another schema's.
        if is_kept || PLANNED_FOR.get() != (self.context.number, self.context.has_new_columns()) {
            return;
        }
        // SAFETY: the plan belongs to this connection; from here on it lives until `forget_plans`.
        check(unsafe { pg_sys::SPI_keepplan(plan.spi.as_ptr()) });
        PLANS.with(|plans| plans.borrow_mut().insert(key, plan));
    }

    fn prepare(&self, statement: &'static Statement) -> Plan {
        let text = self.context.expand(&statement.text());
        let mut types = statement.arguments.to_vec();
        // One plan for all arguments: a plan made for the arguments of a large statement is a bad
        // one for the small ones after it, and planning costs more than most statements do.
        let options = pg_sys::CURSOR_OPT_GENERIC_PLAN as i32;
        // SAFETY: SPI copies text and types, and the plan is whole.
        unsafe {
            let plan = pg_sys::SPI_prepare_cursor(
                text.as_ptr(),
                types.len() as i32,
                types.as_mut_ptr(),
                options,
            );
            let code = pg_sys::SPI_result;
            let spi = NonNull::new(plan).unwrap_or_else(|| panic!("SPI_prepare returned {code}"));
            let text = planning::text_of(spi);
            Plan { spi, text }
        }
    }
}

/// SPI reports misuse by negative codes; none of them can be caused by a user.
fn check(code: i32) {
    assert!(code >= 0, "SPI returned {code}");
}
