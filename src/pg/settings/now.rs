//! `hogsend.now`: the injected present.
//!
//! The text that is set is read once, by Postgres, in the zone and with the abbreviations of that
//! moment, and replaced by one that says the same in every zone; the instant is kept beside it. So
//! SHOW and the views, which can only read the text, mean the instant that every evaluation means.
//! And a parallel worker, which is given the leader's settings as texts and one by one, before it has
//! a time zone or abbreviations, reads it without any.

use std::cell::{Cell, RefCell};
use std::ffi::{CStr, CString, c_char, c_void};
use std::panic::AssertUnwindSafe;

use hogsend_core::time::Instant;
use pgrx::guc::{GucContext, GucFlags, GucRegistry, GucSetting};
use pgrx::pg_sys::panic::CaughtError;
use pgrx::prelude::*;
use pgrx::{PgSqlErrorCode, PgTryBuilder, pg_sys};

/// Superusers only: whoever sets the clock decides who is a member.
static NOW: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);

/// What these mean depends on when they are read, and outside of a transaction there is no such time.
const MOVING: [&str; 4] = ["now", "today", "tomorrow", "yesterday"];

thread_local! {
    static INSTANT: Cell<Option<Instant>> = const { Cell::new(None) };
    /// The text that the configuration file had, and what it said when it was read first. A reload
    /// reads all of the file again, in whatever zone each session has by then.
    static IN_FILE: RefCell<Option<(CString, Instant)>> = const { RefCell::new(None) };
}

pub fn define() {
    // SAFETY: the hooks are guarded against unwinding and follow the protocol of such hooks.
    unsafe {
        GucRegistry::define_string_guc_with_hooks(
            c"hogsend.now",
            c"The instant that hogsend takes for the present, for tests and simulations.",
            c"A timestamp with time zone, read when it is set; empty means the real clock.",
            &NOW,
            GucContext::Suset,
            GucFlags::default(),
            Some(check),
            Some(assign),
            None,
        );
    }
}

/// The injected present, if there is one.
pub fn injected_now() -> Option<Instant> {
    INSTANT.get()
}

/// Why a text is refused.
struct Problem {
    code: PgSqlErrorCode,
    detail: String,
}

/// Reads a text that is about to be set, and puts one in its place that needs no reading. May be called
/// by any process at nearly any time, the postmaster among them, which an error would end: what is
/// refused is reported by the protocol of check hooks and raised by the caller, if it may.
#[pg_guard]
unsafe extern "C-unwind" fn check(
    newval: *mut *mut c_char,
    _extra: *mut *mut c_void,
    source: pg_sys::GucSource::Type,
) -> bool {
    // SAFETY: Postgres hands a valid pointer to a (possibly null) C string of its own.
    let text = unsafe {
        if (*newval).is_null() {
            return true;
        }
        CStr::from_ptr(*newval)
    };
    if text.is_empty() || said_already(text).is_some() {
        return true;
    }
    // SAFETY: a plain variable of this process.
    if unsafe { pg_sys::InitializingParallelWorker } {
        // A text of a role or database, which the leader's takes the place of before anything is run.
        return true;
    }
    let is_in_file = source == pg_sys::GucSource::PGC_S_FILE;
    match known_in_file(text)
        .filter(|_| is_in_file)
        .map_or_else(|| parse(text), Ok)
    {
        Ok(instant) => {
            if is_in_file {
                IN_FILE.set(Some((text.to_owned(), instant)));
            }
            let iso = CString::new(instant.to_iso()).unwrap_or_default();
            // SAFETY: the string is Postgres's to be replaced, as its protocol says.
            unsafe { replace(newval, &iso) }
        }
        Err(problem) => {
            refuse(problem);
            false
        }
    }
}

/// Keeps the instant of the text that is in force from here on: set, or set back by the end of a
/// transaction, of a savepoint or of a function with a SET clause.
#[pg_guard]
unsafe extern "C-unwind" fn assign(newval: *const c_char, _extra: *mut c_void) {
    // SAFETY: Postgres hands a C string or null. It has been through `check`.
    let text = (!newval.is_null()).then(|| unsafe { CStr::from_ptr(newval) });
    INSTANT.set(text.and_then(said_already));
}

fn said_already(text: &CStr) -> Option<Instant> {
    Instant::from_iso(text.to_str().ok()?)
}

fn known_in_file(text: &CStr) -> Option<Instant> {
    IN_FILE.with_borrow(|known| {
        let (of, instant) = known.as_ref()?;
        (of.as_c_str() == text).then_some(*instant)
    })
}

fn parse(text: &CStr) -> Result<Instant, Problem> {
    let lower = text.to_string_lossy().to_lowercase();
    // SAFETY: reads the state of the transaction, and may be asked at any time.
    let timeless = unsafe { !pg_sys::IsTransactionState() };
    if let Some(word) = MOVING
        .iter()
        .find(|word| timeless && lower.contains(**word))
    {
        return Err(Problem {
            code: PgSqlErrorCode::ERRCODE_INVALID_DATETIME_FORMAT,
            detail: format!("A configuration file cannot say \"{word}\"."),
        });
    }
    // Caught without a subtransaction: reading a timestamp takes nothing that would have to be given
    // back.
    PgTryBuilder::new(AssertUnwindSafe(|| Ok(timestamptz_in(text))))
        .catch_others(|error| match error {
            CaughtError::PostgresError(report)
            | CaughtError::ErrorReport(report)
            | CaughtError::RustPanic {
                ereport: report, ..
            } => Err(Problem {
                code: report.sql_error_code(),
                detail: format!("It is no timestamp: {}.", report.message()),
            }),
        })
        .execute()
}

fn timestamptz_in(text: &CStr) -> Instant {
    // SAFETY: timestamptz_in takes a C string, a type oid that it ignores, and a typmod.
    let value = unsafe {
        pgrx::direct_function_call_as_datum(
            pg_sys::timestamptz_in,
            &[
                Some(pg_sys::Datum::from(text.as_ptr())),
                Some(pg_sys::Datum::from(pg_sys::InvalidOid)),
                Some(pg_sys::Datum::from(-1i32)),
            ],
        )
    };
    Instant(value.map_or(0, |datum| datum.value() as i64))
}

fn refuse(problem: Problem) {
    let hint = c"For example '2026-01-01 12:00+00', or '' for the real clock.";
    let detail = CString::new(problem.detail).unwrap_or_default();
    // SAFETY: plain variables of this process, which the caller of the hook reads at once. It frees the
    // strings with the context of errors, in which it expects them.
    unsafe {
        pg_sys::GUC_check_errcode(problem.code as i32);
        let context = pg_sys::ErrorContext;
        pg_sys::GUC_check_errdetail_string = pg_sys::MemoryContextStrdup(context, detail.as_ptr());
        pg_sys::GUC_check_errhint_string = pg_sys::MemoryContextStrdup(context, hint.as_ptr());
    }
}

/// Replaces the string that a check hook was given; false when there is no memory for it.
///
/// # Safety
///
/// `newval` must be what Postgres handed to a check hook.
#[cfg(any(feature = "pg14", feature = "pg15"))]
unsafe fn replace(newval: *mut *mut c_char, text: &CStr) -> bool {
    // Up to Postgres 15 settings are kept in memory of the C library's, and nothing wraps that.
    unsafe extern "C" {
        fn strdup(text: *const c_char) -> *mut c_char;
        fn free(memory: *mut c_void);
    }
    // SAFETY: the caller's promise.
    unsafe {
        let copy = strdup(text.as_ptr());
        if copy.is_null() {
            return false;
        }
        free((*newval).cast());
        *newval = copy;
    }
    true
}

/// Replaces the string that a check hook was given; false when there is no memory for it.
///
/// # Safety
///
/// `newval` must be what Postgres handed to a check hook.
#[cfg(not(any(feature = "pg14", feature = "pg15")))]
unsafe fn replace(newval: *mut *mut c_char, text: &CStr) -> bool {
    // SAFETY: the caller's promise. At this level a failure is logged, and not raised.
    unsafe {
        let copy = pg_sys::guc_strdup(pg_sys::LOG as i32, text.as_ptr());
        if copy.is_null() {
            return false;
        }
        pg_sys::guc_free((*newval).cast());
        *newval = copy;
    }
    true
}
