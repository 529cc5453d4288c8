//! Whether all of our tables fit, which costs nothing until one of them is altered.

use std::cell::Cell;

use pgrx::prelude::*;
use pgrx::{PgSqlErrorCode, pg_sys};

use super::misfit::{Flaw, Misfit, quoted};
use super::tables::{self, MADE_SINCE, TABLES};
use super::{Attribute, Column, Sense};
use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::memory;

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
        if !are_there {
            self.require_evaluated_tables();
        }
        let is_of_now = self.has_any_new_column();
        let evaluated = self.misfits(|ours| ours.evaluated, is_of_now);
        if let Some(misfit) = evaluated.into_iter().next() {
            misfit.refusal().raise()
        }
        // Nobody tells when a table that is missing appears.
        if are_there {
            FITS.set((self.number, altered));
        }
    }

    /// Raises an error where a table is missing that evaluation reads or writes, so that it has another name,
    /// or is gone; not for one that an earlier release, whose tables these are, did not have.
    fn require_evaluated_tables(&self) {
        let is_of_now = self.has_any_new_column();
        let is_due = |ours: &&tables::Ours| is_of_now || !MADE_SINCE.contains(&ours.table);
        let evaluated = TABLES.iter().filter(|ours| !ours.evaluated.is_empty());
        let evaluated = evaluated.filter(is_due);
        let mut missing = evaluated.filter(|ours| self.table(ours.table) == pg_sys::InvalidOid);
        if let Some(ours) = missing.next() {
            let name = ours.table.to_string_lossy();
            let code = PgSqlErrorCode::ERRCODE_UNDEFINED_TABLE;
            Refusal::new(code, format!("table \"{name}\" of hogsend is missing"))
                .detail("Evaluation reads and writes it, and the schema of hogsend has none of that name.")
                .hint("Give the table its name back; if it is gone, SELECT hogsend_migrate() makes an empty one.")
                .raise()
        }
    }

    /// Watches our tables; whether all of them are there, and the alterations so far.
    pub fn watch_tables(&self) -> (bool, u64) {
        let tables = TABLES.each_ref().map(|ours| self.table(ours.table));
        memory::watch_all(tables);
        (!tables.contains(&pg_sys::InvalidOid), memory::alterations())
    }

    /// Whether the tables are of this release, and not of an earlier one: then none of its columns may be
    /// missing.
    fn has_any_new_column(&self) -> bool {
        let has = |table: pg_sys::Oid, column: &Column| {
            column.is_optional && Attribute::look_up(table, column.name).is_some()
        };
        TABLES.iter().any(|ours| {
            let table = self.table(ours.table);
            table != pg_sys::InvalidOid && ours.evaluated.iter().any(|column| has(table, column))
        })
    }

    /// All that is wrong with columns, first what evaluation reads.
    fn all_misfits(&self) -> impl Iterator<Item = Misfit> {
        let evaluated = self.misfits(|ours| ours.evaluated, true).into_iter();
        evaluated.chain(self.misfits(|ours| ours.others, true))
    }

    /// Those of some of the columns of tables that are there which do not fit; with those that may be
    /// missing, if `all` of them ought to be there.
    fn misfits(&self, of: impl Fn(&tables::Ours) -> &'static [Column], all: bool) -> Vec<Misfit> {
        let mut misfits = Vec::new();
        let (mut users, mut buckets) = (None, None);
        for ours in &TABLES {
            let oid = self.table(ours.table);
            if oid == pg_sys::InvalidOid {
                continue;
            }
            for column in of(ours) {
                let flaw = match Attribute::look_up(oid, column.name) {
                    None => (all || !column.is_optional).then_some(Flaw::Missing),
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
    context.require_all(|misfit| relation.is_none_or(|name| misfit.table.0 == name));
    true
}

/// What is read of an event besides its name and its instant.
const OF_EVENT_ROW: [&str; 4] = ["id", "properties", "value", "source"];

impl Context {
    /// Raises an error for the first misfit of any column that is `asked` for.
    fn require_all(&self, asked: impl Fn(&Misfit) -> bool) {
        if self.all_fit() {
            return;
        }
        if let Some(misfit) = self.all_misfits().find(|misfit| asked(misfit)) {
            misfit.refusal().raise()
        }
    }

    /// Whether every table is there, with all of its columns as they are read and written.
    pub fn all_fit(&self) -> bool {
        if ALL_FIT.get() == (self.number, memory::alterations()) {
            return true;
        }
        let (are_there, altered) = self.watch_tables();
        let fit = are_there && self.all_misfits().next().is_none();
        if fit {
            ALL_FIT.set((self.number, altered));
        }
        fit
    }

    /// Raises an error where what filters read of events is missing or would be misread: for whoever is
    /// about to read it in SQL, whose own error would not say what to do.
    pub fn require_event_rows(&self) {
        self.require_all(|misfit| {
            misfit.table.0 == "user_events" && OF_EVENT_ROW.contains(&misfit.column.name())
        });
    }
}
