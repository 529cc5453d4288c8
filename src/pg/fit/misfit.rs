//! What is wrong with a column, in words: the error, its cause and the ALTER TABLE that mends it.

use std::ffi::{CStr, c_char};

use pgrx::{PgSqlErrorCode, pg_sys};

use super::Column;
use crate::pg::error::Refusal;

/// What is wrong with a column.
#[derive(Clone, Copy)]
pub(super) enum Flaw {
    Missing,
    Type(pg_sys::Oid),
    Collation(pg_sys::Oid),
    /// Another than the column has by which all others of its kind go.
    OtherCollation(pg_sys::Oid, pg_sys::Oid),
    Virtual,
}

/// A column that is not what it is read as.
pub(super) struct Misfit {
    /// The table's name, and how it is written in SQL.
    pub table: (String, String),
    pub column: &'static Column,
    pub flaw: Flaw,
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

    pub fn problem(&self) -> String {
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

    pub fn remedy(&self) -> String {
        let (table, column) = (&self.table.1, quoted(self.column.name));
        let wanted = type_name(self.column.of_type);
        let retype = format!("ALTER TABLE {table} ALTER COLUMN {column} TYPE {wanted}");
        match self.flaw {
            Flaw::Missing if self.column.is_optional => {
                "SELECT hogsend_migrate() makes it again; or RENAME it back.".to_owned()
            }
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

    pub fn refusal(&self) -> Refusal {
        Refusal::new(self.code(), self.problem())
            .detail(self.fact())
            .hint(self.remedy())
    }
}

/// A palloc'ed or constant C string, copied.
pub(super) fn copied(text: *const c_char) -> String {
    // SAFETY: only called with strings that Postgres has just returned.
    unsafe { CStr::from_ptr(text) }
        .to_string_lossy()
        .into_owned()
}

pub(super) fn type_name(of_type: pg_sys::Oid) -> String {
    // SAFETY: says "???" of a type that is no more.
    copied(unsafe { pg_sys::format_type_be(of_type) })
}

fn collation_name(collation: pg_sys::Oid) -> String {
    // SAFETY: the collation is that of a column.
    copied(unsafe { pg_sys::generate_collation_name(collation) })
}

pub(super) fn quoted(name: &CStr) -> String {
    // SAFETY: returns its argument or a palloc'ed copy.
    copied(unsafe { pg_sys::quote_identifier(name.as_ptr()) })
}
