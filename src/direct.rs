//! Rows by index, without the executor.
//!
//! What an ordinary one-row INSERT needs to know of its user is a handful of rows under known keys.
//! Asked in SQL, by kept plans, they cost twice what fetching them costs. So here they are fetched
//! as the executor would, and only where that is simple: a plain heap table of the definer's, with
//! a plain B-tree over the columns of the key, at READ COMMITTED. For everything else the answer is
//! "ask in SQL" (`None`), and what is read is the same; the tests run both ways
//! (`hogsend.test_no_direct`).
//!
//! On an error nothing is cleaned up here: Postgres releases relations, pins and snapshots with the
//! (sub)transaction that it aborts.

mod shape;

use std::ffi::CStr;
use std::marker::PhantomData;
use std::ptr;

use pgrx::pg_sys;

use crate::context::Context;
use crate::row::{self, Row};
use crate::settings;
use crate::sql::text_datum;
use shape::shape_of;

pub use shape::shapes_seen;

/// A table as it is read: the columns of an index to find rows by, and the columns wanted.
pub struct Source<const N: usize> {
    pub table: &'static CStr,
    /// The leading columns of the index, in its order.
    pub key: &'static [&'static CStr],
    /// How many of them rows are compared with; these are text.
    pub compared: usize,
    pub columns: [&'static CStr; N],
}

/// The most columns of a key that rows are compared with.
const KEYS: usize = 2;

/// What came of an attempt to lock a row.
pub enum Locked<R> {
    Found(R),
    Missing,
    /// Somebody changed or deleted it meanwhile: let the executor sort it out.
    Unsure,
}

/// The transaction whose lock a row bears.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Holder(pg_sys::TransactionId);

/// Whose lock a row bore before ours, and bears with it, where that is certain.
#[derive(Clone, Copy, Default)]
pub struct Holders {
    pub before: Option<Holder>,
    pub after: Option<Holder>,
}

/// A snapshot of everything committed by now, and of what this transaction did.
pub struct Latest {
    snapshot: pg_sys::Snapshot,
}

/// An open table.
pub struct Table<'c, const N: usize> {
    relation: pg_sys::Relation,
    index: pg_sys::Relation,
    columns: [i32; N],
    /// The first column of the key: a row that was locked is looked at again.
    first_key: i32,
    slot: *mut pg_sys::TupleTableSlot,
    context: PhantomData<&'c Context>,
}

/// Whether rows may be read here at all in this transaction. Above READ COMMITTED locking and
/// looking again have rules of their own, which the executor knows.
fn is_possible() -> bool {
    // SAFETY: a plain variable of this backend, which has one thread.
    let level = unsafe { pg_sys::XactIsoLevel };
    level <= pg_sys::XACT_READ_COMMITTED as i32 && !settings::test_no_direct()
}

impl Latest {
    pub fn take() -> Latest {
        // SAFETY: called inside a transaction; the resource owner releases the snapshot on an error.
        // What the calling statement wrote is visible only after its command has been counted.
        unsafe {
            pg_sys::CommandCounterIncrement();
            let snapshot = pg_sys::RegisterSnapshot(pg_sys::GetLatestSnapshot());
            Latest { snapshot }
        }
    }

    pub fn release(self) {
        // SAFETY: taken in `take`, and released once, because `self` is gone.
        unsafe { pg_sys::UnregisterSnapshot(self.snapshot) };
    }
}

impl<'c, const N: usize> Table<'c, N> {
    /// Opens a table for reading, or for locking its rows too. `None`: it is to be read in SQL.
    pub fn open(context: &'c Context, source: &Source<N>, locking: bool) -> Option<Table<'c, N>> {
        if !is_possible() {
            return None;
        }
        let mode = if locking {
            pg_sys::RowShareLock
        } else {
            pg_sys::AccessShareLock
        } as pg_sys::LOCKMODE;
        // SAFETY: the locks are those that the executor would take, and are kept to the end of the
        // transaction. Both relations may have been dropped by now, which `try_` tells.
        unsafe {
            let relation = pg_sys::try_table_open(context.table(source.table), mode);
            if relation.is_null() {
                return None;
            }
            let shape = shape_of(relation, source, context.owner);
            let index = if shape.index == pg_sys::InvalidOid {
                ptr::null_mut()
            } else {
                pg_sys::try_index_open(shape.index, pg_sys::AccessShareLock as pg_sys::LOCKMODE)
            };
            let columns = <[i32; N]>::try_from(shape.columns.as_slice());
            let (false, Ok(columns)) = (index.is_null(), columns) else {
                pg_sys::table_close(relation, pg_sys::NoLock as pg_sys::LOCKMODE);
                return None;
            };
            Some(Table {
                relation,
                index,
                columns,
                first_key: shape.first_key,
                slot: pg_sys::table_slot_create(relation, ptr::null_mut()),
                context: PhantomData,
            })
        }
    }

    pub fn close(self) {
        let kept = pg_sys::NoLock as pg_sys::LOCKMODE;
        // SAFETY: opened in `open`, and closed once, because `self` is gone.
        unsafe {
            pg_sys::ExecDropSingleTupleTableSlot(self.slot);
            pg_sys::index_close(self.index, kept);
            pg_sys::table_close(self.relation, kept);
        }
    }

    /// Visits the rows whose key begins with `key`, from the end of the index backwards, until
    /// `visit` returns false.
    pub fn backwards(&self, latest: &Latest, key: &[&str], mut visit: impl FnMut(Row) -> bool) {
        let mut keys = self.scan_keys(key);
        // SAFETY: relations, slot and snapshot are open, and the keys outlive the scan. A row is
        // valid until the next is fetched, and `visit` cannot keep it.
        unsafe {
            let scan = begin_scan(self.relation, self.index, latest.snapshot, key.len() as i32);
            pg_sys::index_rescan(
                scan,
                keys.as_mut_ptr(),
                key.len() as i32,
                ptr::null_mut(),
                0,
            );
            let backward = pg_sys::ScanDirection::BackwardScanDirection;
            while pg_sys::index_getnext_slot(scan, backward, self.slot) {
                if !visit(Row::new(&row::columns(self.slot, self.columns))) {
                    break;
                }
            }
            pg_sys::index_endscan(scan);
        }
    }

    /// Locks the row with that key (FOR NO KEY UPDATE), waiting for whoever has it, and reads it as
    /// it is then.
    pub fn lock<R>(&self, key: &str, read: impl FnOnce(Row, Holders) -> R) -> Locked<R> {
        let latest = Latest::take();
        let ended = transactions_ended();
        let mut found = false;
        let mut before = None;
        self.backwards(&latest, &[key], |_| {
            found = true;
            // SAFETY: the slot holds the row that is being visited, of a heap.
            before = unsafe { holder(self.slot) };
            false
        });
        let result = if found {
            self.lock_found(&latest, key, |row| {
                // Whoever had it between our look and our lock has ended since.
                let certain = ended == transactions_ended();
                let holders = Holders {
                    before: before.filter(|_| certain),
                    // SAFETY: the slot holds the row as it was locked.
                    after: unsafe { holder(self.slot) },
                };
                read(row, holders)
            })
        } else {
            Locked::Missing
        };
        latest.release();
        result
    }

    /// Locks the row that is in the slot.
    fn lock_found<R>(&self, latest: &Latest, key: &str, read: impl FnOnce(Row) -> R) -> Locked<R> {
        // SAFETY: the table is a heap, whose routine this is; it raises its errors through the
        // guard. Afterwards the slot holds the row as it was locked.
        unsafe {
            let Some(tuple_lock) = (*(*self.relation).rd_tableam).tuple_lock else {
                return Locked::Unsure;
            };
            let mut place = (*self.slot).tts_tid;
            let mut failure = pg_sys::TM_FailureData::default();
            let command = pg_sys::GetCurrentCommandId(true);
            let result = pg_sys::ffi::pg_guard_ffi_boundary(|| {
                tuple_lock(
                    self.relation,
                    &mut place,
                    latest.snapshot,
                    self.slot,
                    command,
                    pg_sys::LockTupleMode::LockTupleNoKeyExclusive,
                    pg_sys::LockWaitPolicy::LockWaitBlock,
                    pg_sys::TUPLE_LOCK_FLAG_FIND_LAST_VERSION as u8,
                    &mut failure,
                )
            });
            if result != pg_sys::TM_Result::TM_Ok {
                return Locked::Unsure;
            }
            // A later version may be somebody else's: keys can be updated.
            let [first] = row::columns(self.slot, [self.first_key]);
            if Row::new(&[first]).text(0) != Some(key) {
                return Locked::Unsure;
            }
            Locked::Found(read(Row::new(&row::columns(self.slot, self.columns))))
        }
    }

    fn scan_keys(&self, key: &[&str]) -> [pg_sys::ScanKeyData; KEYS] {
        let mut keys = [pg_sys::ScanKeyData::default(); KEYS];
        assert!(key.len() <= KEYS, "{} keys", key.len());
        for (place, value) in key.iter().enumerate() {
            // SAFETY: the index has at least as many columns as its source names, all text with
            // the operators of text (`finds_by`); equality must use the index's own collation.
            unsafe {
                pg_sys::ScanKeyEntryInitialize(
                    &mut keys[place],
                    0,
                    place as i16 + 1,
                    pg_sys::BTEqualStrategyNumber as u16,
                    pg_sys::InvalidOid,
                    *(*self.index).rd_indcollation.add(place),
                    // Texts are equal when their bytes are, under a deterministic collation, and
                    // bytes compare in a quarter of the time.
                    pg_sys::Oid::from(pg_sys::F_BYTEAEQ),
                    text_datum(value),
                );
            }
        }
        keys
    }
}

/// How many transactions have ended in this server.
fn transactions_ended() -> u64 {
    use std::sync::atomic::{Ordering, fence};
    #[cfg(any(feature = "pg14", feature = "pg15", feature = "pg16"))]
    // SAFETY: shared memory that lives as long as the server; a counter that only grows, read once.
    let count =
        unsafe { (&raw const (*pg_sys::ShmemVariableCache).xactCompletionCount).read_volatile() };
    #[cfg(not(any(feature = "pg14", feature = "pg15", feature = "pg16")))]
    // SAFETY: the same, by its later name.
    let count =
        unsafe { (&raw const (*pg_sys::TransamVariables).xactCompletionCount).read_volatile() };
    // What is read of the row must not move to the other side.
    fence(Ordering::SeqCst);
    count
}

/// Who locked or changed the row last, unless several share it.
///
/// # Safety
///
/// The slot must hold a row of a heap, in its buffer.
unsafe fn holder(slot: *mut pg_sys::TupleTableSlot) -> Option<Holder> {
    // SAFETY: the caller's promise. The row is pinned; its header may be changed by others at any
    // time, a word at once.
    unsafe {
        let tuple = (*slot.cast::<pg_sys::BufferHeapTupleTableSlot>())
            .base
            .tuple;
        let header = (*tuple).t_data;
        let flags = (&raw const (*header).t_infomask).read_volatile();
        let holder = (&raw const (*header).t_choice.t_heap.t_xmax).read_volatile();
        let shared = u32::from(flags) & pg_sys::HEAP_XMAX_IS_MULTI != 0;
        (!shared && holder != pg_sys::InvalidTransactionId).then_some(Holder(holder))
    }
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
