//! Locking rows, and telling whether anything can have happened to their users in between.
//!
//! Whoever changes anything about a user does so under the lock on the user's row, and their
//! transaction id stays on the row. While it is the same one, and it had ended when a snapshot was
//! taken, what is read under that snapshot or a later one is how things are. doc/design.md proves both uses:
//! remembered stays, and jobs that lock hardly anybody.

use pgrx::pg_sys;

use super::{Latest, Table, block_of};
use crate::pg::moment::Ended;
use crate::pg::row::{self, Row};

/// What came of an attempt to lock a row by its key.
pub enum Locked<R> {
    Found(R),
    Missing,
    /// Somebody changed or deleted it meanwhile: let the executor sort it out.
    Unsure,
}

/// What came of an attempt to lock a row that was seen before.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Claim {
    /// It is locked, and nothing has happened.
    Unchanged,
    /// Something may have happened, and it may not be locked.
    Changed,
    /// Somebody else has it.
    Busy,
}

/// The transaction whose lock a row bears.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Holder(pg_sys::TransactionId);

/// Where a row was. It may be elsewhere by now, or another row be there.
#[derive(Clone, Copy)]
pub struct Place {
    at: pg_sys::ItemPointerData,
    /// The buffer that its page was in.
    buffer: pg_sys::Buffer,
}

impl Place {
    /// One of which nobody knows whether its page is in a buffer.
    pub fn at(at: pg_sys::ItemPointerData) -> Place {
        Place {
            at,
            buffer: pg_sys::InvalidBuffer as pg_sys::Buffer,
        }
    }

    /// # Safety
    ///
    /// The slot must hold a row of a heap, in its buffer.
    unsafe fn of(slot: *mut pg_sys::TupleTableSlot) -> Place {
        // SAFETY: the caller's promise.
        unsafe {
            Place {
                at: (*slot).tts_tid,
                buffer: (*slot.cast::<pg_sys::BufferHeapTupleTableSlot>()).buffer,
            }
        }
    }
}

/// Whose lock a row bore before ours, and bears with it, where that is certain; and where it is.
#[derive(Clone, Copy, Default)]
pub struct Holders {
    pub before: Option<Holder>,
    pub after: Option<Holder>,
    pub place: Option<Place>,
}

/// A row as it was seen under a snapshot.
#[derive(Clone, Copy)]
pub struct Seen {
    place: pg_sys::ItemPointerData,
    mark: Mark,
    /// Whoever locked or changed it last had ended when the snapshot was taken, or it was us.
    settled: bool,
    /// Who wrote this version of it; no number of anybody's, if it is frozen.
    writer: pg_sys::TransactionId,
}

/// Who locked or changed a row last.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Mark {
    holder: pg_sys::TransactionId,
    /// Several share it.
    shared: bool,
}

impl Mark {
    /// # Safety
    ///
    /// The slot must hold a row of a heap, in its buffer.
    unsafe fn of(slot: *mut pg_sys::TupleTableSlot) -> Mark {
        // SAFETY: the caller's promise. The row is pinned; its header may be changed by others at
        // any time, a word at once.
        unsafe {
            let tuple = (*slot.cast::<pg_sys::BufferHeapTupleTableSlot>())
                .base
                .tuple;
            let header = (*tuple).t_data;
            let flags = (&raw const (*header).t_infomask).read_volatile();
            Mark {
                holder: (&raw const (*header).t_choice.t_heap.t_xmax).read_volatile(),
                shared: u32::from(flags) & pg_sys::HEAP_XMAX_IS_MULTI != 0,
            }
        }
    }

    fn only_holder(self) -> Option<Holder> {
        let is_one = !self.shared && self.holder != pg_sys::InvalidTransactionId;
        is_one.then_some(Holder(self.holder))
    }

    /// Whether nobody else who is behind it was still at work at the time of a snapshot. What this
    /// transaction has done by then the snapshot shows, and while it has the lock nobody else does anything.
    fn is_settled(self, latest: &Latest) -> bool {
        // SAFETY: the snapshot is registered, and of the kind that knows who was at work; whether a
        // transaction is ours may be asked within one.
        let at_work = |xid| unsafe {
            pg_sys::XidInMVCCSnapshot(xid, latest.snapshot)
                && !pg_sys::TransactionIdIsCurrentTransactionId(xid)
        };
        match self.only_holder() {
            Some(Holder(xid)) => !at_work(xid),
            None => !self.shared,
        }
    }
}

/// Who wrote the version of a row that is in a slot.
///
/// # Safety
///
/// The slot must hold a row of a heap, in its buffer.
unsafe fn writer_of(slot: *mut pg_sys::TupleTableSlot) -> pg_sys::TransactionId {
    // SAFETY: the caller's promise. The row is pinned, and visible: who wrote it has ended, or is us.
    unsafe {
        let tuple = (*slot.cast::<pg_sys::BufferHeapTupleTableSlot>())
            .base
            .tuple;
        let header = (*tuple).t_data;
        let flags = u32::from((&raw const (*header).t_infomask).read_volatile());
        if flags & pg_sys::HEAP_XMIN_FROZEN == pg_sys::HEAP_XMIN_FROZEN {
            return pg_sys::FrozenTransactionId;
        }
        (*header).t_choice.t_heap.t_xmin
    }
}

impl Seen {
    /// # Safety
    ///
    /// The slot must hold a row of a heap, in its buffer.
    pub(super) unsafe fn of(slot: *mut pg_sys::TupleTableSlot, latest: &Latest) -> Seen {
        // SAFETY: the caller's promise.
        let (place, mark, writer) = unsafe { ((*slot).tts_tid, Mark::of(slot), writer_of(slot)) };
        Seen {
            place,
            mark,
            settled: mark.is_settled(latest),
            writer,
        }
    }

    /// Whether nobody has changed the row since a moment, nor locked it: so that what could be read of its
    /// user then can be read now, because whoever changes that locks it.
    ///
    /// A mark that is there is that of the last who had it. VACUUM takes marks away when it freezes, and
    /// then it freezes the row as well, if that is of a transaction before them: so that there is none says
    /// something of such a row only, and if it is not frozen.
    pub fn is_as_it_was(&self, then: &Ended) -> bool {
        let is_free = match self.mark.only_holder() {
            Some(Holder(xid)) => then.has(xid) && then.has(self.writer),
            None => !self.mark.shared && then.has_with_all_before(self.writer),
        };
        is_free && self.settled
    }
}

impl<const N: usize> Table<'_, N> {
    /// Locks the row with that key (FOR NO KEY UPDATE), waiting for whoever has it, and reads it as
    /// it is then. Where it was when somebody last looked saves the look into the index.
    pub fn lock<R>(
        &self,
        key: &str,
        place: Option<Place>,
        read: impl FnOnce(Row, Holders) -> R,
    ) -> Locked<R> {
        let latest = Latest::take();
        let ended = transactions_ended();
        let mut before = place.and_then(|place| self.find_at(&latest, place, key));
        if before.is_none() {
            if !self.open_index() {
                latest.release();
                return Locked::Unsure;
            }
            self.backwards(&latest, &[key], |_| {
                // SAFETY: the slot holds the row that is being visited, of a heap.
                before = Some(unsafe { Mark::of(self.slot) });
                false
            });
        }
        let result = match before {
            Some(before) => self.lock_found(&latest, key, |row| {
                // Whoever had it between our look and our lock has ended since.
                let certain = ended == transactions_ended();
                // SAFETY: the slot holds the row as it was locked.
                let (after, place) = unsafe { (Mark::of(self.slot), Place::of(self.slot)) };
                let holders = Holders {
                    before: before.only_holder().filter(|_| certain),
                    after: after.only_holder(),
                    place: Some(place),
                };
                read(row, holders)
            }),
            None => Locked::Missing,
        };
        latest.release();
        result
    }

    /// Fetches the row at a place, if it is visible, and the one with that key.
    fn find_at(&self, latest: &Latest, place: Place, key: &str) -> Option<Mark> {
        // SAFETY: the table is open, and the slot is for its rows. Once that has found something the slot holds it,
        // of a heap.
        unsafe {
            if !fetch(self.relation, latest, place, self.slot) {
                return None;
            }
            let [first] = row::columns(self.slot, [self.first_key]);
            let found = Row::new(&[first]).text(0) == Some(key);
            found.then(|| Mark::of(self.slot))
        }
    }

    /// Where the row is that is being visited.
    pub fn place(&self) -> Place {
        // SAFETY: whoever visits rows has one in the slot, of a heap.
        unsafe { Place::of(self.slot) }
    }

    /// Locks the row that is in the slot.
    fn lock_found<R>(&self, latest: &Latest, key: &str, read: impl FnOnce(Row) -> R) -> Locked<R> {
        // SAFETY: the slot holds a row of the table, and after its lock the row as it was locked.
        unsafe {
            let wait = pg_sys::LockWaitPolicy::LockWaitBlock;
            if self.lock_row((*self.slot).tts_tid, latest, wait) != pg_sys::TM_Result::TM_Ok {
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

    /// Locks a row that was seen under `latest` (FOR NO KEY UPDATE), unless somebody else has it.
    pub fn claim(&self, latest: &Latest, seen: &Seen) -> Claim {
        let ended = transactions_ended();
        let mut place = seen.place;
        // SAFETY: the snapshot, under which the row was visible, keeps it where it was. Once it is
        // fetched the slot holds it, of a heap.
        let mark = unsafe {
            let (table, snapshot) = (self.relation, latest.snapshot);
            pg_sys::table_tuple_fetch_row_version(table, &mut place, snapshot, self.slot)
                .then(|| Mark::of(self.slot))
        };
        // SAFETY: the place is of a row of the table.
        let result = unsafe {
            let wait = pg_sys::LockWaitPolicy::LockWaitSkip;
            self.lock_row(place, latest, wait)
        };
        match result {
            pg_sys::TM_Result::TM_WouldBlock => Claim::Busy,
            pg_sys::TM_Result::TM_Ok
                if seen.settled
                    && mark == Some(seen.mark)
                    // Nobody had it in between, and has ended since.
                    && ended == transactions_ended() =>
            {
                Claim::Unchanged
            }
            _ => Claim::Changed,
        }
    }

    /// Locks a row, or the version that it was updated to; the slot then holds it.
    ///
    /// # Safety
    ///
    /// There must be a row at that place.
    unsafe fn lock_row(
        &self,
        mut place: pg_sys::ItemPointerData,
        latest: &Latest,
        wait: pg_sys::LockWaitPolicy::Type,
    ) -> pg_sys::TM_Result::Type {
        // SAFETY: the caller's promise. The table is a heap, whose routine this is; it raises its
        // errors through the guard.
        unsafe {
            let Some(tuple_lock) = (*(*self.relation).rd_tableam).tuple_lock else {
                return pg_sys::TM_Result::TM_Invisible;
            };
            let mut failure = pg_sys::TM_FailureData::default();
            let command = pg_sys::GetCurrentCommandId(true);
            pg_sys::ffi::pg_guard_ffi_boundary(|| {
                tuple_lock(
                    self.relation,
                    &mut place,
                    latest.snapshot,
                    self.slot,
                    command,
                    pg_sys::LockTupleMode::LockTupleNoKeyExclusive,
                    wait,
                    pg_sys::TUPLE_LOCK_FLAG_FIND_LAST_VERSION as u8,
                    &mut failure,
                )
            })
        }
    }
}

/// Fetches the row at a place into a slot, if it is visible.
///
/// # Safety
///
/// The relation must be open, a heap, and the slot one for its rows.
pub(super) unsafe fn fetch(
    relation: pg_sys::Relation,
    latest: &Latest,
    place: Place,
    slot: *mut pg_sys::TupleTableSlot,
) -> bool {
    // SAFETY: the caller's promise.
    unsafe { has_page(relation, place) && fetch_there(relation, latest, place, slot) }
}

/// # Safety
///
/// The same, and the table must have so many pages.
unsafe fn fetch_there(
    relation: pg_sys::Relation,
    latest: &Latest,
    place: Place,
    slot: *mut pg_sys::TupleTableSlot,
) -> bool {
    let mut at = place.at;
    // SAFETY: the caller's promise; that the table has such a page, and nothing else about the place can make
    // a fetch fail.
    unsafe { pg_sys::table_tuple_fetch_row_version(relation, &mut at, latest.snapshot, slot) }
}

/// The same for rows of which nobody knows whether their pages are in buffers, one after the other; the table is
/// asked once how long it is.
pub(super) struct Fetcher<'l> {
    relation: pg_sys::Relation,
    latest: &'l Latest,
    blocks: pg_sys::BlockNumber,
}

impl Fetcher<'_> {
    /// # Safety
    ///
    /// The relation must be open, a heap, and stay so.
    pub unsafe fn new(relation: pg_sys::Relation, latest: &Latest) -> Fetcher<'_> {
        let main = pg_sys::ForkNumber::MAIN_FORKNUM;
        Fetcher {
            relation,
            latest,
            // SAFETY: the caller's promise.
            blocks: unsafe { pg_sys::RelationGetNumberOfBlocksInFork(relation, main) },
        }
    }

    /// Puts the row at a place into the slot, if the snapshot shows one there.
    ///
    /// # Safety
    ///
    /// The slot must be one for the relation's rows.
    pub unsafe fn fetch(&self, place: Place, slot: *mut pg_sys::TupleTableSlot) -> bool {
        // SAFETY: the caller's promise, and that of `new`.
        block_of(&place.at) < self.blocks
            && unsafe { fetch_there(self.relation, self.latest, place, slot) }
    }
}

/// VACUUM may have cut off the end of the table, but does not while we have our lock on it. To
/// ask how long it is takes a system call; a page that is still in its buffer is there.
///
/// # Safety
///
/// The relation must be open.
unsafe fn has_page(relation: pg_sys::Relation, place: Place) -> bool {
    let (main, block) = (pg_sys::ForkNumber::MAIN_FORKNUM, block_of(&place.at));
    // SAFETY: the caller's promise; a buffer that was is one, whatever is in it now, and is released
    // where it was pinned.
    unsafe {
        #[cfg(any(feature = "pg14", feature = "pg15"))]
        let file = (*relation).rd_node;
        #[cfg(not(any(feature = "pg14", feature = "pg15")))]
        let file = (*relation).rd_locator;
        let was_seen = place.buffer != pg_sys::InvalidBuffer as pg_sys::Buffer;
        if was_seen && pg_sys::ReadRecentBuffer(file, main, block, place.buffer) {
            pg_sys::ReleaseBuffer(place.buffer);
            return true;
        }
        block < pg_sys::RelationGetNumberOfBlocksInFork(relation, main)
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
