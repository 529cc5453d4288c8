//! Trying something that may fail without losing the rest of the transaction, and leaving the session as
//! it was whatever happens (I7 in doc/design.md).

use std::cell::Cell;
use std::panic::AssertUnwindSafe;

use pgrx::pg_sys;
use pgrx::pg_sys::panic::CaughtError;
use pgrx::{PgSqlErrorCode, PgTryBuilder};

use crate::pg::settings;

/// Runs `work` in a subtransaction. If it raises an error, everything it did is rolled back and
/// the error's text is returned. What concerns the whole transaction is raised again: cancellation,
/// and the failure of a serializable transaction, which can only be tried again as a whole. By then the
/// subtransaction is no more: whoever catches the error further out, as a block of PL/pgSQL does,
/// ends a subtransaction of their own, and would end ours instead. That would set back to what was in
/// force when ours began: the rights of our definer among it.
///
/// A lock that was not to be had in time (55P03) and a deadlock of which we are the victim (40P01) are
/// like any other error of a part, at every isolation level: rolled back, so that its locks are free and
/// whoever waited for them goes on; and tried again by the caller in smaller parts, down to one user, whom
/// it then leaves to the clock (`failures` and `error` of their timer or place in the queue, and so health;
/// after a minute, and longer each time). So is a 40001 below SERIALIZABLE. With a `lock_timeout` each of
/// those parts may wait as long; the clock itself waits for no row, only for a table that somebody alters.
pub fn attempt<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    attempt_told(work).map_err(|failed| failed.message)
}

/// What became of an attempt.
pub struct Failed {
    pub code: PgSqlErrorCode,
    pub message: String,
}

/// The same, for whoever goes on differently after different errors.
pub fn attempt_told<R>(work: impl FnOnce() -> R) -> Result<R, Failed> {
    // SAFETY: the same sequence as PL/pgSQL's exception blocks: memory context and resource owner
    // are restored whether the subtransaction is released or rolled back, and the error is caught
    // only together with that rollback.
    let result = unsafe {
        let context = pg_sys::CurrentMemoryContext;
        let owner = pg_sys::CurrentResourceOwner;
        pg_sys::BeginInternalSubTransaction(std::ptr::null());
        pg_sys::MemoryContextSwitchTo(context);
        let result = PgTryBuilder::new(AssertUnwindSafe(|| {
            settings::place_to_fail();
            let result = work();
            settings::place_to_fail();
            Ok(result)
        }))
        .catch_others(|error| Err(Box::new(error)))
        .execute();
        match result {
            Ok(_) => pg_sys::ReleaseCurrentSubTransaction(),
            Err(_) => pg_sys::RollbackAndReleaseCurrentSubTransaction(),
        }
        pg_sys::MemoryContextSwitchTo(context);
        pg_sys::CurrentResourceOwner = owner;
        result
    };
    result.map_err(|error| {
        let report = match &*error {
            CaughtError::PostgresError(report)
            | CaughtError::ErrorReport(report)
            | CaughtError::RustPanic {
                ereport: report, ..
            } => report,
        };
        if concerns_all(report.sql_error_code()) {
            error.rethrow();
        }
        Failed {
            code: report.sql_error_code(),
            message: report.message().to_owned(),
        }
    })
}

/// Everybody sees at once which subtransactions of a transaction are at work, as long as those are no more
/// than 64; of more they must ask elsewhere, for each row that they see.
const MOST_CHEAP: u32 = 32;

thread_local! {
    /// The transaction, and how many have been begun in it for the sake of speed.
    static CHEAP: Cell<(pg_sys::TransactionId, u32)> =
        const { Cell::new((pg_sys::InvalidTransactionId, 0)) };
}

/// Whether one that writes may be begun for the sake of speed. Each that is asked for is counted.
pub fn is_cheap() -> bool {
    // SAFETY: whoever asks is about to write, so that the transaction needs an id.
    let transaction = unsafe { pg_sys::GetTopTransactionId() };
    let begun = match CHEAP.get() {
        (before, begun) if before == transaction => begun,
        _ => 0,
    };
    CHEAP.set((transaction, begun.saturating_add(1)));
    begun < MOST_CHEAP
}

fn concerns_all(code: PgSqlErrorCode) -> bool {
    // SAFETY: a plain variable of this backend.
    let serializable = unsafe { pg_sys::XactIsoLevel == pg_sys::XACT_SERIALIZABLE as i32 };
    match code {
        PgSqlErrorCode::ERRCODE_QUERY_CANCELED => true,
        PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE => serializable,
        _ => false,
    }
}
