//! The names for which the runs of a journey wait.
//!
//! They are part of the journey, so that an event of a name that nobody waits for concerns nobody. The first
//! wait for a name is a change of the journey: whoever evaluates without knowing of it is waited for, and nobody
//! begins to meanwhile (I1 in doc/design.md). Where the transaction has users already, that is out of order, and it
//! gives up rather than anybody else. From then on the name is known, and a wait costs a wait.

use pgrx::{PgSqlErrorCode, pg_sys};

use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::locks;
use crate::pg::sql::{Arg, Session, Statement};
use crate::store::definitions;

/// A journey's runs may wait for so many names.
const MOST: i64 = 1000;

static MENTION: Statement = Statement::new(
    "UPDATE {s}.journeys j SET waits_for = j.waits_for || $2
     WHERE j.id = $1 AND $2 <> ALL (j.waits_for) AND cardinality(j.waits_for) < $3",
    &[pg_sys::TEXTOID, pg_sys::TEXTOID, pg_sys::INT8OID],
);
static COUNT: Statement = Statement::new(
    "SELECT cardinality(j.waits_for)::bigint, $2 = ANY (j.waits_for) FROM {s}.journeys j WHERE j.id = $1",
    &[pg_sys::TEXTOID, pg_sys::TEXTOID],
);

/// The error for a first wait that was in the way of others. Whoever tries the transaction again does not mind.
fn in_the_way(journey: &str, event: &str) -> Refusal {
    let state = PgSqlErrorCode::ERRCODE_T_R_SERIALIZATION_FAILURE;
    Refusal::new(
        state,
        format!("journey \"{journey}\" cannot wait for \"{event}\" for the first time just now"),
    )
    .detail("That changes the journey. Nobody may be evaluated meanwhile, and somebody is who may wait for a user that this transaction holds.")
    .hint("Try the transaction again. Where the first wait comes first in it, or the name was put into column \"waits_for\" of table \"journeys\" before, this cannot happen.")
}

/// Has a journey mention a name for which one of its runs is to wait. The trigger on `journeys` tells all.
pub fn mention(context: &Context, journey: &str, event: &str) {
    if locks::own_definitions_soon(context).is_none() {
        in_the_way(journey, event).raise()
    }
    Session::write(context, |session| {
        if definitions::suspended(session) {
            Refusal::suspended().raise()
        }
        let arguments = [Arg::Text(journey), Arg::Text(event), Arg::BigInt(MOST)];
        if session.execute(&MENTION, &arguments).processed > 0 {
            return;
        }
        // Somebody else was first, or the journey is gone and its runs have ended; or it is too much.
        let rows = session.execute(&COUNT, &[Arg::Text(journey), Arg::Text(event)]);
        if rows.is_empty() || rows.bool(0, 2) == Some(true) {
            return;
        }
        let state = PgSqlErrorCode::ERRCODE_PROGRAM_LIMIT_EXCEEDED;
        Refusal::new(
            state,
            format!("journey \"{journey}\" waits for too many different names"),
        )
        .detail(format!(
            "They are {}, and at most {MOST} are possible.",
            rows.bigint(0, 1).unwrap_or(0)
        ))
        .hint("Wait for one name, and let the filter tell its events apart.")
        .raise()
    });
}
