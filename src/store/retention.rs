//! Old transitions, which `hogsend.retention` lets the clock remove.

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::locks;
use crate::pg::sql::{Arg, Session, Statement};

static OLDEST: Statement = Statement::new(
    "SELECT t.recorded_at FROM {s}.bucket_transitions t
     WHERE t.id > (SELECT c.pruned_up_to FROM {s}.hogsend_clock c) ORDER BY t.id LIMIT 1",
    &[],
);
static PRUNE: Statement = Statement::new(
    "SELECT {s}.hogsend_prune_oldest($1, c.pruned_up_to, $2) FROM {s}.hogsend_clock c",
    &[pg_sys::TIMESTAMPTZOID, pg_sys::INT8OID],
);
static KEEP_PLACE: Statement = Statement::new(
    "UPDATE {s}.hogsend_clock SET pruned_up_to = $1",
    &[pg_sys::INT8OID],
);

/// Removes up to `limit` transitions that were recorded before an instant, going on where the last
/// call ended. One session at a time does it, and the others have nothing to wait for.
pub fn prune(context: &Context, session: &Session, before: Instant, limit: i64) {
    let oldest = session.execute(&OLDEST, &[]);
    if oldest.is_empty() || oldest.instant(0, 1) >= Some(before) {
        return;
    }
    if locks::try_own_clock(context) {
        let pruned = session.execute(&PRUNE, &[Arg::Instant(before), Arg::BigInt(limit)]);
        if let Some(place) = pruned.bigint(0, 1) {
            session.execute(&KEEP_PLACE, &[Arg::BigInt(place)]);
        }
    }
}
