//! Feeds: tables of the user's, mirrored into ours by the statements that write them.
//!
//! The rows are read as the table's owner said what they mean, with the owner's rights, and put aside; what
//! they say is then written with ours. A statement on the user's table does not fail by what happens here:
//! what cannot be read is left out and noted.

mod altered;
mod contacts;
mod events;
pub mod import;
mod known;
mod notes;
mod overtaken;
mod parts;
mod reader;
mod repeated;
mod verify;

use pgrx::PgSqlErrorCode;

use crate::pg::error::Refusal;
use crate::pg::planning;
use crate::pg::role;
use crate::pg::settings;
use crate::pg::spool::Spool;
use crate::pg::sql::Session;
use crate::pg::subtransaction::attempt;
use crate::pg::trigger::{Call, Operation, Side, trigger_function};

use known::{Feed, Kind};
use notes::Notes;

/// Of rows that a statement brings along nothing is hidden, and those that TRUNCATE takes must be read before.
const HIDDEN: &str =
    "TRUNCATE left what had come of rows that row-level security hides from their owner";

trigger_function!(hogsend_mirror, pg_finfo_hogsend_mirror, mirror);
trigger_function!(hogsend_on_feeds, pg_finfo_hogsend_on_feeds, on_feeds);

/// What is known of feeds in other sessions is not so any more.
fn on_feeds(call: &Call) {
    known::announce_change(&call.context);
}

fn mirror(call: &Call) {
    let Some(name) = call.argument() else {
        Refusal::new(
            PgSqlErrorCode::ERRCODE_E_R_I_E_TRIGGER_PROTOCOL_VIOLATED,
            "hogsend_mirror() takes the name of a feed",
        )
        .hint("hogsend_attach_events() and hogsend_attach_contacts() create the triggers that call it.")
        .raise()
    };
    let tables = [Side::Old, Side::New].map(|side| call.count(side));
    if call.operation != Operation::Truncate && tables == [0, 0] {
        return;
    }
    let mut notes = Notes::default();
    match Feed::of(call, name) {
        Ok(feed) => {
            let written = if feed.is_altered {
                attempt(|| write(call, &feed))
            } else {
                Ok(write(call, &feed))
            };
            match written {
                Ok(of_rows) => notes.add(of_rows),
                Err(error) => notes.fail(tables[0].max(tables[1]), error),
            }
        }
        Err(error) => notes.fail(tables[0].max(tables[1]), error),
    }
    notes.write(&call.context, name);
}

/// Writes what a statement's rows say, and returns what there is to note of them.
fn write(call: &Call, feed: &Feed) -> Notes {
    let mut notes = Notes::default();
    // A row that an import has yet to come to may be, after an UPDATE, where it has been already.
    if call.operation == Operation::Update && !feed.imports && !call.changes(&feed.reader.columns) {
        return notes;
    }
    let was = match call.operation {
        Operation::Update | Operation::Delete => {
            Some(feed.read(call, Some(Side::Old), &mut Notes::default()))
        }
        Operation::Truncate => {
            if role::may_hide_rows(call.relation(), feed.reader.role) {
                notes.fail(1, HIDDEN.into());
            }
            Some(feed.read(call, None, &mut Notes::default()))
        }
        Operation::Insert => None,
    };
    // A statement that deletes a row in its WITH and inserts it again has done both by now.
    let is_overtaken = call.operation != Operation::Truncate
        && (overtaken::is_overtaken(&feed.name)
            || call.operation == Operation::Delete && planning::may_write_twice())
        && !feed.reader.unique.is_empty();
    let is = match call.operation {
        _ if is_overtaken => Some(feed.read_again(call, &mut notes)),
        Operation::Insert | Operation::Update => Some(feed.read(call, Some(Side::New), &mut notes)),
        Operation::Delete | Operation::Truncate => None,
    };
    Session::write(&call.context, |session| {
        apply(session, feed, was.as_ref(), is.as_ref(), false, &mut notes);
    });
    [was, is].into_iter().flatten().for_each(Spool::close);
    notes
}

/// Brings events or contacts from what rows said to what they say. Of history, which an import brings,
/// nobody is told.
fn apply(
    session: &Session,
    feed: &Feed,
    was: Option<&Spool>,
    is: Option<&Spool>,
    is_history: bool,
    notes: &mut Notes,
) {
    settings::silently(is_history, || match feed.kind {
        Kind::Events => events::apply(session, feed, was, is, is_history, notes),
        Kind::Contacts => contacts::apply(session, feed, was, is, notes),
    });
}
