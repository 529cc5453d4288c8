//! TRUNCATE of `bucket_transitions`, as test cleaners do it.
//!
//! Positions of consumers are made of its numbers, which may begin anew. Who has read everything goes
//! on with whatever comes; who has not is overtaken, and is told so by the next poll. A partition may be
//! emptied by its own name; then the numbers go on, and so does everybody who has read what was in it.

use pgrx::pg_sys;

use crate::pg::clock;
use crate::pg::sql::{Arg, Session, Statement};
use crate::pg::trigger::{Call, trigger_function};

trigger_function!(
    hogsend_before_transitions,
    pg_finfo_hogsend_before_transitions,
    before_transitions
);

static LAPSE: Statement = Statement::new(
    "UPDATE {s}.bucket_positions p SET lapsed_at = $1, lapsed_up_to = l.up_to
     FROM {s}.hogsend_lost(NULL::timestamptz, $2::oid) l
     WHERE p.consumer = l.consumer AND p.shard = l.shard",
    &[pg_sys::TIMESTAMPTZOID, pg_sys::INT8OID],
);
/// Whatever is in the table from now on is new to everybody.
static BEGIN_ANEW: Statement = Statement::new(
    "UPDATE {s}.bucket_positions p
     SET mark = 0, reading = NULL, next_mark = NULL, after_id = 0, last_id = NULL, is_last = false,
         not_before = NULL
     WHERE p.lapsed_at IS NULL",
    &[],
);
/// Pruning goes on from the last number that it removed.
static PRUNE_ANEW: Statement = Statement::new(
    "UPDATE {s}.hogsend_clock SET pruned_up_to = 0 WHERE pruned_up_to <> 0",
    &[],
);

/// Nobody writes to the table or reads it until the TRUNCATE is committed. The session reads the
/// latest, also above READ COMMITTED: what a snapshot does not have is gone as well.
fn before_transitions(call: &Call) {
    call.context.require_tables();
    let relation = call.relation();
    let part = (relation != call.context.table(c"bucket_transitions"))
        .then(|| i64::from(relation.to_u32()));
    Session::write(&call.context, |session| {
        let now = Arg::Instant(clock::now());
        session.execute(&LAPSE, &[now, Arg::OptBigInt(part)]);
        if part.is_some() {
            return;
        }
        session.execute(&BEGIN_ANEW, &[]);
        session.execute(&PRUNE_ANEW, &[]);
    });
}
