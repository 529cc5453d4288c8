//! Until when a backend may remember what it has read (I12 in doc/design.md).
//!
//! Whatever is kept beyond a statement rests on something: that no table was altered, that nobody has
//! deleted a contact, that our own transaction came to stay. Each of these is a number here that grows
//! when it no longer holds. Who remembers something takes the numbers *before* reading it, keeps them
//! with it, and throws it away when they have grown: so nothing that happens meanwhile is lost, and the
//! callbacks, which may run in the middle of anything, do nothing but count.
//!
//! | kept | until |
//! |---|---|
//! | the registry of definitions | a change of `buckets` is announced |
//! | contacts that were seen | one is deleted anywhere, or something of ours is undone |
//! | stays and timers of users | a watched table is altered, something of ours is undone, the definitions change |
//! | what users did, for the next definition | anybody commits, something of ours is undone, we write |
//! | what users did, for the rest of a job | `contacts` or `user_events` are altered, something of ours is undone |
//! | columns, shapes and fit of tables | a watched table is altered |
//! | the context of a function | a function, a schema or a watched table is altered |

use std::cell::Cell;

use pgrx::pg_sys;
use pgrx::prelude::*;

/// All tables of ours, and partitions that are written to by their names.
const MOST: usize = 64;
const NONE: [pg_sys::Oid; MOST] = [pg_sys::InvalidOid; MOST];

/// Tables whose changes are counted one by one: `buckets` and `contacts` of each installation that this
/// database has, of which there is mostly one.
const MOST_ALONE: usize = 8;

thread_local! {
    static WATCHED: Cell<[pg_sys::Oid; MOST]> = const { Cell::new(NONE) };
    static ALONE: Cell<[(pg_sys::Oid, u64); MOST_ALONE]> =
        const { Cell::new([(pg_sys::InvalidOid, 0); MOST_ALONE]) };
    /// Numbers for [`ALONE`], each given once.
    static NUMBERS: Cell<u64> = const { Cell::new(1) };
    static ALTERATIONS: Cell<u64> = const { Cell::new(1) };
    static CATALOG_CHANGES: Cell<u64> = const { Cell::new(1) };
    static UNDONE: Cell<u64> = const { Cell::new(1) };
    static HOOKED: Cell<bool> = const { Cell::new(false) };
}

fn count(number: &'static std::thread::LocalKey<Cell<u64>>) {
    number.set(number.get() + 1);
}

/// Grows whenever a table that is watched may have been altered, truncated or dropped.
pub fn alterations() -> u64 {
    ALTERATIONS.get()
}

/// Grows whenever a function or a schema may have been altered or dropped.
pub fn catalog_changes() -> u64 {
    hook();
    CATALOG_CHANGES.get()
}

/// Grows whenever a (sub)transaction of ours ends otherwise than by committing.
pub fn undone() -> u64 {
    hook();
    UNDONE.get()
}

/// Watches a table from here on: to be called before that is read which is to be remembered, so that
/// no alteration is lost.
pub fn watch(table: pg_sys::Oid) {
    hook();
    let mut tables = WATCHED.get();
    if table == pg_sys::InvalidOid || tables.contains(&table) {
        return;
    }
    let free = tables.iter().position(|t| *t == pg_sys::InvalidOid);
    let place = free.unwrap_or_else(|| {
        // Some of them were dropped long ago. Whoever remembers anything watches its table again.
        tables = NONE;
        count(&ALTERATIONS);
        0
    });
    tables[place] = table;
    WATCHED.set(tables);
}

/// Watches several tables, for what depends on all of them; at most half of [`MOST`].
pub fn watch_all<const N: usize>(tables: [pg_sys::Oid; N]) {
    const { assert!(N <= MOST / 2) };
    let before = alterations();
    tables.into_iter().for_each(watch);
    if alterations() != before {
        // There was no room for the last of them, and the first were let go. There is room now.
        tables.into_iter().for_each(watch);
    }
}

/// A number that grows whenever one table may have been altered, or a change of its rows is announced
/// (see [`announce`]), and that differs from those of other tables. For what depends on that table
/// alone, and for tables whose changes are too many to throw everything away at each.
pub fn changes_of(table: pg_sys::Oid) -> u64 {
    hook();
    let mut tables = ALONE.get();
    if let Some((_, number)) = tables.iter().find(|(of, _)| *of == table) {
        return *number;
    }
    tables.rotate_right(1);
    count(&NUMBERS);
    tables[0] = (table, NUMBERS.get());
    ALONE.set(tables);
    tables[0].1
}

/// Tells every backend, with our commit, that rows of a table are other ones, and this one at once. Of a
/// table that is not there by its name (its trigger calls us by another one) nobody remembers anything.
pub fn announce(table: pg_sys::Oid) {
    note(table);
    if table != pg_sys::InvalidOid {
        // SAFETY: the table was found by its name, and an error is raised if it is gone by now.
        unsafe { pg_sys::CacheInvalidateRelcacheByRelid(table) };
    }
}

/// Notes that a table may have been altered, or (`InvalidOid`) any.
fn note(table: pg_sys::Oid) {
    let is_any = table == pg_sys::InvalidOid;
    if is_any || WATCHED.get().contains(&table) {
        count(&ALTERATIONS);
    }
    let mut tables = ALONE.get();
    for (of, number) in &mut tables {
        if is_any || *of == table {
            count(&NUMBERS);
            *number = NUMBERS.get();
        }
    }
    ALONE.set(tables);
}

/// Registers the callbacks, once a backend.
fn hook() {
    if HOOKED.replace(true) {
        return;
    }
    let none = pg_sys::Datum::from(0);
    // SAFETY: the callbacks are guarded, touch nothing of Postgres, and live as long as the library,
    // which is never unloaded.
    unsafe {
        pg_sys::CacheRegisterRelcacheCallback(Some(on_relcache_invalidation), none);
        for cache in [
            pg_sys::SysCacheIdentifier::PROCOID,
            pg_sys::SysCacheIdentifier::NAMESPACEOID,
        ] {
            pg_sys::CacheRegisterSyscacheCallback(
                cache as i32,
                Some(on_catalog_invalidation),
                none,
            );
        }
        pg_sys::RegisterXactCallback(Some(on_transaction_end), std::ptr::null_mut());
        pg_sys::RegisterSubXactCallback(Some(on_subtransaction_end), std::ptr::null_mut());
    }
}

#[pg_guard]
unsafe extern "C-unwind" fn on_relcache_invalidation(_arg: pg_sys::Datum, relation: pg_sys::Oid) {
    note(relation);
}

#[pg_guard]
unsafe extern "C-unwind" fn on_catalog_invalidation(_arg: pg_sys::Datum, _cache: i32, _hash: u32) {
    count(&CATALOG_CHANGES);
}

#[pg_guard]
unsafe extern "C-unwind" fn on_transaction_end(
    event: pg_sys::XactEvent::Type,
    _arg: *mut std::ffi::c_void,
) {
    if event == pg_sys::XactEvent::XACT_EVENT_ABORT
        || event == pg_sys::XactEvent::XACT_EVENT_PREPARE
    {
        count(&UNDONE);
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
        count(&UNDONE);
    }
}
