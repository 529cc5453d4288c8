//! Erasing a user.

use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::locks;
use crate::pg::sql::{Arg, Session, Statement};
use crate::store::{aliases, contacts, queue};

const USER: &[pg_sys::Oid] = &[pg_sys::TEXTOID];
const USERS: &[pg_sys::Oid] = &[pg_sys::TEXTARRAYOID];

/// The contact row is the user's lock, and once it is gone nothing is evaluated any more.
static LOCK: Statement = Statement::new(
    "SELECT true FROM {s}.contacts t WHERE t.user_id = $1 FOR UPDATE",
    USER,
);
static TIMERS: Statement = Statement::new(
    "DELETE FROM {s}.bucket_timers t WHERE t.user_id = ANY ($1)",
    USERS,
);
static CONTACT: Statement = Statement::new(
    "DELETE FROM {s}.contacts t WHERE t.user_id = ANY ($1)",
    USERS,
);
static EVENTS: Statement = Statement::new(
    "DELETE FROM {s}.user_events t WHERE t.user_id = ANY ($1)",
    USERS,
);
static STAYS: Statement = Statement::new(
    "DELETE FROM {s}.bucket_memberships t WHERE t.user_id = ANY ($1)",
    USERS,
);
static HOLDOUTS: Statement = Statement::new(
    "DELETE FROM {s}.bucket_holdouts t WHERE t.user_id = ANY ($1)",
    USERS,
);
static TRANSITIONS: Statement = Statement::new(
    "DELETE FROM {s}.bucket_transitions t WHERE t.user_id = ANY ($1)",
    USERS,
);

static ALIASES: Statement = Statement::new(
    "DELETE FROM {s}.user_aliases t WHERE t.user_id = ANY ($1)",
    USERS,
);
static NOTE: Statement = Statement::new(
    "SELECT {s}.hogsend_note_erasure(u) FROM unnest($1) u",
    USERS,
);
static QUEUE: Statement = Statement::new(
    "DELETE FROM {s}.user_queue t WHERE t.user_id = ANY ($1)",
    USERS,
);

/// Erases every row of a user, whichever of their names is given, and returns how many. It sees what is
/// committed by now, also above READ COMMITTED: an erasure by an old snapshot would leave rows behind and
/// say nothing.
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
        let (user, known) = lock(session, user);
        let user = user.as_str();
        let names = names(session, user);
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let mut erased = 0;
        if !known && queue::contains(session, user) {
            // The clock makes a contact of who is only in the queue. It is made here instead, to be the
            // lock that keeps the clock away; and is nothing that there was to erase.
            let made = contacts::lock_or_create(session, &[user], &[]).1;
            erased -= made.created.len() as i64;
        }
        for _ in 0..PASSES {
            let count = delete(session, &names);
            erased += count;
            let remaining = as_owner(&context, || remaining(session, &names));
            if remaining.is_empty() {
                return erased;
            }
            if count == 0 {
                refuse(&remaining);
            }
        }
        refuse(&as_owner(&context, || remaining(session, &names)))
    })
}

/// Somebody may have written a row since the first pass, and a trigger of the user's may write one
/// because of it.
const PASSES: usize = 4;

/// Locks the contact of whoever has a name by now; says whether there is one.
fn lock(session: &Session, name: &str) -> (String, bool) {
    let mut user = name.to_owned();
    let mut rounds = 0;
    loop {
        let known = !session.execute(&LOCK, &[Arg::Text(&user)]).is_empty();
        // While we waited it may have become somebody's other id.
        let has_aliases = session.context().has_new_columns() && rounds < aliases::ROUNDS;
        let owner = has_aliases.then(|| aliases::of(session, &[&user]).pop());
        match owner.flatten() {
            Some((_, owner)) => user = owner,
            None => return (user, known),
        }
        rounds += 1;
    }
}

/// All names of a user whose contact is locked: no other id becomes theirs meanwhile.
fn names(session: &Session, user: &str) -> Vec<String> {
    let mut names = vec![user.to_owned()];
    if session.context().has_new_columns() {
        names.extend(aliases::of_user(session, user));
    }
    names
}

fn delete(session: &Session, names: &[&str]) -> i64 {
    let erase = |statement| session.execute(statement, &[Arg::Texts(names)]).processed as i64;
    // An earlier release has fewer tables, where the library is newer than what is installed.
    let has_all = session.context().has_new_columns();
    let new = [&QUEUE, &HOLDOUTS].into_iter().filter(|_| has_all);
    let others = new.chain([&TIMERS, &CONTACT, &EVENTS]);
    let others: i64 = others.map(erase).sum();
    let aliases = if has_all { erase(&ALIASES) } else { 0 };
    let told: i64 = [&STAYS, &TRANSITIONS].into_iter().map(erase).sum();
    if told + aliases > 0 && has_all {
        // Under keys that must not come again if one of the names does, which begins at entry count 1.
        session.execute(&NOTE, &[Arg::Texts(names)]);
    }
    others + aliases + told
}

static REMAINING: Statement = Statement::new(
    "SELECT r.name, r.count FROM (
         SELECT 'contacts', count(*) FROM {s}.contacts t WHERE t.user_id = ANY ($1) UNION ALL
         SELECT 'user_events', count(*) FROM {s}.user_events t WHERE t.user_id = ANY ($1) UNION ALL
         SELECT 'bucket_memberships', count(*) FROM {s}.bucket_memberships t WHERE t.user_id = ANY ($1) UNION ALL
         SELECT 'bucket_timers', count(*) FROM {s}.bucket_timers t WHERE t.user_id = ANY ($1) UNION ALL
         SELECT 'bucket_transitions', count(*) FROM {s}.bucket_transitions t WHERE t.user_id = ANY ($1)
         {+UNION ALL SELECT 'bucket_holdouts', count(*) FROM {s}.bucket_holdouts t WHERE t.user_id = ANY ($1)
           UNION ALL SELECT 'user_queue', count(*) FROM {s}.user_queue t WHERE t.user_id = ANY ($1)
           UNION ALL SELECT 'user_aliases', count(*) FROM {s}.user_aliases t WHERE t.user_id = ANY ($1)+}
     ) AS r (name, count) WHERE r.count > 0",
    USERS,
);

/// The tables in which rows of the user are left, and how many.
fn remaining(session: &Session, names: &[&str]) -> Vec<String> {
    let rows = session.execute(&REMAINING, &[Arg::Texts(names)]);
    let row = |row| Some(format!("{} ({})", rows.text(row, 1)?, rows.bigint(row, 2)?));
    (0..rows.len()).filter_map(row).collect()
}

/// The user's id stays out of it: it would go to the server's log.
fn refuse(remaining: &[String]) -> ! {
    let state = PgSqlErrorCode::ERRCODE_OBJECT_NOT_IN_PREREQUISITE_STATE;
    Refusal::new(state, "the user is not erased: rows remain")
        .detail(format!("After their deletion there are still: {}.", remaining.join(", ")))
        .hint("See which trigger, rule or policy of these tables keeps rows from being deleted; nothing was erased yet.")
        .raise()
}

/// Looks with the rights of whoever owns the extension: a policy may hide from the caller what it keeps
/// him from deleting.
fn as_owner<R>(context: &Context, work: impl FnOnce() -> R) -> R {
    let (mut user, mut security) = (pg_sys::InvalidOid, 0);
    let local = pg_sys::SECURITY_LOCAL_USERID_CHANGE as i32;
    // SAFETY: as a definer function does it. On an error Postgres puts the user back when it aborts the
    // (sub)transaction.
    unsafe {
        pg_sys::GetUserIdAndSecContext(&mut user, &mut security);
        pg_sys::SetUserIdAndSecContext(context.owner, security | local);
        let result = work();
        pg_sys::SetUserIdAndSecContext(user, security);
        result
    }
}
