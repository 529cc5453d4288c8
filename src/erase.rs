//! Erasing a user.

use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::context::Context;
use crate::error::Refusal;
use crate::locks;
use crate::sql::{Arg, Session, Statement};

const USER: &[pg_sys::Oid] = &[pg_sys::TEXTOID];

/// The contact row is the user's lock, and once it is gone nothing is evaluated any more.
static LOCK: Statement = Statement::new(
    "SELECT true FROM {s}.contacts t WHERE t.user_id = $1 FOR UPDATE",
    USER,
);
static TIMERS: Statement =
    Statement::new("DELETE FROM {s}.bucket_timers t WHERE t.user_id = $1", USER);
static CONTACT: Statement = Statement::new("DELETE FROM {s}.contacts t WHERE t.user_id = $1", USER);
static EVENTS: Statement =
    Statement::new("DELETE FROM {s}.user_events t WHERE t.user_id = $1", USER);
static STAYS: Statement = Statement::new(
    "DELETE FROM {s}.bucket_memberships t WHERE t.user_id = $1",
    USER,
);
static TRANSITIONS: Statement = Statement::new(
    "DELETE FROM {s}.bucket_transitions t WHERE t.user_id = $1",
    USER,
);

static NOTE: Statement = Statement::new("SELECT {s}.hogsend_note_erasure($1)", USER);

/// Erases every row of a user and returns how many. It sees what is committed by now, also above
/// READ COMMITTED: an erasure by an old snapshot would leave rows behind and say nothing.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_forget_user(user_id: Option<&str>, fcinfo: pg_sys::FunctionCallInfo) -> i64 {
    let Some(user) = user_id else {
        Refusal::new(
            PgSqlErrorCode::ERRCODE_NULL_VALUE_NOT_ALLOWED,
            "user_id must not be NULL",
        )
        .detail("hogsend_forget_user() was called without a user.")
        .hint("Name the user to erase.")
        .raise()
    };
    let context = Context::of_call(fcinfo);
    context.require_tables();
    Session::write(&context, |session| {
        locks::share_definitions(&context);
        session.execute(&LOCK, &[Arg::Text(user)]);
        let erase = |statement| session.execute(statement, &[Arg::Text(user)]).processed as i64;
        let others: i64 = [&TIMERS, &CONTACT, &EVENTS].into_iter().map(erase).sum();
        let told: i64 = [&STAYS, &TRANSITIONS].into_iter().map(erase).sum();
        if told > 0 {
            // Under keys that must not come again if the user does, who begins at entry count 1.
            session.execute(&NOTE, &[Arg::Text(user)]);
        }
        others + told
    })
}
