//! Rows of some pages of a table: locked, read, and written as what they mean.

use std::ffi::CString;
use std::ptr;

use pgrx::pg_sys;

use crate::feed::apply;
use crate::feed::known::Feed;
use crate::feed::notes::Notes;
use crate::pg::clock;
use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::guard;
use crate::pg::role::acting_as;
use crate::pg::spool::Spool;
use crate::pg::sql::Session;
use crate::pg::subtransaction::attempt_told;
use crate::store::feeds::{self, Looked, Part, Position};

/// Pages of a part, and how its import goes on after them.
pub struct Range<'a> {
    pub context: &'a Context,
    pub feed: &'a str,
    pub part: &'a Part,
    pub from: &'a Position,
    pub to: &'a Position,
    /// For how long a lock is waited for, in milliseconds.
    pub patience: i32,
}

impl Range<'_> {
    /// Imports all rows together. Returns how many there were.
    pub fn import(&self) -> i64 {
        self.within(|feed, rows, notes| self.take_over(feed, rows, notes))
    }

    /// Imports each row for itself, and notes those that cannot be written.
    pub fn import_one_by_one(&self) -> i64 {
        self.within(|feed, rows, notes| {
            loop {
                let one = feed.place_for_rows();
                if !one.take_next_of(rows) {
                    return one.close();
                }
                let result = attempt_told(|| {
                    let mut of_row = Notes::default();
                    self.take_over(feed, &one, &mut of_row);
                    of_row
                });
                one.close();
                match result {
                    Ok(of_row) => notes.add(of_row),
                    Err(failed)
                        if super::is_of_a_row(failed.code) && !super::is_lock(failed.code) =>
                    {
                        notes.fail(1, failed.message);
                    }
                    Err(failed) => Refusal::new(failed.code, failed.message).raise(),
                }
            }
        })
    }

    /// Locks the rows, hands them to `work`, and stores how far the import has come.
    fn within(&self, work: impl FnOnce(&Feed, &Spool, &mut Notes)) -> i64 {
        let feed = Feed::of_table(self.context, self.feed, self.part.oid);
        let feed = feed.unwrap_or_else(|why| {
            let code = pgrx::PgSqlErrorCode::ERRCODE_UNDEFINED_OBJECT;
            Refusal::new(code, why).raise()
        });
        guard::with_setting(c"lock_timeout", &self.patience.to_string(), || {
            let rows = feed.place_for_rows();
            lock(
                self.part,
                &feed.inputs(),
                self.from.block,
                self.to.block,
                &rows,
            );
            let mut notes = Notes::default();
            work(&feed, &rows, &mut notes);
            let count = rows.len();
            rows.close();
            let looked = Looked {
                rows: count,
                skipped: notes.skipped,
                failed: notes.failed,
                error: notes.error.as_deref(),
            };
            Session::write(self.context, |session| {
                feeds::progress(session, self.feed, self.to, &looked, clock::now());
            });
            count
        })
    }

    fn take_over(&self, feed: &Feed, rows: &Spool, notes: &mut Notes) {
        let is = feed.read_rows(rows, notes);
        if !is.is_empty() {
            Session::write(self.context, |session| {
                apply(session, feed, None, Some(&is), true, notes);
            });
        }
        is.close();
    }
}

/// Locks the rows of pages, and puts in what they are then: one that somebody changed meanwhile is waited for.
/// With the rights of the table's owner, of whom nothing else is run here.
fn lock(part: &Part, columns: &str, from: i64, to: i64, into: &Spool) {
    let text = format!(
        "SELECT {columns} FROM ONLY {} AS r
         WHERE r.ctid OPERATOR(pg_catalog.>=) '({from},0)'::pg_catalog.tid AND r.ctid OPERATOR(pg_catalog.<) '({to},0)'::pg_catalog.tid
         FOR SHARE OF r",
        part.name
    );
    run(part, &text, false, 0, |table, count| {
        // SAFETY: SPI returned so many rows, whose columns are those of the place.
        unsafe {
            for n in 0..count {
                into.put_tuple(*(*table).vals.add(n as usize));
            }
        }
    });
}

/// How many rows a table has, up to so many.
pub fn count(part: &Part, limit: i64) -> i64 {
    let text = format!("SELECT FROM ONLY {} AS r", part.name);
    let mut rows = 0;
    run(part, &text, true, limit, |_, count| rows = count as i64);
    rows
}

fn run(
    part: &Part,
    text: &str,
    read_only: bool,
    limit: i64,
    take: impl FnOnce(*mut pg_sys::SPITupleTable, u64),
) {
    let text = CString::new(text).expect("a name has no NUL byte");
    acting_as(part.owner, || {
        // SAFETY: the connection is closed on the success path, and by Postgres on an error. What is returned
        // lives until then. The snapshot is copied.
        unsafe {
            expect(pg_sys::SPI_connect());
            let plan = pg_sys::SPI_prepare(text.as_ptr(), 0, ptr::null_mut());
            let code = pg_sys::SPI_result;
            assert!(!plan.is_null(), "SPI_prepare returned {code}");
            // Under the snapshot of a transaction that began before the table was locked rows would be missed.
            let latest = read_only || pg_sys::XactIsoLevel >= pg_sys::XACT_REPEATABLE_READ as i32;
            let snapshot = if latest {
                pg_sys::GetLatestSnapshot()
            } else {
                ptr::null_mut()
            };
            expect(pg_sys::SPI_execute_snapshot(
                plan,
                ptr::null_mut(),
                ptr::null(),
                snapshot,
                ptr::null_mut(),
                read_only,
                true,
                limit as _,
            ));
            take(pg_sys::SPI_tuptable, pg_sys::SPI_processed);
            expect(pg_sys::SPI_finish());
        }
    });
}

fn expect(code: i32) {
    assert!(code >= 0, "SPI returned {code}");
}
