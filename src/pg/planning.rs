//! How our statements are planned: to find rows by index, under any statistics (I11 in doc/design.md).
//!
//! What we look up, we look up by index, and keep the plan; over a table that was empty when it was
//! analyzed the planner would rather read all of it, and go on so when it no longer is empty. And the
//! price it then puts on what cannot be had by index would look like work worth compiling for.
//!
//! The planner's settings say so while it plans a statement of ours, and at no other time: what runs
//! inside a statement, a trigger of the user's above all, sees the user's, and may set them. When Postgres
//! plans is its own affair: at first, again when a table was altered meanwhile, or each time, as the user
//! chooses. So the planner itself is asked which statement it has before it.

use std::cell::Cell;
use std::ffi::{c_char, c_int};
use std::ptr::{self, NonNull};

use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::pg::settings;

thread_local! {
    /// The text of the statement of ours that is being run, which the planner is given with whatever
    /// becomes of it. No two statements have the same address while both are there.
    static RUNNING: Cell<*const c_char> = const { Cell::new(ptr::null()) };
    /// Who else wants to be asked. Set once, when the library is loaded.
    static NEXT: Cell<pg_sys::planner_hook_type> = const { Cell::new(None) };
    static NEXT_OF_SIZES: Cell<pg_sys::get_relation_info_hook_type> = const { Cell::new(None) };
    /// Whether the statement that is being planned is one of ours.
    static IS_OURS: Cell<bool> = const { Cell::new(false) };
    /// Whether a statement was planned that writes in its WITH, or a MERGE.
    static WRITES_TWICE: Cell<bool> = const { Cell::new(false) };
    /// When the statement began in which the library was loaded: nobody has seen it being planned.
    static LOADED_AT: Cell<i64> = const { Cell::new(0) };
}

/// Whether the statement that is being run may write to one table in several ways, in its WITH or as a MERGE:
/// any of this session's, from the first one on that does. To be asked whenever that makes a difference: the plan
/// of the statement in which the library was loaded may be kept.
pub fn may_write_twice() -> bool {
    if LOADED_AT.get() == statement_began() {
        WRITES_TWICE.set(true);
    }
    WRITES_TWICE.get()
}

fn statement_began() -> i64 {
    // SAFETY: a plain variable of this backend.
    unsafe { pg_sys::GetCurrentStatementStartTimestamp() }
}

/// While it lives, a statement of ours is run.
pub struct Running {
    before: *const c_char,
}

impl Running {
    /// `text` is where the statement's plan has its text; it is compared and never read.
    pub fn begin(text: *const c_char) -> Running {
        Running {
            before: RUNNING.replace(text),
        }
    }
}

/// Whether a statement of ours is being run: what asks runs inside it.
pub fn is_running() -> bool {
    !RUNNING.get().is_null()
}

impl Drop for Running {
    // Also runs when an error unwinds.
    fn drop(&mut self) {
        RUNNING.set(self.before);
    }
}

/// Where a plan has its text: one place from its preparation to its end, and however often it is planned.
///
/// # Safety
/// `plan` must be one of SPI's, with one statement in it.
pub unsafe fn text_of(plan: NonNull<pg_sys::_SPI_plan>) -> *const c_char {
    // SAFETY: the list has the statement's source, whose text lives and dies with the plan.
    unsafe {
        let sources = pg_sys::SPI_plan_get_plan_sources(plan.as_ptr());
        let source = (*(*sources).elements).ptr_value;
        (*source.cast::<pg_sys::CachedPlanSource>()).query_string
    }
}

/// Has the planner ask us. To be called once, when the library is loaded.
pub fn init() {
    LOADED_AT.set(statement_began());
    // SAFETY: a plain variable of this process. The function is guarded against unwinding, passes on
    // what is not ours, and lives as long as the library, which is never unloaded.
    unsafe {
        NEXT.set(pg_sys::planner_hook);
        pg_sys::planner_hook = Some(plan);
        NEXT_OF_SIZES.set(pg_sys::get_relation_info_hook);
        pg_sys::get_relation_info_hook = Some(size_of);
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn plan(
    query: *mut pg_sys::Query,
    text: *const c_char,
    options: c_int,
    parameters: pg_sys::ParamListInfo,
) -> *mut pg_sys::PlannedStmt {
    let is_ours = !text.is_null() && text == RUNNING.get();
    // SAFETY: the query is the planner's, and valid.
    if !is_ours && unsafe { writes_twice(query) } {
        WRITES_TWICE.set(true);
    }
    let _by_index = is_ours.then(ByIndex::begin);
    let _ours = Ours::begin(is_ours);
    // SAFETY: the arguments are handed on as they came. The boundary makes a panic of an error, so that the
    // settings are put back.
    unsafe {
        match NEXT.get() {
            Some(next) => {
                pg_sys::ffi::pg_guard_ffi_boundary(|| next(query, text, options, parameters))
            }
            None => pg_sys::standard_planner(query, text, options, parameters),
        }
    }
}

/// # Safety
///
/// The query must be a valid one.
unsafe fn writes_twice(query: *const pg_sys::Query) -> bool {
    // SAFETY: the caller's promise.
    let query = unsafe { &*query };
    #[cfg(not(feature = "pg14"))]
    let is_merge = query.commandType == pg_sys::CmdType::CMD_MERGE;
    #[cfg(feature = "pg14")]
    let is_merge = false;
    is_merge || query.hasModifyingCTE
}

/// While it lives, the planner finds rows by index. The planner's own variables, because a SET clause of
/// a trigger function costs every INSERT.
struct ByIndex {
    seqscan: bool,
    bitmapscan: bool,
    jit: bool,
}

impl ByIndex {
    fn begin() -> ByIndex {
        // SAFETY: plain variables of this backend, which has one thread. Nobody keeps a reference.
        unsafe {
            let before = ByIndex {
                seqscan: pg_sys::enable_seqscan,
                bitmapscan: pg_sys::enable_bitmapscan,
                jit: pg_sys::jit_enabled,
            };
            pg_sys::enable_seqscan = false;
            pg_sys::enable_bitmapscan = false;
            pg_sys::jit_enabled = false;
            before
        }
    }
}

impl Drop for ByIndex {
    // Also runs when an error unwinds; it touches nothing else of Postgres.
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe {
            pg_sys::enable_seqscan = self.seqscan;
            pg_sys::enable_bitmapscan = self.bitmapscan;
            pg_sys::jit_enabled = self.jit;
        }
    }
}

/// Puts back whose the statement is that is being planned, when it goes, also when an error unwinds.
struct Ours(bool);

impl Ours {
    fn begin(are_ours: bool) -> Ours {
        Ours(IS_OURS.replace(are_ours))
    }
}

impl Drop for Ours {
    fn drop(&mut self) {
        IS_OURS.set(self.0);
    }
}

/// As how large a table is planned with that has fewer rows: so many, and so many of them on a page. A plan is
/// kept, and tables grow; and over one of which the planner knows that it is empty, it reads all of an index
/// rather than look into it once for each of ten rows.
const ROWS: f64 = 100_000.0;
const ROWS_A_PAGE: f64 = 50.0;

/// Tells the planner how large a table of ours is.
#[pg_guard]
unsafe extern "C-unwind" fn size_of(
    root: *mut pg_sys::PlannerInfo,
    table: pg_sys::Oid,
    is_parent: bool,
    relation: *mut pg_sys::RelOptInfo,
) {
    // SAFETY: the arguments are handed on as they came. The relation and its indexes are the planner's own
    // notes, of which these are estimates.
    unsafe {
        if let Some(next) = NEXT_OF_SIZES.get() {
            pg_sys::ffi::pg_guard_ffi_boundary(|| next(root, table, is_parent, relation));
        }
        let is_the_users = table.to_u32() >= pg_sys::FirstNormalObjectId;
        if !IS_OURS.get() || is_parent || !is_the_users {
            return;
        }
        let relation = &mut *relation;
        let indexes = pgrx::PgList::<pg_sys::IndexOptInfo>::from_pg(relation.indexlist);
        if settings::test_empty() {
            (relation.pages, relation.tuples) = (0, 0.0);
            for index in indexes.iter_ptr() {
                ((*index).pages, (*index).tuples, (*index).tree_height) = (1, 0.0, 0);
            }
        }
        if relation.tuples < ROWS {
            let pages = (ROWS / ROWS_A_PAGE) as pg_sys::BlockNumber;
            (relation.pages, relation.tuples) = (relation.pages.max(pages), ROWS);
        }
        for index in indexes.iter_ptr().filter(|index| (**index).tuples < ROWS) {
            let pages = (ROWS / ROWS_A_PAGE / 4.0) as pg_sys::BlockNumber;
            (*index).pages = (*index).pages.max(pages);
            (*index).tuples = ROWS;
            (*index).tree_height = (*index).tree_height.max(1);
        }
    }
}
