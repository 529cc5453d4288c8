//! Which ids of buckets are of a bucket that is gone: stays in it may be left, and a new bucket of that id
//! goes on from them.
//!
//! No index leads from a bucket to the stays in it that have ended, so that it would have to be asked of
//! each user. Instead `bucket_counts` has a row of each bucket that was deleted, if only one that counts
//! nothing.

use std::collections::HashSet;

use hogsend_core::time::Instant;
use pgrx::pg_sys;

use crate::pg::context::Context;
use crate::pg::sql::{Arg, Session, Statement};

static NOTE: Statement = Statement::new(
    "INSERT INTO {s}.bucket_counts (bucket_id, since) SELECT gone.id, $2 FROM unnest($1) AS gone (id)
     WHERE (SELECT true FROM {s}.bucket_counts c WHERE c.bucket_id = gone.id LIMIT 1) IS NULL",
    &[pg_sys::TEXTARRAYOID, pg_sys::TIMESTAMPTZOID],
);
static NOTE_ALL: Statement = Statement::new(
    "INSERT INTO {s}.bucket_counts (bucket_id, since) SELECT gone.id, $1 FROM {s}.buckets gone
     WHERE (SELECT true FROM {s}.bucket_counts c WHERE c.bucket_id = gone.id LIMIT 1) IS NULL",
    &[pg_sys::TIMESTAMPTZOID],
);

/// Notes that buckets are deleted; what was counted of one is as good a mark.
pub fn note(session: &Session, buckets: &[&str], now: Instant) {
    if exists(session.context()) && !buckets.is_empty() {
        session.execute(&NOTE, &[Arg::Texts(buckets), Arg::Instant(now)]);
    }
}

/// The same of all that there are.
pub fn note_all(session: &Session, now: Instant) {
    if exists(session.context()) {
        session.execute(&NOTE_ALL, &[Arg::Instant(now)]);
    }
}

/// Of each of some ids one row is enough. Members by rows, and in their order, because one index alone has
/// it.
static KNOWN: Statement = Statement::new(
    "SELECT q.id FROM unnest($1) AS q (id)
     LEFT JOIN LATERAL (
         SELECT true AS known FROM {s}.bucket_counts c WHERE c.bucket_id = q.id LIMIT 1) c ON true
     LEFT JOIN LATERAL (
         SELECT true AS known FROM {s}.bucket_memberships m
         WHERE m.status = 'active' AND (m.bucket_id, m.user_id) >= (q.id, '') AND m.bucket_id <= q.id
         ORDER BY m.bucket_id, m.user_id LIMIT 1) m ON true
     WHERE c.known OR m.known",
    &[pg_sys::TEXTARRAYOID],
);

/// Those of some new buckets in which somebody is already, or may have been: their ids are of earlier ones.
/// Of a bucket that was deleted while triggers were off, or whose mark is gone, nobody knows: whoever rests on
/// it has to be told by a conflict.
pub fn of_earlier(session: &Session, buckets: &[&str]) -> HashSet<String> {
    if !exists(session.context()) {
        return buckets.iter().map(|id| (*id).to_owned()).collect();
    }
    let rows = session.execute(&KNOWN, &[Arg::Texts(buckets)]);
    (0..rows.len())
        .filter_map(|row| rows.text(row, 1).map(str::to_owned))
        .collect()
}

/// Tables of an earlier release have none.
fn exists(context: &Context) -> bool {
    context.table(c"bucket_counts") != pg_sys::InvalidOid
}
