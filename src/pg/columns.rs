//! Where the columns of tables are: looked up by name once, and again when the table may have been
//! altered. To look five of them up for every INSERT costs a tenth of what its trigger does.

use std::cell::{Cell, RefCell};

use pgrx::pg_sys;

use crate::pg::fit::{self, Column};
use crate::pg::memory;

/// A table, and which list of columns of it.
type Key = (pg_sys::Oid, *const Column);

thread_local! {
    static KNOWN: RefCell<Vec<(Key, Vec<i32>)>> = const { RefCell::new(Vec::new()) };
    /// The alterations after which they were looked up.
    static KNOWN_AT: Cell<u64> = const { Cell::new(0) };
}

/// The numbers of columns, not positive for an optional one that is not there. Raises an error where
/// one of them cannot be read as what it is to be read as.
///
/// # Safety
///
/// The relation must be open.
pub unsafe fn numbers<const N: usize>(
    relation: pg_sys::Relation,
    columns: &'static [Column; N],
) -> [i32; N] {
    // SAFETY: the caller's promise.
    let key: Key = (unsafe { (*relation).rd_id }, columns.as_ptr());
    let now = memory::alterations();
    if KNOWN_AT.replace(now) != now {
        KNOWN.with_borrow_mut(Vec::clear);
    }
    let known = KNOWN.with_borrow(|known| {
        let found = known.iter().find(|(of, _)| *of == key);
        found.and_then(|(_, numbers)| <[i32; N]>::try_from(numbers.as_slice()).ok())
    });
    known.unwrap_or_else(|| {
        memory::watch(key.0);
        // SAFETY: the caller's promise.
        let numbers = std::array::from_fn(|n| unsafe { fit::number(relation, &columns[n]) });
        KNOWN.with_borrow_mut(|known| known.push((key, numbers.to_vec())));
        numbers
    })
}
