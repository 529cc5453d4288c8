//! Where the columns of tables are: looked up by name once, and again when the table may have been
//! altered. To look five of them up for every INSERT costs a tenth of what its trigger does.

use std::cell::{Cell, RefCell};
use std::ffi::CStr;

use pgrx::pg_sys;

use crate::watched;

thread_local! {
    static KNOWN: RefCell<Vec<(pg_sys::Oid, Vec<i32>)>> = const { RefCell::new(Vec::new()) };
    /// The alterations after which they were looked up.
    static KNOWN_AT: Cell<u64> = const { Cell::new(0) };
}

/// The numbers of columns, not positive for one that is not there. For a table these must be the
/// same columns every time.
///
/// # Safety
///
/// The relation must be open.
pub unsafe fn numbers<const N: usize>(relation: pg_sys::Relation, columns: [&CStr; N]) -> [i32; N] {
    // SAFETY: the caller's promise.
    let (table, descriptor) = unsafe { ((*relation).rd_id, (*relation).rd_att) };
    let now = watched::alterations();
    if KNOWN_AT.replace(now) != now {
        KNOWN.with_borrow_mut(Vec::clear);
    }
    let known = KNOWN.with_borrow(|known| {
        let found = known.iter().find(|(of, _)| *of == table);
        found.and_then(|(_, numbers)| <[i32; N]>::try_from(numbers.as_slice()).ok())
    });
    known.unwrap_or_else(|| {
        watched::watch(table);
        // SAFETY: the descriptor is the open relation's.
        let numbers = columns.map(|c| unsafe { pg_sys::SPI_fnumber(descriptor, c.as_ptr()) });
        KNOWN.with_borrow_mut(|known| known.push((table, numbers.to_vec())));
        numbers
    })
}
