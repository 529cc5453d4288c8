//! What time it is.

use hogsend_core::time::Instant;
use pgrx::{PgSqlErrorCode, pg_sys};

use crate::pg::error::Refusal;
use crate::pg::settings;
use crate::pg::sql::{Arg, Session, Statement};

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

/// Refuses to begin what writes where nothing can be written. Sessions that are read only by default
/// are left so: a provider makes them so to keep a disk from filling, or before a switch-over.
pub fn require_writable() {
    // SAFETY: reads two flags of this backend.
    let (read_only, on_standby) = unsafe { (pg_sys::XactReadOnly, pg_sys::RecoveryInProgress()) };
    if !read_only {
        return;
    }
    let refusal = Refusal::new(
        PgSqlErrorCode::ERRCODE_READ_ONLY_SQL_TRANSACTION,
        "hogsend cannot work in a read-only transaction",
    );
    if on_standby {
        refusal
            .detail("This server is a standby.")
            .hint("Call it on the primary; a standby takes over what was done there.")
            .raise()
    }
    refusal
        .detail("default_transaction_read_only is on, or the transaction was begun as READ ONLY.")
        .hint(
            "ALTER ROLE … SET default_transaction_read_only = off for the role that calls it, or SET \
             default_transaction_read_only = off before the call.",
        )
        .raise()
}

static IN_WORDS: Statement = Statement::new("SELECT $1::text", &[pg_sys::TIMESTAMPTZOID]);

/// An instant as Postgres prints it, in the session's time zone.
pub fn in_words(session: &Session, at: Instant) -> String {
    let rows = session.execute(&IN_WORDS, &[Arg::Instant(at)]);
    rows.text(0, 1).unwrap_or_default().to_owned()
}
