//! What was kept of other ids becomes the user's, a whole set of pairs at once: under the locks of the contacts
//! of all of them (I2 in doc/design.md).
//!
//! Pairs stand in the order in which the ids were named: where two of them have the same to say of a user,
//! the first is heard.

pub mod runs;

use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::{AtomicBool, Ordering};

use hogsend_core::time::Instant;
use pgrx::{PgSqlErrorCode, PgTryBuilder, pg_sys};

use super::by_size::{BySize, by_size};
use super::own::OwnWrite;
use super::timers::Quiet;
use super::{column, contacts, remembered, totals};
use crate::pg::direct;
use crate::pg::sql::{Arg, Session, Statement};
use crate::pg::subtransaction::{self, attempt};

/// Another id, and whose it is.
pub type Pair<'a> = (&'a str, &'a str);

const PAIRS: &[pg_sys::Oid] = &[pg_sys::TEXTARRAYOID, pg_sys::TEXTARRAYOID];
const PAIRS_AT: &[pg_sys::Oid] = &[
    pg_sys::TEXTARRAYOID,
    pg_sys::TEXTARRAYOID,
    pg_sys::TIMESTAMPTZOID,
];

static FOLLOW: BySize = by_size!(
    "UPDATE {s}.user_aliases a SET user_id = v.user_id FROM unnest($1, $2) AS v (alias, user_id)
     WHERE a.user_id = v.alias",
    "AND a.user_id = ANY ($1)",
    "",
    PAIRS,
);
static NOTE: Statement = Statement::new(
    "INSERT INTO {s}.user_aliases (alias, user_id, identified_at)
     SELECT v.alias, v.user_id, $3 FROM unnest($1, $2) AS v (alias, user_id)",
    PAIRS_AT,
);

/// Notes pairs. Ids that were an alias's follow it, so that all point to the last user.
fn note(session: &Session, count: usize, pairs: [Arg; 2], now: Instant) {
    FOLLOW.execute(session, count, &pairs);
    let [aliases, users] = pairs;
    session.execute(&NOTE, &[aliases, users, Arg::Instant(now)]);
}

/// What an idempotency key says under several names is one event: that of the user, or of the first name.
/// Within one name it may stand several times, in several partitions. With the limit no plan reads all events.
static DROP_REPEATED: BySize = by_size!(
    "WITH keyed AS MATERIALIZED (
         SELECT e.id, v.alias, v.user_id, v.n, e.idempotency_key AS key
         FROM unnest($1, $2) WITH ORDINALITY AS v (alias, user_id, n)
         CROSS JOIN LATERAL (SELECT o.id, o.idempotency_key FROM {s}.user_events o
                             WHERE o.user_id = v.alias AND o.idempotency_key IS NOT NULL OFFSET 0) e
     ), repeated AS MATERIALIZED (
         SELECT r.id, r.alias FROM (SELECT k.*, rank() OVER (PARTITION BY k.user_id, k.key ORDER BY k.n) AS place FROM keyed k) r
         WHERE r.place > 1
            OR (SELECT true FROM {s}.user_events o
                WHERE o.user_id = r.user_id AND o.idempotency_key = r.key LIMIT 1)
     )
     DELETE FROM {s}.user_events e USING repeated r WHERE e.user_id = r.alias AND e.id = r.id",
    "AND e.user_id = ANY ($1)",
    "",
    PAIRS,
);
static MOVE_EVENTS: BySize = by_size!(
    "UPDATE {s}.user_events e SET user_id = v.user_id FROM unnest($1, $2) AS v (alias, user_id)
     WHERE e.user_id = v.alias",
    "AND e.user_id = ANY ($1)",
    "",
    PAIRS,
);

static MOVE_QUEUE: BySize = by_size!(
    "UPDATE {s}.user_queue q SET user_id = v.user_id FROM unnest($1, $2) AS v (alias, user_id)
     WHERE q.user_id = v.alias",
    "AND q.user_id = ANY ($1)",
    "",
    PAIRS,
);

/// Who is a member is held out of nothing, whatever is written down.
static MOVE_HOLDOUTS: BySize = by_size!(
    "WITH moved AS (
         DELETE FROM {s}.bucket_holdouts h USING unnest($1, $2) AS v (alias, user_id)
         WHERE h.user_id = v.alias",
    "AND h.user_id = ANY ($1)",
    "RETURNING v.user_id, h.bucket_id
     )
     INSERT INTO {s}.bucket_holdouts (user_id, bucket_id)
     SELECT m.user_id, m.bucket_id FROM moved m ON CONFLICT DO NOTHING",
    PAIRS,
);

/// What the user has is theirs, and what is missing comes from the first id that has it.
static MERGE_CONTACTS: BySize = by_size!(
    "WITH given AS MATERIALIZED (
         SELECT v.user_id, v.n, c.email, c.properties, c.created_at
         FROM unnest($1, $2) WITH ORDINALITY AS v (alias, user_id, n)
         CROSS JOIN LATERAL (SELECT o.email, o.properties, o.created_at FROM {s}.contacts o
                             WHERE o.user_id = v.alias LIMIT 1) c
     ), plain AS (
         SELECT g.user_id, (array_agg(g.email ORDER BY g.n) FILTER (WHERE g.email IS NOT NULL))[1] AS email,
                min(g.created_at) AS created_at
         FROM given g GROUP BY g.user_id
     ), merged AS (
         SELECT g.user_id, jsonb_object_agg(p.key, p.value ORDER BY g.n DESC) AS properties
         FROM given g CROSS JOIN LATERAL jsonb_each(g.properties) p GROUP BY g.user_id
     )
     UPDATE {s}.contacts c
     SET email = coalesce(c.email, p.email), properties = coalesce(m.properties, '{}') || c.properties,
         created_at = least(c.created_at, p.created_at), updated_at = $3
     FROM plain p LEFT JOIN merged m ON m.user_id = p.user_id
     WHERE c.user_id = p.user_id
       AND (c.email IS NULL AND p.email IS NOT NULL OR coalesce(m.properties, '{}') || c.properties <> c.properties
            OR p.created_at < c.created_at)",
    "AND c.user_id = ANY ($2)",
    "",
    PAIRS_AT,
);
/// Somebody else may store an event of the user's with the same key at the same time; then that one is there the
/// next time.
const TRIES: usize = 3;

fn move_events(session: &Session, pairs: &[Pair]) {
    for _ in 1..TRIES {
        if !subtransaction::is_cheap() {
            break;
        }
        let is_there = AtomicBool::new(false);
        let moved = attempt(|| {
            PgTryBuilder::new(AssertUnwindSafe(|| {
                session.nested(|session| move_events_once(session, pairs))
            }))
            .catch_when(PgSqlErrorCode::ERRCODE_UNIQUE_VIOLATION, |error| {
                is_there.store(true, Ordering::Relaxed);
                error.rethrow()
            })
            .execute()
        });
        if moved.is_ok() {
            return;
        }
        if !is_there.load(Ordering::Relaxed) {
            break;
        }
    }
    move_events_once(session, pairs);
}

fn move_events_once(session: &Session, pairs: &[Pair]) {
    let _own = OwnWrite::begin();
    let (aliases, users) = (column(pairs, |pair| pair.0), column(pairs, |pair| pair.1));
    let both = [Arg::Texts(&aliases), Arg::Texts(&users)];
    DROP_REPEATED.execute(session, pairs.len(), &both);
    MOVE_EVENTS.execute(session, pairs.len(), &both);
}

/// Makes all but the stays and timers of other ids the users': events, what waits in the queue, who is held
/// out of query buckets, the contacts, which are gone then; and notes whose the ids are.
pub fn take_over(session: &Session, pairs: &[Pair], now: Instant) {
    let aliases = column(pairs, |pair| pair.0);
    let users = column(pairs, |pair| pair.1);
    let both = || [Arg::Texts(&aliases), Arg::Texts(&users)];
    let count = pairs.len();
    remembered::forget(aliases.iter().chain(&users).copied());
    let both_names: Vec<&str> = aliases.iter().chain(&users).copied().collect();
    totals::drop_of(session, &both_names);
    move_events(session, pairs);
    {
        let _own = OwnWrite::begin();
        let [aliases, users] = both();
        MERGE_CONTACTS.execute(session, count, &[aliases, users, Arg::Instant(now)]);
    }
    if !direct::is_empty(session, c"user_queue") {
        MOVE_QUEUE.execute(session, count, &both());
    }
    if !direct::is_empty(session, c"bucket_holdouts") {
        MOVE_HOLDOUTS.execute(session, count, &both());
    }
    contacts::unmake(session, &aliases);
    note(session, count, both(), now);
}

static DROP_TIMERS: Statement = Statement::new(
    "DELETE FROM {s}.bucket_timers t WHERE t.user_id = ANY ($1)
     RETURNING t.user_id, t.silent, t.muted",
    &[pg_sys::TEXTARRAYOID],
);

/// Removes the timers of ids; tells what was not to be said of whom by the looks that they would have brought.
pub fn drop_timers(session: &Session, aliases: &[&str]) -> HashMap<String, Quiet> {
    let rows = session.execute(&DROP_TIMERS, &[Arg::Texts(aliases)]);
    let mut quiet: HashMap<String, Quiet> = HashMap::new();
    for row in 0..rows.len() {
        let (silent, muted) = (
            rows.bool(row, 2) == Some(true),
            rows.bool(row, 3) == Some(true),
        );
        if let (Some(user), true) = (rows.text(row, 1), silent || muted) {
            let of_user = quiet.entry(user.to_owned()).or_default();
            of_user.silent |= silent;
            of_user.muted |= muted;
        }
    }
    quiet
}

/// A stay that gets another entry count, as the last of its user.
pub struct Renumbered<'a> {
    pub user: &'a str,
    pub bucket: &'a str,
    pub from: i32,
    pub to: i32,
}

static RENUMBER: BySize = by_size!(
    "UPDATE {s}.bucket_memberships m SET entry_count = v.new_count
     FROM unnest($1, $2, $3, $4) AS v (user_id, bucket_id, old_count, new_count)
     WHERE m.user_id = v.user_id AND m.bucket_id = v.bucket_id AND m.entry_count = v.old_count",
    "AND m.user_id = ANY ($1)",
    "",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT4ARRAYOID,
        pg_sys::INT4ARRAYOID,
    ],
);

/// The stays that another id had in a bucket.
pub struct Inherited<'a> {
    pub alias: &'a str,
    pub bucket: &'a str,
    pub user: &'a str,
    /// The entry count of the latest, as it was and as it is to be.
    pub latest: i32,
    pub entry_count: i32,
    /// By how much those of the others grow.
    pub behind: i32,
    /// The latest is active, and ends.
    pub ends: bool,
}

static MOVE_STAYS: BySize = by_size!(
    "UPDATE {s}.bucket_memberships m
     SET user_id = v.user_id,
         entry_count = CASE WHEN m.entry_count = v.latest THEN v.entry_count ELSE m.entry_count + v.behind END,
         status = CASE WHEN v.ends THEN 'left' ELSE m.status END,
         left_at = CASE WHEN v.ends AND m.left_at IS NULL THEN $8 ELSE m.left_at END,
         left_reason = CASE WHEN v.ends AND m.left_at IS NULL THEN 'merged' ELSE m.left_reason END,
         left_announced = CASE WHEN v.ends AND m.left_at IS NULL THEN false ELSE m.left_announced END
     FROM unnest($1, $2, $3, $4, $5, $6, $7)
         AS v (alias, bucket_id, user_id, latest, entry_count, behind, ends)
     WHERE m.user_id = v.alias AND m.bucket_id = v.bucket_id",
    "AND m.user_id = ANY ($1)",
    "",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::INT4ARRAYOID,
        pg_sys::INT4ARRAYOID,
        pg_sys::INT4ARRAYOID,
        pg_sys::BOOLARRAYOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

/// Makes the stays of other ids the users', and those of the users last that are to be.
pub fn inherit(
    session: &Session,
    renumbered: &[Renumbered],
    inherited: &[Inherited],
    now: Instant,
) {
    // First, because their numbers are what others get.
    if !renumbered.is_empty() {
        let arguments = [
            Arg::Texts(&column(renumbered, |r| r.user)),
            Arg::Texts(&column(renumbered, |r| r.bucket)),
            Arg::Ints(&column(renumbered, |r| r.from)),
            Arg::Ints(&column(renumbered, |r| r.to)),
        ];
        RENUMBER.execute(session, renumbered.len(), &arguments);
    }
    if !inherited.is_empty() {
        let arguments = [
            Arg::Texts(&column(inherited, |i| i.alias)),
            Arg::Texts(&column(inherited, |i| i.bucket)),
            Arg::Texts(&column(inherited, |i| i.user)),
            Arg::Ints(&column(inherited, |i| i.latest)),
            Arg::Ints(&column(inherited, |i| i.entry_count)),
            Arg::Ints(&column(inherited, |i| i.behind)),
            Arg::Bools(&column(inherited, |i| i.ends)),
            Arg::Instant(now),
        ];
        MOVE_STAYS.execute(session, inherited.len(), &arguments);
    }
}
