//! Whether the columns of our tables are what they are read as (I8 in doc/design.md).
//!
//! The tables are the user's, who may alter them as he likes: an ORM that brings a schema in line with
//! a model does. What is read as raw memory must be of the type that it is read as, and what is
//! compared by its bytes must have a collation under which equal is equal to the byte. Whoever reads
//! asks here when it looks up where a column is, and whoever evaluates asks for all tables at once,
//! because Postgres's own errors (no operator, no such column) do not say what to do.

mod every_table;
mod misfit;
mod tables;

use std::ffi::CStr;
#[cfg(feature = "pg18")]
use std::ffi::c_char;

use pgrx::{PgSqlErrorCode, pg_sys};

use crate::pg::context::Context;
use crate::pg::error::Refusal;
use misfit::{Flaw, Misfit, copied, type_name};

/// A column as it is needed.
pub struct Column {
    pub name: &'static CStr,
    of_type: pg_sys::Oid,
    sense: Sense,
    /// It may be missing, and then reads as NULL.
    is_optional: bool,
}

/// What texts are compared with.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sense {
    /// With nothing.
    Plain,
    /// With constants and names, by their bytes.
    Key,
    /// With users in every table, and in order: jobs go from one user to another in several tables.
    User,
    /// With buckets in every table.
    Bucket,
}

impl Column {
    pub const fn of(name: &'static CStr, of_type: pg_sys::Oid) -> Column {
        Column {
            name,
            of_type,
            sense: Sense::Plain,
            is_optional: false,
        }
    }

    const fn compared(name: &'static CStr, sense: Sense) -> Column {
        Column {
            sense,
            ..Column::text(name)
        }
    }

    pub const fn text(name: &'static CStr) -> Column {
        Column::of(name, pg_sys::TEXTOID)
    }

    pub const fn key(name: &'static CStr) -> Column {
        Column::compared(name, Sense::Key)
    }

    pub const fn user(name: &'static CStr) -> Column {
        Column::compared(name, Sense::User)
    }

    pub const fn bucket(name: &'static CStr) -> Column {
        Column::compared(name, Sense::Bucket)
    }

    pub const fn int(name: &'static CStr) -> Column {
        Column::of(name, pg_sys::INT4OID)
    }

    pub const fn bigint(name: &'static CStr) -> Column {
        Column::of(name, pg_sys::INT8OID)
    }

    pub const fn boolean(name: &'static CStr) -> Column {
        Column::of(name, pg_sys::BOOLOID)
    }

    pub const fn instant(name: &'static CStr) -> Column {
        Column::of(name, pg_sys::TIMESTAMPTZOID)
    }

    pub const fn json(name: &'static CStr) -> Column {
        Column::of(name, pg_sys::JSONBOID)
    }

    pub const fn numeric(name: &'static CStr) -> Column {
        Column::of(name, pg_sys::NUMERICOID)
    }

    pub const fn optional(self) -> Column {
        Column {
            is_optional: true,
            ..self
        }
    }

    pub fn of_type(&self) -> pg_sys::Oid {
        self.of_type
    }

    fn name(&self) -> &'static str {
        self.name.to_str().unwrap_or_default()
    }
}

/// Whether a value of one type can be read as one of another. A varchar is stored as a text is, and a
/// domain's value as one of its base type.
pub fn is_of(actual: pg_sys::Oid, wanted: pg_sys::Oid) -> bool {
    let is = |actual| actual == wanted || wanted == pg_sys::TEXTOID && actual == pg_sys::VARCHAROID;
    // SAFETY: a catalog look-up; what is no domain is its own base type.
    is(actual) || is(unsafe { pg_sys::getBaseType(actual) })
}

/// What of a column decides whether it fits.
#[derive(Clone, Copy)]
struct Attribute {
    of_type: pg_sys::Oid,
    collation: pg_sys::Oid,
    /// Computed when SQL asks for it, and not in the row.
    is_virtual: bool,
}

impl Attribute {
    fn read(form: &pg_sys::FormData_pg_attribute) -> Attribute {
        #[cfg(feature = "pg18")]
        let is_virtual = form.attgenerated == pg_sys::ATTRIBUTE_GENERATED_VIRTUAL as c_char;
        #[cfg(not(feature = "pg18"))]
        let is_virtual = false;
        Attribute {
            of_type: form.atttypid,
            collation: form.attcollation,
            is_virtual,
        }
    }

    /// The column of that name, if the table has it.
    fn look_up(table: pg_sys::Oid, name: &CStr) -> Option<Attribute> {
        // SAFETY: a catalog look-up, which leaves out dropped columns. The entry is read before it is
        // released.
        unsafe {
            let entry = pg_sys::SearchSysCacheAttName(table, name.as_ptr());
            if entry.is_null() {
                return None;
            }
            let form = pg_sys::GETSTRUCT(entry).cast::<pg_sys::FormData_pg_attribute>();
            let attribute = Attribute::read(&*form);
            pg_sys::ReleaseSysCache(entry);
            Some(attribute)
        }
    }

    fn flaw(self, column: &Column) -> Option<Flaw> {
        if !is_of(self.of_type, column.of_type) {
            return Some(Flaw::Type(self.of_type));
        }
        // SAFETY: a catalog look-up of a collation that a column has.
        let is_deterministic = || unsafe { pg_sys::get_collation_isdeterministic(self.collation) };
        if column.sense != Sense::Plain && !is_deterministic() {
            return Some(Flaw::Collation(self.collation));
        }
        self.is_virtual.then_some(Flaw::Virtual)
    }
}

/// The number of a column in an open relation, not positive for an optional one that is not there.
/// Raises an error where it is not what it is read as.
///
/// # Safety
///
/// The relation must be open.
pub unsafe fn number(relation: pg_sys::Relation, column: &'static Column) -> i32 {
    // SAFETY: the caller's promise.
    match unsafe { find(relation, column) } {
        Ok(number) => number,
        Err(flaw) => {
            // SAFETY: an open relation has a name and a schema.
            let table = unsafe {
                let name = (&raw const (*(*relation).rd_rel).relname.data).cast();
                let schema = pg_sys::get_namespace_name((*(*relation).rd_rel).relnamespace);
                (
                    copied(name),
                    copied(pg_sys::quote_qualified_identifier(schema, name)),
                )
            };
            let misfit = Misfit {
                table,
                column,
                flaw,
            };
            misfit.refusal().raise()
        }
    }
}

/// The same, and whether it fits; for whoever has another way where it does not.
///
/// # Safety
///
/// The relation must be open.
pub unsafe fn number_if_fit(relation: pg_sys::Relation, column: &Column) -> Option<i32> {
    // SAFETY: the caller's promise.
    unsafe { find(relation, column) }
        .ok()
        .filter(|number| *number > 0)
}

/// # Safety
///
/// The relation must be open.
unsafe fn find(relation: pg_sys::Relation, column: &Column) -> Result<i32, Flaw> {
    // SAFETY: the caller's promise; a number that is positive is that of a column.
    unsafe {
        let descriptor = (*relation).rd_att;
        let number = pg_sys::SPI_fnumber(descriptor, column.name.as_ptr());
        if number <= 0 {
            return match column.is_optional {
                true => Ok(0),
                false => Err(Flaw::Missing),
            };
        }
        let attribute = Attribute::read(&*attribute(descriptor, number as usize - 1));
        attribute.flaw(column).map_or(Ok(number), Err)
    }
}

/// A column of a row's description, by its place from 0.
///
/// # Safety
///
/// The description must have that many columns.
pub unsafe fn attribute(
    descriptor: pg_sys::TupleDesc,
    place: usize,
) -> *const pg_sys::FormData_pg_attribute {
    // SAFETY: the caller's promise.
    #[cfg(not(feature = "pg18"))]
    return unsafe {
        (&raw const (*descriptor).attrs)
            .cast::<pg_sys::FormData_pg_attribute>()
            .add(place)
    };
    // SAFETY: the same.
    #[cfg(feature = "pg18")]
    return unsafe { pg_sys::TupleDescAttr(descriptor, place as i32) };
}

/// Raises an error about what a statement of ours returned as another type than it is read as.
///
/// # Safety
///
/// The description must be valid, and have that column.
pub unsafe fn refuse_result(
    context: &Context,
    description: pg_sys::TupleDesc,
    place: usize,
    wanted: pg_sys::Oid,
) -> ! {
    // Mostly it comes from a column of ours as it is.
    context.require_columns();
    // SAFETY: the caller's promise.
    let (name, actual) = unsafe {
        let attribute = &*attribute(description, place);
        (
            copied((&raw const attribute.attname.data).cast()),
            attribute.atttypid,
        )
    };
    let code = PgSqlErrorCode::ERRCODE_DATATYPE_MISMATCH;
    let (actual, wanted) = (type_name(actual), type_name(wanted));
    Refusal::new(
        code,
        format!("column \"{name}\" has type {actual}, and hogsend needs {wanted}"),
    )
    .detail("It is what a statement of hogsend reads from one of its tables.")
    .hint("SELECT * FROM hogsend_health() tells which tables were altered, and how to go on.")
    .raise()
}
