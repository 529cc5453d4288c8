//! Table `hogsend_clock`: when the clock last went.

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::locks;
use crate::pg::sql::{Arg, Session, Statement};
use crate::store::{corrections, zones};

/// In microseconds. A clock that looks twenty times a second writes six times a minute.
const EVERY: i64 = 10_000_000;

/// Clocks differ by so much, in microseconds, and are set right by so much without anybody caring.
const TOLERANCE: i64 = 5_000_000;

static LAST: Statement = Statement::new("SELECT c.reconciled_at FROM {s}.hogsend_clock c", &[]);
static NOTE: Statement = Statement::new(
    "UPDATE {s}.hogsend_clock SET reconciled_at = $1",
    &[pg_sys::TIMESTAMPTZOID],
);

/// Notes that the clock went, if that was last noted some time ago. If it was noted for an instant that
/// has not come, the system's clock (or a simulated one) was ahead, and what was done then is to be looked
/// at again; says whether that was begun.
///
/// Whoever else is about to note it suffices. The lock says so without waiting, and whoever gets it
/// sees what its last owner wrote, so that no isolation level has anything to object to.
pub fn note(
    context: &Context,
    session: &Session,
    last: Option<Instant>,
    now: Instant,
    may_correct: bool,
) -> bool {
    let is_recent = last.is_some_and(|last| (0..EVERY).contains(&now.since(last).0));
    if is_recent || !locks::try_own_clock(context) {
        return false;
    }
    let mut corrects = false;
    if last.is_some_and(|last| is_ahead(last, now)) && context.has_new_columns() {
        // Somebody may have seen to it since we looked.
        let last = session.execute(&LAST, &[]).instant(0, 1);
        if let Some(ahead) = last.filter(|last| is_ahead(*last, now)) {
            if !may_correct {
                return false;
            }
            match corrections::begin(session, now, ahead) {
                Some(begun) => corrects = begun,
                // What was noted remains, and the next look begins it.
                None => return false,
            }
        }
    }
    session.execute(&NOTE, &[Arg::Instant(now)]);
    if may_correct && context.has_new_columns() {
        corrects |= zones::compare(session, now);
    }
    corrects
}

fn is_ahead(noted: Instant, now: Instant) -> bool {
    noted.since(now).0 > TOLERANCE
}
