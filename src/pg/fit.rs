//! Whether the columns of our tables are what they are read as.
//!
//! The tables are the user's, who may alter them as he likes: an ORM that brings a schema in line with
//! a model does. What is read as raw memory must be of the type that it is read as, and what is
//! compared by its bytes must have a collation under which equal is equal to the byte. Whoever reads
//! asks here when it looks up where a column is, and whoever evaluates asks for all tables at once,
//! because Postgres's own errors (no operator, no such column) do not say what to do.

use std::cell::Cell;
use std::ffi::{CStr, c_char};

use pgrx::prelude::*;
use pgrx::{PgSqlErrorCode, pg_sys};

use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::memory;

mod tables;

use tables::TABLES;

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

    pub const fn optional(self) -> Column {
        Column {
            is_optional: true,
            ..self
        }
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

/// What is wrong with a column.
#[derive(Clone, Copy)]
enum Flaw {
    Missing,
    Type(pg_sys::Oid),
    Collation(pg_sys::Oid),
    /// Another than the column has by which all others of its kind go.
    OtherCollation(pg_sys::Oid, pg_sys::Oid),
    Virtual,
}

/// A column that is not what it is read as.
struct Misfit {
    /// The table's name, and how it is written in SQL.
    table: (String, String),
    column: &'static Column,
    flaw: Flaw,
}

impl Misfit {
    fn code(&self) -> PgSqlErrorCode {
        match self.flaw {
            Flaw::Missing => PgSqlErrorCode::ERRCODE_UNDEFINED_COLUMN,
            Flaw::Type(_) | Flaw::Virtual => PgSqlErrorCode::ERRCODE_DATATYPE_MISMATCH,
            Flaw::Collation(_) | Flaw::OtherCollation(..) => {
                PgSqlErrorCode::ERRCODE_COLLATION_MISMATCH
            }
        }
    }

    fn problem(&self) -> String {
        let column = format!(
            "column \"{}\" of table \"{}\"",
            self.column.name(),
            self.table.0
        );
        match self.flaw {
            Flaw::Missing => format!("{column} is missing"),
            Flaw::Type(actual) => format!(
                "{column} has type {}, and hogsend needs {}",
                type_name(actual),
                type_name(self.column.of_type)
            ),
            Flaw::Collation(actual) => format!(
                "{column} has collation {}, under which different texts are equal",
                collation_name(actual)
            ),
            Flaw::OtherCollation(actual, wanted) => format!(
                "{column} has collation {}, and hogsend needs {}",
                collation_name(actual),
                collation_name(wanted)
            ),
            Flaw::Virtual => format!("{column} is a virtual generated column"),
        }
    }

    fn fact(&self) -> String {
        let wanted = type_name(self.column.of_type);
        match self.flaw {
            Flaw::Missing => format!("It is read and written as {wanted}."),
            Flaw::Type(_) => format!("Read as {wanted}, it would be something else than it holds."),
            Flaw::Collation(_) => {
                "It is compared by its bytes, so members would depend on who compares.".to_owned()
            }
            Flaw::OtherCollation(..) => {
                "It is compared with that column of other tables, in order.".to_owned()
            }
            Flaw::Virtual => "It is read from the row, which does not hold it.".to_owned(),
        }
    }

    fn remedy(&self) -> String {
        let (table, column) = (&self.table.1, quoted(self.column.name));
        let wanted = type_name(self.column.of_type);
        let retype = format!("ALTER TABLE {table} ALTER COLUMN {column} TYPE {wanted}");
        match self.flaw {
            Flaw::Missing => {
                format!("ALTER TABLE {table} ADD COLUMN {column} {wanted}; or RENAME it back.")
            }
            Flaw::Type(pg_sys::TIMESTAMPOID) if self.column.of_type == pg_sys::TIMESTAMPTZOID => {
                format!(
                    "{retype} USING {column} AT TIME ZONE 'UTC'; or name the zone that it was written in."
                )
            }
            Flaw::Type(_) => format!("{retype} USING {column}::{wanted};"),
            Flaw::Collation(_) => format!("{retype} COLLATE \"default\";"),
            Flaw::OtherCollation(_, wanted) => {
                format!("{retype} COLLATE {};", collation_name(wanted))
            }
            Flaw::Virtual => {
                format!("ALTER TABLE {table} DROP COLUMN {column}, and ADD it again as STORED.")
            }
        }
    }

    fn refusal(&self) -> Refusal {
        Refusal::new(self.code(), self.problem())
            .detail(self.fact())
            .hint(self.remedy())
    }
}

/// A palloc'ed or constant C string, copied.
fn copied(text: *const c_char) -> String {
    // SAFETY: only called with strings that Postgres has just returned.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

fn type_name(of_type: pg_sys::Oid) -> String {
    // SAFETY: says "???" of a type that is no more.
    copied(unsafe { pg_sys::format_type_be(of_type) })
}

fn collation_name(collation: pg_sys::Oid) -> String {
    // SAFETY: the collation is that of a column.
    copied(unsafe { pg_sys::generate_collation_name(collation) })
}

fn quoted(name: &CStr) -> String {
    // SAFETY: returns its argument or a palloc'ed copy.
    copied(unsafe { pg_sys::quote_identifier(name.as_ptr()) })
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

thread_local! {
    /// The context and the alterations after which everything was found to fit.
    static FITS: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

impl Context {
    /// Raises an error where evaluation would misread a column. Costs nothing until a table is altered.
    pub fn require_columns(&self) {
        if FITS.get() == (self.number, memory::alterations()) {
            return;
        }
        let (are_there, altered) = self.watch_tables();
        if let Some(misfit) = self.misfits(|ours| ours.evaluated).into_iter().next() {
            misfit.refusal().raise()
        }
        // Nobody tells when a table that is missing appears.
        if are_there {
            FITS.set((self.number, altered));
        }
    }

    /// Watches our tables; whether all of them are there, and the alterations so far.
    fn watch_tables(&self) -> (bool, u64) {
        let tables = TABLES.each_ref().map(|ours| self.table(ours.table));
        tables.into_iter().for_each(memory::watch);
        (!tables.contains(&pg_sys::InvalidOid), memory::alterations())
    }

    /// All that is wrong with columns, first what evaluation reads.
    fn all_misfits(&self) -> impl Iterator<Item = Misfit> {
        let evaluated = self.misfits(|ours| ours.evaluated).into_iter();
        evaluated.chain(self.misfits(|ours| ours.others))
    }

    /// Those of some of the columns of tables that are there which do not fit.
    fn misfits(&self, of: impl Fn(&tables::Ours) -> &'static [Column]) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        let (mut users, mut buckets) = (None, None);
        for ours in &TABLES {
            let oid = self.table(ours.table);
            if oid == pg_sys::InvalidOid {
                continue;
            }
            for column in of(ours) {
                let flaw = match Attribute::look_up(oid, column.name) {
                    None => Some(Flaw::Missing),
                    Some(attribute) => attribute.flaw(column).or_else(|| {
                        let all = match column.sense {
                            Sense::User => &mut users,
                            Sense::Bucket => &mut buckets,
                            _ => return None,
                        };
                        let wanted = *all.get_or_insert(attribute.collation);
                        (wanted != attribute.collation)
                            .then_some(Flaw::OtherCollation(attribute.collation, wanted))
                    }),
                };
                misfits.extend(flaw.map(|flaw| Misfit {
                    table: (
                        ours.table.to_string_lossy().into_owned(),
                        format!("{}.{}", self.quoted(), quoted(ours.table)),
                    ),
                    column,
                    flaw,
                }));
            }
        }
        misfits
    }
}

/// What is wrong with the columns of those of our tables that are there.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_misfits(
    fcinfo: pg_sys::FunctionCallInfo,
) -> TableIterator<
    'static,
    (
        name!(relation, String),
        name!(column_name, String),
        name!(problem, String),
        name!(remedy, String),
    ),
> {
    let context = Context::of_call(fcinfo);
    let misfits: Vec<_> = context
        .all_misfits()
        .map(|misfit| {
            let (problem, remedy) = (misfit.problem(), misfit.remedy());
            let column = misfit.column.name().to_owned();
            (misfit.table.0, column, problem, remedy)
        })
        .collect();
    TableIterator::new(misfits)
}

thread_local! {
    /// The same as [`FITS`], of all columns.
    static ALL_FIT: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// Raises an error where a column is missing or would be misread: of one table, or (NULL) of any. For
/// functions that are written in SQL; true, so that one can ask it without a query.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_require_columns(relation: Option<&str>, fcinfo: pg_sys::FunctionCallInfo) -> bool {
    let context = Context::of_call(fcinfo);
    if ALL_FIT.get() != (context.number, memory::alterations()) {
        let (are_there, altered) = context.watch_tables();
        let misfits: Vec<Misfit> = context.all_misfits().collect();
        let asked = |misfit: &&Misfit| relation.is_none_or(|name| misfit.table.0 == name);
        if let Some(misfit) = misfits.iter().find(asked) {
            misfit.refusal().raise()
        }
        if are_there && misfits.is_empty() {
            ALL_FIT.set((context.number, altered));
        }
    }
    true
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
