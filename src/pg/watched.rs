//! Tables of which something is remembered: whether one of them may have been altered since.

use std::cell::Cell;

use pgrx::pg_sys;
use pgrx::prelude::*;

/// All of ours that anything is remembered of, and partitions that are written to by their names.
const MOST: usize = 64;
const NONE: [pg_sys::Oid; MOST] = [pg_sys::InvalidOid; MOST];

thread_local! {
    static TABLES: Cell<[pg_sys::Oid; MOST]> = const { Cell::new(NONE) };
    /// Counted by the callback, which may run in the middle of anything.
    static ALTERATIONS: Cell<u64> = const { Cell::new(1) };
    static HOOKED: Cell<bool> = const { Cell::new(false) };
}

#[pg_guard]
unsafe extern "C-unwind" fn on_relcache_invalidation(_arg: pg_sys::Datum, relation: pg_sys::Oid) {
    if relation == pg_sys::InvalidOid || TABLES.get().contains(&relation) {
        ALTERATIONS.set(ALTERATIONS.get() + 1);
    }
}

/// Grows whenever a table that is watched may have been altered, truncated or dropped.
pub fn alterations() -> u64 {
    ALTERATIONS.get()
}

/// Watches a table from here on: to be called before that is read which is to be remembered, so that
/// no alteration is lost.
pub fn watch(table: pg_sys::Oid) {
    if !HOOKED.replace(true) {
        // SAFETY: the callback is guarded and lives as long as the library, which is never unloaded.
        // Registered once a backend.
        unsafe {
            let none = pg_sys::Datum::from(0);
            pg_sys::CacheRegisterRelcacheCallback(Some(on_relcache_invalidation), none);
        }
    }
    let mut tables = TABLES.get();
    if table == pg_sys::InvalidOid || tables.contains(&table) {
        return;
    }
    let free = tables.iter().position(|t| *t == pg_sys::InvalidOid);
    let place = free.unwrap_or_else(|| {
        // Some of them were dropped long ago. Whoever remembers anything watches its table again.
        tables = NONE;
        ALTERATIONS.set(ALTERATIONS.get() + 1);
        0
    });
    tables[place] = table;
    TABLES.set(tables);
}
