//! Users whose contact is known to exist, so that an event that no bucket references costs no
//! look-up.
//!
//! Only contacts that were *seen* are remembered, and all are forgotten whenever one might be gone:
//! when a contact is deleted anywhere (its trigger sends a relcache invalidation for the table, and
//! TRUNCATE sends one by itself), and when a (sub)transaction of ours ends otherwise than by
//! committing, because it may have been the one that created what we saw. A deletion that commits
//! while our statement runs is not noticed, as if the event had come first.

use std::cell::{Cell, RefCell};
use std::collections::HashSet;

use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::pg::context::Context;

/// Bounds the memory of a backend that sees very many users: some megabytes.
const MOST: usize = 50_000;

thread_local! {
    static USERS: RefCell<HashSet<Box<str>>> = RefCell::new(HashSet::new());
    /// Cleared by the callbacks, which may run at any time and only do that.
    static VALID: Cell<bool> = const { Cell::new(false) };
    /// The context that the users were seen in.
    static SEEN_IN: Cell<u64> = const { Cell::new(0) };
    static HOOKED: Cell<bool> = const { Cell::new(false) };
    static CONTACTS_OID: Cell<pg_sys::Oid> = const { Cell::new(pg_sys::InvalidOid) };
}

pub fn contains(context: &Context, user: &str) -> bool {
    VALID.get()
        && SEEN_IN.get() == context.number
        && USERS.with(|users| users.borrow().contains(user))
}

/// Remembers a user whose contact row was just seen.
pub fn remember(context: &Context, user: &str) {
    if !HOOKED.replace(true) {
        // SAFETY: the callbacks are guarded, touch nothing of Postgres, and live as long as the
        // library, which is never unloaded. Registered once a backend.
        unsafe {
            let none = pg_sys::Datum::from(0);
            pg_sys::CacheRegisterRelcacheCallback(Some(on_relcache_invalidation), none);
            pg_sys::RegisterXactCallback(Some(on_transaction_end), std::ptr::null_mut());
            pg_sys::RegisterSubXactCallback(Some(on_subtransaction_end), std::ptr::null_mut());
        }
    }
    USERS.with(|users| {
        let mut users = users.borrow_mut();
        let same_place = SEEN_IN.replace(context.number) == context.number;
        if !VALID.replace(true) || !same_place || users.len() >= MOST {
            users.clear();
        }
        users.insert(user.into());
    });
    CONTACTS_OID.set(context.table(c"contacts"));
}

fn forget() {
    VALID.set(false);
}

/// Tells every backend, with our commit, that contacts are gone.
pub fn announce_deletion(context: &Context) {
    forget();
    // SAFETY: the table exists, or its trigger would not have called us.
    unsafe { pg_sys::CacheInvalidateRelcacheByRelid(context.table(c"contacts")) };
}

#[pg_guard]
unsafe extern "C-unwind" fn on_relcache_invalidation(_arg: pg_sys::Datum, relation: pg_sys::Oid) {
    if relation == CONTACTS_OID.get() || relation == pg_sys::InvalidOid {
        forget();
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn on_transaction_end(
    event: pg_sys::XactEvent::Type,
    _arg: *mut std::ffi::c_void,
) {
    if event == pg_sys::XactEvent::XACT_EVENT_ABORT
        || event == pg_sys::XactEvent::XACT_EVENT_PREPARE
    {
        forget();
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn on_subtransaction_end(
    event: pg_sys::SubXactEvent::Type,
    _subtransaction: pg_sys::SubTransactionId,
    _parent: pg_sys::SubTransactionId,
    _arg: *mut std::ffi::c_void,
) {
    if event == pg_sys::SubXactEvent::SUBXACT_EVENT_ABORT_SUB {
        forget();
    }
}
