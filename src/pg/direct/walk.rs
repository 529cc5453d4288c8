//! Rows in the order of their index: what jobs walk over.

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::{Bound, Latest, Seen, Table, block_of};
use crate::pg::row::{self, Row};
use crate::pg::scratch::Scratch;

const BACKWARD: pg_sys::ScanDirection::Type = pg_sys::ScanDirection::BackwardScanDirection;
const FORWARD: pg_sys::ScanDirection::Type = pg_sys::ScanDirection::ForwardScanDirection;

/// Which way an index is walked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    Backward,
    Forward,
}

impl<const N: usize> Table<'_, N> {
    /// Visits the rows from the first whose key is not below `from`, until `visit` returns false.
    /// What `visit` lets Postgres allocate is freed after each row.
    pub fn forwards(&self, latest: &Latest, from: &str, mut visit: impl FnMut(Row, Seen) -> bool) {
        // SAFETY: relations, slot and snapshot are open. A row is valid until the next is fetched,
        // and `visit` cannot keep it. On an error the memory goes with the context around it.
        unsafe {
            let scratch = Scratch::new();
            let scan = self.begin_scan(latest, &[Bound::at_least(0, from)], false);
            while pg_sys::index_getnext_slot(scan, FORWARD, self.slot) {
                let seen = Seen::of(self.slot, latest);
                let row = row::columns(self.slot, self.columns);
                if !scratch.with(|| visit(Row::new(&row), seen)) {
                    break;
                }
            }
            pg_sys::index_endscan(scan);
        }
    }

    /// Visits the rows whose key begins with two texts, and whose third column is before an instant if
    /// one is given, in the order of the index or against it, until `visit` returns false. What `visit`
    /// lets Postgres allocate is freed after each row.
    pub fn along(
        &self,
        latest: &Latest,
        direction: Direction,
        (first, second): (&str, &str),
        before: Option<Instant>,
        mut visit: impl FnMut(Row) -> bool,
    ) {
        let bounds = [
            Bound::equal(0, first),
            Bound::equal(1, second),
            Bound::before(2, before.unwrap_or(Instant::INFINITY)),
        ];
        let bounds = &bounds[..if before.is_some() { 3 } else { 2 }];
        // SAFETY: as above.
        unsafe {
            let scratch = Scratch::new();
            let scan = self.begin_scan(latest, bounds, false);
            let direction = match direction {
                Direction::Backward => BACKWARD,
                Direction::Forward => FORWARD,
            };
            while pg_sys::index_getnext_slot(scan, direction, self.slot) {
                let row = row::columns(self.slot, self.columns);
                if !scratch.with(|| visit(Row::new(&row))) {
                    break;
                }
            }
            pg_sys::index_endscan(scan);
        }
    }

    /// Visits the rows whose key is from `from` to `to` in its first column and `second` in its second, in the
    /// order of the index, until `visit` returns false. What `visit` lets Postgres allocate is freed after
    /// each row.
    pub fn between(
        &self,
        latest: &Latest,
        (from, to): (&str, &str),
        second: &str,
        mut visit: impl FnMut(Row) -> bool,
    ) {
        let bounds = [
            Bound::at_least(0, from),
            Bound::at_most(0, to),
            Bound::equal(1, second),
        ];
        // SAFETY: as above.
        unsafe {
            let scratch = Scratch::new();
            let scan = self.begin_scan(latest, &bounds, false);
            while pg_sys::index_getnext_slot(scan, FORWARD, self.slot) {
                let row = row::columns(self.slot, self.columns);
                if !scratch.with(|| visit(Row::new(&row))) {
                    break;
                }
            }
            pg_sys::index_endscan(scan);
        }
    }

    /// Visits the rows that have one of some texts in a column, by its place among those that are read, in
    /// the order in which they lie in the table, until `visit` returns false. What `visit` lets Postgres
    /// allocate is freed after each row.
    pub fn through(
        &self,
        latest: &Latest,
        (place, texts): (usize, &[&str]),
        mut visit: impl FnMut(Row) -> bool,
    ) {
        let flags = pg_sys::ScanOptions::SO_TYPE_SEQSCAN
            | pg_sys::ScanOptions::SO_ALLOW_STRAT
            | pg_sys::ScanOptions::SO_ALLOW_SYNC
            | pg_sys::ScanOptions::SO_ALLOW_PAGEMODE;
        let (none, nothing) = (std::ptr::null_mut(), std::ptr::null_mut());
        let mut visited: u32 = 0;
        // SAFETY: the table is open, and a heap (`is_plain`); so is the snapshot. The rest is as above.
        unsafe {
            let scratch = Scratch::new();
            let scan =
                pg_sys::heap_beginscan(self.relation, latest.snapshot, 0, none, nothing, flags);
            while pg_sys::heap_getnextslot(scan, FORWARD, self.slot) {
                visited = visited.wrapping_add(1);
                if visited.is_multiple_of(1024) {
                    pgrx::check_for_interrupts!();
                }
                let first = row::columns(self.slot, [self.columns[place]]);
                let is_wanted = |text: &str| texts.contains(&text);
                if !Row::new(&first).text(0).is_some_and(is_wanted) {
                    continue;
                }
                let row = row::columns(self.slot, self.columns);
                if !scratch.with(|| visit(Row::new(&row))) {
                    break;
                }
            }
            pg_sys::heap_endscan(scan);
        }
    }

    /// How many pages the table has.
    pub fn pages(&self) -> u32 {
        let main = pg_sys::ForkNumber::MAIN_FORKNUM;
        // SAFETY: the table is open.
        unsafe { pg_sys::RelationGetNumberOfBlocksInFork(self.relation, main) }
    }

    /// Visits the index's entries from `from` to `to` in its first column, and with `second` in its
    /// second if that is given, until `visit` returns false: rows of the first `K` columns of the
    /// key, for which the table itself is asked only where it must be.
    pub fn entries<const K: usize>(
        &self,
        latest: &Latest,
        (from, to): (&str, &str),
        second: Option<&str>,
        mut visit: impl FnMut(Row) -> bool,
    ) {
        let bounds = [
            Bound::at_least(0, from),
            Bound::at_most(0, to),
            Bound::equal(1, second.unwrap_or_default()),
        ];
        let bounds = &bounds[..if second.is_some() { 3 } else { 2 }];
        // SAFETY: relations, slot and snapshot are open. The entry is the scan's until the next is
        // fetched, and has at least `K` columns, which are those of the key (`finds_by`).
        unsafe {
            let scan = self.begin_scan(latest, bounds, true);
            let mut map = pg_sys::InvalidBuffer as pg_sys::Buffer;
            loop {
                let place = pg_sys::index_getnext_tid(scan, FORWARD);
                if place.is_null() {
                    break;
                }
                if !self.is_visible_to_all(&*place, &mut map) {
                    if !pg_sys::index_fetch_heap(scan, self.slot) {
                        continue;
                    }
                    pg_sys::ExecClearTuple(self.slot);
                }
                if !visit(Row::new(&entry::<K>(scan))) {
                    break;
                }
            }
            if map != pg_sys::InvalidBuffer as pg_sys::Buffer {
                pg_sys::ReleaseBuffer(map);
            }
            pg_sys::index_endscan(scan);
        }
    }

    /// Visits those rows whose key begins with `first` that `choose` takes by the second column of their key, which
    /// is text, from the end of the index backwards, with what it makes of them. The others are not fetched. False
    /// if there are more than `most` entries, of which it has not seen all.
    pub fn chosen<C>(
        &self,
        latest: &Latest,
        first: &str,
        most: usize,
        choose: impl Fn(&str) -> Option<C>,
        mut visit: impl FnMut(C, Row),
    ) -> bool {
        let mut seen = 0;
        // SAFETY: relations, slot and snapshot are open. The entry is the scan's until the next is fetched, and its
        // second column is text (`finds_by`); a row is valid as long, and `visit` cannot keep it.
        unsafe {
            let scan = self.kept_scan(latest, Bound::equal(0, first));
            while seen <= most && !pg_sys::index_getnext_tid(scan, BACKWARD).is_null() {
                seen += 1;
                let Some(chosen) = second_text(scan).and_then(&choose) else {
                    continue;
                };
                if pg_sys::index_fetch_heap(scan, self.slot) {
                    visit(chosen, Row::new(&row::columns(self.slot, self.columns)));
                }
            }
        }
        seen <= most
    }

    /// Looks for each of some keys, of `K` columns, with one scan: to begin and to end one costs as much as
    /// to look. Returns the places of those for which there is a row.
    pub fn having<const K: usize>(&self, latest: &Latest, keys: &[[&str; K]]) -> Vec<usize> {
        let Some(first) = keys.first() else {
            return Vec::new();
        };
        let mut there = Vec::new();
        // SAFETY: relations, slot and snapshot are open, and all keys have as many columns.
        unsafe {
            let scan = self.begin_scan(latest, &equal(first), false);
            for (place, key) in keys.iter().enumerate() {
                if place > 0 {
                    self.seek(scan, &equal(key));
                }
                if pg_sys::index_getnext_slot(scan, FORWARD, self.slot) {
                    there.push(place);
                }
            }
            pg_sys::index_endscan(scan);
        }
        there
    }

    /// Whether everybody sees all rows of the page that a row is on. Pins the page of the visibility
    /// map that says so.
    ///
    /// # Safety
    ///
    /// `map` must be what the last call left, to be released in the end.
    unsafe fn is_visible_to_all(
        &self,
        place: &pg_sys::ItemPointerData,
        map: &mut pg_sys::Buffer,
    ) -> bool {
        // SAFETY: the table is open, and the caller keeps the buffer.
        let status =
            unsafe { pg_sys::visibilitymap_get_status(self.relation, block_of(place), map) };
        u32::from(status) & pg_sys::VISIBILITYMAP_ALL_VISIBLE != 0
    }
}

fn equal<'v, const K: usize>(key: &[&'v str; K]) -> [Bound<'v>; K] {
    std::array::from_fn(|place| Bound::equal(place, key[place]))
}

/// The second column of the entry that the scan is at: as below, at a third of the cost.
///
/// # Safety
///
/// The scan must be at an entry, whose first two columns are text; it is valid until the scan goes on.
unsafe fn second_text<'e>(scan: pg_sys::IndexScanDesc) -> Option<&'e str> {
    // SAFETY: the caller's promise. Where nothing is NULL the columns follow the head, the first of them aligned as
    // anything is; what is not short is aligned as an integer, and so begins with a zero if bytes are left out
    // before it.
    unsafe {
        let item = (*scan).xs_itup;
        let has_nulls = u32::from((*item).t_info) & pg_sys::INDEX_NULL_MASK != 0;
        if has_nulls {
            let [_, second] = entry::<2>(scan);
            return second.and_then(|datum| row::text(datum));
        }
        let first = item.cast::<u8>().add(size_of::<pg_sys::IndexTupleData>());
        let mut second = first.add(pgrx::varsize_any(first.cast()));
        if *second == 0 {
            second = second.add(second.align_offset(align_of::<i32>()));
        }
        row::text(pg_sys::Datum::from(second))
    }
}

/// The first columns of the entry that the scan is at.
///
/// # Safety
///
/// The scan must be at an entry, of an index with at least so many columns.
unsafe fn entry<const K: usize>(scan: pg_sys::IndexScanDesc) -> [Option<pg_sys::Datum>; K] {
    const MOST: usize = pg_sys::INDEX_MAX_KEYS as usize;
    let (mut values, mut nulls) = ([pg_sys::Datum::null(); MOST], [false; MOST]);
    // SAFETY: the caller's promise; an index has no more columns than the arrays have room for.
    unsafe {
        let (entry, columns) = ((*scan).xs_itup, (*scan).xs_itupdesc);
        pg_sys::index_deform_tuple(entry, columns, values.as_mut_ptr(), nulls.as_mut_ptr());
    }
    std::array::from_fn(|place| (!nulls[place]).then_some(values[place]))
}
