//! The import of what an attached table has already, by ranges of its pages.
//!
//! Rows are locked for as long as it takes to write what they say, so that whoever changes one finds its
//! event; whoever changed one before has written its event. Rows that were written since the import began
//! are mirrored by those who wrote them, wherever they lie. So each row is looked at once, and an import that
//! is interrupted anywhere goes on from the last part that was committed. Writers have a contact and want a
//! row, and it does the reverse: so it never waits as long as it takes Postgres to look for a deadlock.

mod calls;
mod range;

use pgrx::{PgSqlErrorCode, pg_sys};

use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::guard::with_setting;
use crate::pg::sql::Session;
use crate::pg::subtransaction::{Failed, attempt_told};
use crate::pg::{clock, locks};
use crate::store::feeds::{self, Part, Position};

use range::Range;

/// How many rows are read and written together: the more, the more of them are of one user, who is looked at once.
const STRETCH: i64 = 20_000;

/// Of a table that ANALYZE never saw: rows to a page.
const ROWS_A_PAGE: i64 = 50;

/// However few rows they have, so many pages are read together at most.
const MOST_PAGES: i64 = 1024;

/// For how long the clock waits for a lock, in milliseconds: for nobody, but that cannot be said of all of
/// them.
const HARDLY: i32 = 10;

/// What a piece of an import did.
#[derive(Default)]
struct Piece {
    /// Rows that were looked at.
    rows: i64,
    done: bool,
    /// It stopped before something that somebody has locked.
    stuck: bool,
}

/// Why there is none.
enum Why {
    /// Nothing is attached under that name.
    Gone,
    Failed(Refusal),
}

/// Works on up to `limit` further rows of an import, or a few more or less. It waits for a lock no longer than
/// `patience`, in milliseconds, and for none on a table; and for whoever has the feed in hands, if it `waits`.
/// The lock on definitions is held.
fn advance(
    context: &Context,
    feed: &str,
    limit: i64,
    patience: i32,
    waits: bool,
) -> Result<Piece, Why> {
    let relation = Session::write(context, |session| feeds::relation(session, feed));
    let relation = relation.ok_or(Why::Gone)?;
    let mut piece = Piece::default();
    // Tables before the row of the feed, as hogsend_detach() has it.
    if !locks::try_share_rows(relation) {
        piece.stuck = true;
        return Ok(piece);
    }
    let claimed = attempt_told(|| {
        with_setting(c"lock_timeout", &patience.to_string(), || {
            Session::write(context, |session| feeds::claim(session, feed, waits))
        })
    });
    let Ok(Some((is_done, mut at))) = claimed else {
        piece.stuck = true;
        return Ok(piece);
    };
    piece.done = is_done;
    let mut most_pages = MOST_PAGES;
    // A few rows that remain are not worth another range.
    let enough = limit - limit / 16;
    while !piece.done && !piece.stuck && piece.rows < enough {
        pgrx::check_for_interrupts!();
        let part = match next_part(context, relation, &mut at) {
            Next::Part(part) => part,
            Next::Locked => {
                piece.stuck = true;
                break;
            }
            Next::None => {
                Session::write(context, |session| {
                    feeds::finish(session, feed, clock::now())
                });
                piece.done = true;
                break;
            }
        };
        if part.hides {
            return Err(Why::Failed(hidden(&part.name)));
        }
        let wanted = pages_for(&part, (limit - piece.rows).min(STRETCH));
        let pages = wanted.min(most_pages).min(at.blocks - at.block);
        let next = Position {
            block: at.block + pages,
            ..at.clone()
        };
        let range = Range {
            context,
            feed,
            part: &part,
            from: &at,
            to: &next,
            patience,
        };
        let failed = match attempt_told(|| range.import()) {
            Ok(rows) => {
                piece.rows += rows;
                at = next;
                continue;
            }
            Err(failed) => failed,
        };
        // What was done in this transaction is committed before anything is waited for again.
        if is_lock(failed.code) && (piece.rows > 0 || pages == 1) {
            piece.stuck = true;
        } else if pages > 1 {
            most_pages = (pages / 4).max(1);
        } else if !is_of_a_row(failed.code) {
            return Err(Why::Failed(stopped(feed, failed)));
        } else {
            match attempt_told(|| range.import_one_by_one()) {
                Ok(rows) => {
                    piece.rows += rows;
                    at = next;
                    most_pages = MOST_PAGES;
                }
                Err(failed) if is_lock(failed.code) => piece.stuck = true,
                Err(failed) => return Err(Why::Failed(stopped(feed, failed))),
            }
        }
    }
    Ok(piece)
}

fn pages_for(part: &Part, rows: i64) -> i64 {
    let density = match (part.rows, part.blocks) {
        (rows, blocks) if rows > 0 && blocks > 0 => (rows / blocks).max(1),
        _ => ROWS_A_PAGE,
    };
    (rows / density).clamp(1, MOST_PAGES)
}

enum Next {
    Part(Part),
    None,
    /// Somebody has the table for themselves.
    Locked,
}

/// Where an import goes on, with the table locked in which that is.
fn next_part(context: &Context, relation: pg_sys::Oid, at: &mut Position) -> Next {
    let look =
        |from: u32| Session::write(context, |session| feeds::part_from(session, relation, from));
    while let Some(part) = look(at.part) {
        if !locks::try_share_rows(part.oid) {
            return Next::Locked;
        }
        // It may have been dropped, or written anew, before it was locked.
        let Some(part) = look(at.part).filter(|again| again.oid == part.oid) else {
            return Next::Locked;
        };
        // In the upper half is the installation.
        if at.file.is_some_and(|file| file >> 32 != part.file >> 32) {
            *at = Position::default();
            continue;
        }
        if (at.part, at.file) != (part.oid.to_u32(), Some(part.file)) {
            *at = Position {
                part: part.oid.to_u32(),
                file: Some(part.file),
                block: 0,
                blocks: part.blocks,
            };
        }
        if at.block < at.blocks {
            return Next::Part(part);
        }
        at.part += 1;
    }
    Next::None
}

fn is_lock(code: PgSqlErrorCode) -> bool {
    matches!(
        code,
        PgSqlErrorCode::ERRCODE_LOCK_NOT_AVAILABLE
            | PgSqlErrorCode::ERRCODE_T_R_DEADLOCK_DETECTED
            | PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE
    )
}

/// Whether an error can be about one row and not another: it is not when the server has no room left, is being
/// shut down, or something that all rows need is missing or forbidden.
fn is_of_a_row(code: PgSqlErrorCode) -> bool {
    let class = |first: u8, second: u8| i32::from(first - b'0') + (i32::from(second - b'0') << 6);
    let of_all = [
        (b'4', b'2'),
        (b'5', b'3'),
        (b'5', b'5'),
        (b'5', b'7'),
        (b'5', b'8'),
        (b'2', b'5'),
    ];
    let of_this = code as i32 & 0xfff;
    !of_all.iter().any(|(a, b)| class(*a, *b) == of_this)
}

pub(super) fn hidden(table: &str) -> Refusal {
    Refusal::new(
        PgSqlErrorCode::ERRCODE_INSUFFICIENT_PRIVILEGE,
        format!("rows of {table} may be hidden from its owner"),
    )
    .detail("Row-level security is forced on it, and an import must see all rows.")
    .hint(format!(
        "ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY until the import is done."
    ))
}

fn stopped(feed: &str, failed: Failed) -> Refusal {
    Refusal::new(
        PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
        format!("the import of feed \"{feed}\" cannot go on"),
    )
    .detail(failed.message)
    .hint("What was done so far is kept; CALL hogsend_import() again once the cause is removed.")
}

fn busy(feed: &str) -> Refusal {
    Refusal::new(
        PgSqlErrorCode::ERRCODE_OBJECT_IN_USE,
        format!("somebody else imports feed \"{feed}\""),
    )
    .detail("It goes on by itself.")
    .hint("SELECT * FROM bucket_feeds shows how far it has come.")
}

pub(super) fn unattached(session: &Session, feed: &str) -> Refusal {
    if !feeds::is_known(session, feed) {
        return Refusal::unknown(format!("nothing is attached under the name \"{feed}\""))
            .detail("No row of table \"feeds\" has it.")
            .hint("SELECT name FROM bucket_feeds lists what is attached.");
    }
    Refusal::new(
        PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE,
        format!("feed \"{feed}\" has no table"),
    )
    .detail("No table has its triggers any more.")
    .hint(format!("SELECT hogsend_detach('{feed}') forgets it."))
}

/// For how long somebody who may wait does: not as long as it takes until Postgres looks for a deadlock,
/// which it could find in a writer's hands.
fn patience() -> i32 {
    // SAFETY: plain variables of this backend, in milliseconds; 0 is no limit.
    let (deadlock, own) = unsafe { (pg_sys::DeadlockTimeout, pg_sys::LockTimeout) };
    let patience = (deadlock / 4).max(1);
    if own > 0 { patience.min(own) } else { patience }
}

/// What the clock did of imports.
#[derive(Default)]
pub struct Worked {
    pub rows: i64,
    pub remaining: bool,
}

/// Goes on with the oldest import that can go on, and adds up what writers noted. It waits for nobody.
pub fn work_off(context: &Context, limit: i64) -> Worked {
    let mut worked = Worked::default();
    if !feeds::exists(context) {
        return worked;
    }
    let open = Session::write(context, |session| {
        if feeds::has_notes(session) {
            let folded = attempt_told(|| session.nested(|s| feeds::fold_notes(s, limit)));
            // Somebody else folds them, or the next time does.
            drop(folded);
        }
        feeds::open(session)
    });
    for (n, feed) in open.iter().enumerate() {
        match advance(context, feed, limit, HARDLY, false) {
            Ok(piece) => {
                worked.rows += piece.rows;
                worked.remaining |= !piece.done;
                if piece.rows > 0 {
                    worked.remaining |= n + 1 < open.len();
                    break;
                }
            }
            Err(Why::Failed(refusal)) => Session::write(context, |session| {
                feeds::fail(session, feed, &refusal.in_a_line(), clock::now());
            }),
            Err(Why::Gone) => {}
        }
    }
    worked
}
