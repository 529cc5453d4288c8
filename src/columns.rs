//! Where the columns of tables are: looked up by name once, and again when the table may have been
//! altered. To look five of them up for every INSERT costs a tenth of what its trigger does.

use std::cell::{Cell, RefCell};
use std::ffi::CStr;

use pgrx::pg_sys;
use pgrx::prelude::*;

/// Tables that are known at a time: those with triggers of ours, and some to spare.
const MOST: usize = 8;

thread_local! {
    static KNOWN: RefCell<Vec<(pg_sys::Oid, Vec<i32>)>> = const { RefCell::new(Vec::new()) };
    /// The same tables, for the callback, which may run in the middle of anything.
    static TABLES: Cell<[pg_sys::Oid; MOST]> = const { Cell::new([pg_sys::InvalidOid; MOST]) };
    static VALID: Cell<bool> = const { Cell::new(false) };
    static HOOKED: Cell<bool> = const { Cell::new(false) };
}

#[pg_guard]
unsafe extern "C-unwind" fn on_relcache_invalidation(_arg: pg_sys::Datum, relation: pg_sys::Oid) {
    if relation == pg_sys::InvalidOid || TABLES.get().contains(&relation) {
        VALID.set(false);
    }
}

/// The numbers of columns, not positive for one that is not there. For a table these must be the
/// same columns every time.
///
/// # Safety
///
/// The relation must be open.
pub unsafe fn numbers<const N: usize>(relation: pg_sys::Relation, columns: [&CStr; N]) -> [i32; N] {
    // SAFETY: the caller's promise; the callback is guarded and lives as long as the library, which
    // is never unloaded.
    let (table, descriptor) = unsafe {
        if !HOOKED.replace(true) {
            let none = pg_sys::Datum::from(0);
            pg_sys::CacheRegisterRelcacheCallback(Some(on_relcache_invalidation), none);
        }
        ((*relation).rd_id, (*relation).rd_att)
    };
    let known = KNOWN.with_borrow(|known| {
        let found = known.iter().find(|(of, _)| *of == table);
        found.and_then(|(_, numbers)| <[i32; N]>::try_from(numbers.as_slice()).ok())
    });
    if let (true, Some(numbers)) = (VALID.get(), known) {
        return numbers;
    }
    // SAFETY: the descriptor is the open relation's.
    let numbers = columns.map(|c| unsafe { pg_sys::SPI_fnumber(descriptor, c.as_ptr()) });
    KNOWN.with_borrow_mut(|known| {
        if !VALID.replace(true) || known.len() == MOST {
            known.clear();
        }
        known.retain(|(of, _)| *of != table);
        known.push((table, numbers.to_vec()));
        let mut tables = [pg_sys::InvalidOid; MOST];
        for (place, (of, _)) in tables.iter_mut().zip(known.iter()) {
            *place = *of;
        }
        TABLES.set(tables);
    });
    numbers
}
