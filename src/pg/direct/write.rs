//! Rows written without the executor, where that does nothing besides (`writable`).
//!
//! With whom somebody joins or leaves a handful of rows is written, and to start the executor for them costs five
//! times what it costs to store them. So a row is formed, stored and entered into the indexes here, as
//! the executor would do it. Everything that is not simple is written in SQL (`None`, or `false`), and the rows are the
//! same.
//!
//! Nothing here decides whether a row may be written: that is so because the user's contact is locked (I2).

use std::cell::Cell;
use std::ffi::CStr;
use std::marker::PhantomData;
use std::ptr;
use std::rc::Rc;

use pgrx::{PgSqlErrorCode, pg_sys};

use super::lock::Fetcher;
use super::writable::{Written, written};
use super::{Latest, Place, is_possible};
use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::fit::{self, Column};
use crate::pg::role;
use crate::pg::row::{self, Row};
use crate::pg::settings;
use crate::pg::sql::Arg;

/// A table as rows are written to it: with these columns, and no others.
pub struct Target<const N: usize> {
    pub table: &'static CStr,
    pub columns: [Column; N],
    /// The first column has a number from the table's sequence.
    pub is_numbered: bool,
    /// Conditions that every row that is written meets, as Postgres prints them.
    pub checks: &'static [&'static str],
    /// Which rows those indexes have that have not all, as Postgres prints it.
    pub partial: Option<&'static str>,
}

/// Whether a row that is like another is an error, or is taken back.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Repetition {
    Fails,
    Undone,
}

/// More rows than this are written in SQL.
pub const MOST: usize = 64;

/// A table that is open for writing.
pub struct Writer<'c, const N: usize> {
    relation: pg_sys::Relation,
    shape: Rc<Written>,
    /// Opened when they are needed; null before.
    indexes: Vec<Cell<pg_sys::Relation>>,
    context: PhantomData<&'c Context>,
}

/// A row as it is stored.
struct Stored {
    values: Vec<pg_sys::Datum>,
    nulls: Vec<bool>,
}

impl Stored {
    fn of_nulls(width: usize) -> Stored {
        Stored {
            values: vec![pg_sys::Datum::null(); width],
            nulls: vec![true; width],
        }
    }

    fn set(&mut self, place: usize, value: Option<pg_sys::Datum>) {
        self.nulls[place] = value.is_none();
        self.values[place] = value.unwrap_or(pg_sys::Datum::null());
    }
}

impl<'c, const N: usize> Writer<'c, N> {
    /// `None` where rows are to be written in SQL.
    pub fn open(context: &'c Context, target: &'static Target<N>) -> Option<Writer<'c, N>> {
        if !is_possible() || !may_write(context) {
            return None;
        }
        let mode = pg_sys::RowExclusiveLock as pg_sys::LOCKMODE;
        // SAFETY: the lock is the one that the executor would take, and is kept to the end of the
        // transaction. The table may have been dropped by now, which `try_` tells.
        unsafe {
            let relation = pg_sys::try_table_open(context.table(target.table), mode);
            if relation.is_null() {
                return None;
            }
            let Some(shape) = written(relation, target, context.owner) else {
                pg_sys::table_close(relation, pg_sys::NoLock as pg_sys::LOCKMODE);
                return None;
            };
            let indexes = shape.indexes.iter();
            Some(Writer {
                relation,
                indexes: indexes.map(|_| Cell::new(ptr::null_mut())).collect(),
                shape,
                context: PhantomData,
            })
        }
    }

    /// What was written is visible to what this transaction reads from here on.
    pub fn close(self) {
        let kept = pg_sys::NoLock as pg_sys::LOCKMODE;
        // SAFETY: opened in `open` and `index`, and closed once, because `self` is gone.
        unsafe {
            for index in &self.indexes {
                if !index.get().is_null() {
                    pg_sys::index_close(index.get(), kept);
                }
            }
            pg_sys::table_close(self.relation, kept);
            pg_sys::CommandCounterIncrement();
        }
    }

    /// The next number of a table that has some.
    pub fn number(&self) -> i64 {
        let sequence = [Some(self.shape.sequence.into())];
        // SAFETY: the function takes the oid of a sequence, and returns a bigint.
        let number = unsafe { pgrx::direct_function_call_as_datum(pg_sys::nextval_oid, &sequence) };
        number.map_or(0, |number| number.value() as i64)
    }

    /// Inserts a row; `in_partial` tells whether it belongs into indexes that have not all. Returns false
    /// if there may be another row like it in a unique index, and that is to be undone: then nothing was written, and
    /// SQL can tell what there is.
    pub fn insert(&self, row: &[Arg; N], in_partial: bool, repetition: Repetition) -> bool {
        settings::place_to_fail();
        let mut stored = Stored::of_nulls(self.shape.width);
        for (place, value) in self.shape.columns.iter().zip(row) {
            stored.set(*place, value.datum());
        }
        self.require_values(&stored, self.shape.columns.iter().copied());
        // SAFETY: the arrays have an element a column, and those that are not NULL are of the column's type
        // (`writable`). The relation is open for writing. On an error the memory goes with the context.
        unsafe {
            let tuple = pg_sys::heap_form_tuple(
                (*self.relation).rd_att,
                stored.values.as_mut_ptr(),
                stored.nulls.as_mut_ptr(),
            );
            let command = pg_sys::GetCurrentCommandId(true);
            pg_sys::heap_insert(self.relation, tuple, command, 0, ptr::null_mut());
            let place = &raw mut (*tuple).t_self;
            let is_alone = self.enter(&mut stored, place, in_partial, repetition, false);
            if !is_alone {
                // The row is seen only once its command has been counted.
                pg_sys::CommandCounterIncrement();
                pg_sys::simple_heap_delete(self.relation, place);
            }
            pg_sys::heap_freetuple(tuple);
            is_alone
        }
    }

    /// Sets columns, by their places among the target's, of the row at a place, where `is_it` finds it to be the one
    /// that is meant. `in_partial` tells whether it then belongs into indexes that have not all. Returns false if
    /// nothing was written: the row is another one by now, or somebody else is at it.
    pub fn update<const M: usize>(
        &self,
        place: Place,
        is_it: impl FnOnce(&Row) -> bool,
        set: [(usize, Arg); M],
        in_partial: bool,
    ) -> bool {
        settings::place_to_fail();
        // SAFETY: as in `insert`. The slot is dropped before the relation is closed, the snapshot released.
        unsafe {
            // An update is refused where nobody could tell which row it is that replicas are to change.
            pg_sys::CheckCmdReplicaIdentity(self.relation, pg_sys::CmdType::CMD_UPDATE);
            let latest = Latest::take();
            let slot = pg_sys::table_slot_create(self.relation, ptr::null_mut());
            let is_done = self.update_seen(&latest, slot, place, is_it, set, in_partial);
            pg_sys::ExecDropSingleTupleTableSlot(slot);
            latest.release();
            is_done
        }
    }

    /// # Safety
    ///
    /// The slot must be one for the table's rows.
    unsafe fn update_seen<const M: usize>(
        &self,
        latest: &Latest,
        slot: *mut pg_sys::TupleTableSlot,
        place: Place,
        is_it: impl FnOnce(&Row) -> bool,
        set: [(usize, Arg); M],
        in_partial: bool,
    ) -> bool {
        // SAFETY: the caller's promise. Once something is fetched the slot holds it, of a heap, and it stays
        // pinned until the slot is cleared. The arrays have an element a column.
        unsafe {
            if !super::lock::fetch(self.relation, latest, place, slot) {
                return false;
            }
            let columns = &self.shape.columns;
            let numbers: [i32; N] = std::array::from_fn(|column| columns[column] as i32 + 1);
            if !is_it(&Row::new(&row::columns(slot, numbers))) {
                return false;
            }
            let mut changes = Stored::of_nulls(self.shape.width);
            let mut is_set = vec![false; self.shape.width];
            for (column, value) in &set {
                changes.set(columns[*column], value.datum());
                is_set[columns[*column]] = true;
            }
            self.require_values(&changes, set.iter().map(|(column, _)| columns[*column]));
            let old = (*slot.cast::<pg_sys::BufferHeapTupleTableSlot>())
                .base
                .tuple;
            let descriptor = (*self.relation).rd_att;
            let tuple = pg_sys::heap_modify_tuple(
                old,
                descriptor,
                changes.values.as_mut_ptr(),
                changes.nulls.as_mut_ptr(),
                is_set.as_mut_ptr(),
            );
            let mut at = (*slot).tts_tid;
            if self.replace(&mut at, tuple) != pg_sys::TM_Result::TM_Ok {
                return false;
            }
            let flags = u32::from((*(*tuple).t_data).t_infomask2);
            if flags & pg_sys::HEAP_ONLY_TUPLE == 0 {
                let mut stored = Stored::of_nulls(self.shape.width);
                pg_sys::heap_deform_tuple(
                    tuple,
                    descriptor,
                    stored.values.as_mut_ptr(),
                    stored.nulls.as_mut_ptr(),
                );
                let place = &raw mut (*tuple).t_self;
                self.enter(&mut stored, place, in_partial, Repetition::Fails, true);
            }
            pg_sys::heap_freetuple(tuple);
            true
        }
    }

    /// Deletes rows at places, where `is_it` finds the n-th to be the one that is meant. Tells of each whether it is
    /// gone by that: if not, another row is there by now, or somebody else is at it.
    pub fn delete(
        &self,
        places: impl Iterator<Item = Option<Place>>,
        is_it: impl Fn(usize, &Row) -> bool,
    ) -> Vec<bool> {
        settings::place_to_fail();
        // SAFETY: as in `update`.
        unsafe {
            pg_sys::CheckCmdReplicaIdentity(self.relation, pg_sys::CmdType::CMD_DELETE);
            let latest = Latest::take();
            let slot = pg_sys::table_slot_create(self.relation, ptr::null_mut());
            let fetcher = Fetcher::new(self.relation, &latest);
            let columns = &self.shape.columns;
            let numbers: [i32; N] = std::array::from_fn(|column| columns[column] as i32 + 1);
            let command = pg_sys::GetCurrentCommandId(true);
            let gone = places.enumerate().map(|(n, place)| {
                let is_there = place.is_some_and(|place| fetcher.fetch(place, slot))
                    && is_it(n, &Row::new(&row::columns(slot, numbers)));
                if !is_there {
                    return false;
                }
                let mut failure = pg_sys::TM_FailureData::default();
                let result = pg_sys::heap_delete(
                    self.relation,
                    &raw mut (*slot).tts_tid,
                    command,
                    ptr::null_mut(),
                    true,
                    &mut failure,
                    false,
                );
                result == pg_sys::TM_Result::TM_Ok
            });
            let gone = gone.collect();
            pg_sys::ExecDropSingleTupleTableSlot(slot);
            latest.release();
            gone
        }
    }

    /// Raises an error where one of these columns, which somebody has made NOT NULL since, is to be NULL.
    fn require_values(&self, row: &Stored, mut places: impl Iterator<Item = usize>) {
        // SAFETY: the relation is open, and the places are those of its columns.
        let is_required =
            |place| unsafe { (*fit::attribute((*self.relation).rd_att, place)).attnotnull };
        if let Some(place) = places.find(|place| row.nulls[*place] && is_required(*place)) {
            // SAFETY: as above; the names are C strings of the relation's.
            let [column, table] = unsafe {
                let column = &(*fit::attribute((*self.relation).rd_att, place)).attname;
                [column, &(*(*self.relation).rd_rel).relname]
                    .map(|name| CStr::from_ptr(name.data.as_ptr()).to_string_lossy())
            };
            Refusal::new(
                PgSqlErrorCode::ERRCODE_NOT_NULL_VIOLATION,
                format!("null value in column \"{column}\" of relation \"{table}\" violates not-null constraint"),
            )
            .detail("The table is hogsend's, which leaves that column without a value.")
            .hint(format!("ALTER TABLE {table} ALTER COLUMN {column} DROP NOT NULL;"))
            .raise()
        }
    }

    /// Puts a row in the place of another.
    ///
    /// # Safety
    ///
    /// There must be a row at that place, which this command sees.
    unsafe fn replace(
        &self,
        place: &mut pg_sys::ItemPointerData,
        tuple: pg_sys::HeapTuple,
    ) -> pg_sys::TM_Result::Type {
        let mut failure = pg_sys::TM_FailureData::default();
        let mut mode = pg_sys::LockTupleMode::LockTupleNoKeyExclusive;
        // SAFETY: the caller's promise; the rest is ours.
        unsafe {
            let command = pg_sys::GetCurrentCommandId(true);
            #[cfg(any(feature = "pg14", feature = "pg15"))]
            return pg_sys::heap_update(
                self.relation,
                place,
                tuple,
                command,
                ptr::null_mut(),
                true,
                &mut failure,
                &mut mode,
            );
            #[cfg(not(any(feature = "pg14", feature = "pg15")))]
            {
                // There are no indexes but B-trees, so the row itself tells.
                let mut indexes = pg_sys::TU_UpdateIndexes::TU_None;
                return pg_sys::heap_update(
                    self.relation,
                    place,
                    tuple,
                    command,
                    ptr::null_mut(),
                    true,
                    &mut failure,
                    &mut mode,
                    &mut indexes,
                );
            }
        }
    }

    /// Enters a row into the indexes; false if one of them may have another like it.
    ///
    /// # Safety
    ///
    /// The row must be stored at that place.
    unsafe fn enter(
        &self,
        row: &mut Stored,
        place: pg_sys::ItemPointer,
        in_partial: bool,
        repetition: Repetition,
        is_update: bool,
    ) -> bool {
        let mut is_alone = true;
        for (number, index) in self.shape.indexes.iter().enumerate() {
            if index.is_partial && !in_partial {
                continue;
            }
            let mut values = [pg_sys::Datum::null(); pg_sys::INDEX_MAX_KEYS as usize];
            let mut nulls = [true; pg_sys::INDEX_MAX_KEYS as usize];
            for (entry, column) in index.columns.iter().enumerate() {
                values[entry] = row.values[*column];
                nulls[entry] = row.nulls[*column];
            }
            let check = match (index.is_unique, repetition) {
                (false, _) => pg_sys::IndexUniqueCheck::UNIQUE_CHECK_NO,
                (true, Repetition::Fails) => pg_sys::IndexUniqueCheck::UNIQUE_CHECK_YES,
                (true, Repetition::Undone) => pg_sys::IndexUniqueCheck::UNIQUE_CHECK_PARTIAL,
            };
            // SAFETY: the caller's promise; the arrays have an element a column of the index. B-trees ask for
            // no further information about themselves.
            let is_only = unsafe {
                pg_sys::index_insert(
                    self.index(number),
                    values.as_mut_ptr(),
                    nulls.as_mut_ptr(),
                    place,
                    self.relation,
                    check,
                    is_update,
                    ptr::null_mut(),
                )
            };
            is_alone &= is_only || check == pg_sys::IndexUniqueCheck::UNIQUE_CHECK_NO;
        }
        is_alone
    }

    /// An index by its number, open.
    ///
    /// # Safety
    ///
    /// The table must be locked.
    unsafe fn index(&self, number: usize) -> pg_sys::Relation {
        let index = &self.indexes[number];
        if index.get().is_null() {
            let mode = pg_sys::RowExclusiveLock as pg_sys::LOCKMODE;
            // SAFETY: indexes of a table that somebody writes to cannot be dropped.
            index.set(unsafe { pg_sys::index_open(self.shape.indexes[number].oid, mode) });
        }
        index.get()
    }
}

/// With the rights of whoever the table is of, in a transaction that may write.
fn may_write(context: &Context) -> bool {
    let role = role::current();
    // SAFETY: plain variables of this backend.
    let is_refused = unsafe { pg_sys::XactReadOnly || pg_sys::IsInParallelMode() };
    !is_refused && (role == context.owner || role::is_superuser(role))
}
