//! What is to be set right after the system's clock was ahead.
//!
//! Whoever was moved by an instant that has not come shows it; but of those who were looked at and not
//! moved nobody knows, and their timers may be gone. So everybody is looked at again.

use hogsend_core::time::{Instant, Span};
use pgrx::pg_sys;

use crate::pg::sql::{Arg, Session, Statement};
use crate::store::{remembered, runs};

/// A look that failed is put off for no longer than this.
const PUT_OFF: Span = Span::HOUR;

static OPEN: Statement = Statement::new(
    "SELECT count(*) FROM {s}.bucket_jobs j WHERE j.status <> 'done'",
    &[],
);
static CLAIM: Statement = Statement::new(
    "SELECT j.id FROM {s}.bucket_jobs j WHERE j.status <> 'done' FOR UPDATE SKIP LOCKED",
    &[],
);
static BEGIN: Statement = Statement::new(
    "WITH again AS (
         UPDATE {s}.bucket_jobs j
         SET status = 'pending', announces = (j.mode = 'review'), reached = NULL, processed = 0, total = NULL,
             error = NULL, finished_at = NULL, moved_at = $1
         WHERE j.status <> 'done'
         RETURNING j.bucket_id
     )
     INSERT INTO {s}.bucket_jobs (bucket_id, mode, announces, moved_at)
     SELECT b.id, 'review', true, $1 FROM {s}.buckets b
     WHERE b.enabled AND b.id NOT IN (SELECT a.bucket_id FROM again a)",
    &[pg_sys::TIMESTAMPTZOID],
);
static REQUEUE: Statement = Statement::new(
    "UPDATE {s}.bucket_timers t SET due_at = $1
     WHERE t.ctid = ANY (ARRAY(
         SELECT q.ctid FROM {s}.bucket_timers q
         WHERE q.due_at > $1 AND q.due_at <= $2 AND q.bucket_id = '*' FOR UPDATE SKIP LOCKED))
       AND (t.due_at > $1 AND t.due_at <= $2 AND t.bucket_id = '*') IS TRUE",
    &[pg_sys::TIMESTAMPTZOID, pg_sys::TIMESTAMPTZOID],
);

/// Sets runs of journeys right, and has everybody looked at again, in every bucket; and at once those who were queued for a look by a
/// clock that had come as far as `ahead`. Says whether there is anything to be done; `None`, and nothing is
/// begun, while somebody else works on a job: they may be waiting for a user whom we have locked; or while runs are
/// left.
pub fn begin(session: &Session, now: Instant, ahead: Instant) -> Option<bool> {
    let open = session.execute(&OPEN, &[]).bigint(0, 1).unwrap_or(0);
    if session.execute(&CLAIM, &[]).len() as i64 != open {
        return None;
    }
    if !runs::ahead::redate(session, now) {
        return None;
    }
    let begun = session.execute(&BEGIN, &[Arg::Instant(now)]).processed;
    let until = ahead.plus(PUT_OFF);
    let queued = session.execute(&REQUEUE, &[Arg::Instant(now), Arg::Instant(until)]);
    Some(open > 0 || begun > 0 || queued.processed > 0)
}

static REDATE: Statement = Statement::new(
    "UPDATE {s}.bucket_memberships m
     SET max_dwell_at = m.max_dwell_at
             - make_interval(secs => greatest(extract(epoch FROM m.entered_at - $3), 0)::float8),
         dwell_anchor_at = CASE WHEN m.dwell_anchor_at <= $3 THEN m.dwell_anchor_at END,
         entered_at = least(m.entered_at, $3),
         left_at = CASE WHEN m.left_at IS NOT NULL THEN least(m.left_at, $3) END
     FROM unnest($1, $2) AS k (user_id, bucket_id)
     WHERE m.user_id = k.user_id AND m.bucket_id = k.bucket_id AND (m.entered_at > $3 OR m.left_at > $3)",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTARRAYOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

/// Stores stays as [`hogsend_core::stay::Stay::redate`] has them.
pub fn redate(session: &Session, pairs: &[(&str, &str)], now: Instant) {
    if pairs.is_empty() {
        return;
    }
    let users: Vec<_> = pairs.iter().map(|pair| pair.0).collect();
    let buckets: Vec<_> = pairs.iter().map(|pair| pair.1).collect();
    remembered::forget(users.iter().copied());
    session.execute(
        &REDATE,
        &[Arg::Texts(&users), Arg::Texts(&buckets), Arg::Instant(now)],
    );
}
