//! Whether our tables are there, and made by the version of hogsend that is installed.
//!
//! They outlive the extension and travel in dumps, so neither goes without saying. Which version
//! made them is an argument of the trigger that checks definitions (sql/triggers.sql): it goes where
//! the tables go, and hogsend_migrate() writes it anew.

use std::cell::Cell;
use std::ffi::CStr;

use pgrx::prelude::*;
use pgrx::{PgSqlErrorCode, pg_sys};

use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::memory;
use crate::pg::sql::{Arg, Session, Statement};

/// The trigger's arguments end in a zero byte each.
static VERSIONS: Statement = Statement::new(
    "SELECT e.extversion,
            (SELECT convert_from(substring(t.tgargs FOR length(t.tgargs) - 1), 'UTF8')
             FROM pg_trigger t
             WHERE t.tgrelid = $1::oid AND t.tgname = 'hogsend_check' AND t.tgnargs = 1)
     FROM pg_extension e WHERE e.extname = 'hogsend'",
    &[pg_sys::INT8OID],
);

/// What is installed, and what made the tables; `None` where nothing tells.
struct Versions {
    installed: String,
    tables: Option<String>,
}

impl Versions {
    fn of(context: &Context) -> Versions {
        let buckets = i64::from(context.table(c"buckets").to_u32());
        Session::read(context, |session| {
            let rows = session.execute(&VERSIONS, &[Arg::BigInt(buckets)]);
            Versions {
                installed: rows.text(0, 1).unwrap_or_default().to_owned(),
                tables: rows.text(0, 2).map(str::to_owned),
            }
        })
    }
}

thread_local! {
    /// The context whose tables were found right, and after which changes of `buckets`: the trigger there
    /// tells, and goes again with the transaction that made it.
    static RIGHT_FOR: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

thread_local! {
    /// Of which context, after which alterations, and whether the columns were there.
    static NEW_COLUMNS: Cell<(u64, u64, bool)> = const { Cell::new((0, 0, false)) };
}

impl Context {
    /// Whether the tables have the columns of this release. They have not where the library is newer
    /// than the installed version, and in a dump of an earlier release until it is migrated; what is
    /// written there must be stored all the same.
    pub fn has_new_columns(&self) -> bool {
        let (number, alterations, known) = NEW_COLUMNS.get();
        if (number, alterations) == (self.number, memory::alterations()) {
            return known;
        }
        let tables = [
            (self.table(c"bucket_timers"), c"muted"),
            (self.table(c"bucket_jobs"), c"muted"),
            (self.table(c"bucket_memberships"), c"left_announced"),
        ];
        // Not table buckets, which is invalidated by each definition: hogsend_migrate() adds to all.
        memory::watch_all(tables.map(|(table, _)| table));
        let alterations = memory::alterations();
        // SAFETY: catalog look-ups; a table that is not there has no column.
        let has = |(table, column): &(pg_sys::Oid, &CStr)| unsafe {
            pg_sys::get_attnum(*table, column.as_ptr()) > 0
        };
        let known = tables.iter().all(has);
        NEW_COLUMNS.set((self.number, alterations, known));
        known
    }

    /// Raises an error that says what to do when the tables are missing, made by another version,
    /// or altered so that they would be misread.
    pub fn require_tables(&self) {
        let buckets = self.table(c"buckets");
        let exist = buckets != pg_sys::InvalidOid;
        let state = (self.number, memory::changes_of(buckets));
        if exist && RIGHT_FOR.get() == state {
            return self.require_columns();
        }
        let (message, detail, hint) = if exist {
            let Versions { installed, tables } = Versions::of(self);
            match tables {
                Some(tables) if tables == installed => {
                    RIGHT_FOR.set(state);
                    return self.require_columns();
                }
                Some(tables) => (
                    "the tables of hogsend are of another version",
                    format!("Version {tables} made them, and version {installed} is installed."),
                    "SELECT hogsend_migrate() brings them to the installed version.",
                ),
                None => (
                    "the triggers of hogsend are missing",
                    "Trigger hogsend_check on table \"buckets\" tells which version made the tables.".to_owned(),
                    "Finish the restore, or SELECT hogsend_migrate() to create them.",
                ),
            }
        } else {
            (
                "the tables of hogsend are missing",
                "The extension was created without them, as in a restore.".to_owned(),
                "Restore the tables, or SELECT hogsend_migrate() to create empty ones.",
            )
        };
        let state = PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
        Refusal::new(state, message)
            .detail(detail)
            .hint(hint)
            .raise()
    }
}

/// For the functions that are written in SQL.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_require_tables(fcinfo: pg_sys::FunctionCallInfo) {
    Context::of_call(fcinfo).require_tables();
}

/// The version that made the tables, if anything tells.
#[pg_extern(stable)]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_tables_version(fcinfo: pg_sys::FunctionCallInfo) -> Option<String> {
    Versions::of(&Context::of_call(fcinfo)).tables
}
