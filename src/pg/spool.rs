//! Rows put aside: in memory while they are few, on disk beyond `work_mem`.

use std::ffi::{CStr, c_char};

use pgrx::datum::FromDatum;
use pgrx::pg_sys;

use crate::pg::sql::{Session, text_datum};

/// Rows in the order in which they were put in: of users, with a number each where that was asked for,
/// or what else a statement returns.
///
/// On an error nothing is freed here: memory and files go with the (sub)transaction that made them.
pub struct Spool {
    store: *mut pg_sys::Tuplestorestate,
    descriptor: pg_sys::TupleDesc,
    slot: *mut pg_sys::TupleTableSlot,
    memory: pg_sys::MemoryContext,
}

unsafe extern "C" {
    fn SetTuplestoreDestReceiverParams(
        receiver: *mut pg_sys::DestReceiver,
        store: *mut pg_sys::Tuplestorestate,
        memory: pg_sys::MemoryContext,
        detoast: bool,
        target: pg_sys::TupleDesc,
        failure: *const c_char,
    );
}

const COLUMNS: [(&CStr, pg_sys::Oid); 2] =
    [(c"user_id", pg_sys::TEXTOID), (c"number", pg_sys::INT4OID)];

impl Spool {
    /// For users alone, as a query returns them.
    pub fn of_users() -> Spool {
        Spool::of(&COLUMNS[..1])
    }

    pub fn of_numbered_users() -> Spool {
        Spool::of(&COLUMNS)
    }

    /// For rows with these columns.
    pub fn of(columns: &[(&CStr, pg_sys::Oid)]) -> Spool {
        // SAFETY: everything is made in a context of its own, which lives as long as the caller's.
        unsafe {
            let memory = pg_sys::AllocSetContextCreateInternal(
                pg_sys::CurrentMemoryContext,
                c"hogsend spool".as_ptr(),
                pg_sys::ALLOCSET_DEFAULT_MINSIZE as usize,
                pg_sys::ALLOCSET_DEFAULT_INITSIZE as usize,
                pg_sys::ALLOCSET_DEFAULT_MAXSIZE as usize,
            );
            let before = pg_sys::MemoryContextSwitchTo(memory);
            let descriptor = pg_sys::CreateTemplateTupleDesc(columns.len() as i32);
            for (number, (name, oid)) in (1..).zip(columns) {
                pg_sys::TupleDescInitEntry(descriptor, number, name.as_ptr(), *oid, -1, 0);
            }
            let store = pg_sys::tuplestore_begin_heap(false, false, pg_sys::work_mem);
            let slot = pg_sys::MakeSingleTupleTableSlot(descriptor, &pg_sys::TTSOpsMinimalTuple);
            pg_sys::MemoryContextSwitchTo(before);
            Spool {
                store,
                descriptor,
                slot,
                memory,
            }
        }
    }

    /// Something that puts in what a statement returns.
    pub fn receiver(&self) -> *mut pg_sys::DestReceiver {
        // SAFETY: the receiver takes down the pointers, which are valid as long as the spool is.
        unsafe {
            let receiver = pg_sys::CreateDestReceiver(pg_sys::CommandDest::DestTuplestore);
            SetTuplestoreDestReceiverParams(
                receiver,
                self.store,
                self.memory,
                false,
                std::ptr::null_mut(),
                std::ptr::null(),
            );
            receiver
        }
    }

    pub fn put(&self, user: &str, number: i32) {
        let mut values = [text_datum(user), pg_sys::Datum::from(number)];
        let mut nulls = [false; 2];
        // SAFETY: the values are of the two columns; the store copies them, and the text is freed.
        unsafe {
            pg_sys::tuplestore_putvalues(
                self.store,
                self.descriptor,
                values.as_mut_ptr(),
                nulls.as_mut_ptr(),
            );
            pg_sys::pfree(values[0].cast_mut_ptr());
        }
    }

    /// Makes it readable by a name, in the statements of a session that is open.
    pub fn register(&self, _session: &Session, name: &CStr) {
        self.register_here(name);
    }

    /// The same, for whoever has connected to SPI by other means.
    pub fn register_here(&self, name: &CStr) {
        // SAFETY: SPI keeps the pointer for as long as its connection lasts, which is not longer than the
        // spool and its memory; the name is copied. Who reads it has a place in it of their own.
        unsafe {
            let before = pg_sys::MemoryContextSwitchTo(self.memory);
            let size = std::mem::size_of::<pg_sys::EphemeralNamedRelationData>();
            let relation = pg_sys::palloc0(size).cast::<pg_sys::EphemeralNamedRelationData>();
            (*relation).md = pg_sys::EphemeralNamedRelationMetadataData {
                name: pg_sys::pstrdup(name.as_ptr()),
                reliddesc: pg_sys::InvalidOid,
                tupdesc: self.descriptor,
                enrtype: pg_sys::EphemeralNameRelationType::ENR_NAMED_TUPLESTORE,
                // Few, so that what is looked up for each is found by index.
                enrtuples: 10.0,
            };
            (*relation).reldata = self.store.cast();
            pg_sys::MemoryContextSwitchTo(before);
            // Something else may have had the name before.
            pg_sys::SPI_unregister_relation(name.as_ptr());
            let code = pg_sys::SPI_register_relation(relation);
            assert!(code >= 0, "SPI returned {code}");
        }
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    pub fn len(&self) -> i64 {
        // SAFETY: the store is open.
        unsafe { pg_sys::tuplestore_tuple_count(self.store) }
    }

    /// Goes back to the first.
    pub fn rewind(&self) {
        // SAFETY: the store is open, and can be read again. Whoever reads it by name has a place of their own,
        // and leaves it chosen.
        unsafe {
            pg_sys::tuplestore_select_read_pointer(self.store, 0);
            pg_sys::tuplestore_rescan(self.store);
        }
    }

    /// Fetches the next row into the slot, if there is one. What was on disk is put into memory of ours: the
    /// slot frees it, and whoever asks may have gone by then.
    fn fetch(&self) -> bool {
        // SAFETY: the slot is of the store's rows, and lives as long as the memory.
        unsafe {
            let before = pg_sys::MemoryContextSwitchTo(self.memory);
            let found = pg_sys::tuplestore_gettupleslot(self.store, true, false, self.slot);
            pg_sys::MemoryContextSwitchTo(before);
            found
        }
    }

    /// The next user, and the number.
    pub fn next(&self) -> Option<(String, i32)> {
        // SAFETY: the slot is of the store's rows; what it holds is copied before the next is fetched.
        unsafe {
            if !self.fetch() {
                return None;
            }
            let last = (*self.descriptor).natts;
            if i32::from((*self.slot).tts_nvalid) < last {
                pg_sys::slot_getsomeattrs_int(self.slot, last);
            }
            let values = std::slice::from_raw_parts((*self.slot).tts_values, last as usize);
            let number = values.get(1).map_or(0, |number| number.value() as i32);
            let user = String::from_datum(values[0], *(*self.slot).tts_isnull)?;
            Some((user, number))
        }
    }

    /// The next row's values, which are valid until the next is asked for.
    pub fn next_row(&self) -> Option<Vec<Option<pg_sys::Datum>>> {
        // SAFETY: the slot is of the store's rows.
        unsafe {
            if !self.fetch() {
                return None;
            }
            let columns = (*self.descriptor).natts;
            if i32::from((*self.slot).tts_nvalid) < columns {
                pg_sys::slot_getsomeattrs_int(self.slot, columns);
            }
            let slot = self.slot;
            let value = |n| (!*(*slot).tts_isnull.add(n)).then(|| *(*slot).tts_values.add(n));
            Some((0..columns as usize).map(value).collect())
        }
    }

    /// Puts in the next row of another one with the same columns; false if there is none.
    pub fn take_next_of(&self, other: &Spool) -> bool {
        // SAFETY: the slot is of the other's rows, and the row is copied.
        unsafe {
            let found = pg_sys::tuplestore_gettupleslot(other.store, true, false, other.slot);
            if found {
                pg_sys::tuplestore_puttupleslot(self.store, other.slot);
            }
            found
        }
    }

    /// Puts in a row of what SPI returned, whose columns are of these types.
    ///
    /// # Safety
    ///
    /// The row must be one, with as many columns, of these types.
    pub unsafe fn put_tuple(&self, row: pg_sys::HeapTuple) {
        // SAFETY: the caller's promise; the store copies it.
        unsafe { pg_sys::tuplestore_puttuple(self.store, row) }
    }

    /// Puts in all rows of another one with the same columns.
    pub fn take_all_of(&self, other: &Spool) {
        // SAFETY: the slot is of the other's rows, and they are copied.
        unsafe {
            while other.fetch() {
                pg_sys::tuplestore_puttupleslot(self.store, other.slot);
            }
        }
    }

    /// The first half of the rows, and the others; with the same columns.
    pub fn halves(&self, columns: &[(&CStr, pg_sys::Oid)]) -> [Spool; 2] {
        let halves = [Spool::of(columns), Spool::of(columns)];
        let middle = (self.len() + 1) / 2;
        self.rewind();
        // SAFETY: the slot is of the rows of all three, and they are copied.
        unsafe {
            while pg_sys::tuplestore_gettupleslot(self.store, true, false, self.slot) {
                let is_later = halves[0].len() == middle;
                pg_sys::tuplestore_puttupleslot(halves[usize::from(is_later)].store, self.slot);
            }
        }
        halves
    }

    pub fn close(self) {
        // SAFETY: nothing of it is used any more.
        unsafe {
            pg_sys::ExecDropSingleTupleTableSlot(self.slot);
            pg_sys::tuplestore_end(self.store);
            pg_sys::MemoryContextDelete(self.memory);
        }
    }
}
