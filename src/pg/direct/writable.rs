//! Which tables rows can be written to without the executor: where a row that is inserted or updated makes
//! Postgres do nothing but store it and enter it into indexes.
//!
//! Looked up once a backend, and again when one of the tables may have been altered.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::{CStr, c_char};
use std::rc::Rc;

use pgrx::datum::FromDatum;
use pgrx::pg_sys;

use super::shape::is_plain;
use super::write::Target;
use crate::pg::fit;
use crate::pg::memory;

/// How rows of a target are laid out in its table.
pub(super) struct Written {
    /// Where each column of the target is, from 0.
    pub columns: Vec<usize>,
    /// How many columns the table has, with those that were dropped.
    pub width: usize,
    pub indexes: Vec<Index>,
    /// Where the numbers of rows come from; invalid if they have none.
    pub sequence: pg_sys::Oid,
}

/// An index that rows are entered into.
pub(super) struct Index {
    pub oid: pg_sys::Oid,
    /// Which columns of the table it has, from 0.
    pub columns: Vec<usize>,
    pub is_unique: bool,
    /// It has those rows only that the target says of.
    pub is_partial: bool,
}

type Shapes = HashMap<(pg_sys::Oid, usize), Option<Rc<Written>>>;

thread_local! {
    /// By table and target.
    static SHAPES: RefCell<Shapes> = RefCell::new(HashMap::new());
    /// The alterations after which they were looked up.
    static SHAPES_AT: Cell<u64> = const { Cell::new(0) };
}

/// `None` where rows are to be written in SQL.
///
/// # Safety
///
/// The relation must be open and locked.
pub(super) unsafe fn written<const N: usize>(
    relation: pg_sys::Relation,
    target: &'static Target<N>,
    owner: pg_sys::Oid,
) -> Option<Rc<Written>> {
    // SAFETY: the caller's promise.
    unsafe {
        let table = (*relation).rd_id;
        let of = (table, (&raw const *target).addr());
        let now = memory::alterations();
        if SHAPES_AT.replace(now) != now {
            SHAPES.with_borrow_mut(HashMap::clear);
        }
        if let Some(shape) = SHAPES.with_borrow(|shapes| shapes.get(&of).cloned()) {
            return shape;
        }
        memory::watch(table);
        let shape = look_up(relation, target, owner).map(Rc::new);
        SHAPES.with_borrow_mut(|shapes| shapes.insert(of, shape.clone()));
        shape
    }
}

/// # Safety
///
/// The relation must be open and locked.
unsafe fn look_up<const N: usize>(
    relation: pg_sys::Relation,
    target: &Target<N>,
    owner: pg_sys::Oid,
) -> Option<Written> {
    // SAFETY: the caller's promise; an open relation has a description with so many columns.
    unsafe {
        let is_simple = is_plain(relation, owner)
            && !(*(*relation).rd_rel).relispartition
            && (*relation).rd_rules.is_null()
            && !has_triggers(relation)
            && meets_checks(relation, target.checks);
        if !is_simple {
            return None;
        }
        let width = (*(*relation).rd_att).natts as usize;
        let number = |column: &fit::Column| exactly(relation, column);
        let columns: Vec<usize> = target.columns.iter().map(number).collect::<Option<_>>()?;
        let others = (0..width).filter(|place| !columns.contains(place));
        if !others.into_iter().all(|place| is_optional(relation, place)) {
            return None;
        }
        let sequence = match target.is_numbered {
            true => sequence_of(relation, *columns.first()?)?,
            false => pg_sys::InvalidOid,
        };
        Some(Written {
            columns,
            width,
            indexes: indexes(relation, target.partial)?,
            sequence,
        })
    }
}

/// Triggers that any write of rows fires; not those of TRUNCATE.
///
/// # Safety
///
/// The relation must be open.
unsafe fn has_triggers(relation: pg_sys::Relation) -> bool {
    // SAFETY: the caller's promise; what it points to lives as long as the relation is open.
    let Some(triggers) = (unsafe { (*relation).trigdesc.as_ref() }) else {
        return false;
    };
    [
        triggers.trig_insert_before_row,
        triggers.trig_insert_after_row,
        triggers.trig_insert_instead_row,
        triggers.trig_insert_before_statement,
        triggers.trig_insert_after_statement,
        triggers.trig_update_before_row,
        triggers.trig_update_after_row,
        triggers.trig_update_instead_row,
        triggers.trig_update_before_statement,
        triggers.trig_update_after_statement,
        triggers.trig_delete_before_row,
        triggers.trig_delete_after_row,
        triggers.trig_delete_instead_row,
        triggers.trig_delete_before_statement,
        triggers.trig_delete_after_statement,
    ]
    .contains(&true)
}

/// Whether all CHECK constraints are among those that every row of ours meets: Postgres makes each ready anew
/// in every statement, which costs more than all else that it does for a row.
///
/// # Safety
///
/// The relation must be open.
unsafe fn meets_checks(relation: pg_sys::Relation, met: &[&str]) -> bool {
    // SAFETY: the caller's promise; the array has so many elements, and their texts are C strings.
    unsafe {
        let Some(constraints) = (*(*relation).rd_att).constr.as_ref() else {
            return true;
        };
        (0..constraints.num_check as usize).all(|place| {
            let check = (*constraints.check.add(place)).ccbin;
            printed(CStr::from_ptr(check), relation)
                .is_some_and(|text| met.contains(&text.as_str()))
        })
    }
}

/// An expression over columns of a table, as Postgres prints it.
///
/// # Safety
///
/// The relation must be open, and the text one that its catalog has.
unsafe fn printed(expression: &CStr, relation: pg_sys::Relation) -> Option<String> {
    // SAFETY: the caller's promise; the result is a text, which is copied.
    unsafe {
        let text = pg_sys::cstring_to_text(expression.as_ptr());
        let arguments = [Some(text.into()), Some((*relation).rd_id.into())];
        let printed = pgrx::direct_function_call_as_datum(pg_sys::pg_get_expr, &arguments)?;
        String::from_datum(printed, false)
    }
}

/// The place of a column that is of that very type, whose values nothing cuts or turns down.
///
/// # Safety
///
/// The relation must be open.
unsafe fn exactly(relation: pg_sys::Relation, column: &fit::Column) -> Option<usize> {
    // SAFETY: the caller's promise; the number is that of a column.
    unsafe {
        let place = fit::number_if_fit(relation, column)? as usize - 1;
        let attribute = &*fit::attribute((*relation).rd_att, place);
        let is_exact = attribute.atttypid == column.of_type()
            && attribute.atttypmod < 0
            && attribute.attgenerated == 0;
        is_exact.then_some(place)
    }
}

/// Whether a column may be left without a value.
///
/// # Safety
///
/// The relation must be open, and have that column.
unsafe fn is_optional(relation: pg_sys::Relation, place: usize) -> bool {
    // SAFETY: the caller's promise.
    let attribute = unsafe { &*fit::attribute((*relation).rd_att, place) };
    attribute.attisdropped
        || !attribute.attnotnull
            && !attribute.atthasdef
            && attribute.attgenerated == 0
            && attribute.attidentity == 0
            // A domain may have a default, and refuse NULL.
            && unsafe { pg_sys::getBaseType(attribute.atttypid) } == attribute.atttypid
}

/// The sequence that numbers a column.
///
/// # Safety
///
/// The relation must be open, and have that column.
unsafe fn sequence_of(relation: pg_sys::Relation, place: usize) -> Option<pg_sys::Oid> {
    // SAFETY: the caller's promise.
    unsafe {
        if (*fit::attribute((*relation).rd_att, place)).attidentity == 0 {
            return None;
        }
        #[cfg(any(feature = "pg14", feature = "pg15", feature = "pg16"))]
        let of = (*relation).rd_id;
        #[cfg(not(any(feature = "pg14", feature = "pg15", feature = "pg16")))]
        let of = relation;
        let sequence = pg_sys::getIdentitySequence(of, place as i16 + 1, true);
        (sequence != pg_sys::InvalidOid).then_some(sequence)
    }
}

/// The indexes, if each is a B-tree over columns, that takes all rows or those with `partial`.
///
/// # Safety
///
/// The relation must be open and locked.
unsafe fn indexes(relation: pg_sys::Relation, partial: Option<&str>) -> Option<Vec<Index>> {
    let mode = pg_sys::AccessShareLock as pg_sys::LOCKMODE;
    // SAFETY: the caller's promise; the list is a copy of the cache's, and indexes of a locked table
    // cannot be dropped.
    unsafe {
        let list = pgrx::PgList::<pg_sys::Oid>::from_pg(pg_sys::RelationGetIndexList(relation));
        list.iter_oid()
            .map(|oid| {
                let index = pg_sys::index_open(oid, mode);
                let found = simple(relation, index, partial);
                pg_sys::index_close(index, mode);
                found
            })
            .collect()
    }
}

/// # Safety
///
/// Both must be open, and the index be the table's.
unsafe fn simple(
    relation: pg_sys::Relation,
    index: pg_sys::Relation,
    partial: Option<&str>,
) -> Option<Index> {
    // SAFETY: the caller's promise; the arrays have an entry a column.
    unsafe {
        let form = &*(*index).rd_index;
        let is_simple = (*(*index).rd_rel).relam == pg_sys::BTREE_AM_OID
            && form.indisready
            && !form.indisexclusion
            && (!form.indisunique || form.indimmediate);
        if !is_simple {
            return None;
        }
        let columns = (0..form.indnatts as usize).map(|place| {
            // Expressions are column 0.
            usize::try_from(*form.indkey.values.as_ptr().add(place) - 1).ok()
        });
        let condition = condition_of(relation, index);
        if condition.is_some() && condition.as_deref() != partial {
            return None;
        }
        Some(Index {
            oid: (*index).rd_id,
            columns: columns.collect::<Option<_>>()?,
            is_unique: form.indisunique,
            is_partial: condition.is_some(),
        })
    }
}

/// Which rows an index has, as Postgres prints it; `None` if it has all.
///
/// # Safety
///
/// Both must be open, and the index be the table's.
unsafe fn condition_of(relation: pg_sys::Relation, index: pg_sys::Relation) -> Option<String> {
    // SAFETY: the caller's promise; `rd_indextuple` is the index's row of the catalog, and the column is a text
    // there, if it is not NULL.
    unsafe {
        let mut is_null = false;
        let cache = pg_sys::SysCacheIdentifier::INDEXRELID as i32;
        let column = pg_sys::Anum_pg_index_indpred as i16;
        let entry = (*index).rd_indextuple;
        let condition = pg_sys::SysCacheGetAttr(cache, entry, column, &mut is_null);
        if is_null {
            return None;
        }
        let text = pg_sys::text_to_cstring(condition.cast_mut_ptr::<pg_sys::text>());
        let text: *const c_char = text;
        // What cannot be printed is no condition that anybody knows.
        Some(printed(CStr::from_ptr(text), relation).unwrap_or_default())
    }
}
