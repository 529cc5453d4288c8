//! Whom a bucket could be about: walking over contacts in the order of their ids.
//!
//! Every look-up is a LATERAL with a LIMIT and by equality, because the planner would rather read
//! all events once for each chunk, or all events of a user, than look up what is asked for.

use pgrx::pg_sys;

use crate::registry::Bucket;
use crate::sql::{Arg, Session, Statement};

/// A stretch of contacts.
pub struct Stretch {
    /// Those of them who are in the bucket's scope or are members, in the order of the walk.
    pub candidates: Vec<String>,
    /// The last contact of the stretch; `None` when it is empty.
    pub last: Option<String>,
    /// How many contacts it has.
    pub len: i64,
}

macro_rules! everybody {
    ($range:literal) => {
        concat!(
            "SELECT c.user_id, c.deleted_at IS NULL FROM {s}.contacts c ",
            $range,
            " ORDER BY c.user_id LIMIT $1"
        )
    };
}
macro_rules! with_events {
    ($range:literal) => {
        concat!(
            "SELECT c.user_id, c.deleted_at IS NULL AND coalesce(e.found, m.found, false)
             FROM (SELECT c.user_id, c.deleted_at FROM {s}.contacts c ",
            $range,
            " ORDER BY c.user_id LIMIT $1) c
             LEFT JOIN LATERAL (
                 SELECT true AS found FROM unnest($2) AS name (event)
                 CROSS JOIN LATERAL (
                     SELECT FROM {s}.user_events e
                     WHERE e.user_id = c.user_id AND e.event = name.event LIMIT 1) e
                 LIMIT 1) e ON true
             LEFT JOIN LATERAL (
                 SELECT true AS found FROM {s}.bucket_memberships m
                 WHERE e.found IS NULL AND m.user_id = c.user_id AND m.bucket_id = $3
                   AND m.status = 'active' LIMIT 1) m ON true
             ORDER BY c.user_id"
        )
    };
}

static EVERYBODY_FIRST: Statement = Statement::new(everybody!(""), &[pg_sys::INT8OID]);
static EVERYBODY_NEXT: Statement = Statement::new(
    everybody!("WHERE c.user_id > $2"),
    &[pg_sys::INT8OID, pg_sys::TEXTOID],
);
static WITH_EVENTS_FIRST: Statement = Statement::new(
    with_events!(""),
    &[pg_sys::INT8OID, pg_sys::TEXTARRAYOID, pg_sys::TEXTOID],
);
static WITH_EVENTS_NEXT: Statement = Statement::new(
    with_events!("WHERE c.user_id > $4"),
    &[
        pg_sys::INT8OID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTOID,
        pg_sys::TEXTOID,
    ],
);

/// The next `limit` contacts after a given one. With `everybody` all of them are candidates, which
/// saves looking whether they are.
pub fn next(
    session: &Session,
    bucket: &Bucket,
    after: Option<&str>,
    limit: i64,
    everybody: bool,
) -> Stretch {
    let criteria = bucket.criteria.as_ref();
    let everybody = everybody || criteria.is_some_and(|c| c.has_property_leg());
    let events = event_names(bucket);
    let limit = Arg::BigInt(limit);
    let (texts, id) = (Arg::Texts(&events), Arg::Text(&bucket.id));
    let rows = match (everybody, after) {
        (true, None) => session.execute(&EVERYBODY_FIRST, &[limit]),
        (true, Some(after)) => session.execute(&EVERYBODY_NEXT, &[limit, Arg::Text(after)]),
        (false, None) => session.execute(&WITH_EVENTS_FIRST, &[limit, texts, id]),
        (false, Some(after)) => {
            session.execute(&WITH_EVENTS_NEXT, &[limit, texts, id, Arg::Text(after)])
        }
    };
    Stretch {
        candidates: (0..rows.len())
            .filter(|row| rows.bool(*row, 2) == Some(true))
            .filter_map(|row| rows.text(row, 1).map(str::to_owned))
            .collect(),
        last: rows
            .len()
            .checked_sub(1)
            .and_then(|row| rows.text(row, 1))
            .map(str::to_owned),
        len: rows.len() as i64,
    }
}

fn event_names(bucket: &Bucket) -> Vec<&str> {
    let needs = bucket.criteria.iter().flat_map(|c| c.events());
    needs.map(|need| need.event.as_str()).collect()
}

static COUNT_CONTACTS: Statement = Statement::new(
    "SELECT count(*) FROM (SELECT FROM {s}.contacts c LIMIT $1) c",
    &[pg_sys::INT8OID],
);
static COUNT_WITH_EVENTS: Statement = Statement::new(
    "SELECT count(*) FROM (
         SELECT FROM {s}.contacts c
         CROSS JOIN LATERAL (
             SELECT FROM unnest($2) AS name (event)
             CROSS JOIN LATERAL (
                 SELECT FROM {s}.user_events e
                 WHERE e.user_id = c.user_id AND e.event = name.event LIMIT 1) e
             LIMIT 1) e
         WHERE c.deleted_at IS NULL LIMIT $1) c",
    &[pg_sys::INT8OID, pg_sys::TEXTARRAYOID],
);

/// How many contacts there are.
pub fn contacts(session: &Session) -> i64 {
    count(session, &COUNT_CONTACTS, &[Arg::BigInt(i64::MAX)])
}

/// Among more contacts than this, and than 20 times the limit, candidates are not counted, because
/// each contact must be looked up where they are rare, and all writers wait meanwhile.
const COUNTED_AMONG: i64 = 200_000;

/// Whether the bucket has more candidates than `limit`, or may have: among very many contacts
/// nobody counts.
pub fn may_be_more_than(session: &Session, bucket: &Bucket, limit: i64) -> bool {
    let most = limit.saturating_mul(20).max(COUNTED_AMONG);
    let enough = |n: i64| Arg::BigInt(n.saturating_add(1));
    let contacts = count(session, &COUNT_CONTACTS, &[enough(most)]);
    if contacts <= limit {
        return false;
    }
    let criteria = bucket.criteria.as_ref();
    if contacts > most || criteria.is_none_or(|c| c.has_property_leg()) {
        return true;
    }
    let events = event_names(bucket);
    count(
        session,
        &COUNT_WITH_EVENTS,
        &[enough(limit), Arg::Texts(&events)],
    ) > limit
}

fn count(session: &Session, statement: &'static Statement, arguments: &[Arg]) -> i64 {
    session
        .execute(statement, arguments)
        .bigint(0, 1)
        .unwrap_or(0)
}
