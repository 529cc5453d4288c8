//! What did not become an event or a contact, and why.
//!
//! Each statement adds a row of its own, so that writers wait for nobody; the clock adds them up.

use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::sql::{Arg, Session, Statement};
use crate::pg::subtransaction::attempt;
use pgrx::pg_sys;

/// Of rows of one feed.
#[derive(Default)]
pub struct Notes {
    /// Rows of nobody, or without what an event needs.
    pub skipped: i64,
    /// Rows that could not be read, or written.
    pub failed: i64,
    /// Why not, of the first of them.
    pub error: Option<String>,
}

static NOTE: Statement = Statement::new(
    "INSERT INTO {s}.feed_notes (feed, skipped, failed, error) VALUES ($1, $2, $3, $4)",
    &[
        pg_sys::TEXTOID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::TEXTOID,
    ],
);

impl Notes {
    pub fn fail(&mut self, rows: i64, error: String) {
        self.failed += rows.max(1);
        self.error.get_or_insert(error);
    }

    pub fn add(&mut self, other: Notes) {
        self.skipped += other.skipped;
        self.failed += other.failed;
        self.error = self.error.take().or(other.error);
    }

    pub fn write(&self, context: &Context, feed: &str) {
        if self.skipped == 0 && self.failed == 0 {
            return;
        }
        // The table may be gone, or altered so that it takes no such row.
        let noted = attempt(|| {
            Session::write(context, |session| {
                let arguments = [
                    Arg::Text(feed),
                    Arg::BigInt(self.skipped),
                    Arg::BigInt(self.failed),
                    Arg::OptText(self.error.as_deref()),
                ];
                session.execute(&NOTE, &arguments);
            });
        });
        if let Err(error) = noted {
            Refusal::note(format!("feed \"{feed}\" left rows out"))
                .detail(format!("That is written down nowhere: {error}."))
                .hint("SELECT hogsend_migrate() makes tables of hogsend that are gone.")
                .warn();
        }
    }
}
