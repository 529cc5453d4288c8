//! What cannot be written as a whole, in parts.

use super::notes::Notes;
use super::reader::Columns;
use crate::pg::spool::Spool;
use crate::pg::subtransaction::attempt;

/// So many rows of a statement may be refused, each by itself; where more are, the rest is left out with
/// them, or a statement of very many rows would be as many attempts.
const MOST_REFUSED: i64 = 1000;

/// Writes changes by `whole`, which returns how many rows say nothing and should. What cannot be written
/// together is tried again in smaller parts, down to one row: the statement on the user's table does not fail
/// for a condition on our tables, or a lock that was not to be had in time, nor do other rows of it go
/// unmirrored.
pub fn write(
    changes: &Spool,
    columns: &Columns,
    notes: &mut Notes,
    whole: &impl Fn(&Spool) -> i64,
) {
    let most = notes.failed + MOST_REFUSED;
    write_up_to(most, changes, columns, notes, whole);
}

fn write_up_to(
    most: i64,
    changes: &Spool,
    columns: &Columns,
    notes: &mut Notes,
    whole: &impl Fn(&Spool) -> i64,
) {
    if changes.is_empty() {
        return;
    }
    match attempt(|| whole(changes)) {
        Ok(skipped) => notes.skipped += skipped,
        // Above READ COMMITTED a row that somebody else has changed meanwhile is an error the first time.
        Err(_) if changes.len() == 1 => match attempt(|| whole(changes)) {
            Ok(skipped) => notes.skipped += skipped,
            Err(error) => notes.fail(1, error),
        },
        Err(error) if notes.failed >= most => notes.fail(changes.len(), error),
        Err(_) => {
            for half in changes.halves(columns) {
                write_up_to(most, &half, columns, notes, whole);
                half.close();
            }
        }
    }
}
