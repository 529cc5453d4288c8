//! Table `hogsend_clock`: when the clock last went.

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use crate::context::Context;
use crate::locks;
use crate::sql::{Arg, Session, Statement};

/// In microseconds. A clock that looks twenty times a second writes six times a minute.
const EVERY: i64 = 10_000_000;

static NOTE: Statement = Statement::new(
    "UPDATE {s}.hogsend_clock SET reconciled_at = $1",
    &[pg_sys::TIMESTAMPTZOID],
);

/// Notes that the clock went, if that was last noted some time ago (or in a simulated future).
///
/// Whoever else is about to note it suffices. The lock says so without waiting, and whoever gets it
/// sees what its last owner wrote, so that no isolation level has anything to object to.
pub fn note(context: &Context, session: &Session, last: Option<Instant>, now: Instant) {
    let is_recent = last.is_some_and(|last| (0..EVERY).contains(&now.since(last).0));
    if !is_recent && locks::try_own_clock(context) {
        session.execute(&NOTE, &[Arg::Instant(now)]);
    }
}
