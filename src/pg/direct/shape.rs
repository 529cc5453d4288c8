//! Which tables can be read by index, by which index, and where their columns are.
//!
//! Looked up once a backend, and again when one of the tables may have been altered.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use pgrx::pg_sys;

use super::Source;
use crate::pg::context::Context;
use crate::pg::fit;
use crate::pg::memory;

/// Which table a source is, and where its columns are; the index is invalid when the table is none to be
/// read here.
pub(super) struct Shape {
    pub table: pg_sys::Oid,
    pub index: pg_sys::Oid,
    pub columns: Vec<i32>,
    pub first_key: i32,
}

/// Of which schema and source a shape is: two sources on a table read other columns, by another index.
type Of = (pg_sys::Oid, usize);

thread_local! {
    /// There are some dozen sources, and those that every event asks come first.
    static SHAPES: RefCell<Vec<(Of, Rc<Shape>)>> = const { RefCell::new(Vec::new()) };
    /// The alterations after which they were looked up.
    static SHAPES_AT: Cell<u64> = const { Cell::new(0) };
}

fn of<const N: usize>(source: &'static Source<N>, context: &Context) -> Of {
    (context.namespace(), (&raw const *source).addr())
}

/// What was looked up before, while no table has been altered.
pub(super) fn known_shape<const N: usize>(
    source: &'static Source<N>,
    context: &Context,
) -> Option<Rc<Shape>> {
    if !is_current() {
        return None;
    }
    let of = of(source, context);
    SHAPES.with_borrow(|shapes| {
        let mut shapes = shapes.iter();
        let found = shapes.find(|(other, _)| *other == of);
        found.map(|(_, shape)| Rc::clone(shape))
    })
}

/// Whether what is known of tables is still so: to be asked again once the table is locked, because that is
/// when alterations become known.
pub(super) fn is_current() -> bool {
    SHAPES_AT.get() == memory::alterations()
}

/// # Safety
///
/// The relation must be open and locked.
pub(super) unsafe fn look_up_shape<const N: usize>(
    relation: pg_sys::Relation,
    source: &'static Source<N>,
    context: &Context,
) -> Rc<Shape> {
    // SAFETY: the caller's promise.
    unsafe {
        let table = (*relation).rd_id;
        memory::watch(table);
        let now = memory::alterations();
        if SHAPES_AT.replace(now) != now {
            SHAPES.with_borrow_mut(Vec::clear);
        }
        // What does not fit is read in SQL, which says so.
        let number = |column| fit::number_if_fit(relation, column);
        let key: Option<Vec<i32>> = source.key.iter().map(number).collect();
        let columns: Option<Vec<i32>> = source.columns.iter().map(number).collect();
        let all = key
            .zip(columns)
            .filter(|_| is_plain(relation, context.owner));
        let shape = Rc::new(Shape {
            table,
            index: all.as_ref().map_or(pg_sys::InvalidOid, |(key, _)| {
                find_index(relation, key, source.compared)
            }),
            first_key: all.as_ref().map_or(0, |(key, _)| key[0]),
            columns: all.map_or_else(Vec::new, |(_, columns)| columns),
        });
        // From here on it is known when the name becomes another table's.
        if context.table(source.table) == table && is_current() {
            let entry = (of(source, context), Rc::clone(&shape));
            SHAPES.with_borrow_mut(|shapes| shapes.push(entry));
        }
        shape
    }
}

/// A heap without partitions, children or policies, of whoever our definer functions run as: reading
/// it in SQL would find the same rows and ask nobody's permission.
///
/// # Safety
///
/// The relation must be open.
pub(super) unsafe fn is_plain(relation: pg_sys::Relation, owner: pg_sys::Oid) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        let class = &*(*relation).rd_rel;
        class.relkind == pg_sys::RELKIND_RELATION as std::ffi::c_char
            && class.relam == pg_sys::HEAP_TABLE_AM_OID
            && !class.relhassubclass
            && !class.relrowsecurity
            && (class.relowner == owner || pg_sys::superuser_arg(owner))
    }
}

/// A B-tree whose leading columns are those of `key`; invalid if there is none.
///
/// # Safety
///
/// The relation must be open and locked.
unsafe fn find_index(relation: pg_sys::Relation, key: &[i32], compared: usize) -> pg_sys::Oid {
    let mode = pg_sys::AccessShareLock as pg_sys::LOCKMODE;
    // SAFETY: the caller's promise; the list is a copy of the cache's, and indexes of a locked table
    // cannot be dropped.
    unsafe {
        let list = pgrx::PgList::<pg_sys::Oid>::from_pg(pg_sys::RelationGetIndexList(relation));
        for oid in list.iter_oid() {
            let index = pg_sys::index_open(oid, mode);
            let fits = finds_by(relation, index, key, compared);
            pg_sys::index_close(index, mode);
            if fits {
                return oid;
            }
        }
        pg_sys::InvalidOid
    }
}

/// Whether the index holds every row, in ascending order of exactly these leading columns, and
/// compares text as `=` does, and orders it as the column is ordered: jobs go from one user to another
/// in several tables, some of them in SQL.
///
/// # Safety
///
/// Both must be open, the index be the table's, and `key` columns of it.
unsafe fn finds_by(
    relation: pg_sys::Relation,
    index: pg_sys::Relation,
    key: &[i32],
    compared: usize,
) -> bool {
    // SAFETY: the caller's promise; the arrays have an entry a column.
    unsafe {
        let form = &*(*index).rd_index;
        (*(*index).rd_rel).relam == pg_sys::BTREE_AM_OID
            && form.indisvalid
            && !form.indcheckxmin
            && form.indnkeyatts as usize >= key.len()
            && pg_sys::RelationGetIndexPredicate(index).is_null()
            && key.iter().enumerate().all(|(place, column)| {
                i32::from(*form.indkey.values.as_ptr().add(place)) == *column
                    && *(*index).rd_indoption.add(place) == 0
                    && is_in_order_of_time(index, place)
                    && (place >= compared
                        || is_plain_text(index, place)
                            && *(*index).rd_indcollation.add(place)
                                == (*fit::attribute((*relation).rd_att, *column as usize - 1))
                                    .attcollation)
            })
    }
}

/// Whether a column of an index is text, found by its bytes.
///
/// # Safety
///
/// The index must be open, and have that column.
unsafe fn is_plain_text(index: pg_sys::Relation, place: usize) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        *(*index).rd_opcintype.add(place) == pg_sys::TEXTOID
            && *(*index).rd_opfamily.add(place) == pg_sys::TEXT_BTREE_FAM_OID
            && pg_sys::get_collation_isdeterministic(*(*index).rd_indcollation.add(place))
    }
}

/// The operators of instants, in a B-tree; the headers have no name for it.
const DATETIME_BTREE_FAM_OID: u32 = 434;

/// Whether a column of an index, if it is an instant, is in the order of time.
///
/// # Safety
///
/// The index must be open, and have that column.
unsafe fn is_in_order_of_time(index: pg_sys::Relation, place: usize) -> bool {
    // SAFETY: the caller's promise.
    unsafe {
        *(*index).rd_opcintype.add(place) != pg_sys::TIMESTAMPTZOID
            || *(*index).rd_opfamily.add(place) == pg_sys::Oid::from(DATETIME_BTREE_FAM_OID)
    }
}
