//! The lock between definitions and everybody who evaluates them: the first in the order of locks (I1 in
//! doc/design.md).
//!
//! Writers hold it in ROW SHARE mode to the end of their transaction (Postgres's fast path: no
//! shared table is touched), a definition takes it in EXCLUSIVE mode. So a definition waits until
//! statements that were evaluated without it are committed, and sees all they did; and no statement
//! begins in between. That is what CREATE INDEX does to the writers of a table.

use pgrx::{PgSqlErrorCode as Code, pg_sys};

use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::subtransaction::{Failed, attempt_told};

/// Says that the lock on definitions is held, in whatever mode, to the end of the transaction. Whoever
/// wants to know the definitions shows it, so that nobody reads them before.
#[derive(Clone, Copy)]
pub struct Definitions<'c> {
    pub context: &'c Context,
}

/// For ingest, reconcile and whoever else evaluates.
pub fn share_definitions(context: &Context) -> Definitions<'_> {
    lock(context, pg_sys::RowShareLock as pg_sys::LOCKMODE)
}

/// For whoever must not wait: `None` when a definition is being changed, or waits to be.
pub fn try_share_definitions(context: &Context) -> Option<Definitions<'_>> {
    let mode = pg_sys::RowShareLock as pg_sys::LOCKMODE;
    // SAFETY: locks an existing relation; Postgres releases it at the end of the transaction.
    let is_held = unsafe { pg_sys::ConditionalLockRelationOid(context.instance(), mode) };
    is_held.then_some(Definitions { context })
}

/// For whoever changes a definition.
pub fn own_definitions(context: &Context) -> Definitions<'_> {
    lock(context, pg_sys::ExclusiveLock as pg_sys::LOCKMODE)
}

/// The same in the midst of a transaction, which may hold users already. Others may wait for those, or be about
/// to, and keep us from the definitions meanwhile: that is against the order of locks, and Postgres would end the
/// one who waited first, which is an INSERT. So whoever comes out of order is the one who gives up (`None`): at
/// once if there is a deadlock, and otherwise sooner than anybody who comes to wait for us looks for one.
pub fn own_definitions_soon(context: &Context) -> Option<Definitions<'_>> {
    if !is_shared(context) {
        return Some(own_definitions(context));
    }
    let hurry = Hurry::begin();
    let held = attempt_told(|| {
        own_definitions(context);
    });
    drop(hurry);
    match held {
        Ok(()) => Some(Definitions { context }),
        Err(Failed {
            code: Code::ERRCODE_T_R_DEADLOCK_DETECTED | Code::ERRCODE_LOCK_NOT_AVAILABLE,
            ..
        }) => None,
        Err(failed) => Refusal::new(failed.code, failed.message).raise(),
    }
}

/// Whether this transaction has the definitions in whatever mode.
fn is_shared(context: &Context) -> bool {
    let mode = pg_sys::RowShareLock as pg_sys::LOCKMODE;
    // SAFETY: opens an existing relation for as long as it is asked about.
    unsafe {
        let table = pg_sys::RelationIdGetRelation(context.instance());
        if table.is_null() {
            return false;
        }
        let is_shared = pg_sys::CheckRelationLockedByMe(table, mode, true);
        pg_sys::RelationClose(table);
        is_shared
    }
}

/// As long as it lives this session looks for deadlocks at once, and waits for no lock for long.
struct Hurry {
    deadlock_timeout: i32,
    lock_timeout: i32,
}

impl Hurry {
    fn begin() -> Hurry {
        // SAFETY: plain variables of this backend, which are read whenever it begins to wait for a lock.
        unsafe {
            let before = Hurry {
                deadlock_timeout: pg_sys::DeadlockTimeout,
                lock_timeout: pg_sys::LockTimeout,
            };
            let soon = (before.deadlock_timeout / 2).max(1);
            pg_sys::DeadlockTimeout = 1;
            pg_sys::LockTimeout = match before.lock_timeout {
                0 => soon,
                limit => limit.min(soon),
            };
            before
        }
    }
}

impl Drop for Hurry {
    fn drop(&mut self) {
        // SAFETY: as above.
        unsafe {
            pg_sys::DeadlockTimeout = self.deadlock_timeout;
            pg_sys::LockTimeout = self.lock_timeout;
        }
    }
}

/// For whoever writes down that the clock went, or prunes for it: false when somebody else does.
pub fn try_own_clock(context: &Context) -> bool {
    let mode = pg_sys::ShareUpdateExclusiveLock as pg_sys::LOCKMODE;
    // SAFETY: locks an existing relation; Postgres releases it at the end of the transaction.
    unsafe { pg_sys::ConditionalLockRelationOid(context.table(c"hogsend_clock"), mode) }
}

/// For whoever locks rows of a table of the user's, and must not wait for those who alter it: false when
/// somebody does.
pub fn try_share_rows(table: pg_sys::Oid) -> bool {
    let mode = pg_sys::RowShareLock as pg_sys::LOCKMODE;
    // SAFETY: locks a relation, or the number of one that is gone; Postgres releases it at the end of the
    // transaction.
    unsafe { pg_sys::ConditionalLockRelationOid(table, mode) }
}

/// Waits for all who have written to a table of the user's, and holds new ones off.
pub fn keep_writers_out(table: pg_sys::Oid) {
    let mode = pg_sys::ShareRowExclusiveLock as pg_sys::LOCKMODE;
    // SAFETY: as above.
    unsafe { pg_sys::LockRelationOid(table, mode) };
}

fn lock(context: &Context, mode: pg_sys::LOCKMODE) -> Definitions<'_> {
    // SAFETY: locks an existing relation; Postgres releases it at the end of the transaction.
    unsafe { pg_sys::LockRelationOid(context.instance(), mode) };
    Definitions { context }
}
