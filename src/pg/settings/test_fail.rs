//! `hogsend.test_fail`: an error at a chosen place, for hogsend's own tests.
//!
//! `57014 3` raises that SQLSTATE at the third of the places that are passed from then on: before every
//! statement of ours, before every read without SQL, and where a subtransaction of ours begins and ends.
//! `cancel 3` does what pg_cancel_backend() does, and `C 3` makes a function of Postgres's fail.

use std::cell::Cell;
use std::ffi::{CStr, CString, c_char, c_void};

use pgrx::guc::{GucContext, GucFlags, GucRegistry, GucSetting};
use pgrx::{PgSqlErrorCode, pg_guard, pg_sys};

use crate::pg::error::Refusal;

/// Superusers only: whoever makes us fail tests us.
static TEST_FAIL: GucSetting<Option<CString>> = GucSetting::<Option<CString>>::new(None);

#[derive(Clone, Copy)]
enum Kind {
    Cancel,
    OfPostgres,
    State(i32),
}

thread_local! {
    /// The places to pass, with the one that fails; 0: none fails.
    static LEFT: Cell<u32> = const { Cell::new(0) };
    static KIND: Cell<Kind> = const { Cell::new(Kind::Cancel) };
}

pub fn define() {
    // SAFETY: the hooks are guarded against unwinding and follow the protocol of such hooks.
    unsafe {
        GucRegistry::define_string_guc_with_hooks(
            c"hogsend.test_fail",
            c"Raises an error at a place. For hogsend's own tests only.",
            c"",
            &TEST_FAIL,
            GucContext::Suset,
            GucFlags::NO_SHOW_ALL,
            Some(check),
            Some(assign),
            None,
        );
    }
}

/// A place where an error can be raised.
#[inline]
pub fn place() {
    if LEFT.get() != 0 {
        pass();
    }
}

#[cold]
fn pass() {
    let left = LEFT.get() - 1;
    LEFT.set(left);
    if left > 0 {
        return;
    }
    match KIND.get() {
        Kind::Cancel => {
            // SAFETY: what the handler of the signal does.
            unsafe {
                pg_sys::QueryCancelPending = 1;
                pg_sys::InterruptPending = 1;
            }
            pgrx::check_for_interrupts!();
        }
        Kind::OfPostgres => {
            let arguments = [1, 0].map(|number: i32| Some(pg_sys::Datum::from(number)));
            // SAFETY: the function takes two integers. It does not divide by zero.
            unsafe { pgrx::direct_function_call_as_datum(pg_sys::int4div, &arguments) };
        }
        Kind::State(state) => {
            Refusal::new(PgSqlErrorCode::from(state), "a test asked for this error").raise();
        }
    }
}

fn read(text: &str) -> Option<(Kind, u32)> {
    let (kind, place) = text.split_once(' ')?;
    let kind = match kind {
        "cancel" => Kind::Cancel,
        "C" => Kind::OfPostgres,
        state if state.len() == 5 => {
            let sixth = |byte: u8| i32::from(byte.wrapping_sub(b'0')) & 0x3f;
            let bytes = state.bytes().rev();
            Kind::State(bytes.fold(0, |code, byte| (code << 6) | sixth(byte)))
        }
        _ => return None,
    };
    Some((kind, place.parse().ok()?))
}

/// # Safety
///
/// The pointer must be null or a C string.
unsafe fn text_of<'a>(value: *const c_char) -> &'a str {
    if value.is_null() {
        return "";
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(value) }.to_str().unwrap_or("?")
}

#[pg_guard]
unsafe extern "C-unwind" fn check(
    newval: *mut *mut c_char,
    _extra: *mut *mut c_void,
    _source: pg_sys::GucSource::Type,
) -> bool {
    // SAFETY: Postgres hands a valid pointer to a (possibly null) C string.
    let text = unsafe { text_of(*newval) };
    text.is_empty() || read(text).is_some()
}

#[pg_guard]
unsafe extern "C-unwind" fn assign(newval: *const c_char, _extra: *mut c_void) {
    // SAFETY: Postgres hands a C string or null.
    let text = unsafe { text_of(newval) };
    let (kind, place) = read(text).unwrap_or((Kind::Cancel, 0));
    KIND.set(kind);
    LEFT.set(place);
}
