//! What time it is.

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use crate::settings;

/// The evaluation time: the wall clock now, or what `hogsend.now` says instead.
///
/// Call it after locks have been taken: a transaction may have waited, and what it decides must
/// not be older than what it reads.
pub fn now() -> Instant {
    settings::injected_now().unwrap_or_else(|| {
        // SAFETY: reads the system clock; touches no shared state.
        Instant(unsafe { pg_sys::GetCurrentTimestamp() })
    })
}
