//! Table `user_aliases`: ids that are somebody's other ids.
//!
//! An alias has no contact. So whoever has one need not be looked for here, and only those ask who are
//! about to make a contact, or to read one that is not there.

use std::collections::{HashMap, HashSet};
use std::ffi::CStr;

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use super::own::OwnWrite;
use crate::pg::direct::{self, Source};
use crate::pg::fit::Column;
use crate::pg::sql::{Arg, Session, Statement};
use crate::pg::subtransaction::attempt;

pub const TABLE: &CStr = c"user_aliases";

/// An alias, and whose it is.
pub type Pair = (String, String);

/// The aliases of pairs.
pub fn names(pairs: &[Pair]) -> HashSet<&str> {
    pairs.iter().map(|(alias, _)| alias.as_str()).collect()
}

static OF: Statement = Statement::new(
    "SELECT a.alias, a.user_id FROM unnest($1) u
     CROSS JOIN LATERAL (SELECT o.alias, o.user_id FROM {s}.user_aliases o
                         WHERE o.alias = u AND o.user_id <> u LIMIT 1) a",
    &[pg_sys::TEXTARRAYOID],
);

static ALIASES: Source<1> = Source {
    table: TABLE,
    key: &[Column::user(c"alias")],
    compared: 1,
    columns: [Column::user(c"user_id")],
};

/// Which of `users`, who have no contact, are aliases, and whose.
pub fn of(session: &Session, users: &[&str]) -> Vec<Pair> {
    if users.is_empty() || direct::is_empty(session, TABLE) {
        return Vec::new();
    }
    if let [user] = users
        && let Some(whose) = whose_directly(session, user)
    {
        let whose = whose.filter(|whose| whose != user);
        return whose
            .map(|whose| ((*user).to_owned(), whose))
            .into_iter()
            .collect();
    }
    let rows = session.execute(&OF, &[Arg::Texts(users)]);
    let pair = |row| Some((rows.text(row, 1)?.to_owned(), rows.text(row, 2)?.to_owned()));
    (0..rows.len()).filter_map(pair).collect()
}

/// The user whose other id that is, without SQL; `None` where that cannot be done.
fn whose_directly(session: &Session, alias: &str) -> Option<Option<String>> {
    let found = direct::find(session.direct()?, &ALIASES, alias, |row| {
        row.text(0).map(str::to_owned)
    })?;
    Some(found.flatten())
}

static OF_USER: Statement = Statement::new(
    "SELECT a.alias FROM {s}.user_aliases a WHERE a.user_id = $1 ORDER BY a.alias",
    &[pg_sys::TEXTOID],
);

/// The other ids of a user.
pub fn of_user(session: &Session, user: &str) -> Vec<String> {
    if direct::is_empty(session, TABLE) {
        return Vec::new();
    }
    let rows = session.execute(&OF_USER, &[Arg::Text(user)]);
    let alias = |row| rows.text(row, 1).map(str::to_owned);
    (0..rows.len()).filter_map(alias).collect()
}

/// Pairs are flat: whose an alias is is no alias. Somebody may make one of them meanwhile, and then of
/// that one; but whoever follows them further follows a circle that was written by hand.
pub const ROUNDS: usize = 4;

/// The same of names that stand in byte order elsewhere.
pub fn replace_each<'a>(mut users: Vec<&'a str>, aliases: &'a [Pair]) -> Vec<&'a str> {
    if aliases.is_empty() {
        return users;
    }
    let whose: HashMap<&str, &str> = aliases
        .iter()
        .map(|(alias, user)| (alias.as_str(), user.as_str()))
        .collect();
    for user in &mut users {
        if let Some(other) = whose.get(user) {
            *user = other;
        }
    }
    users.sort_unstable();
    users.dedup();
    users
}

/// The same users with the users in the place of aliases, each once, in byte order.
pub fn replace(mut users: Vec<String>, aliases: &[Pair]) -> Vec<String> {
    if aliases.is_empty() {
        return users;
    }
    let whose: HashMap<&str, &str> = aliases
        .iter()
        .map(|(alias, user)| (alias.as_str(), user.as_str()))
        .collect();
    for user in &mut users {
        if let Some(other) = whose.get(user.as_str()) {
            *user = (*other).to_owned();
        }
    }
    users.sort_unstable();
    users.dedup();
    users
}

/// An event, by the name that it is stored under, and whose it is to be.
pub type Late<'a> = (i64, &'a str, &'a str);

/// What an idempotency key says twice is one event: that which is the user's already, or comes first.
/// Rows are taken by their places, so that no plan can read more of the events than these.
static MOVE: Statement = Statement::new(
    "WITH late AS MATERIALIZED (
         SELECT p.n, p.user_id, e.place, e.part, e.key IS NOT NULL AND (
                    row_number() OVER (PARTITION BY p.user_id, e.key ORDER BY p.n) > 1
                    OR coalesce((SELECT true FROM {s}.user_events o
                                 WHERE o.user_id = p.user_id AND o.idempotency_key = e.key LIMIT 1), false)) AS again
         FROM unnest($1, $2, $3) WITH ORDINALITY AS p (id, alias, user_id, n)
         CROSS JOIN LATERAL (SELECT o.ctid AS place, o.tableoid AS part, o.idempotency_key AS key
                             FROM {s}.user_events o WHERE o.id = p.id AND o.user_id = p.alias LIMIT 1) e
     ), dropped AS (
         DELETE FROM {s}.user_events e USING late l WHERE l.again AND e.ctid = l.place AND e.tableoid = l.part
         RETURNING l.n
     ), moved AS (
         UPDATE {s}.user_events e SET user_id = l.user_id
         FROM late l WHERE NOT l.again AND e.ctid = l.place AND e.tableoid = l.part
         RETURNING l.n
     )
     SELECT m.n, true FROM moved m UNION ALL SELECT d.n, false FROM dropped d",
    &[
        pg_sys::INT8ARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
    ],
);

/// The same for one event that the user does not have already, at half the cost.
static MOVE_ONE: Statement = Statement::new(
    "UPDATE {s}.user_events e SET user_id = $3
     FROM (SELECT o.ctid AS place, o.tableoid AS part FROM {s}.user_events o
           WHERE o.id = $1 AND o.user_id = $2
             AND (o.idempotency_key IS NULL
                  OR NOT coalesce((SELECT true FROM {s}.user_events t
                                   WHERE t.user_id = $3 AND t.idempotency_key = o.idempotency_key LIMIT 1), false))
           LIMIT 1) l
     WHERE e.ctid = l.place AND e.tableoid = l.part
     RETURNING true",
    &[pg_sys::INT8OID, pg_sys::TEXTOID, pg_sys::TEXTOID],
);

/// Somebody else may store an event of the user with the same key at the same time; then that one is there
/// the next time.
const TRIES: usize = 3;

/// What became of an event of an alias.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Moved,
    /// The user has it already, and it is gone.
    Dropped,
    /// It is where it was: a trigger or a rule of the user's has it so.
    Kept,
}

/// Makes events those of the users whose they are; tells of each what became of it.
///
/// # Errors
///
/// Why they could not be moved; nothing is done then.
pub fn move_events(session: &Session, events: &[Late]) -> Result<Vec<Fate>, String> {
    let ids: Vec<_> = events.iter().map(|(id, ..)| *id).collect();
    let aliases: Vec<_> = events.iter().map(|(_, alias, _)| *alias).collect();
    let users: Vec<_> = events.iter().map(|(.., user)| *user).collect();
    let arguments = [Arg::BigInts(&ids), Arg::Texts(&aliases), Arg::Texts(&users)];
    let attempt_once = || {
        attempt(|| {
            Session::write(session.context(), |session| {
                let _own = OwnWrite::begin();
                if let [(id, alias, user)] = *events {
                    let event = [Arg::BigInt(id), Arg::Text(alias), Arg::Text(user)];
                    if !session.execute(&MOVE_ONE, &event).is_empty() {
                        return vec![Fate::Moved];
                    }
                }
                let rows = session.execute(&MOVE, &arguments);
                let mut fates = vec![Fate::Kept; events.len()];
                for row in 0..rows.len() {
                    if let Some(n) = rows.bigint(row, 1) {
                        fates[n as usize - 1] = match rows.bool(row, 2) {
                            Some(true) => Fate::Moved,
                            _ => Fate::Dropped,
                        };
                    }
                }
                fates
            })
        })
    };
    let mut result = attempt_once();
    for _ in 1..TRIES {
        if result.is_ok() {
            break;
        }
        result = attempt_once();
    }
    result
}

static CLAIM: Statement = Statement::new(
    "SELECT a.alias, a.user_id FROM {s}.user_aliases a WHERE a.alias = ANY ($1) FOR UPDATE OF a SKIP LOCKED",
    &[pg_sys::TEXTARRAYOID],
);

/// Locks those of `names` that are aliases and that nobody else has locked, to the end of the transaction:
/// they remain what they are so long.
pub fn claim(session: &Session, names: &[&str]) -> Vec<Pair> {
    let rows = session.execute(&CLAIM, &[Arg::Texts(names)]);
    let pair = |row| Some((rows.text(row, 1)?.to_owned(), rows.text(row, 2)?.to_owned()));
    (0..rows.len()).filter_map(pair).collect()
}

/// Everything under the names, as in [`MOVE`].
static MOVE_ALL: Statement = Statement::new(
    "WITH late AS MATERIALIZED (
         SELECT p.user_id, e.id, e.event, e.occurred_at, e.place, e.part, e.key IS NOT NULL AND (
                    row_number() OVER (PARTITION BY p.user_id, e.key ORDER BY e.id) > 1
                    OR coalesce((SELECT true FROM {s}.user_events o
                                 WHERE o.user_id = p.user_id AND o.idempotency_key = e.key LIMIT 1), false)) AS again
         FROM unnest($1, $2) AS p (alias, user_id)
         CROSS JOIN LATERAL (SELECT o.ctid AS place, o.tableoid AS part, o.id, o.event, o.occurred_at, o.idempotency_key AS key
                             FROM {s}.user_events o WHERE o.user_id = p.alias OFFSET 0) e
     ), dropped AS (
         DELETE FROM {s}.user_events e USING late l WHERE l.again AND e.ctid = l.place AND e.tableoid = l.part
         RETURNING l.user_id, l.id
     ), moved AS (
         UPDATE {s}.user_events e SET user_id = l.user_id
         FROM late l WHERE NOT l.again AND e.ctid = l.place AND e.tableoid = l.part
         RETURNING l.user_id, l.id, l.event, l.occurred_at
     )
     SELECT m.user_id, m.id, m.event, m.occurred_at FROM moved m
     UNION ALL SELECT d.user_id, d.id, NULL, NULL FROM dropped d",
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTARRAYOID],
);
static REQUEUE: Statement = Statement::new(
    "UPDATE {s}.user_queue q SET user_id = w.user_id
     FROM (SELECT p.user_id, o.place, o.part FROM unnest($1, $2) AS p (alias, user_id)
           CROSS JOIN LATERAL (SELECT o.ctid AS place, o.tableoid AS part
                               FROM {s}.user_queue o WHERE o.user_id = p.alias OFFSET 0) o) w
     WHERE q.ctid = w.place AND q.tableoid = w.part",
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTARRAYOID],
);
/// What the queue does not tell of yet is told; of what is gone it tells no more.
static TELL: Statement = Statement::new(
    "INSERT INTO {s}.user_queue (user_id, what, name, event_id, occurred_at, queued_at)
     SELECT m.user_id, 'inserted', m.event, m.id, m.occurred_at, $5
     FROM unnest($1, $2, $3, $4) AS m (user_id, id, event, occurred_at)
     WHERE NOT starts_with(m.event, 'bucket:')
       AND NOT coalesce((SELECT true FROM {s}.user_queue q
                         WHERE q.user_id = m.user_id AND q.event_id = m.id LIMIT 1), false)
     ORDER BY m.id",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::INT8ARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZARRAYOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);
static UNTELL: Statement = Statement::new(
    "DELETE FROM {s}.user_queue q
     USING unnest($1, $2) AS d (user_id, id)
     CROSS JOIN LATERAL (SELECT o.ctid AS place, o.tableoid AS part
                         FROM {s}.user_queue o WHERE o.user_id = d.user_id AND o.event_id = d.id OFFSET 0) o
     WHERE q.ctid = o.place AND q.tableoid = o.part",
    &[pg_sys::TEXTARRAYOID, pg_sys::INT8ARRAYOID],
);

/// Makes everything under aliases that are claimed the users': events, and what waits in the queue. The queue then
/// tells of the events.
pub fn bring_home(session: &Session, pairs: &[Pair], now: Instant) {
    if pairs.is_empty() {
        return;
    }
    let _own = OwnWrite::begin();
    let aliases: Vec<&str> = pairs.iter().map(|(alias, _)| alias.as_str()).collect();
    let users: Vec<&str> = pairs.iter().map(|(_, user)| user.as_str()).collect();
    let of_pairs = [Arg::Texts(&aliases), Arg::Texts(&users)];
    session.execute(&REQUEUE, &of_pairs);
    let rows = session.execute(&MOVE_ALL, &of_pairs);
    let (moved, dropped): (Vec<usize>, Vec<usize>) =
        (0..rows.len()).partition(|row| rows.text(*row, 3).is_some());
    let users =
        |of: &[usize]| -> Vec<&str> { of.iter().filter_map(|row| rows.text(*row, 1)).collect() };
    let ids =
        |of: &[usize]| -> Vec<i64> { of.iter().filter_map(|row| rows.bigint(*row, 2)).collect() };
    if !dropped.is_empty() {
        let arguments = [Arg::Texts(&users(&dropped)), Arg::BigInts(&ids(&dropped))];
        session.execute(&UNTELL, &arguments);
    }
    if !moved.is_empty() {
        let names: Vec<&str> = moved.iter().filter_map(|row| rows.text(*row, 3)).collect();
        let instants: Vec<_> = moved.iter().map(|row| rows.instant(*row, 4)).collect();
        let arguments = [
            Arg::Texts(&users(&moved)),
            Arg::BigInts(&ids(&moved)),
            Arg::Texts(&names),
            Arg::Instants(&instants),
            Arg::Instant(now),
        ];
        session.execute(&TELL, &arguments);
    }
}

/// A pair is seen by others a little before what they remember of contacts is called back, which happens
/// before its transaction gives up its own lock.
static FIRST_SEEN: Statement = Statement::new(
    "UPDATE {s}.user_aliases a SET open_until = pg_snapshot_xmax(pg_current_snapshot())
     WHERE a.alias = ANY (ARRAY(
         SELECT o.alias FROM {s}.user_aliases o
         WHERE o.open_until = '0' AND NOT EXISTS (
             SELECT FROM pg_locks l WHERE l.locktype = 'transactionid' AND l.transactionid = o.xmin AND l.granted)
         LIMIT $1 FOR UPDATE OF o SKIP LOCKED))
     RETURNING a.alias",
    &[pg_sys::INT8OID],
);
static RIPE: Statement = Statement::new(
    "UPDATE {s}.user_aliases a SET open_until = NULL
     WHERE a.alias = ANY (ARRAY(
         SELECT o.alias FROM {s}.user_aliases o
         WHERE o.open_until > '0' AND o.open_until <= pg_snapshot_xmin(pg_current_snapshot())
         ORDER BY o.open_until LIMIT $1 FOR UPDATE OF o SKIP LOCKED))
     RETURNING a.alias",
    &[pg_sys::INT8OID],
);

/// Aliases that nobody has seen since they were made.
pub fn first_seen(session: &Session, most: i64) -> Vec<String> {
    looked_at(session, &FIRST_SEEN, most)
}

/// Aliases to which no transaction can add any more that began before they were seen. They are looked at for the
/// last time.
pub fn ripe(session: &Session, most: i64) -> Vec<String> {
    looked_at(session, &RIPE, most)
}

static REOPEN: Statement = Statement::new(
    "UPDATE {s}.user_aliases a SET open_until = '0' WHERE a.alias = ANY ($1)",
    &[pg_sys::TEXTARRAYOID],
);

/// Has aliases looked at again.
pub fn reopen(session: &Session, names: &[&str]) {
    session.execute(&REOPEN, &[Arg::Texts(names)]);
}

fn looked_at(session: &Session, statement: &'static Statement, most: i64) -> Vec<String> {
    let rows = session.execute(statement, &[Arg::BigInt(most)]);
    let alias = |row| rows.text(row, 1).map(str::to_owned);
    (0..rows.len()).filter_map(alias).collect()
}
