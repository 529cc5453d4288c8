//! Instants as they are said: in the session's time zone, and in one format whatever its style.

use hogsend_core::criteria::Precision;
use hogsend_core::time::Instant;
use pgrx::IntoDatum;
use pgrx::pg_sys;

/// The year 1 begins here, in Greenwich. Before it people count backwards.
const YEAR_ONE: Instant = Instant(-63_082_281_600_000_000);

/// An instant in words. `NULL`s of to_char are infinities.
pub fn say(at: Instant, precision: Precision) -> String {
    let format = match (precision, at < YEAR_ONE) {
        (Precision::Minute, false) => "YYYY-MM-DD HH24:MI",
        (Precision::Second, false) => "YYYY-MM-DD HH24:MI:SS",
        (Precision::Minute, true) => "YYYY-MM-DD HH24:MI BC",
        (Precision::Second, true) => "YYYY-MM-DD HH24:MI:SS BC",
    };
    // SAFETY: to_char takes a timestamptz and a text, and returns a text or NULL.
    let said: Option<String> = unsafe {
        pgrx::direct_function_call(
            pg_sys::timestamptz_to_char,
            &[Some(pg_sys::Datum::from(at.0)), format.into_datum()],
        )
    };
    said.unwrap_or_else(|| {
        let sign = if at == Instant::NEG_INFINITY { "-" } else { "" };
        format!("{sign}infinity")
    })
}
