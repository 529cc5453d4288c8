//! Running what somebody else wrote: with their rights and no more, unable to change anything, for a
//! limited time, and so that nothing of it is left whatever becomes of it.
//!
//! A subtransaction takes back what an error leaves, and what the work set besides: the role, the
//! settings, and whether one may write are what they were on every way out.

use std::cell::Cell;
use std::ffi::{CStr, CString, c_int};
use std::panic::AssertUnwindSafe;
use std::ptr;
use std::sync::atomic::{AtomicBool, Ordering};

use pgrx::pg_sys;
use pgrx::pg_sys::panic::CaughtError;
use pgrx::{PgSqlErrorCode, PgTryBuilder};

use crate::pg::error::Refusal;

/// Why it came to nothing.
pub struct Failure {
    pub message: String,
    pub detail: Option<String>,
    pub hint: Option<String>,
}

impl Failure {
    /// The error for whoever asked about a bucket's query.
    pub fn of(self, bucket: &str) -> Refusal {
        let refusal = Refusal::invalid(format!("bucket \"{bucket}\": {}", self.message));
        refusal
            .detail(self.detail.unwrap_or_else(|| {
                "Its query was tried with the rights of the role that defined it.".into()
            }))
            .hint(self.hint.unwrap_or_else(|| {
                "Try the query by itself: a query bucket takes what one SELECT, WITH or VALUES returns.".into()
            }))
    }
}

/// As whom, and how, something is run.
pub struct Guard<'a> {
    pub role: pg_sys::Oid,
    /// Where names are looked up.
    pub search_path: &'a str,
    /// In milliseconds; 0 for no limit.
    pub time_limit: i32,
}

/// What else decides about what a query says: the same in every session.
const SETTINGS: [(&CStr, &str); 6] = [
    (c"datestyle", "ISO, MDY"),
    (c"intervalstyle", "postgres"),
    (c"row_security", "on"),
    (c"standard_conforming_strings", "on"),
    (c"timezone", "UTC"),
    (c"transform_null_equals", "off"),
];

impl Guard<'_> {
    /// Runs `work`, which may raise errors.
    ///
    /// # Errors
    ///
    /// What was raised, or that the time was up. What concerns the whole transaction is raised
    /// further, after everything was taken back: cancellation by anybody else, and the failure of a
    /// serializable transaction.
    pub fn run<R>(&self, work: impl FnOnce() -> R) -> Result<R, Failure> {
        // SAFETY: the same sequence as PL/pgSQL's exception blocks, as in `attempt`. Role, read-only
        // state and settings are set inside the subtransaction, whose end restores the first two;
        // the settings end with their nest level or, on an error, with the subtransaction.
        unsafe {
            let context = pg_sys::CurrentMemoryContext;
            let owner = pg_sys::CurrentResourceOwner;
            let mut outer = (pg_sys::InvalidOid, 0);
            pg_sys::GetUserIdAndSecContext(&mut outer.0, &mut outer.1);
            pg_sys::BeginInternalSubTransaction(ptr::null());
            pg_sys::MemoryContextSwitchTo(context);
            let result = PgTryBuilder::new(AssertUnwindSafe(|| {
                let level = pg_sys::NewGUCNestLevel();
                set(c"search_path", &with_temp_last(self.search_path));
                SETTINGS.iter().for_each(|(name, value)| set(name, value));
                let restricted = outer.1
                    | pg_sys::SECURITY_LOCAL_USERID_CHANGE as i32
                    | pg_sys::SECURITY_RESTRICTED_OPERATION as i32;
                pg_sys::SetUserIdAndSecContext(self.role, restricted);
                pg_sys::XactReadOnly = true;
                let timer = Timer::start(self.time_limit);
                let value = work();
                timer.stop();
                // Whatever it set is taken back as well.
                pg_sys::AtEOXact_GUC(false, level);
                pg_sys::SetUserIdAndSecContext(outer.0, outer.1);
                Ok(value)
            }))
            .catch_others(|error| Err(Box::new(error)))
            .execute();
            Timer::disable();
            match result {
                Ok(_) => pg_sys::ReleaseCurrentSubTransaction(),
                Err(_) => pg_sys::RollbackAndReleaseCurrentSubTransaction(),
            }
            pg_sys::MemoryContextSwitchTo(context);
            pg_sys::CurrentResourceOwner = owner;
            result.map_err(|error| self.failure(*error))
        }
    }

    fn failure(&self, error: CaughtError) -> Failure {
        let (CaughtError::PostgresError(report)
        | CaughtError::ErrorReport(report)
        | CaughtError::RustPanic {
            ereport: report, ..
        }) = &error;
        // SAFETY: a plain variable of this backend.
        let serializable = unsafe { pg_sys::XactIsoLevel == pg_sys::XACT_SERIALIZABLE as i32 };
        match report.sql_error_code() {
            PgSqlErrorCode::ERRCODE_QUERY_CANCELED if FIRED.load(Ordering::Relaxed) => Failure {
                message: "the query took too long".into(),
                detail: Some(format!(
                    "It was given {} ms, which is hogsend.query_timeout.",
                    self.time_limit
                )),
                hint: Some("Make it faster, or raise the setting.".into()),
            },
            PgSqlErrorCode::ERRCODE_QUERY_CANCELED => error.rethrow(),
            PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE if serializable => error.rethrow(),
            _ => Failure {
                message: report.message().to_owned(),
                detail: report.detail().map(str::to_owned),
                hint: report.hint().map(str::to_owned),
            },
        }
    }
}

/// A path in which nothing comes before what it names: temporary tables would, and those are of
/// whoever is connected.
fn with_temp_last(path: &str) -> String {
    match path.trim() {
        "" => "pg_temp".into(),
        path => format!("{path}, pg_temp"),
    }
}

/// Does `work` under another setting. An error takes it back with the subtransaction that it ends, so there
/// must be one around it.
pub fn with_setting<R>(name: &CStr, value: &str, work: impl FnOnce() -> R) -> R {
    // SAFETY: the nest level ends on the success path, and else with the subtransaction.
    unsafe {
        let level = pg_sys::NewGUCNestLevel();
        set(name, value);
        let result = work();
        pg_sys::AtEOXact_GUC(false, level);
        result
    }
}

/// Sets a setting until the present nest level ends, if it is another one: to set it costs more than to
/// look.
fn set(name: &CStr, value: &str) {
    if let Ok(value) = CString::new(value) {
        // SAFETY: both strings outlive the calls, and the server's is compared at once.
        unsafe {
            let present = pg_sys::GetConfigOption(name.as_ptr(), true, false);
            if !present.is_null() {
                let present = CStr::from_ptr(present);
                // The same zone has two names, and a server has either.
                if present == value.as_c_str()
                    || (present == c"Etc/UTC" && value.as_c_str() == c"UTC")
                {
                    return;
                }
            }
            pg_sys::set_config_option(
                name.as_ptr(),
                value.as_ptr(),
                pg_sys::GucContext::PGC_USERSET,
                pg_sys::GucSource::PGC_S_SESSION,
                pg_sys::GucAction::GUC_ACTION_SAVE,
                true,
                0,
                false,
            );
        }
    }
}

unsafe extern "C" {
    fn RegisterTimeout(id: c_int, handler: unsafe extern "C" fn()) -> c_int;
    fn enable_timeout_after(id: c_int, delay_ms: c_int);
    fn disable_timeout(id: c_int, keep_indicator: bool);
    fn SetLatch(latch: *mut pg_sys::Latch);
}

/// Past all numbers that Postgres has for timeouts of its own: asks for one of those that are free.
const ANY: c_int = 1000;

/// The time was up. Set by the handler of a signal.
static FIRED: AtomicBool = AtomicBool::new(false);

thread_local! {
    /// The number of our timeout; registered once a backend.
    static NUMBER: Cell<Option<c_int>> = const { Cell::new(None) };
}

/// Cancels what is running, like a statement_timeout of its own.
struct Timer;

impl Timer {
    fn start(limit: i32) -> Timer {
        FIRED.store(false, Ordering::Relaxed);
        if limit > 0 {
            // SAFETY: the handler only sets flags and lives as long as the library, which is never
            // unloaded. Errors of the server go through the boundary.
            unsafe {
                let number = NUMBER.get().unwrap_or_else(|| {
                    pg_sys::ffi::pg_guard_ffi_boundary(|| RegisterTimeout(ANY, on_timeout))
                });
                NUMBER.set(Some(number));
                pg_sys::ffi::pg_guard_ffi_boundary(|| enable_timeout_after(number, limit));
            }
        }
        Timer
    }

    /// Raises what came too late to be noticed, or was noticed by the work and kept to itself.
    fn stop(self) {
        Timer::disable();
        if FIRED.load(Ordering::Relaxed) {
            // SAFETY: a flag of this backend, as its own handlers set it.
            unsafe { request_cancel() };
            pgrx::check_for_interrupts!();
        }
    }

    fn disable() {
        if let Some(number) = NUMBER.get() {
            // SAFETY: the timeout was registered under this number.
            unsafe { pg_sys::ffi::pg_guard_ffi_boundary(|| disable_timeout(number, false)) };
        }
    }
}

/// # Safety
///
/// Only in a backend.
unsafe fn request_cancel() {
    // SAFETY: plain flags of this backend, which handlers of signals may set.
    unsafe {
        (&raw mut pg_sys::QueryCancelPending).write_volatile(1);
        (&raw mut pg_sys::InterruptPending).write_volatile(1);
    }
}

unsafe extern "C" fn on_timeout() {
    FIRED.store(true, Ordering::Relaxed);
    // SAFETY: what Postgres's own handler of statement_timeout does; SetLatch may be called in one.
    unsafe {
        request_cancel();
        SetLatch(pg_sys::MyLatch);
    }
}
