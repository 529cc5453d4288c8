//! How far transactions have been numbered, for the positions of consumers (see sql/consumers.sql).

use pgrx::pg_sys;
use pgrx::prelude::*;

/// The number that the next transaction will get. Every one that has a number by now has a lower
/// one; `pg_current_snapshot()` does not tell, because it ends after the last that is complete.
#[pg_extern(volatile)]
fn hogsend_next_xid() -> i64 {
    // SAFETY: it takes nothing and reads a counter in shared memory under its own lock.
    let next = unsafe { pg_sys::ReadNextFullTransactionId() };
    next.value as i64
}
