//! Table `bucket_jobs`: which buckets are being filled, and how far that has come.

use hogsend_core::stay::HELD_RETRY;
use hogsend_core::time::Instant;
use pgrx::pg_sys;

use crate::pg::settings;
use crate::pg::sql::{Arg, Rows, Session, Statement};

/// A job that is not done.
#[derive(Clone)]
pub struct Job {
    pub id: i64,
    pub bucket: String,
    /// `backfill`, `reevaluate`, `review`, or `correction`: a review that announces.
    pub mode: String,
    /// Whatever it moves is moved without a word.
    pub muted: bool,
    /// The last contact looked at.
    pub reached: Option<String>,
    /// Contacts there are to look at; `None` before the job has begun.
    pub total: Option<i64>,
    pub processed: i64,
    /// Rows of the queue up to this one are older, and come first.
    pub queued_until: Option<i64>,
}

static CREATE: Statement = Statement::new(
    "WITH again AS (
         UPDATE {s}.bucket_jobs j
         SET status = 'pending', mode = CASE j.mode WHEN 'review' THEN $2 ELSE j.mode END,
             {+announces = j.announces AND $2 = 'review', muted = j.muted OR $4,
               queued_until = (SELECT max(q.id) FROM {s}.user_queue q),+}
             reached = NULL, processed = 0, total = NULL,
             error = NULL, finished_at = NULL, moved_at = $3
         WHERE j.bucket_id = ANY ($1) AND j.status <> 'done'
         RETURNING j.bucket_id
     )
     INSERT INTO {s}.bucket_jobs (bucket_id, mode, moved_at{+, muted, queued_until+})
     SELECT b, $2, $3{+, $4, (SELECT max(q.id) FROM {s}.user_queue q)+}
     FROM unnest($1) b WHERE b NOT IN (SELECT bucket_id FROM again)",
    &[
        pg_sys::TEXTARRAYOID,
        pg_sys::TEXTOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::BOOLOID,
    ],
);

/// Creates jobs for buckets. One that is still open starts again from the first user, and remains
/// what it is if that is more: a first backfill stays silent, and what was begun under
/// hogsend.announce = off is not told of when a further change comes before its end, because nobody
/// can say which of the two moves somebody.
pub fn create(session: &Session, buckets: &[&str], mode: &str, now: Instant) {
    if !buckets.is_empty() {
        let arguments = [
            Arg::Texts(buckets),
            Arg::Text(mode),
            Arg::Instant(now),
            Arg::Bool(!settings::announce()),
        ];
        session.execute(&CREATE, &arguments);
    }
}

macro_rules! job_columns {
    () => {
        "SELECT j.id, j.bucket_id, {+CASE WHEN j.announces THEN 'correction' ELSE j.mode END+|j.mode+}, j.reached, j.total, j.processed, {+j.muted+|false+},
         {+j.queued_until+|NULL::bigint+} FROM {s}.bucket_jobs j "
    };
}

static OPEN_OF_BUCKETS: Statement = Statement::new(
    concat!(
        job_columns!(),
        "WHERE j.bucket_id = ANY ($1) AND j.status <> 'done' FOR UPDATE"
    ),
    &[pg_sys::TEXTARRAYOID],
);
/// Not in the order of an index: that of the ids leads through all jobs that are done.
static NEXT: Statement = Statement::new(
    concat!(
        job_columns!(),
        "WHERE j.status IN ('pending', 'running') AND j.id + 0 > $1
         ORDER BY j.id + 0 LIMIT 1 FOR UPDATE SKIP LOCKED"
    ),
    &[pg_sys::INT8OID],
);

fn jobs(rows: &Rows) -> Vec<Job> {
    (0..rows.len())
        .filter_map(|row| {
            Some(Job {
                id: rows.bigint(row, 1)?,
                bucket: rows.text(row, 2)?.to_owned(),
                mode: rows.text(row, 3)?.to_owned(),
                reached: rows.text(row, 4).map(str::to_owned),
                total: rows.bigint(row, 5),
                processed: rows.bigint(row, 6)?,
                muted: rows.bool(row, 7).unwrap_or(false),
                queued_until: rows.bigint(row, 8),
            })
        })
        .collect()
}

/// The open jobs of buckets, also those that have failed.
pub fn open_of(session: &Session, buckets: &[&str]) -> Vec<Job> {
    let mut open = jobs(&session.execute(&OPEN_OF_BUCKETS, &[Arg::Texts(buckets)]));
    open.sort_unstable_by_key(|job| job.id);
    open
}

/// The oldest open job after a given one that nobody else is working on.
pub fn next(session: &Session, after: i64) -> Option<Job> {
    jobs(&session.execute(&NEXT, &[Arg::BigInt(after)])).pop()
}

static PROGRESS: Statement = Statement::new(
    "UPDATE {s}.bucket_jobs j
     SET status = CASE WHEN $7 THEN 'done' ELSE 'running' END,
         moved_at = CASE WHEN j.processed = $3 THEN j.moved_at ELSE $8 END,
         reached = $2, processed = $3, total = $4,
         joined = j.joined + $5, \"left\" = j.\"left\" + $6, error = NULL,
         started_at = coalesce(j.started_at, $8),
         finished_at = CASE WHEN $7 THEN $8 END
     WHERE j.id = $1",
    &[
        pg_sys::INT8OID,
        pg_sys::TEXTOID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::INT8OID,
        pg_sys::BOOLOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

/// Stores how far a job has come, and how many stays it has begun and ended since it was stored last.
pub fn progress(session: &Session, job: &Job, joined: i64, left: i64, done: bool, now: Instant) {
    session.execute(
        &PROGRESS,
        &[
            Arg::BigInt(job.id),
            Arg::OptText(job.reached.as_deref()),
            Arg::BigInt(job.processed),
            Arg::BigInt(job.total.unwrap_or(job.processed)),
            Arg::BigInt(joined),
            Arg::BigInt(left),
            Arg::Bool(done),
            Arg::Instant(now),
        ],
    );
}

/// By their places. Those of another partition may be the same, hence the condition once more, in a form
/// that no index can be asked by.
static RELEASE: Statement = Statement::new(
    "UPDATE {s}.bucket_timers t SET due_at = $2
     WHERE t.ctid = ANY (ARRAY(
         SELECT h.ctid FROM {s}.bucket_timers h
         WHERE h.bucket_id = $1 AND h.due_at > $2 AND h.due_at <= $3 AND h.failures = 0
         FOR UPDATE SKIP LOCKED))
       AND (t.bucket_id = $1 AND t.due_at > $2 AND t.due_at <= $3 AND t.failures = 0) IS TRUE",
    &[
        pg_sys::TEXTOID,
        pg_sys::TIMESTAMPTZOID,
        pg_sys::TIMESTAMPTZOID,
    ],
);

/// Lets the clock look at once at those whom it held off while the job was under way: they would be
/// late until it tries again. Other timers of the next moment are only early; whoever failed waits
/// as before. A timer that somebody has in hands is left as it is, because they may wait for a user
/// whom the job has locked.
pub fn release(session: &Session, job: &Job, now: Instant) {
    let until = now.plus(HELD_RETRY);
    session.execute(
        &RELEASE,
        &[
            Arg::Text(&job.bucket),
            Arg::Instant(now),
            Arg::Instant(until),
        ],
    );
}

static FAIL: Statement = Statement::new(
    "UPDATE {s}.bucket_jobs j SET status = 'failed', error = $2, finished_at = $3 WHERE j.id = $1",
    &[pg_sys::INT8OID, pg_sys::TEXTOID, pg_sys::TIMESTAMPTZOID],
);

/// Gives a job up until somebody takes care of it. Its bucket stays as if the job were under way.
pub fn fail(session: &Session, job: &Job, error: &str, now: Instant) {
    session.execute(
        &FAIL,
        &[Arg::BigInt(job.id), Arg::Text(error), Arg::Instant(now)],
    );
}

static END_ORPHANS: Statement = Statement::new(
    "UPDATE {s}.bucket_jobs j SET status = 'done', error = NULL, finished_at = $1
     WHERE j.status <> 'done' AND NOT EXISTS (SELECT FROM {s}.buckets b WHERE b.id = j.bucket_id)",
    &[pg_sys::TIMESTAMPTZOID],
);

/// Ends the jobs of buckets that are no more: a bucket that is defined anew under the same id must
/// not find them and take up their ways.
pub fn end_orphans(session: &Session, now: Instant) {
    session.execute(&END_ORPHANS, &[Arg::Instant(now)]);
}

static IS_OPEN: Statement = Statement::new(
    "SELECT EXISTS (SELECT FROM {s}.bucket_jobs j WHERE j.bucket_id = $1 AND j.status <> 'done')",
    &[pg_sys::TEXTOID],
);

/// Whether a bucket has a job of any kind that is not done.
pub fn is_open(session: &Session, bucket: &str) -> bool {
    let rows = session.execute(&IS_OPEN, &[Arg::Text(bucket)]);
    rows.bool(0, 1) == Some(true)
}

/// As many jobs may wait for each other in a row before that is taken for a circle.
pub const DEEPEST: usize = 1000;

static IS_FIRST_OPEN: Statement = Statement::new(
    "SELECT EXISTS (SELECT FROM {s}.bucket_jobs j
                    WHERE j.bucket_id = $1 AND j.status <> 'done' AND j.mode = 'backfill')",
    &[pg_sys::TEXTOID],
);

/// Whether the first backfill of a bucket is not done.
pub fn is_first_open(session: &Session, bucket: &str) -> bool {
    let rows = session.execute(&IS_FIRST_OPEN, &[Arg::Text(bucket)]);
    rows.bool(0, 1) == Some(true)
}

/// Each that is named is looked up by itself. Not in the order of an index: that of the ids leads through all jobs
/// that are done.
static WAITS_FOR: Statement = Statement::new(
    "SELECT j.bucket_id FROM {s}.buckets b
     CROSS JOIN LATERAL unnest({+b.depends_on+|NULL::text[]+}) AS n (id)
     CROSS JOIN LATERAL (SELECT j.id, j.bucket_id FROM {s}.bucket_jobs j
                         WHERE j.bucket_id = n.id AND j.status <> 'done' AND j.mode = 'backfill' LIMIT 1) j
     WHERE b.id = $1 ORDER BY j.id + 0 LIMIT 1",
    &[pg_sys::TEXTOID],
);

/// A bucket whose first backfill is to come to its end before that of one that names it begins: until then nobody
/// knows who is in it.
pub fn waits_for(session: &Session, job: &Job) -> Option<String> {
    if job.mode != "backfill" {
        return None;
    }
    let rows = session.execute(&WAITS_FOR, &[Arg::Text(&job.bucket)]);
    let first = (!rows.is_empty()).then(|| rows.text(0, 1))?;
    first.map(str::to_owned)
}

static UNREACHED: Statement = Statement::new(
    "SELECT q.n FROM unnest($1, $2) WITH ORDINALITY AS q (user_id, bucket_id, n)
     CROSS JOIN LATERAL (SELECT FROM {s}.bucket_jobs j
                         WHERE j.bucket_id = q.bucket_id AND j.status <> 'done'
                           AND (j.reached IS NULL OR j.reached < q.user_id) LIMIT 1) j",
    &[pg_sys::TEXTARRAYOID, pg_sys::TEXTARRAYOID],
);

/// For each (user, bucket), whether the bucket's open job has yet to come to the user. Under the
/// user's lock this stays so: a job locks the users it comes to.
pub fn unreached(session: &Session, users: &[&str], buckets: &[&str]) -> Vec<bool> {
    let mut unreached = vec![false; users.len()];
    let rows = session.execute(&UNREACHED, &[Arg::Texts(users), Arg::Texts(buckets)]);
    for row in 0..rows.len() {
        if let Some(n) = rows.bigint(row, 1) {
            unreached[n as usize - 1] = true;
        }
    }
    unreached
}
