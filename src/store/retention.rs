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
/// In the order of the numbers, up to the first that has to stay, so that the next call can go on after
/// it. To begin anew would lead through the entries that the index still has of everything removed
/// before, until a VACUUM may take them out: never, as long as a transaction is open that sees them.
///
/// Not in a function of ours that is written in SQL: the settings that such a one needs in order to read
/// by index would be in force for a trigger of the user's, too.
static PRUNE: Statement = Statement::new(
    "WITH passed AS MATERIALIZED (SELECT p.* FROM {s}.hogsend_passed() p),
     page AS MATERIALIZED (
         SELECT t.id, t.recorded_at < $1 {+AND t.xid < p.since+} AND t.xid <> ALL (p.late) AS can_go
         FROM passed p CROSS JOIN LATERAL (
             SELECT o.id, o.recorded_at, o.xid FROM {s}.bucket_transitions o
             WHERE o.id > (SELECT c.pruned_up_to FROM {s}.hogsend_clock c) AND o.id <= p.up_to
             ORDER BY o.id LIMIT $2) AS t
     ),
     place AS MATERIALIZED (
         SELECT coalesce(min(g.id) FILTER (WHERE NOT g.can_go) - 1, max(g.id)) AS up_to FROM page g
     ),
     gone AS (
         DELETE FROM {s}.bucket_transitions t
         WHERE t.id = ANY (ARRAY(SELECT g.id FROM page g WHERE g.id <= (SELECT l.up_to FROM place l)))
           AND t.recorded_at < $1
           {+AND t.xid < (SELECT p.since FROM passed p)+}
           AND t.xid <> ALL ((SELECT p.late FROM passed p)::xid8[])
         RETURNING t.id
     )
     SELECT CASE WHEN EXISTS (SELECT FROM gone) THEN (SELECT l.up_to FROM place l) END",
    &[pg_sys::TIMESTAMPTZOID, pg_sys::INT8OID],
);
/// Of a sequence that somebody has set back, and of one that is not there, nothing is known to be gone.
static BEGIN_ANEW: Statement = Statement::new(
    "UPDATE {s}.hogsend_clock c SET pruned_up_to = 0
     WHERE c.pruned_up_to > coalesce(pg_sequence_last_value(
               pg_get_serial_sequence($1, 'id')::regclass), c.pruned_up_to)",
    &[pg_sys::TEXTOID],
);
static KEEP_PLACE: Statement = Statement::new(
    "UPDATE {s}.hogsend_clock SET pruned_up_to = $1",
    &[pg_sys::INT8OID],
);

/// Removes up to `limit` transitions that were recorded before an instant, going on where the last
/// call ended. One session at a time does it, and the others have nothing to wait for.
pub fn prune(context: &Context, session: &Session, before: Instant, limit: i64) {
    let oldest = session.execute(&OLDEST, &[]);
    if oldest.is_empty() {
        // Numbers that are given out again are below the place that was kept.
        let table = format!("{}.bucket_transitions", context.quoted());
        let arguments = [Arg::Text(&table)];
        if session.execute(&BEGIN_ANEW, &arguments).processed == 0 {
            return;
        }
    } else if oldest.instant(0, 1) >= Some(before) {
        return;
    }
    if locks::try_own_clock(context) {
        let pruned = session.execute(&PRUNE, &[Arg::Instant(before), Arg::BigInt(limit)]);
        if let Some(place) = pruned.bigint(0, 1) {
            session.execute(&KEEP_PLACE, &[Arg::BigInt(place)]);
        }
    }
}
