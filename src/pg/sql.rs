//! A thin layer over SPI: kept plans, chosen snapshots, borrowed results.
//!
//! pgrx's own client decides by itself whether a call is read-only and cannot be told which
//! snapshot to use; both matter here. After a user's lock is taken, everything must be read as it
//! is *now*: at READ COMMITTED that is what a non-read-only SPI call does, at REPEATABLE READ and
//! above it takes an explicit latest snapshot, or the second of two concurrent events would be
//! counted without the first and nobody would notice.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::{CStr, c_char};
use std::panic::Location;
use std::ptr::NonNull;

use hogsend_core::time::Instant;
use pgrx::datum::FromDatum;
use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::fit;
use crate::pg::planning;
use crate::pg::settings;

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

/// One argument of a statement.
pub enum Arg<'a> {
    Text(&'a str),
    OptText(Option<&'a str>),
    BigInt(i64),
    OptBigInt(Option<i64>),
    Bool(bool),
    Instant(Instant),
    OptInstant(Option<Instant>),
    Texts(&'a [&'a str]),
    OptTexts(&'a [Option<&'a str>]),
    Ints(&'a [i32]),
    BigInts(&'a [i64]),
    Bools(&'a [bool]),
    OptBigInts(&'a [Option<i64>]),
    Instants(&'a [Option<Instant>]),
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
    /// The context that the plans were made for.
    static PLANNED_FOR: Cell<(u64, bool)> = const { Cell::new((0, false)) };
}

/// Forgets all plans: they were made for another schema.
fn forget_plans() {
    let plans = PLANS.with(|plans| std::mem::take(&mut *plans.borrow_mut()));
    for plan in plans.into_values() {
        // SAFETY: the plan was kept by us and is no longer reachable.
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
            let snapshot = if latest {
                pg_sys::GetLatestSnapshot()
            } else {
                std::ptr::null_mut()
            };
            let _running = planning::Running::begin(plan.text);
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
            Rows::of_last_call(self.context, code == pg_sys::SPI_OK_REWRITTEN as i32)
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

impl Arg<'_> {
    fn datum(&self) -> Option<pg_sys::Datum> {
        Some(match self {
            Arg::Text(text) => text_datum(text),
            Arg::OptText(text) => text_datum((*text)?),
            Arg::BigInt(value) => pg_sys::Datum::from(*value),
            Arg::OptBigInt(value) => pg_sys::Datum::from((*value)?),
            Arg::Bool(value) => pg_sys::Datum::from(*value),
            Arg::Instant(instant) => pg_sys::Datum::from(instant.0),
            Arg::OptInstant(instant) => pg_sys::Datum::from((*instant)?.0),
            Arg::Texts(texts) => array(texts.iter().map(|t| Some(text_datum(t))), pg_sys::TEXTOID),
            Arg::OptTexts(texts) => array(texts.iter().map(|t| t.map(text_datum)), pg_sys::TEXTOID),
            Arg::Ints(values) => array(
                values.iter().map(|v| Some(pg_sys::Datum::from(*v))),
                pg_sys::INT4OID,
            ),
            Arg::BigInts(values) => array(
                values.iter().map(|v| Some(pg_sys::Datum::from(*v))),
                pg_sys::INT8OID,
            ),
            Arg::Bools(values) => array(
                values.iter().map(|v| Some(pg_sys::Datum::from(*v))),
                pg_sys::BOOLOID,
            ),
            Arg::OptBigInts(values) => array(
                values.iter().map(|v| v.map(pg_sys::Datum::from)),
                pg_sys::INT8OID,
            ),
            Arg::Instants(values) => array(
                values.iter().map(|v| v.map(|i| pg_sys::Datum::from(i.0))),
                pg_sys::TIMESTAMPTZOID,
            ),
        })
    }
}

/// A text in the current memory context, which SPI frees with the connection.
pub fn text_datum(text: &str) -> pg_sys::Datum {
    // SAFETY: copies exactly `len` bytes of valid memory.
    unsafe {
        pg_sys::Datum::from(pg_sys::cstring_to_text_with_len(
            text.as_ptr().cast(),
            text.len() as i32,
        ))
    }
}

/// A jsonb as text.
pub fn json_text(value: pg_sys::Datum) -> String {
    // SAFETY: callers ask for jsonb only; the C string is copied.
    unsafe {
        let text = pgrx::direct_function_call_as_datum(pg_sys::jsonb_out, &[Some(value)]);
        let text = text.map_or(c"null".as_ptr(), |datum| datum.cast_mut_ptr::<c_char>());
        CStr::from_ptr(text).to_string_lossy().into_owned()
    }
}

fn array(
    elements: impl ExactSizeIterator<Item = Option<pg_sys::Datum>>,
    element_type: pg_sys::Oid,
) -> pg_sys::Datum {
    let mut nulls = Vec::with_capacity(elements.len());
    let mut values: Vec<pg_sys::Datum> = elements
        .map(|element| {
            nulls.push(element.is_none());
            element.unwrap_or(pg_sys::Datum::from(0))
        })
        .collect();
    let (length, by_value, align) = match element_type {
        pg_sys::TEXTOID => (-1, false, b'i'),
        pg_sys::INT4OID => (4, true, b'i'),
        pg_sys::BOOLOID => (1, true, b'c'),
        _ => (8, true, b'd'),
    };
    let mut dimensions = [values.len() as i32];
    let mut lower_bounds = [1];
    // SAFETY: one dimension of exactly `values.len()` elements of the stated layout; copied.
    unsafe {
        pg_sys::Datum::from(pg_sys::construct_md_array(
            values.as_mut_ptr(),
            nulls.as_mut_ptr(),
            1,
            dimensions.as_mut_ptr(),
            lower_bounds.as_mut_ptr(),
            element_type,
            length,
            by_value,
            align as c_char,
        ))
    }
}

/// The values of arguments, and which of them are NULL.
fn data(arguments: &[Arg]) -> (Vec<pg_sys::Datum>, Vec<c_char>) {
    let data = arguments.iter().map(|argument| {
        let datum = argument.datum();
        let null = if datum.is_some() { b' ' } else { b'n' };
        (datum.unwrap_or(pg_sys::Datum::from(0)), null as c_char)
    });
    data.unzip()
}

/// An open statement.
pub struct Cursor<'s> {
    portal: pg_sys::Portal,
    context: &'s Context,
}

impl Cursor<'_> {
    /// Hands the next rows to `read`, at most so many; they are freed afterwards.
    pub fn fetch<R>(&self, most: i64, read: impl FnOnce(&Rows) -> R) -> R {
        // SAFETY: the portal is open; `read` cannot keep the rows, whose table is freed after it.
        unsafe {
            pg_sys::SPI_cursor_fetch(self.portal, true, most);
            let rows = Rows::of_last_call(self.context, false);
            let result = read(&rows);
            pg_sys::SPI_freetuptable(rows.table);
            result
        }
    }

    pub fn close(self) {
        // SAFETY: the portal is open, and not used after this.
        unsafe { pg_sys::SPI_cursor_close(self.portal) };
    }
}

/// The rows of a statement. They live as long as the session.
pub struct Rows<'s> {
    table: *mut pg_sys::SPITupleTable,
    len: usize,
    /// Rows that the statement changed, or returned.
    pub processed: u64,
    /// A rule made something else of the statement.
    rewritten: bool,
    context: &'s Context,
}

impl<'s> Rows<'s> {
    unsafe fn of_last_call(context: &'s Context, rewritten: bool) -> Rows<'s> {
        // SAFETY: SPI sets both globals in every call; the table lives until SPI_finish.
        unsafe {
            let table = pg_sys::SPI_tuptable;
            let len = if table.is_null() {
                0
            } else {
                (*table).numvals as usize
            };
            Rows {
                table,
                len,
                processed: pg_sys::SPI_processed,
                rewritten,
                context,
            }
        }
    }

    pub fn len(&self) -> usize {
        self.len
    }

    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// A value of that type. What a statement selects from a column has the column's type, which may
    /// be another by now.
    fn datum(&self, row: usize, column: usize, wanted: pg_sys::Oid) -> Option<pg_sys::Datum> {
        assert!(row < self.len, "row {row} of {}", self.len);
        // SAFETY: row and column exist.
        unsafe {
            let description = (*self.table).tupdesc;
            let columns = (*description).natts as usize;
            assert!(
                (1..=columns).contains(&column),
                "column {column} of {columns}"
            );
            let actual = (*fit::attribute(description, column - 1)).atttypid;
            if !fit::is_of(actual, wanted) {
                fit::refuse_result(self.context, description, column - 1, wanted)
            }
            let tuple = *(*self.table).vals.add(row);
            let mut is_null = false;
            let value = pg_sys::SPI_getbinval(tuple, description, column as i32, &mut is_null);
            (!is_null).then_some(value)
        }
    }

    /// A text column (1-based); `None` for NULL.
    pub fn text(&self, row: usize, column: usize) -> Option<&'s str> {
        // SAFETY: it is a text, and lives as long as the session.
        self.datum(row, column, pg_sys::TEXTOID)
            .and_then(|d| unsafe { <&str>::from_datum(d, false) })
    }

    pub fn bigint(&self, row: usize, column: usize) -> Option<i64> {
        self.datum(row, column, pg_sys::INT8OID)
            .map(|d| d.value() as i64)
    }

    pub fn int(&self, row: usize, column: usize) -> Option<i32> {
        self.datum(row, column, pg_sys::INT4OID)
            .map(|d| d.value() as i32)
    }

    pub fn bool(&self, row: usize, column: usize) -> Option<bool> {
        self.datum(row, column, pg_sys::BOOLOID)
            .map(|d| d.value() as u8 != 0)
    }

    pub fn instant(&self, row: usize, column: usize) -> Option<Instant> {
        self.datum(row, column, pg_sys::TIMESTAMPTZOID)
            .map(|d| Instant(d.value() as i64))
    }
}
