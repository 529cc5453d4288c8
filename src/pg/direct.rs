//! Rows by index, without the executor.
//!
//! What an ordinary one-row INSERT needs to know of its user is a handful of rows under known keys,
//! and a job goes over all contacts in order. Asked in SQL, by kept plans, that costs two to three
//! times what fetching the rows costs. So here they are fetched as the executor would, and only
//! where that is simple: a plain heap table of the definer's, with a plain B-tree over the columns
//! of the key, at READ COMMITTED. For everything else the answer is "ask in SQL" (`None`), and what
//! is read is the same; the tests run both ways (`hogsend.test_no_direct`).
//!
//! On an error nothing is cleaned up here: Postgres releases relations, pins and snapshots with the
//! (sub)transaction that it aborts.

mod bound;
mod lock;
mod shape;
mod walk;
mod writable;
mod write;

use std::cell::Cell;
use std::ffi::CStr;
use std::marker::PhantomData;
use std::ptr;

use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::fit::Column;
use crate::pg::row::{self, Row};
use crate::pg::settings;
use crate::pg::sql::Session;
use crate::pg::sql::text_datum;
use bound::{Bound, Value};
use shape::{is_current, known_shape, look_up_shape};

pub use lock::{Claim, Holder, Holders, Locked, Place, Seen};
pub use walk::Direction;
pub use write::{MOST, Repetition, Target, Writer};

/// A table as it is read: the columns of an index to find rows by, and the columns wanted.
pub struct Source<const N: usize> {
    pub table: &'static CStr,
    /// The leading columns of the index, in its order.
    pub key: &'static [Column],
    /// How many of them rows are compared with; these are text.
    pub compared: usize,
    pub columns: [Column; N],
}

/// With a lock that is held.
const KEPT: pg_sys::LOCKMODE = pg_sys::NoLock as pg_sys::LOCKMODE;

/// The most keys of a scan.
const KEYS: usize = 3;

/// A snapshot of everything committed by now, and of what this transaction did.
pub struct Latest {
    snapshot: pg_sys::Snapshot,
}

/// Whether a table of ours has no page, and so no row that anybody has committed, which costs less to
/// find out than to look for one. One that holds nothing itself may have rows elsewhere.
pub fn is_empty(session: &Session, table: &CStr) -> bool {
    is_empty_table(session.context(), table)
}

/// The same for whoever has no session.
pub fn is_empty_table(context: &Context, table: &CStr) -> bool {
    let oid = context.table(table);
    if oid == pg_sys::InvalidOid {
        return true;
    }
    // SAFETY: the relation is opened under a lock that keeps it, and closed; the lock is held to the end
    // of the transaction, as it is after any statement that reads the table.
    unsafe {
        let lock = pg_sys::AccessShareLock as pg_sys::LOCKMODE;
        let relation = pg_sys::table_open(oid, lock);
        let is_plain = (*(*relation).rd_rel).relkind as u8 == pg_sys::RELKIND_RELATION;
        let main = pg_sys::ForkNumber::MAIN_FORKNUM;
        let is_empty = is_plain && pg_sys::RelationGetNumberOfBlocksInFork(relation, main) == 0;
        pg_sys::table_close(relation, pg_sys::NoLock as pg_sys::LOCKMODE);
        is_empty
    }
}

/// Whether what is written to a table of ours has no consequences but those that we know: nobody has put a
/// trigger or a rule on it, and it holds its rows itself.
pub fn is_plainly_written(session: &Session, table: &CStr) -> bool {
    let oid = session.context().table(table);
    if oid == pg_sys::InvalidOid {
        return false;
    }
    // SAFETY: as above.
    unsafe {
        let lock = pg_sys::RowExclusiveLock as pg_sys::LOCKMODE;
        let relation = pg_sys::table_open(oid, lock);
        let is_plain = (*(*relation).rd_rel).relkind as u8 == pg_sys::RELKIND_RELATION
            && (*relation).trigdesc.is_null()
            && (*relation).rd_rules.is_null();
        pg_sys::table_close(relation, pg_sys::NoLock as pg_sys::LOCKMODE);
        is_plain
    }
}

/// What `read` makes of the row with that key, if there is one by now; `None` where only SQL can tell.
pub fn find<R, const N: usize>(
    context: &Context,
    source: &'static Source<N>,
    key: &str,
    read: impl FnOnce(Row) -> R,
) -> Option<Option<R>> {
    let table = Table::open(context, source, false)?;
    let latest = Latest::take();
    let (mut found, mut read) = (None, Some(read));
    table.backwards(&latest, &[key], |row| {
        found = read.take().map(|read| read(row));
        false
    });
    latest.release();
    table.close();
    Some(found)
}

/// An open table.
pub struct Table<'c, const N: usize> {
    relation: pg_sys::Relation,
    /// Opened when it is needed; null before.
    index: Cell<pg_sys::Relation>,
    index_oid: pg_sys::Oid,
    columns: [i32; N],
    /// The first column of the key: a row that was locked is looked at again.
    first_key: i32,
    slot: *mut pg_sys::TupleTableSlot,
    /// The scan of [`Table::chosen`], which is begun again for the next user; null before.
    kept: Cell<pg_sys::IndexScanDesc>,
    context: PhantomData<&'c Context>,
}

/// Whether rows may be read here at all in this transaction. Above READ COMMITTED locking and
/// looking again have rules of their own, which the executor knows.
fn is_possible() -> bool {
    // SAFETY: a plain variable of this backend, which has one thread.
    let level = unsafe { pg_sys::XactIsoLevel };
    level <= pg_sys::XACT_READ_COMMITTED as i32 && !settings::test_no_direct()
}

/// Locks a relation that was there when shapes were looked up; whether it still is, which costs more to ask for.
/// If it was dropped, the lock is one on nothing.
///
/// # Safety
///
/// Within a transaction.
unsafe fn is_there(oid: pg_sys::Oid, mode: pg_sys::LOCKMODE) -> bool {
    // SAFETY: locks a number; Postgres releases it at the end of the transaction.
    unsafe { pg_sys::LockRelationOid(oid, mode) };
    is_current()
}

impl Latest {
    pub fn take() -> Latest {
        // SAFETY: called inside a transaction; the resource owner releases the snapshot on an error.
        // What the calling statement wrote is visible only after its command has been counted.
        unsafe {
            pg_sys::CommandCounterIncrement();
            let snapshot = pg_sys::RegisterSnapshot(pg_sys::GetLatestSnapshot());
            settings::place_to_fail();
            Latest { snapshot }
        }
    }

    pub(super) fn snapshot(&self) -> pg_sys::Snapshot {
        self.snapshot
    }

    pub fn release(self) {
        // SAFETY: taken in `take`, and released once, because `self` is gone.
        unsafe { pg_sys::UnregisterSnapshot(self.snapshot) };
    }
}

impl<'c, const N: usize> Table<'c, N> {
    /// Opens a table for reading, or for locking its rows too. `None`: it is to be read in SQL.
    pub fn open(
        context: &'c Context,
        source: &'static Source<N>,
        locking: bool,
    ) -> Option<Table<'c, N>> {
        let table = Table::open_bare(context, source, locking)?;
        if table.open_index() {
            return Some(table);
        }
        table.close();
        None
    }

    /// The same without its index, for [`Table::lock`], which may do without.
    pub fn open_bare(
        context: &'c Context,
        source: &'static Source<N>,
        locking: bool,
    ) -> Option<Table<'c, N>> {
        if !is_possible() {
            return None;
        }
        let mode = if locking {
            pg_sys::RowShareLock
        } else {
            pg_sys::AccessShareLock
        } as pg_sys::LOCKMODE;
        // SAFETY: the lock is the one that the executor would take, and is kept to the end of the
        // transaction. The table may have been dropped by now, which `try_` tells.
        unsafe {
            let (relation, shape) = match known_shape(source, context) {
                Some(shape) if is_there(shape.table, mode) => {
                    (pg_sys::table_open(shape.table, KEPT), shape)
                }
                _ => {
                    let relation = pg_sys::try_table_open(context.table(source.table), mode);
                    if relation.is_null() {
                        return None;
                    }
                    (relation, look_up_shape(relation, source, context))
                }
            };
            let columns = <[i32; N]>::try_from(shape.columns.as_slice());
            let (true, Ok(columns)) = (shape.index != pg_sys::InvalidOid, columns) else {
                pg_sys::table_close(relation, KEPT);
                return None;
            };
            Some(Table {
                relation,
                index: Cell::new(ptr::null_mut()),
                index_oid: shape.index,
                columns,
                first_key: shape.first_key,
                slot: pg_sys::table_slot_create(relation, ptr::null_mut()),
                kept: Cell::new(ptr::null_mut()),
                context: PhantomData,
            })
        }
    }

    /// False if the index has been dropped by now.
    fn open_index(&self) -> bool {
        if self.index.get().is_null() {
            let mode = pg_sys::AccessShareLock as pg_sys::LOCKMODE;
            // SAFETY: as for the table, with whose alterations its indexes come and go.
            self.index.set(unsafe {
                match is_there(self.index_oid, mode) {
                    true => pg_sys::index_open(self.index_oid, KEPT),
                    false => pg_sys::try_index_open(self.index_oid, mode),
                }
            });
        }
        !self.index.get().is_null()
    }

    pub fn close(self) {
        // SAFETY: opened in `open`, and closed once, because `self` is gone.
        unsafe {
            pg_sys::ExecDropSingleTupleTableSlot(self.slot);
            if !self.kept.get().is_null() {
                pg_sys::index_endscan(self.kept.get());
            }
            if !self.index.get().is_null() {
                pg_sys::index_close(self.index.get(), KEPT);
            }
            pg_sys::table_close(self.relation, KEPT);
        }
    }

    /// Visits the rows whose key begins with `key`, from the end of the index backwards, until
    /// `visit` returns false.
    pub fn backwards(&self, latest: &Latest, key: &[&str], mut visit: impl FnMut(Row) -> bool) {
        let mut keys = [Bound::default(); KEYS];
        for (place, value) in key.iter().enumerate() {
            keys[place] = Bound::equal(place, value);
        }
        let backward = pg_sys::ScanDirection::BackwardScanDirection;
        // SAFETY: relations, slot and snapshot are open. A row is valid until the next is fetched,
        // and `visit` cannot keep it.
        unsafe {
            let scan = self.begin_scan(latest, &keys[..key.len()], false);
            while pg_sys::index_getnext_slot(scan, backward, self.slot) {
                if !visit(Row::new(&row::columns(self.slot, self.columns))) {
                    break;
                }
            }
            pg_sys::index_endscan(scan);
        }
    }

    /// Begins a scan for the rows within all of `bounds`; with `entries` it also yields the index's
    /// own entries.
    ///
    /// # Safety
    ///
    /// To be ended by `index_endscan`, before the table is closed and the snapshot released.
    unsafe fn begin_scan(
        &self,
        latest: &Latest,
        bounds: &[Bound],
        entries: bool,
    ) -> pg_sys::IndexScanDesc {
        let (index, count) = (self.index.get(), bounds.len() as i32);
        // SAFETY: both relations are open, and the index is one of the table's.
        unsafe {
            let scan = begin_scan(self.relation, index, latest.snapshot, count);
            (*scan).xs_want_itup = entries;
            self.seek(scan, bounds);
            scan
        }
    }

    /// The scan that is kept, with entries, begun again with another bound; or a first one.
    ///
    /// # Safety
    ///
    /// To be used before the snapshot is released, and by one at a time.
    unsafe fn kept_scan(&self, latest: &Latest, bound: Bound) -> pg_sys::IndexScanDesc {
        let kept = self.kept.get();
        // SAFETY: what is kept is a scan of this table with one bound, which ends when it is closed.
        unsafe {
            if !kept.is_null() && (*kept).xs_snapshot == latest.snapshot {
                self.seek(kept, &[bound]);
                return kept;
            }
            if !kept.is_null() {
                self.kept.set(ptr::null_mut());
                pg_sys::index_endscan(kept);
            }
            self.kept.set(self.begin_scan(latest, &[bound], true));
            self.kept.get()
        }
    }

    /// Begins it again, with as many other bounds.
    ///
    /// # Safety
    ///
    /// The scan must be one of this table's, that was begun with so many bounds.
    unsafe fn seek(&self, scan: pg_sys::IndexScanDesc, bounds: &[Bound]) {
        let mut keys = [pg_sys::ScanKeyData::default(); KEYS];
        let (index, count) = (self.index.get(), bounds.len() as i32);
        // SAFETY: the index has at least as many columns as its source names; those that are compared
        // with text are text with the operators of text (`finds_by`), whose functions these are, and one
        // that is compared with an instant is a timestamptz, ordered as those are. The scan copies its
        // keys.
        unsafe {
            for (key, bound) in keys.iter_mut().zip(bounds) {
                pg_sys::ScanKeyEntryInitialize(
                    key,
                    0,
                    bound.place as i16 + 1,
                    bound.strategy as u16,
                    pg_sys::InvalidOid,
                    *(*index).rd_indcollation.add(bound.place),
                    pg_sys::Oid::from(bound.function),
                    match bound.value {
                        Value::Text(text) => text_datum(text),
                        Value::Instant(at) => pg_sys::Datum::from(at.0),
                    },
                );
            }
            pg_sys::index_rescan(scan, keys.as_mut_ptr(), count, ptr::null_mut(), 0);
        }
    }
}

/// The page of a row.
fn block_of(place: &pg_sys::ItemPointerData) -> pg_sys::BlockNumber {
    (u32::from(place.ip_blkid.bi_hi) << 16) | u32::from(place.ip_blkid.bi_lo)
}

/// # Safety
///
/// Both relations must be open, the index one of the table's, and the snapshot registered.
unsafe fn begin_scan(
    relation: pg_sys::Relation,
    index: pg_sys::Relation,
    snapshot: pg_sys::Snapshot,
    keys: i32,
) -> pg_sys::IndexScanDesc {
    // SAFETY: the caller's promise.
    #[cfg(not(feature = "pg18"))]
    return unsafe { pg_sys::index_beginscan(relation, index, snapshot, keys, 0) };
    // SAFETY: the same; nobody asks for the number of searches.
    #[cfg(feature = "pg18")]
    return unsafe { pg_sys::index_beginscan(relation, index, snapshot, ptr::null_mut(), keys, 0) };
}
