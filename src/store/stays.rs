//! Reading stays and timers.

mod directly;

use std::collections::{BTreeMap, HashSet};

use hogsend_core::criteria::Membership;
use hogsend_core::stay::{Ended, Reason, Stay};
use hogsend_core::time::Instant;
use pgrx::pg_sys;

use crate::pg::direct::{Latest, Place, Table};
use crate::pg::sql::{Arg, Rows, Session, Statement};
use directly::STAYS;
pub use directly::{OfUser, latest_directly, of_user_directly, of_users_directly};

/// Stands for every bucket in table `bucket_timers`: the user is queued for a fresh look.
pub const EVERY_BUCKET: &str = "*";

/// What is stored of one (user, bucket) pair.
#[derive(Default, Clone)]
pub struct Stored {
    /// The active stay; or, where it was asked for, the latest one that has ended.
    pub stay: Option<Stay>,
    pub timer: Option<Instant>,
    /// Where the stay was read, if it was fetched by index.
    pub place: Option<Place>,
}

macro_rules! stay_columns {
    () => {
        "m.entry_count, m.entered_at, m.max_dwell_at, m.dwell_anchor_at,
         CASE WHEN m.dwell_counts <> '{}' THEN m.dwell_counts::text END,
         m.left_at, m.left_reason"
    };
}

static ACTIVE_OF_ONE: Statement = Statement::new(
    concat!(
        "SELECT m.bucket_id, ",
        stay_columns!(),
        " FROM {s}.bucket_memberships m
          WHERE m.user_id = $1 AND m.bucket_id = ANY ($2) AND m.status = 'active'"
    ),
    &[pg_sys::TEXTOID, pg_sys::TEXTARRAYOID],
);
static TIMERS_OF_ONE: Statement = Statement::new(
    "SELECT t.bucket_id, t.due_at FROM {s}.bucket_timers t
     WHERE t.user_id = $1 AND t.bucket_id = ANY ($2)",
    &[pg_sys::TEXTOID, pg_sys::TEXTARRAYOID],
);

/// The active stay and the timer of each of a user's pairs, in the order asked.
pub fn of_user(session: &Session, user: &str, buckets: &[&str]) -> Vec<Stored> {
    let mut stored = vec![Stored::default(); buckets.len()];
    let place = |bucket: Option<&str>| buckets.iter().position(|b| Some(*b) == bucket);
    let arguments = [Arg::Text(user), Arg::Texts(buckets)];
    let rows = session.execute(&ACTIVE_OF_ONE, &arguments);
    for row in 0..rows.len() {
        if let Some(place) = place(rows.text(row, 1)) {
            stored[place].stay = stay(&rows, row, 2);
        }
    }
    let rows = session.execute(&TIMERS_OF_ONE, &arguments);
    for row in 0..rows.len() {
        if let Some(place) = place(rows.text(row, 1)) {
            stored[place].timer = rows.instant(row, 2);
        }
    }
    stored
}

static OF_PAIRS: Statement = Statement::new(
    concat!(
        "SELECT q.n, t.due_at, ",
        stay_columns!(),
        " FROM unnest($1, $2) WITH ORDINALITY AS q (user_id, bucket_id, n)
          LEFT JOIN LATERAL (
              SELECT m.* FROM {s}.bucket_memberships m
              WHERE m.user_id = q.user_id AND m.bucket_id = q.bucket_id
              ORDER BY m.entry_count DESC LIMIT 1) m ON true
          LEFT JOIN LATERAL (
              SELECT t.due_at FROM {s}.bucket_timers t
              WHERE t.user_id = q.user_id AND t.bucket_id = q.bucket_id LIMIT 1) t ON true"
    ),
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTARRAYOID],
);

/// The latest stay, active or ended, and the timer of each pair, in the order asked.
pub fn of_pairs(session: &Session, users: &[&str], buckets: &[&str]) -> Vec<Stored> {
    let mut stored = vec![Stored::default(); users.len()];
    let rows = session.execute(&OF_PAIRS, &[Arg::Texts(users), Arg::Texts(buckets)]);
    for row in 0..rows.len() {
        if let Some(n) = rows.bigint(row, 1) {
            stored[n as usize - 1] = Stored {
                timer: rows.instant(row, 2),
                stay: stay(&rows, row, 3),
                place: None,
            };
        }
    }
    stored
}

static LATEST: Statement = Statement::new(
    concat!(
        "SELECT q.n, ",
        stay_columns!(),
        " FROM unnest($1, $2) WITH ORDINALITY AS q (user_id, bucket_id, n)
          CROSS JOIN LATERAL (
              SELECT m.* FROM {s}.bucket_memberships m
              WHERE m.user_id = q.user_id AND m.bucket_id = q.bucket_id
              ORDER BY m.entry_count DESC LIMIT 1) m"
    ),
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTARRAYOID],
);

/// The latest stay of each pair, active or ended, in the order asked.
pub fn latest(session: &Session, users: &[&str], buckets: &[&str]) -> Vec<Option<Stay>> {
    let mut latest = vec![None; users.len()];
    if users.is_empty() {
        return latest;
    }
    let rows = session.execute(&LATEST, &[Arg::Texts(users), Arg::Texts(buckets)]);
    for row in 0..rows.len() {
        if let Some(n) = rows.bigint(row, 1) {
            latest[n as usize - 1] = stay(&rows, row, 2);
        }
    }
    latest
}

static AS_OF: Statement = Statement::new(
    "SELECT q.n, m.entered_at, m.left_at
     FROM unnest($2) WITH ORDINALITY AS q (bucket_id, n)
     CROSS JOIN LATERAL (
         SELECT m.entered_at, m.left_at FROM {s}.bucket_memberships m
         WHERE m.user_id = $1 AND m.bucket_id = q.bucket_id AND m.entered_at <= $3
         ORDER BY m.entry_count DESC LIMIT 1) m",
    &[
        pg_sys::TEXTOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

/// How a user stood with buckets at an instant of the past.
pub fn as_of(session: &Session, user: &str, buckets: &[&str], at: Instant) -> Vec<Membership> {
    let arguments = [Arg::Text(user), Arg::Texts(buckets), Arg::Instant(at)];
    let rows = session.execute(&AS_OF, &arguments);
    let mut standing = vec![Membership::Never; buckets.len()];
    for row in 0..rows.len() {
        if let (Some(n), Some(entered_at)) = (rows.bigint(row, 1), rows.instant(row, 2)) {
            standing[n as usize - 1] = match rows.instant(row, 3).filter(|left| *left <= at) {
                Some(left_at) => Membership::Left { since: left_at },
                None => Membership::Member { since: entered_at },
            };
        }
    }
    standing
}

static LATEST_OF_USERS: Statement = Statement::new(
    concat!(
        "SELECT DISTINCT ON (m.user_id, m.bucket_id) m.user_id, m.bucket_id, ",
        stay_columns!(),
        " FROM {s}.bucket_memberships m WHERE m.user_id = ANY ($1)
          ORDER BY m.user_id, m.bucket_id, m.entry_count DESC"
    ),
    &[pg_sys::TEXTARRAYOID],
);

/// The latest stays of users in each bucket in which they have ever been: (user, bucket, stay).
pub fn latest_of_users(session: &Session, users: &[&str]) -> Vec<(String, String, Stay)> {
    named(&session.execute(&LATEST_OF_USERS, &[Arg::Texts(users)]))
}

// Not by status: with that the planner may take the index by bucket, while the table is small, and
// keep the plan when it no longer is.
static ACTIVE_OF_USERS: Statement = Statement::new(
    concat!(
        "SELECT m.user_id, m.bucket_id, ",
        stay_columns!(),
        " FROM {s}.bucket_memberships m WHERE m.user_id = ANY ($1) AND m.left_at IS NULL"
    ),
    &[pg_sys::TEXTARRAYOID],
);

/// The active stays of users in whatever bucket: (user, bucket, stay).
pub fn active_of_users(session: &Session, users: &[&str]) -> Vec<(String, String, Stay)> {
    if users.is_empty() {
        return Vec::new();
    }
    named(&session.execute(&ACTIVE_OF_USERS, &[Arg::Texts(users)]))
}

/// From a user on, so that whoever ends the stays does not pass over those ended before; by rows, as
/// above.
static ACTIVE_OF_BUCKET: Statement = Statement::new(
    concat!(
        "SELECT m.user_id, m.bucket_id, ",
        stay_columns!(),
        " FROM {s}.bucket_memberships m
          WHERE m.status = 'active' AND (m.bucket_id, m.user_id) >= ($1, $2) AND m.bucket_id <= $1
          ORDER BY m.bucket_id, m.user_id LIMIT $3"
    ),
    &[pg_sys::TEXTOID, pg_sys::TEXTOID, pg_sys::INT8OID],
);

/// The active stays in a bucket of the next users from a given one on, at most `limit`.
pub fn active_of_bucket(
    session: &Session,
    bucket: &str,
    from: &str,
    limit: i64,
) -> Vec<(String, String, Stay)> {
    let arguments = [Arg::Text(bucket), Arg::Text(from), Arg::BigInt(limit)];
    named(&session.execute(&ACTIVE_OF_BUCKET, &arguments))
}

/// By rows, and in their order, because one index alone has it. By columns it would be any of them,
/// and that of the users has the stays in all other buckets too.
static ACTIVE_IN_STRETCH: Statement = Statement::new(
    "SELECT m.user_id FROM {s}.bucket_memberships m
     WHERE m.status = 'active'
       AND (m.bucket_id, m.user_id) >= ($1, $2) AND (m.bucket_id, m.user_id) <= ($1, $3)
     ORDER BY m.bucket_id, m.user_id",
    &[pg_sys::TEXTOID, pg_sys::TEXTOID, pg_sys::TEXTOID],
);

/// Who is in the bucket, of all users from one to another.
pub fn active_in_stretch(
    session: &Session,
    bucket: &str,
    first: &str,
    last: &str,
) -> HashSet<String> {
    let rows = session.execute(
        &ACTIVE_IN_STRETCH,
        &[Arg::Text(bucket), Arg::Text(first), Arg::Text(last)],
    );
    (0..rows.len())
        .filter_map(|row| rows.text(row, 1).map(str::to_owned))
        .collect()
}

/// Stays in all buckets that are read in the time that it takes to look for those in one.
const READ_FOR_A_LOOK: usize = 4;
/// Of so many users the stays are read before it is asked whether it pays.
const TRIED: usize = 16;

/// Who of `users`, who stand in the order of the index, has ever been in the bucket; perhaps some others,
/// too. `None` where only SQL can tell.
pub fn ever_in_bucket(session: &Session, bucket: &str, users: &[&str]) -> Option<HashSet<String>> {
    let (Some(first), Some(last)) = (users.first(), users.last()) else {
        return Some(HashSet::new());
    };
    let table = Table::open(session.direct()?, &STAYS, false)?;
    let snapshot = Latest::take();
    let mut ever = HashSet::new();
    let (mut read, mut of, mut user) = (0, 0, String::new());
    let pays = |read: usize, of: usize| read <= READ_FOR_A_LOOK * users.len().min(of + TRIED);
    table.entries::<2>(&snapshot, (first, last), None, |row| {
        if let Some(next) = row.text(0).filter(|next| *next != user) {
            next.clone_into(&mut user);
            of += 1;
        }
        if row.text(1) == Some(bucket) {
            ever.insert(user.clone());
        }
        read += 1;
        pays(read, of)
    });
    if !pays(read, of) {
        // They have been in many, so that it is better to look at each.
        let keys: Vec<[&str; 2]> = users.iter().map(|user| [*user, bucket]).collect();
        let there = table.having(&snapshot, &keys).into_iter();
        ever.extend(there.map(|place| users[place].to_owned()));
    }
    snapshot.release();
    table.close();
    Some(ever)
}

static MEMBERS_WITHOUT_CONTACT: Statement = Statement::new(
    "SELECT m.user_id FROM {s}.bucket_memberships m
     LEFT JOIN LATERAL (SELECT true AS is_known FROM {s}.contacts c
                        WHERE c.user_id = m.user_id LIMIT 1) c ON true
     WHERE m.user_id >= $1 AND m.left_at IS NULL AND c.is_known IS NULL
     ORDER BY m.user_id LIMIT $2",
    &[pg_sys::TEXTOID, pg_sys::INT8OID],
);

/// Those of the next members from a given one on who have no contact row (after TRUNCATE contacts);
/// with at most `limit` stays, of which the last may not be all of its user's.
pub fn members_without_contact(session: &Session, from: &str, limit: i64) -> Vec<String> {
    let arguments = [Arg::Text(from), Arg::BigInt(limit)];
    let rows = session.execute(&MEMBERS_WITHOUT_CONTACT, &arguments);
    let users = (0..rows.len()).filter_map(|row| rows.text(row, 1).map(str::to_owned));
    let mut users: Vec<String> = users.collect();
    users.dedup();
    users
}

fn named(rows: &Rows) -> Vec<(String, String, Stay)> {
    (0..rows.len())
        .filter_map(|row| {
            let user = rows.text(row, 1)?.to_owned();
            let bucket = rows.text(row, 2)?.to_owned();
            Some((user, bucket, stay(rows, row, 3)?))
        })
        .collect()
}

/// Reads the columns of `stay_columns!`, of which the first is `first`.
fn stay(rows: &Rows, row: usize, first: usize) -> Option<Stay> {
    let reason = rows.text(row, first + 6).and_then(Reason::from_name);
    let left_at = rows.instant(row, first + 5);
    Some(Stay {
        entry_count: rows.int(row, first)?,
        entered_at: rows.instant(row, first + 1)?,
        max_dwell_at: rows.instant(row, first + 2),
        dwell_anchor_at: rows.instant(row, first + 3),
        dwell_counts: dwell_counts(rows.text(row, first + 4)),
        ended: left_at
            .zip(reason)
            .map(|(left_at, reason)| Ended { left_at, reason }),
    })
}

fn dwell_counts(json: Option<&str>) -> Vec<(String, i64)> {
    json.filter(|json| *json != "{}")
        .and_then(|json| serde_json::from_str::<BTreeMap<String, i64>>(json).ok())
        .map_or_else(Vec::new, |counts| counts.into_iter().collect())
}
