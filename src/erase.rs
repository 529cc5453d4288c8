//! Erasing users.

use pgrx::pg_sys;
use pgrx::prelude::*;

use crate::pg::context::Context;
use crate::pg::error::Refusal;
use crate::pg::locks;
use crate::pg::sql::{Arg, Session, Statement};
use crate::pipeline::PASS;
use crate::store::{contacts, queue};

const USERS: &[pg_sys::Oid] = &[pg_sys::TEXTARRAYOID];

/// Everybody who is meant: the user of an alias is, and the other aliases of that user are.
static FAMILY: Statement = Statement::new(
    "{+WITH known AS (
         SELECT coalesce((SELECT a.user_id FROM {s}.user_aliases a WHERE a.alias = u), u) AS user_id FROM unnest($1) u
     )
     SELECT k.user_id, false FROM known k UNION
     SELECT a.alias, true FROM {s}.user_aliases a WHERE a.user_id = ANY (ARRAY(SELECT k.user_id FROM known k))
     +|SELECT DISTINCT u, false FROM unnest($1) u+}",
    USERS,
);

/// The contact row is the user's lock, and once it is gone nothing is evaluated any more.
static LOCK: Statement = Statement::new(
    "SELECT t.user_id FROM {s}.contacts t WHERE t.user_id = ANY ($1) ORDER BY t.user_id COLLATE \"C\" FOR UPDATE",
    USERS,
);
static TIMERS: Statement = Statement::new(
    "DELETE FROM {s}.bucket_timers t WHERE t.user_id = ANY ($1)",
    USERS,
);
static CONTACTS: Statement = Statement::new(
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
static RUNS: Statement = Statement::new(
    "DELETE FROM {s}.journey_runs t WHERE t.user_id = ANY ($1)",
    USERS,
);
static TOTALS: Statement = Statement::new(
    "DELETE FROM {s}.bucket_totals t WHERE t.user_id = ANY ($1)",
    USERS,
);
static QUEUE: Statement = Statement::new(
    "DELETE FROM {s}.user_queue t WHERE t.user_id = ANY ($1)",
    USERS,
);
static ALIASES: Statement = Statement::new(
    "DELETE FROM {s}.user_aliases t WHERE t.user_id = ANY ($1)",
    USERS,
);

/// Those of whom something was told, or may have been.
static TOLD: Statement = Statement::new(
    "SELECT u FROM unnest($1) u
     WHERE EXISTS (SELECT FROM {s}.bucket_memberships t WHERE t.user_id = u)
        OR EXISTS (SELECT FROM {s}.bucket_transitions t WHERE t.user_id = u)
        {+OR EXISTS (SELECT FROM {s}.journey_runs t WHERE t.user_id = u)+}",
    USERS,
);
static NOTE: Statement = Statement::new("SELECT {s}.hogsend_note_erasure($1)", USERS);

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
    Session::write(&context, |session| forget(session, &[user.to_owned()]))
}

/// The same of several users, with as many statements for a thousand of them as for one.
#[pg_extern]
#[search_path(pg_catalog, pg_temp)]
fn hogsend_forget_users(
    user_ids: Option<Vec<Option<String>>>,
    fcinfo: pg_sys::FunctionCallInfo,
) -> i64 {
    let named = user_ids.and_then(|users| users.into_iter().collect::<Option<Vec<String>>>());
    let Some(users) = named else {
        Refusal::null("user_ids")
            .detail("hogsend_forget_users() was called without users, or with one that is NULL.")
            .hint("Name the users to erase, in an array.")
            .raise()
    };
    let context = Context::of_call(fcinfo);
    context.require_tables();
    Session::write(&context, |session| forget(session, &users))
}

/// Erases every row of users and returns how many.
pub fn forget(session: &Session, users: &[String]) -> i64 {
    let mut users: Vec<&str> = users.iter().map(String::as_str).collect();
    users.sort_unstable();
    users.dedup();
    let mut erased = 0;
    for users in users.chunks(PASS) {
        pgrx::check_for_interrupts!();
        // A connection of its own, so that what was read is freed with it.
        erased += session.nested(|session| forget_some(session, users));
    }
    erased
}

fn forget_some(session: &Session, users: &[&str]) -> i64 {
    let context = session.context();
    locks::share_definitions(context);
    let mut erased = 0;
    for _ in 0..PASSES {
        let everybody = Everybody::locked(session, users);
        erased -= everybody.make_known(session);
        let count = everybody.delete(session);
        erased += count;
        let remaining = as_owner(context, || everybody.remaining(session));
        if remaining.is_empty() {
            return erased;
        }
        if count == 0 {
            refuse(&remaining);
        }
    }
    let everybody = Everybody::locked(session, users);
    refuse(&as_owner(context, || everybody.remaining(session)))
}

/// Somebody may have written a row since the first pass, and a trigger of the user's may write one
/// because of it.
const PASSES: usize = 4;

/// Who is meant, in byte order.
#[derive(PartialEq, Eq)]
struct Everybody {
    users: Vec<String>,
    aliases: Vec<String>,
}

impl Everybody {
    /// Locks the contacts of those who are meant by now. As long as they are locked no other id becomes
    /// theirs; while we wait for them they may become somebody's other ids.
    fn locked(session: &Session, users: &[&str]) -> Everybody {
        let mut everybody = Everybody::of(session, users);
        loop {
            session.execute(&LOCK, &[Arg::Texts(&everybody.names())]);
            let by_now = Everybody::of(session, users);
            if by_now == everybody {
                return everybody;
            }
            everybody = by_now;
        }
    }

    fn of(session: &Session, users: &[&str]) -> Everybody {
        let rows = session.execute(&FAMILY, &[Arg::Texts(users)]);
        let names = |are_aliases| {
            let wanted = (0..rows.len()).filter(|row| rows.bool(*row, 2) == Some(are_aliases));
            let names = wanted.filter_map(|row| rows.text(row, 1).map(str::to_owned));
            let mut names: Vec<String> = names.collect();
            names.sort_unstable();
            names
        };
        Everybody {
            users: names(false),
            aliases: names(true),
        }
    }

    fn names(&self) -> Vec<&str> {
        let all = self.users.iter().chain(&self.aliases);
        all.map(String::as_str).collect()
    }

    /// The clock makes a contact of who is only in the queue. It is made here instead, to be the lock that
    /// keeps the clock away; and is nothing that there was to erase. Returns how many were made.
    fn make_known(&self, session: &Session) -> i64 {
        let users: Vec<&str> = self.users.iter().map(String::as_str).collect();
        let queued = queue::strangers(session, &users);
        let queued: Vec<&str> = queued.iter().map(String::as_str).collect();
        if queued.is_empty() {
            return 0;
        }
        let made = contacts::lock_or_create(session, &queued, &[]).1;
        made.created.len() as i64
    }

    fn delete(&self, session: &Session) -> i64 {
        let names = self.names();
        let erase = |statement| session.execute(statement, &[Arg::Texts(&names)]).processed as i64;
        // An earlier release has fewer tables, where the library is newer than what is installed.
        let has_all = session.context().has_new_columns();
        let new = [&QUEUE, &HOLDOUTS, &TOTALS].into_iter().filter(|_| has_all);
        let others: i64 = new.chain([&TIMERS, &CONTACTS, &EVENTS]).map(erase).sum();
        let rows = session.execute(&TOLD, &[Arg::Texts(&names)]);
        let mut of_whom: Vec<&str> = (0..rows.len())
            .filter_map(|row| rows.text(row, 1))
            .collect();
        let runs = [&RUNS].into_iter().filter(|_| has_all);
        let told: i64 = runs.chain([&STAYS, &TRANSITIONS]).map(erase).sum();
        if !has_all {
            return others + told;
        }
        let aliases = erase(&ALIASES);
        if told == 0 {
            of_whom.clear();
        }
        if aliases > 0 {
            // What was told of them may be forgotten by now.
            of_whom.extend(self.aliases.iter().map(String::as_str));
        }
        if !of_whom.is_empty() {
            // Under keys that must not come again if one of the names does, which begins at entry count 1.
            session.execute(&NOTE, &[Arg::Texts(&of_whom)]);
        }
        others + aliases + told
    }

    /// The tables in which rows of them are left, and how many.
    fn remaining(&self, session: &Session) -> Vec<String> {
        let rows = session.execute(&REMAINING, &[Arg::Texts(&self.names())]);
        let row = |row| Some(format!("{} ({})", rows.text(row, 1)?, rows.bigint(row, 2)?));
        (0..rows.len()).filter_map(row).collect()
    }
}

static REMAINING: Statement = Statement::new(
    "SELECT r.name, r.count FROM (
         SELECT 'contacts', count(*) FROM {s}.contacts t WHERE t.user_id = ANY ($1) UNION ALL
         SELECT 'user_events', count(*) FROM {s}.user_events t WHERE t.user_id = ANY ($1) UNION ALL
         SELECT 'bucket_memberships', count(*) FROM {s}.bucket_memberships t WHERE t.user_id = ANY ($1) UNION ALL
         SELECT 'bucket_timers', count(*) FROM {s}.bucket_timers t WHERE t.user_id = ANY ($1) UNION ALL
         SELECT 'bucket_transitions', count(*) FROM {s}.bucket_transitions t WHERE t.user_id = ANY ($1)
         {+UNION ALL SELECT 'bucket_holdouts', count(*) FROM {s}.bucket_holdouts t WHERE t.user_id = ANY ($1)
           UNION ALL SELECT 'bucket_totals', count(*) FROM {s}.bucket_totals t WHERE t.user_id = ANY ($1)
           UNION ALL SELECT 'user_queue', count(*) FROM {s}.user_queue t WHERE t.user_id = ANY ($1)
           UNION ALL SELECT 'journey_runs', count(*) FROM {s}.journey_runs t WHERE t.user_id = ANY ($1)
           UNION ALL SELECT 'user_aliases', count(*) FROM {s}.user_aliases t WHERE t.user_id = ANY ($1)+}
     ) AS r (name, count) WHERE r.count > 0",
    USERS,
);

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
