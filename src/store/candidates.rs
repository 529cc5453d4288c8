//! Whom a bucket could be about: walking over contacts in the order of their ids, and counting.

use pgrx::pg_sys;

use crate::registry::Bucket;
use crate::sql::{Arg, Session, Statement};

static IDS: Statement = Statement::new(
    "SELECT c.user_id FROM {s}.contacts c WHERE c.user_id >= $1 ORDER BY c.user_id LIMIT $2",
    &[pg_sys::TEXTOID, pg_sys::INT8OID],
);

/// The ids of the next `limit` contacts after a given one.
pub fn ids(session: &Session, after: Option<&str>, limit: i64) -> Vec<String> {
    let (start, skip) = (after.unwrap_or(""), i64::from(after.is_some()));
    let rows = session.execute(&IDS, &[Arg::Text(start), Arg::BigInt(limit + skip)]);
    (0..rows.len())
        .filter_map(|row| rows.text(row, 1))
        .filter(|user| Some(*user) != after)
        .map(str::to_owned)
        .collect()
}

fn event_names(bucket: &Bucket) -> Vec<&str> {
    let needs = bucket.criteria.iter().flat_map(|c| c.events());
    needs.map(|need| need.event.as_str()).collect()
}

static COUNT_CONTACTS: Statement = Statement::new(
    "SELECT count(*) FROM (SELECT FROM {s}.contacts c LIMIT $1) c",
    &[pg_sys::INT8OID],
);
/// The look-up is a LATERAL with a LIMIT and by equality, because the planner would rather read all
/// events, or all events of a user, than look up what is asked for.
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

/// How many contacts there are; of more than `most`, one more than that.
pub fn contacts_up_to(session: &Session, most: i64) -> i64 {
    let enough = Arg::BigInt(most.saturating_add(1));
    count(session, &COUNT_CONTACTS, &[enough])
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
